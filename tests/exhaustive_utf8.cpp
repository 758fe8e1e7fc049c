// SPDX-License-Identifier: MIT
//
// exhaustive_utf8.cpp: all texts of one to four bytes, 4,311,810,304 of them, against an oracle made of RFC 3629
// section 3 alone: every character is encoded, and what begins none of the encodings is not UTF-8. A program of its
// own, for it takes a while: exhaustive.sh runs it.
//
// A text that has a bad byte is not followed further: what may follow it is counted, and a few such texts are read.
// Each other text is read in all ways to cut it. How: the validators that read the text before its last byte in pieces
// must be the same byte for byte as the one that read it at once, so only the last piece is left to vary.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <vector>

#include <weft/frame/utf8.hpp>

namespace {

/// The encodings of all characters as a tree: where a byte leads from the beginning of an encoding.
class oracle {
 public:
  static constexpr std::int32_t boundary = 0;  ///< where an encoding begins, and where a whole one leads to
  static constexpr std::int32_t bad = -1;

  oracle() {
    add_node();
    for (std::uint32_t character = 0; character <= 0x10FFFF; ++character) {
      const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
      if (!surrogate) add(encoded(character));
    }
  }

  [[nodiscard]] std::int32_t after(std::int32_t node, unsigned byte) const {
    return nodes_[static_cast<std::size_t>(node)][byte];
  }

 private:
  std::int32_t add_node() {
    nodes_.emplace_back().fill(bad);
    return static_cast<std::int32_t>(nodes_.size()) - 1;
  }

  // RFC 3629 section 3: the table, row by row.
  static std::vector<std::uint32_t> encoded(std::uint32_t c) {
    if (c <= 0x7F) return {c};
    if (c <= 0x7FF) return {0xC0 | c >> 6, 0x80 | (c & 0x3F)};
    if (c <= 0xFFFF) return {0xE0 | c >> 12, 0x80 | (c >> 6 & 0x3F), 0x80 | (c & 0x3F)};
    return {0xF0 | c >> 18, 0x80 | (c >> 12 & 0x3F), 0x80 | (c >> 6 & 0x3F), 0x80 | (c & 0x3F)};
  }

  void add(const std::vector<std::uint32_t>& encoding) {
    std::int32_t node = boundary;
    for (std::size_t i = 0; i < encoding.size(); ++i) {
      std::int32_t next = i + 1 == encoding.size() ? boundary : after(node, encoding[i]);
      if (next == bad) next = add_node();
      nodes_[static_cast<std::size_t>(node)][encoding[i]] = next;
      node = next;
    }
  }

  std::vector<std::array<std::int32_t, 256>> nodes_;
};

/// What is known of the texts of one length.
struct figures {
  std::uint64_t texts = 0;  ///< counted, whether read or behind a bad byte
  std::uint64_t valid = 0;  ///< to weft
};

class walk {
 public:
  explicit walk(const oracle& oracle) : oracle_(oracle) {}

  /// All texts that begin with the first `depth` bytes of text_, which are not bad, in the order of their bytes.
  /// validators[i] has read the first i of them.
  void run(std::size_t depth, std::int32_t node, const std::array<weft::utf8_validator, 4>& validators) {
    const std::size_t size = depth + 1;
    for (unsigned byte = 0; byte < 256; ++byte) {
      text_[depth] = static_cast<std::byte>(byte);
      const std::int32_t then = oracle_.after(node, byte);
      const bool good = then != oracle::bad;
      // The last piece is the last byte, or the last two, and so on to all of the text.
      weft::utf8_validator after;
      for (std::size_t first = 0; first <= depth; ++first) {
        weft::utf8_validator validator = validators[first];
        const std::size_t read = validator.read(std::span(text_).subspan(first, size - first));
        const bool right =
            read == size - first - (good ? 0 : 1) && (!good || validator.at_boundary() == (then == oracle::boundary));
        if (!right) differs(size, first);
        if (first == 0) {
          after = validator;
          if (read == size && validator.at_boundary()) ++lengths[size].valid;
        }
        if (std::memcmp(&after, &validator, sizeof after) != 0) differs(size, first);
      }
      if (good) {
        ++lengths[size].texts;
        if (size == 4) continue;
        auto next = validators;
        next[size] = after;
        run(size, then, next);
      } else {
        std::uint64_t behind = 1;
        for (std::size_t length = size; length <= 4; ++length, behind *= 256) lengths[length].texts += behind;
        sample_behind(size);
      }
    }
  }

  std::array<figures, 5> lengths{};
  std::uint64_t differences = 0;

 private:
  /// The last byte of text_, whose size this is, is bad: it stays the first bad one whatever follows.
  void sample_behind(std::size_t size) {
    for (const unsigned filler : {0x00U, 0x41U, 0x80U, 0xBFU, 0xC3U, 0xFFU}) {
      for (std::size_t i = size; i < text_.size(); ++i) text_[i] = static_cast<std::byte>(filler);
      weft::utf8_validator validator;
      if (validator.read(text_) != size - 1) differs(4, 0);
    }
  }

  void differs(std::size_t size, std::size_t first) {
    if (++differences > 20) return;
    std::printf("differs:");
    for (std::size_t i = 0; i < size; ++i) std::printf(" %02x", std::to_integer<unsigned>(text_[i]));
    std::printf(", the last piece from byte %zu on\n", first);
  }

  const oracle& oracle_;
  std::array<std::byte, 4> text_{};
};

}  // namespace

int main() {
  const auto start = std::chrono::steady_clock::now();
  const oracle oracle;
  walk walk(oracle);
  walk.run(0, oracle::boundary, {});

  constexpr std::array<std::uint64_t, 5> texts{0, 256, 65'536, 16'777'216, 4'294'967'296};
  constexpr std::array<std::uint64_t, 5> valid{0, 128, 18'304, 2'650'112, 383'270'912};
  bool passed = walk.differences == 0;
  for (std::size_t size = 1; size <= 4; ++size) {
    const auto& seen = walk.lengths[size];
    const bool right = seen.texts == texts[size] && seen.valid == valid[size];
    std::printf("%s: of %llu texts of %zu bytes %llu are UTF-8\n", right ? "ok" : "FAILED",
                static_cast<unsigned long long>(seen.texts), size, static_cast<unsigned long long>(seen.valid));
    passed = passed && right;
  }
  std::printf("%s: verdict and first bad byte are the oracle's, however a text is cut: %llu differences\n",
              walk.differences == 0 ? "ok" : "FAILED", static_cast<unsigned long long>(walk.differences));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%.1f seconds\n", took.count());
  return passed ? 0 : 1;
}
