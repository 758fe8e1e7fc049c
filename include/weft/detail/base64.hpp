// SPDX-License-Identifier: MIT
//
// base64.hpp: RFC 4648 section 4, as much of it as the opening handshake needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>

namespace weft::inline WEFT_ISA::detail {

/// The eight characters for 48 bits, the first in the highest byte.
[[nodiscard]] constexpr std::uint64_t base64_of_48(std::uint64_t bits) noexcept {
  bits = (bits & 0xFFFFFF000000) << 8 | (bits & 0xFFFFFF);
  bits = (bits & 0x00FFF00000FFF000) << 4 | (bits & 0x00000FFF00000FFF);
  bits = (bits & 0x0FC00FC00FC00FC0) << 2 | (bits & 0x003F003F003F003F);
  constexpr std::uint64_t each = 0x0101010101010101;
  const auto from = [&](unsigned number) { return (bits + each * (0x80 - number)) >> 7 & each; };
  // From 'A' on in ASCII, and by so much further or back from 'a', '0', '+' and '/' on.
  return bits + each * 'A' + from(26) * 6 - from(52) * 75 - from(62) * 15 + from(63) * 3;
}

/// Encodes words, each four bytes in network order, with padding: four characters for each three bytes begun.
template <std::size_t Words>
[[nodiscard]] constexpr std::array<char, (4 * Words + 2) / 3 * 4> base64(
    const std::array<std::uint32_t, Words>& words) noexcept {
  std::array<char, (4 * Words + 2) / 3 * 4> text{};
  const auto put_eight = [&](std::size_t i, std::size_t size) {  // of the 48 bits from the half word at i on
    const std::uint64_t next = i / 2 + 1 < Words ? words[i / 2 + 1] : 0;
    const std::uint64_t characters = base64_of_48((std::uint64_t{words[i / 2]} << 32 | next) << i % 2 * 16 >> 16);
    std::array<std::byte, 8> raw{};
    store_network(raw.data(), characters, raw.size());
    copy(text.data() + i / 3 * 8, raw.data(), size);
  };
  constexpr std::size_t whole = 2 * Words / 3 * 3, left = text.size() - whole / 3 * 8;
  for (std::size_t i = 0; i < whole; i += 3) put_eight(i, 8);
  if constexpr (left != 0) put_eight(whole, left);
  for (std::size_t i = 0; (4 * Words + i) % 3 != 0; ++i) text[text.size() - 1 - i] = '=';
  return text;
}

}  // namespace weft::inline WEFT_ISA::detail
