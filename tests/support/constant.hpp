// SPDX-License-Identifier: MIT
//
// constant.hpp: bytes that a constant expression can hold.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace support {

/// The bytes of a literal, without its terminating zero.
template <std::size_t Size>
constexpr std::array<std::byte, Size - 1> constant(const char (&text)[Size]) {
  std::array<std::byte, Size - 1> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(text[i]);
  return bytes;
}

constexpr bool equal(std::span<const std::byte> a, std::span<const std::byte> b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace support
