// SPDX-License-Identifier: MIT
//
// inflate.hpp: an inflater for whole messages of permessage-deflate, slow and plain, bit by bit as RFC 1951 has it and
// with the ends of RFC 7692 section 7.2. The oracle for what is compressed: no zlib is in it, and no line of weft's.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <weft/error.hpp>

namespace support {

/// What a compressed message holds: all of it, or what comes before an error.
struct inflated_message {
  std::string payload;
  weft::rule broken = weft::rule::none;
};

class reference_inflater {
 public:
  explicit reference_inflater(unsigned window_bits = 15, bool takeover = true)
      : window_(std::size_t{1} << window_bits), takeover_(takeover) {}

  inflated_message inflate(std::string_view message) {
    if (!takeover_) seen_.clear();
    if (seen_.size() > window_) seen_.erase(0, seen_.size() - window_);
    const std::size_t before = seen_.size();
    message_ = message;
    at_ = 0;
    has_empty_code_ = false;
    inflated_message result;
    try {
      while (take_block()) continue;
    } catch (const weft::rule broken) {
      result.broken = broken;
    }
    result.payload = seen_.substr(before);
    return result;
  }

  /// How far back anything referred, of all messages so far.
  [[nodiscard]] std::size_t greatest_distance() const { return greatest_distance_; }
  /// Whether the last message broke off at a code of no symbols: others may see only later that it leads nowhere.
  [[nodiscard]] bool has_empty_code() const { return has_empty_code_; }
  /// Blocks of each type so far: stored, fixed, dynamic.
  [[nodiscard]] const std::array<std::size_t, 3>& blocks() const { return blocks_; }

 private:
  /// Symbols at the place that their code leads to: one bit is one step from n to 2n or 2n + 1, beginning at 1.
  struct code {
    std::vector<int> symbols = std::vector<int>(std::size_t{1} << 16, -1);
    unsigned longest = 1;
  };

  static void require(bool holds) {
    if (!holds) throw weft::rule::invalid_deflate;
  }

  unsigned bit() {
    if (at_ == message_.size() * 8) throw weft::rule::truncated_deflate;
    const auto byte = static_cast<unsigned char>(message_[at_ / 8]);
    return byte >> (at_++ % 8) & 1U;
  }
  /// 3.1.1: numbers begin with their lowest bit.
  unsigned bits(unsigned count) {
    unsigned number = 0;
    for (unsigned i = 0; i < count; ++i) number |= bit() << i;
    return number;
  }
  void skip_to_byte() { at_ = (at_ + 7) / 8 * 8; }

  /// 3.1.1: codes begin with their highest bit.
  unsigned symbol(const code& from) {
    std::size_t at = 1;
    for (unsigned i = 0; i < from.longest; ++i) {
      at = 2 * at + bit();
      if (from.symbols[at] >= 0) return static_cast<unsigned>(from.symbols[at]);
    }
    throw weft::rule::invalid_deflate;
  }

  /// 3.2.2: codes of one length stand side by side, in the order of their symbols. They must use up all there are, but
  /// for a lone one of one bit and for none at all.
  static code code_of(const std::vector<unsigned>& lengths) {
    code made;
    std::size_t next = 0;
    std::size_t count = 0;
    for (unsigned length = 1; length <= 15; ++length) {
      next *= 2;
      for (std::size_t i = 0; i < lengths.size(); ++i) {
        if (lengths[i] != length) continue;
        require(next < std::size_t{1} << length);
        made.symbols[(std::size_t{1} << length) + next++] = static_cast<int>(i);
        made.longest = length;
        ++count;
      }
    }
    const bool complete = next == std::size_t{1} << 15;
    require(complete || count == 0 || (count == 1 && made.longest == 1));
    return made;
  }

  void put(char byte) { seen_ += byte; }

  void copy(std::size_t length, std::size_t distance) {
    require(distance <= window_ && distance <= seen_.size());
    greatest_distance_ = std::max(greatest_distance_, distance);
    for (std::size_t i = 0; i < length; ++i) put(seen_[seen_.size() - distance]);
  }

  /// 3.2.3; false behind the block that the end of the message began.
  bool take_block() {
    const bool final = bit() != 0;
    const unsigned type = bits(2);
    require(type != 3);
    ++blocks_[type];
    if (type == 0) {
      skip_to_byte();
      if (at_ == message_.size() * 8) return false;  // RFC 7692 7.2.2: 00 00 FF FF are its lengths
      take_stored();
      return true;
    }
    if (type == 1) take_coded(fixed_literals(), fixed_distances());
    if (type == 2) take_dynamic();
    // RFC 7692 7.2.1: zeros behind a final block, and then another
    while (final && at_ % 8 != 0) require(bit() == 0);
    return true;
  }

  void take_stored() {
    const unsigned length = bits(16);
    require(bits(16) == (length ^ 0xFFFFU));
    for (unsigned i = 0; i < length; ++i) put(static_cast<char>(bits(8)));
  }

  /// 3.2.5.
  void take_coded(const code& literals, const code& distances) {
    for (;;) {
      const unsigned literal = symbol(literals);
      if (literal == 256) return;
      if (literal < 256) {
        put(static_cast<char>(literal));
        continue;
      }
      require(literal <= 285);
      std::size_t length = 258;
      if (literal < 261) length = literal - 254;
      if (literal >= 261 && literal < 285) {
        const unsigned extra = (literal - 261) / 4;
        length = 3 + ((4 + (literal - 257) % 4) << extra);
        length += bits(extra);
      }
      const unsigned far = symbol(distances);
      require(far <= 29);
      std::size_t distance = far + 1;
      if (far >= 4) {
        const unsigned extra = far / 2 - 1;
        distance = 1 + ((2 + far % 2) << extra);
        distance += bits(extra);
      }
      copy(length, distance);
    }
  }

  /// 3.2.6.
  static const code& fixed_literals() {
    static const code made = [] {
      std::vector<unsigned> lengths(288, 8);
      std::fill(lengths.begin() + 144, lengths.begin() + 256, 9U);
      std::fill(lengths.begin() + 256, lengths.begin() + 280, 7U);
      return code_of(lengths);
    }();
    return made;
  }
  static const code& fixed_distances() {
    static const code made = code_of(std::vector<unsigned>(32, 5));
    return made;
  }

  /// 3.2.7. Of distances there are 30.
  void take_dynamic() {
    const std::size_t literals = 257 + bits(5);
    const std::size_t distances = 1 + bits(5);
    const std::size_t given = 4 + bits(4);
    require(literals <= 286 && distances <= 30);
    static constexpr std::array<unsigned char, 19> order{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                         11, 4,  12, 3, 13, 2, 14, 1, 15};
    std::vector<unsigned> of_lengths(order.size(), 0);
    for (std::size_t i = 0; i < given; ++i) of_lengths[order[i]] = bits(3);
    const code coded = code_of(of_lengths);
    has_empty_code_ = std::count(of_lengths.begin(), of_lengths.end(), 0U) == 19;
    require(coded.longest > 1 || std::count(of_lengths.begin(), of_lengths.end(), 1U) == 2);

    std::vector<unsigned> lengths;
    while (lengths.size() < literals + distances) {
      const unsigned said = symbol(coded);
      if (said < 16) {
        lengths.push_back(said);
        continue;
      }
      const std::size_t times = said == 16 ? 3 + bits(2) : said == 17 ? 3 + bits(3) : 11 + bits(7);
      require(said != 16 || !lengths.empty());
      const unsigned repeated = said == 16 ? lengths.back() : 0;
      lengths.insert(lengths.end(), times, repeated);
    }
    require(lengths.size() == literals + distances && lengths[256] != 0);
    const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(literals);
    const code of_literals = code_of({lengths.begin(), middle});
    take_coded(of_literals, code_of({middle, lengths.end()}));
  }

  std::size_t window_;
  bool takeover_;
  std::string seen_;  ///< the window, and the message behind it
  std::string_view message_;
  std::size_t at_ = 0;  ///< bits taken of the message
  std::size_t greatest_distance_ = 0;
  bool has_empty_code_ = false;
  std::array<std::size_t, 3> blocks_{};
};

}  // namespace support
