// SPDX-License-Identifier: MIT
//
// kernels.hpp: masking and UTF-8 many bytes at a time: which way a payload takes, by its size and by the machine.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/detail/small.hpp>

namespace weft::inline WEFT_ISA::detail {

/// How far text() came.
struct text_progress {
  std::size_t done = 0;  ///< bytes without a fault, but perhaps in the last three
  bool whole = false;    ///< these are all that there were, and end with a character
};

#if defined(WEFT_VECTORS)

/// What makes two bytes that follow each other no UTF-8: a high and a low half of the first and a high half of the
/// second, each a set of 16. RFC 3629 section 4.
struct fault {
  unsigned high, low, next_high;
};
inline constexpr unsigned tails = 0x0F00;  // 8 to B
inline constexpr std::array<fault, 8> faults_of_pairs{{
    {0x00FF, 0xFFFF, tails},            // a tail behind ASCII
    {0xF000, 0xFFFF, 0xFFFF & ~tails},  // no tail behind a lead
    {0x1000, 0x0003, tails},            // C0, C1: overlong
    {0x4000, 0x0001, 0x0300},           // E0 with 8, 9: overlong
    {0x4000, 0x2000, 0x0C00},           // ED with A, B: a surrogate
    {0x8000, 0xFFE1, 0x0100},           // F0 with 8: overlong; F5 and more: above U+10FFFF
    {0x8000, 0xFFF0, 0x0E00},           // F4 with 9 to B, F5 and more: above U+10FFFF
    {0x0F00, 0xFFFF, tails},            // two tails: none if a third or fourth byte is due there, hence the high bit
}};

/// For each half of a byte the faults whose set holds it, as bits; as often as the widest vector takes it.
consteval std::array<unsigned char, 64> table_of(unsigned fault::*half) {
  std::array<unsigned char, 64> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (std::size_t bit = 0; bit < 8; ++bit)
      table[i] = static_cast<unsigned char>(table[i] | (faults_of_pairs[bit].*half >> i % 16 & 1U) << bit);
  }
  return table;
}
inline constexpr auto by_high = table_of(&fault::high);
inline constexpr auto by_low = table_of(&fault::low);
inline constexpr auto by_next_high = table_of(&fault::next_high);

/// What no byte of text exceeds that does not end inside a character: the last three begin none that is longer.
consteval std::array<unsigned char, 64> make_last_of_whole() {
  std::array<unsigned char, 64> bytes{};
  bytes.fill(0xFF);
  bytes[61] = 0xEF;
  bytes[62] = 0xDF;
  bytes[63] = 0xBF;
  return bytes;
}
inline constexpr auto last_of_whole = make_last_of_whole();

/// From so many bytes on, stores are aligned: one across two lines of cache costs as much as two.
inline constexpr std::size_t worth_aligning = 512;
inline constexpr std::size_t text_worth_aligning = 2048;

/// How many bytes behind `at` one lies at a multiple of `width`: 1 to `width`.
inline std::size_t until_aligned(const std::byte* at, std::size_t width) noexcept {
  return width - reinterpret_cast<std::uintptr_t>(at) % width;
}

namespace simd16 {
#define WEFT_TARGET WEFT_TARGET_16
#include <weft/detail/kernel.inl>
#undef WEFT_TARGET

/// 1 to 15 bytes, with any behind them.
WEFT_INLINE vector load_few(const std::byte* from, std::size_t size) noexcept {
  const auto byte = [&](std::size_t i) { return std::to_integer<std::uint64_t>(from[i]) << 8 * i; };
  std::uint64_t low = 0, high = 0;
  if (size >= 8) {
    low = detail::load<std::uint64_t>(from);
    high = detail::load<std::uint64_t>(from + size - 8) >> 1 >> (8 * (16 - size) - 1);
  } else if (size >= 4) {
    low = detail::load<std::uint32_t>(from) | std::uint64_t{detail::load<std::uint32_t>(from + size - 4)}
                                                  << 8 * (size - 4);
  } else {
    low = byte(0) | byte(size / 2) | byte(size - 1);
  }
  return (vector)words{low, high};
}

/// text() of 1 to 15 bytes.
WEFT_TARGET_16 [[gnu::noinline]] inline text_progress short_text(std::byte* to, const std::byte* from, std::size_t size,
                                                                 std::uint32_t key, std::uint32_t preceding) noexcept {
  constexpr vector count{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const vector front = (vector)(count < vector{} + static_cast<unsigned char>(size));
  const vector v = (load_few(from, size) ^ repeated(key, 0)) & front;
  if (any(faults(ending(preceding), v) & front)) return {};
  if (to != nullptr) mask_few(to, from, size, key);
  return {size, false};
}

}  // namespace simd16

#if defined(WEFT_X86)
namespace simd32 {
#define WEFT_TARGET WEFT_TARGET_32
#include <weft/detail/kernel.inl>
#undef WEFT_TARGET
}  // namespace simd32

namespace simd64 {
#define WEFT_TARGET WEFT_TARGET_64
#include <weft/detail/kernel.inl>
#undef WEFT_TARGET
}  // namespace simd64
#endif

#endif

/// Writes `from`, masked, to `to`, which may be `from`.
WEFT_INLINE void mask(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key) noexcept {
  if (size <= max_small) {
    mask_small(to, from, size, key);
    return;
  }
#if defined(WEFT_X86)
  if (has_vectors<64>()) return simd64::mask(to, from, size, key);
  if (has_vectors<32>()) return simd32::mask(to, from, size, key);
#endif
#if defined(WEFT_VECTORS)
  if (has_vectors<16>()) return simd16::mask(to, from, size, key);
#endif
  for (; size > max_small; size -= max_small, to += max_small, from += max_small) mask_small(to, from, max_small, key);
  mask_small(to, from, size, key);
}

/// Reads text that is masked with `key`, and where `to` is not null writes it unmasked. `lead` is a byte that could
/// precede it, or zero. What is done is all, or what lies before a fault, or as much as this machine can do at a time.
WEFT_INLINE text_progress text(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key,
                               unsigned char lead) noexcept {
  const std::uint32_t preceding = std::uint32_t{lead} << 24;
#if defined(WEFT_X86)
  if (size >= 64 && has_vectors<64>()) return simd64::text(to, from, size, key, preceding);
  if (size >= 32 && has_vectors<32>()) return simd32::text(to, from, size, key, preceding);
#endif
#if defined(WEFT_VECTORS)
  if (has_vectors<16>())
    return size < 16 ? simd16::short_text(to, from, size, key, preceding)
                     : simd16::text(to, from, size, key, preceding);
#endif
  if (preceding != 0) return {};
  std::size_t i = 0;
  while (size - i >= 8 && mask_small(to == nullptr ? nullptr : to + i, from + i, 8, key, accept::ascii)) i += 8;
  return {i, i == size};
}

}  // namespace weft::inline WEFT_ISA::detail
