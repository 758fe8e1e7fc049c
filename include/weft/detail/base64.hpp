// SPDX-License-Identifier: MIT
//
// base64.hpp: RFC 4648 section 4, as much of it as the opening handshake needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <weft/detail/isa.hpp>

namespace weft::inline WEFT_ISA::detail {

inline constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

[[nodiscard]] constexpr bool is_base64(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/// Encodes with padding: four characters for each three bytes begun.
template <std::size_t Size>
[[nodiscard]] constexpr std::array<char, (Size + 2) / 3 * 4> base64(const std::array<std::byte, Size>& bytes) noexcept {
  std::array<char, (Size + 2) / 3 * 4> text{};
  for (std::size_t i = 0; i < Size; i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j)
      group = group << 8 | (j < Size ? std::to_integer<std::uint32_t>(bytes[j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) {
      const bool padding = i + j > Size;
      text[i / 3 * 4 + j] = padding ? '=' : base64_alphabet[group >> (18 - 6 * j) & 63U];
    }
  }
  return text;
}

}  // namespace weft::inline WEFT_ISA::detail
