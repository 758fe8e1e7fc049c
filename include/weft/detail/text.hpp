// SPDX-License-Identifier: MIT
//
// text.hpp: reads UTF-8 to the exact byte. Kernels do it many bytes at a time; what they leave, a character that is cut
// and the neighbourhood of a fault, is done here, byte by byte. RFC 3629 section 4.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <weft/detail/isa.hpp>
#include <weft/detail/kernels.hpp>

namespace weft::inline WEFT_ISA::detail {

/// The whole of utf8_validator but for its short way with short texts.
class text_reader {
 public:
  /// Reads text up to the first byte with which it can no longer be UTF-8, and returns how many bytes are before that.
  /// Either `to` is `from`, and the text, which is masked with `key`, is unmasked up to there; or `to` is null and
  /// `key` zero, and it is only read.
  constexpr std::size_t take(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key) noexcept {
    text_progress progress;
    if (!std::is_constant_evaluated() && size != 0) progress = text(to, from, size, key, leads[expected_]);
    if (!progress.whole) return take_rest(to, from, size, key, progress.done);
    expected_ = none;
    return size;
  }

  [[nodiscard]] constexpr bool at_boundary() const noexcept { return expected_ == none; }

 private:
  // What must follow the bytes of an unfinished character.
  enum expectation : std::uint8_t { none, tail_1, tail_2, tail_3, after_e0, after_ed, after_f0, after_f4 };
  struct range {
    std::uint8_t low, high;
    expectation then;
  };
  static constexpr std::array<range, 7> next{{
      {0x80, 0xBF, none},    // tail_1
      {0x80, 0xBF, tail_1},  // tail_2
      {0x80, 0xBF, tail_2},  // tail_3
      {0xA0, 0xBF, tail_1},  // after_e0: less would be overlong
      {0x80, 0x9F, tail_1},  // after_ed: more would be a surrogate
      {0x90, 0xBF, tail_2},  // after_f0: less would be overlong
      {0x80, 0x8F, tail_2},  // after_f4: more would be above U+10FFFF
  }};

  /// A first byte of a character that leaves the same to be expected; the tails behind it make no difference.
  static constexpr std::array<unsigned char, 8> leads{0, 0xC2, 0xE1, 0xF1, 0xE0, 0xED, 0xF0, 0xF4};

  /// The first `done` bytes are without a fault, and unmasked.
  constexpr std::size_t take_rest(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key,
                                  std::size_t done) noexcept {
    const auto byte_of_key = std::bit_cast<std::array<std::byte, 4>>(key);
    for (std::size_t i = 0;;) {
      const std::size_t valid = done - take_last_character(from + i, done - i);
      if (valid != done) {
        if (to != nullptr) mask(to + valid, to + valid, done - valid, turned(key, valid));
        return valid;
      }
      for (i = done; i < size; ++i) {
        if (expected_ == none && !std::is_constant_evaluated() && i != done) break;
        const std::byte plain = from[i] ^ byte_of_key[i % 4];
        if (!step(std::to_integer<std::uint8_t>(plain))) return i;
        if (to != nullptr) to[i] = plain;
      }
      if (i == size) return size;
      done = i + text(to == nullptr ? nullptr : to + i, from + i, size - i, turned(key, i), 0).done;
    }
  }

  /// What text without a fault leaves open is whether its last character is whole, and whether its last byte can begin
  /// one. Returns how many bytes of it are bad.
  constexpr std::size_t take_last_character(const std::byte* text, std::size_t size) noexcept {
    const auto is = [&](unsigned high_bits, std::size_t i) {
      return (std::to_integer<unsigned>(text[i]) & 0xC0) == high_bits;
    };
    std::size_t i = size;
    while (i > 0 && size - i < 3 && is(0x80, i - 1)) --i;
    if (i > 0 && is(0xC0, i - 1)) --i;
    const bool all_tails = i == 0 && (size == 0 || is(0x80, 0));
    if (!all_tails) expected_ = none;
    while (i < size && step(std::to_integer<std::uint8_t>(text[i]))) ++i;
    return size - i;
  }

  constexpr bool step(std::uint8_t byte) noexcept {
    if (expected_ == none) return begin(byte);
    const range& allowed = next[expected_ - 1U];
    if (byte < allowed.low || byte > allowed.high) return false;
    expected_ = allowed.then;
    return true;
  }

  constexpr bool begin(std::uint8_t byte) noexcept {
    if (byte < 0x80) return true;
    if (byte < 0xC2 || byte > 0xF4) return false;
    expected_ = byte < 0xE0    ? tail_1
                : byte == 0xE0 ? after_e0
                : byte == 0xED ? after_ed
                : byte < 0xF0  ? tail_2
                : byte == 0xF0 ? after_f0
                : byte < 0xF4  ? tail_3
                               : after_f4;
    return true;
  }

  expectation expected_ = none;
};

}  // namespace weft::inline WEFT_ISA::detail
