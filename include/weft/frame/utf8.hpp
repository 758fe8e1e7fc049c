// SPDX-License-Identifier: MIT
//
// utf8.hpp: validation of UTF-8 that stops and resumes at any byte and names the first bad one.
// RFC 3629 section 4: no overlong form, no surrogate, nothing above U+10FFFF. RFC 6455 sections 5.6 and 8.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>

namespace weft::inline WEFT_ISA {

/// Reads text in pieces cut anywhere, also inside a character. One byte of state.
class utf8_validator {
 public:
  /// Reads up to the first byte with which the text can no longer be UTF-8, and returns how many are before it:
  /// `text.size()` where all is well. After a bad byte the state is as it was before that byte.
  [[nodiscard]] constexpr std::size_t read(std::span<const std::byte> text) noexcept {
    std::size_t i = 0;
    while (i < text.size()) {
      if (expected_ == none) {
        i += ascii_prefix(text.subspan(i));
        if (i == text.size()) break;
      }
      if (!step(std::to_integer<std::uint8_t>(text[i]))) break;
      ++i;
    }
    return i;
  }

  /// Whether the text so far ends with a whole character.
  [[nodiscard]] constexpr bool at_boundary() const noexcept { return expected_ == none; }

 private:
  // What must follow the bytes of an unfinished character.
  enum expectation : std::uint8_t { none, tail_1, tail_2, tail_3, after_e0, after_ed, after_f0, after_f4 };
  struct range {
    std::uint8_t low, high;
    expectation then;
  };
  static constexpr std::array<range, 8> next{{
      {0x00, 0x7F, none},    // none
      {0x80, 0xBF, none},    // tail_1
      {0x80, 0xBF, tail_1},  // tail_2
      {0x80, 0xBF, tail_2},  // tail_3
      {0xA0, 0xBF, tail_1},  // after_e0: less would be overlong
      {0x80, 0x9F, tail_1},  // after_ed: more would be a surrogate
      {0x90, 0xBF, tail_2},  // after_f0: less would be overlong
      {0x80, 0x8F, tail_2},  // after_f4: more would be above U+10FFFF
  }};

  constexpr bool step(std::uint8_t byte) noexcept {
    if (expected_ == none) return begin(byte);
    const range& allowed = next[expected_];
    if (byte < allowed.low || byte > allowed.high) return false;
    expected_ = allowed.then;
    return true;
  }

  /// A character of more than one byte.
  constexpr bool begin(std::uint8_t byte) noexcept {
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

  static constexpr std::size_t ascii_prefix(std::span<const std::byte> text) noexcept {
    std::size_t i = 0;
    while (text.size() - i >= 8 && (detail::load<std::uint64_t>(&text[i]) & 0x8080808080808080) == 0) i += 8;
    while (i < text.size() && (text[i] & std::byte{0x80}) == std::byte{0}) ++i;
    return i;
  }

  expectation expected_ = none;
};

/// Whether a whole text is UTF-8.
[[nodiscard]] constexpr bool is_utf8(std::span<const std::byte> text) noexcept {
  utf8_validator validator;
  return validator.read(text) == text.size() && validator.at_boundary();
}

}  // namespace weft::inline WEFT_ISA
