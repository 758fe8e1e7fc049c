// SPDX-License-Identifier: MIT
//
// characters.hpp: the sets of characters that HTTP and URIs know, in one table; how much of a text is in a set; and
// where a line may end. Where the processor has SSE2, sixteen characters are looked at together, and the table decides
// on what is not common. Text is never read outside of what is given.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include <weft/detail/isa.hpp>

namespace weft::inline WEFT_ISA::detail {

/// Sets of characters, each a bit of the table's entries.
enum characters : std::uint8_t {
  value_characters = 1,     ///< of a field's value: no control character but tab; RFC 9110 section 5.5
  token_characters = 2,     ///< RFC 9110 section 5.6.2
  base64_characters = 4,    ///< RFC 4648 section 4
  hexadecimal_digits = 8,   ///< RFC 3986 section 2.1
  address_characters = 16,  ///< of an address in brackets; RFC 3986 section 3.2.2
  host_characters = 32,     ///< of a host's name, but for escapes; RFC 3986 section 3.2.2
  path_characters = 64,     ///< of a path and a query, but for escapes; RFC 3986 sections 3.3 and 3.4
  target_characters = 128,  ///< printable ASCII without space and "#"
};

inline constexpr auto sets_of = [] {
  std::array<std::uint8_t, 256> sets{};
  const auto add = [&](unsigned to, std::string_view members) {
    for (const char c : members) sets[static_cast<unsigned char>(c)] |= static_cast<std::uint8_t>(to);
  };
  add(token_characters | base64_characters | host_characters | path_characters,
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
  add(token_characters, "!#$%&'*+-.^_`|~");
  add(base64_characters, "+/");
  add(hexadecimal_digits | address_characters, "0123456789abcdefABCDEF");
  add(address_characters, ":.");
  add(host_characters | path_characters, "-._~!$&'()*+,;=");
  add(path_characters, ":@/?");
  for (std::size_t c = 0; c < sets.size(); ++c) {
    if ((c >= ' ' && c != 0x7F) || c == '\t') sets[c] |= value_characters;
    if (c > ' ' && c < 0x7F && c != '#') sets[c] |= target_characters;
  }
  return sets;
}();

[[nodiscard]] constexpr bool is_in(characters set, char c) noexcept {
  return (sets_of[static_cast<unsigned char>(c)] & set) != 0;
}

#if defined(WEFT_X86)

using sixteen = simd16::vector;
using signed_sixteen [[gnu::vector_size(16)]] = signed char;

[[nodiscard]] inline sixteen load_sixteen(const void* from) noexcept {
  sixteen lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

/// Bit i tells whether the lane at i is set.
[[nodiscard]] inline std::uint32_t bits_of(signed_sixteen lanes) noexcept {
  return simd16::high_bits((sixteen)lanes);
}

/// The lanes that hold a character from one of ASCII to another: moved until they end at 127, they are but compared.
[[nodiscard]] inline signed_sixteen between(unsigned char first, sixteen c, unsigned char last) noexcept {
  const auto to_127 = static_cast<unsigned char>(0x7F - last);
  return (signed_sixteen)(c + to_127) > static_cast<signed char>(first + to_127 - 1);
}

#endif

// What is common in a set, of sixteen characters at once.
inline constexpr auto common_in_tokens = [](auto c) { return between('a', c | 0x20, 'z') | (c == '-') | (c == '_'); };
inline constexpr auto common_in_hosts = [](auto c) {
  return between('a', c | 0x20, 'z') | between('0', c, '9') | (c == '-') | (c == '.');
};
inline constexpr auto common_in_targets = [](auto c) { return between('$', c, '~'); };
inline constexpr auto common_in_base64 = [](auto c) {
  return between('a', c | 0x20, 'z') | between('0', c, '9') | (c == '+') | (c == '/');
};

/// How many characters at the front are all common, as far as there are sixteen.
template <class Common>
[[nodiscard]] constexpr std::size_t leading([[maybe_unused]] std::string_view text,
                                            [[maybe_unused]] Common common) noexcept {
  std::size_t i = 0;
#if defined(WEFT_X86)
  for (; !std::is_constant_evaluated() && i + 16 <= text.size(); i += 16) {
    const std::uint32_t others = ~bits_of(common(load_sixteen(text.data() + i)));
    if ((others & 0xFFFF) != 0) return i + static_cast<std::size_t>(__builtin_ctz(others));
  }
#endif
  return i;
}

/// How many characters at the front are all in a set; faster in a long text where some are told to be common.
[[nodiscard]] constexpr std::size_t leading(characters set, std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size() && is_in(set, text[i])) ++i;
  return i;
}
template <class Common>
[[nodiscard]] constexpr std::size_t leading(characters set, std::string_view text, Common common) noexcept {
  std::size_t i = leading(text, common);
  while (i < text.size() && is_in(set, text[i])) ++i;
  return i;
}

[[nodiscard]] constexpr bool all_in(characters set, std::string_view text) noexcept {
  return leading(set, text) == text.size();
}

/// Copies at most 64 characters. Bit i is set where that at i is not printable ASCII: it may end a line, or be in none.
template <class Byte>
[[nodiscard]] constexpr std::uint64_t copy_and_mark(char* to, const Byte* from, std::size_t size) noexcept {
#if defined(WEFT_X86)
  if (!std::is_constant_evaluated() && size >= 16) {
    const auto printable = [&](std::size_t i) {
      const sixteen c = load_sixteen(from + i);
      std::memcpy(to + i, &c, sizeof c);
      return std::uint64_t{bits_of(between(' ', c, '~'))} << i;
    };
    if (size == 64) return ~(printable(0) | printable(16) | printable(32) | printable(48));
    std::uint64_t all = printable(size - 16);
    for (std::size_t i = 0; i + 16 < size; i += 16) all |= printable(i);
    return ~all << (64 - size) >> (64 - size);
  }
#endif
  std::uint64_t marks = 0;
  for (std::size_t i = 0; i < size; ++i) {
    to[i] = static_cast<char>(from[i]);
    marks |= std::uint64_t{to[i] < ' ' || to[i] > '~'} << i;
  }
  return marks;
}

}  // namespace weft::inline WEFT_ISA::detail
