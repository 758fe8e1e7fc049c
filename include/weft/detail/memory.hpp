// SPDX-License-Identifier: MIT
//
// memory.hpp: words in and out of bytes at any alignment, and copies between byte types.
// The compiler can run each; no order of bytes is assumed where none is named.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include <weft/detail/isa.hpp>

namespace weft::inline WEFT_ISA::detail {

/// What copy() does, one by one: the compiler knows no memcpy().
template <class To, class From>
constexpr void copy_each(To* to, const From* from, std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; ++i) to[i] = static_cast<To>(from[i]);
}

/// Copies between two byte types; the ranges must not overlap.
template <class To, class From>
constexpr void copy(To* to, const From* from, std::size_t size) noexcept {
  static_assert(sizeof(To) == 1 && sizeof(From) == 1);
  if (std::is_constant_evaluated()) return copy_each(to, from, size);
  if (size != 0) std::memcpy(to, from, size);
}

/// The word that lies at `from`, in the machine's own order.
template <class Word>
[[nodiscard]] constexpr Word load(const std::byte* from) noexcept {
  std::array<std::byte, sizeof(Word)> raw{};
  copy(raw.data(), from, raw.size());
  return std::bit_cast<Word>(raw);
}

/// The reverse of load().
template <class Word>
constexpr void store(std::byte* to, Word word) noexcept {
  const auto raw = std::bit_cast<std::array<std::byte, sizeof(Word)>>(word);
  copy(to, raw.data(), raw.size());
}

/// The first `size` bytes, at most 8, as a number, the lowest first.
[[nodiscard]] constexpr std::uint64_t load_little(const std::byte* from, std::size_t size) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number |= std::to_integer<std::uint64_t>(from[i]) << 8 * i;
  return number;
}

/// The reverse of load(), but with the lowest byte first on every machine.
constexpr void store_little(std::byte* to, std::uint64_t number) noexcept {
  const auto raw = std::bit_cast<std::array<std::byte, sizeof(number)>>(number);
  store(to, std::endian::native == std::endian::little ? number : load_little(raw.data(), raw.size()));
}

/// The first `size` bytes, at most 8, as a number in network order.
[[nodiscard]] constexpr std::uint64_t load_network(const std::byte* from, std::size_t size) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number = number << 8 | std::to_integer<std::uint64_t>(from[i]);
  return number;
}

/// The low `size` bytes of a number, at most 8, in network order.
constexpr void store_network(std::byte* to, std::uint64_t number, std::size_t size) noexcept {
  for (std::size_t i = size; i > 0; number >>= 8) to[--i] = static_cast<std::byte>(number & 0xFF);
}

/// The same place as bytes; in a constant expression only std::byte will do.
template <class Byte>
[[nodiscard]] constexpr auto bytes_at(Byte* place) noexcept {
  using byte = std::conditional_t<std::is_const_v<Byte>, const std::byte, std::byte>;
  if constexpr (std::is_same_v<Byte, byte>) {
    return place;
  } else {
    return reinterpret_cast<byte*>(place);
  }
}

/// As std::string_view::substr(), but without a path that throws: `offset` lies not behind the end.
[[nodiscard]] constexpr std::string_view cut(std::string_view text, std::size_t offset,
                                             std::size_t size = std::string_view::npos) noexcept {
  text.remove_prefix(offset);
  if (size < text.size()) text.remove_suffix(text.size() - size);
  return text;
}

}  // namespace weft::inline WEFT_ISA::detail
