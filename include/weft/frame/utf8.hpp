// SPDX-License-Identifier: MIT
//
// utf8.hpp: validation of UTF-8 that stops and resumes at any byte and names the first bad one.
// RFC 3629 section 4: no overlong form, no surrogate, nothing above U+10FFFF. RFC 6455 sections 5.6 and 8.1.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <weft/detail/isa.hpp>
#include <weft/detail/kernels.hpp>
#include <weft/detail/small.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// Reads text in pieces cut anywhere, also inside a character. One byte of state.
class utf8_validator {
 public:
  /// Reads up to the first byte with which the text can no longer be UTF-8, and returns how many are before it:
  /// `text.size()` where all is well. After a bad byte the state is as it was before that byte.
  [[nodiscard]] constexpr std::size_t read(std::span<const std::byte> text) noexcept {
    if (!std::is_constant_evaluated() && expected_ == none && text.size() <= detail::max_small &&
        detail::mask_small<detail::task::look_for_ascii>(nullptr, text.data(), text.size(), 0))
      return text.size();
    return take(nullptr, text.data(), text.size(), 0);
  }

  /// The same of a masked payload, in one pass, which unmasks it in place: all that comes before the bad byte, which
  /// stays masked, as do those behind it. RFC 6455 section 5.3.
  [[nodiscard]] constexpr std::size_t unmask(std::span<std::byte> payload, masking_key key) noexcept {
    const auto word = std::bit_cast<std::uint32_t>(key);
    if (!std::is_constant_evaluated() && expected_ == none && payload.size() <= detail::max_small &&
        detail::mask_small<detail::task::write_ascii>(payload.data(), payload.data(), payload.size(), word))
      return payload.size();
    return take(payload.data(), payload.data(), payload.size(), word);
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

  /// Reads what is masked with `key`, and where `to` is not null writes it unmasked.
  constexpr std::size_t take(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key) noexcept {
    const auto bytes = std::bit_cast<std::array<std::byte, 4>>(key);
    std::size_t i = 0;
    while (i < size) {
      if (expected_ == none && !std::is_constant_evaluated()) {
        const std::size_t start = i;
        i += detail::text(to == nullptr ? nullptr : to + i, from + i, size - i, detail::turned(key, i));
        const std::size_t valid = take_last_character(from + start, i - start) + start;
        if (valid < i) {
          if (to != nullptr) detail::mask(to + valid, to + valid, i - valid, detail::turned(key, valid));
          return valid;
        }
        if (i == size) break;
      }
      const std::byte plain = from[i] ^ bytes[i % 4];
      if (!step(std::to_integer<std::uint8_t>(plain))) break;
      if (to != nullptr) to[i] = plain;
      ++i;
    }
    return i;
  }

  /// What text without a fault leaves open is whether its last character is whole, and whether its last byte can begin
  /// one. Returns how much of it is good.
  constexpr std::size_t take_last_character(const std::byte* text, std::size_t size) noexcept {
    const auto is = [&](unsigned high_bits, std::size_t i) {
      return (std::to_integer<unsigned>(text[i]) & 0xC0) == high_bits;
    };
    std::size_t i = size;
    while (i > 0 && size - i < 3 && is(0x80, i - 1)) --i;
    if (i > 0 && is(0xC0, i - 1)) --i;
    while (i < size && step(std::to_integer<std::uint8_t>(text[i]))) ++i;
    return i;
  }

  constexpr bool step(std::uint8_t byte) noexcept {
    if (expected_ == none) return begin(byte);
    const range& allowed = next[expected_];
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

/// Whether a whole text is UTF-8.
[[nodiscard]] constexpr bool is_utf8(std::span<const std::byte> text) noexcept {
  utf8_validator validator;
  return validator.read(text) == text.size() && validator.at_boundary();
}

}  // namespace weft::inline WEFT_ISA
