// SPDX-License-Identifier: MIT
//
// mask.hpp: XOR of a payload with its masking key, in place or while copying. RFC 6455 section 5.3.
// Byte i of a payload meets byte i mod 4 of the key. A payload in pieces is masked piece by piece with the key
// that each call returns. Masking twice is unmasking.
#pragma once

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

/// The key as the byte `by` places further on meets it.
[[nodiscard]] constexpr masking_key rotated(masking_key key, std::size_t by) noexcept {
  return std::bit_cast<masking_key>(detail::turned(std::bit_cast<std::uint32_t>(key), by));
}

namespace detail {

/// What mask() does, one by one: the compiler knows no kernels.
constexpr masking_key mask_each(std::byte* to, std::span<const std::byte> from, masking_key key) noexcept {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i] ^ key.bytes[i % 4];
  return rotated(key, from.size());
}

}  // namespace detail

/// Writes `from` masked to the front of `to`, which must be as long at least and may be `from` itself but may not
/// overlap it otherwise. Returns the key for what follows.
constexpr masking_key mask(std::span<std::byte> to, std::span<const std::byte> from, masking_key key) noexcept {
  if (std::is_constant_evaluated()) return detail::mask_each(to.data(), from, key);
  detail::mask(to.data(), from.data(), from.size(), std::bit_cast<std::uint32_t>(key));
  return rotated(key, from.size());
}

/// The same in place.
constexpr masking_key mask(std::span<std::byte> payload, masking_key key) noexcept {
  return mask(payload, payload, key);
}

}  // namespace weft::inline WEFT_ISA
