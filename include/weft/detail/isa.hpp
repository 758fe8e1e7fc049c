// SPDX-License-Identifier: MIT
//
// isa.hpp: the one place that knows instruction sets: their names, their vectors, and which of them a machine has.
// Vectors are those of g++ and clang themselves, so that nobody pays for <immintrin.h>, which takes as long to compile
// as all of weft. Another compiler, another processor or another order of bytes does without.
// Rule: what a vector can do is said here, under the same names for each; what is done with it is in kernel.inl.
#pragma once

#include <cstddef>
#include <cstdint>

// The inline namespace in which all of weft lies is named after what its unit is compiled for: the widest vectors, and
// a letter for each further set that compilers use unasked. Of an inline function that several units hold, the linker
// keeps one body for all: if the names were alike, a program of units compiled for different processors might run
// instructions where it asked for none.
#if defined(__AVX512VBMI__) || defined(__AVX512FP16__)
#define WEFT_WIDTH for_avx512_and_more
#elif defined(__AVX512BW__) && defined(__AVX512VL__)
#define WEFT_WIDTH for_avx512
#elif defined(__AVX512F__)
#define WEFT_WIDTH for_avx512f
#elif defined(__AVX2__)
#define WEFT_WIDTH for_avx2
#elif defined(__AVX__)
#define WEFT_WIDTH for_avx
#elif defined(__SSE4_2__)
#define WEFT_WIDTH for_sse4_2
#elif defined(__SSE4_1__)
#define WEFT_WIDTH for_sse4_1
#elif defined(__SSSE3__)
#define WEFT_WIDTH for_ssse3
#elif defined(__SSE2__)
#define WEFT_WIDTH for_sse2
#elif defined(__ARM_FEATURE_SVE2)
#define WEFT_WIDTH for_sve2
#elif defined(__ARM_FEATURE_SVE)
#define WEFT_WIDTH for_sve
#elif defined(__ARM_NEON)
#define WEFT_WIDTH for_neon
#else
#define WEFT_WIDTH for_any
#endif
#if defined(__POPCNT__) || defined(__ARM_FEATURE_CSSC)
#define WEFT_COUNTS p
#else
#define WEFT_COUNTS
#endif
#if defined(__LZCNT__) || defined(__ARM_FEATURE_SHA3)
#define WEFT_ZEROS z
#else
#define WEFT_ZEROS
#endif
#if defined(__BMI__)
#define WEFT_BITS b
#else
#define WEFT_BITS
#endif
#if defined(__BMI2__)
#define WEFT_MORE_BITS m
#else
#define WEFT_MORE_BITS
#endif
#if defined(__MOVBE__)
#define WEFT_ORDER o
#else
#define WEFT_ORDER
#endif

// WEFT_WIDEST_VECTOR, in bytes: 32, 16, or 0 for none, keeps wider ones from being used, for tests.
#if defined(WEFT_WIDEST_VECTOR)
#define WEFT_LIMIT _up_to_
#define WEFT_LIMIT_BYTES WEFT_WIDEST_VECTOR
#else
#define WEFT_LIMIT
#define WEFT_LIMIT_BYTES
#define WEFT_WIDEST_VECTOR 64
#endif

#define WEFT_JOIN(a, b, c, d, e, f, g, h) WEFT_JOINED(a, b, c, d, e, f, g, h)
#define WEFT_JOINED(a, b, c, d, e, f, g, h) a##b##c##d##e##f##g##h
#define WEFT_ISA \
  WEFT_JOIN(WEFT_WIDTH, WEFT_COUNTS, WEFT_ZEROS, WEFT_BITS, WEFT_MORE_BITS, WEFT_ORDER, WEFT_LIMIT, WEFT_LIMIT_BYTES)

// Everything here wants vectors as g++ 12 and clang have them, and words whose first byte is the lowest.
#if WEFT_WIDEST_VECTOR >= 16 && defined(__has_builtin) && defined(__BYTE_ORDER__) && \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#if __has_builtin(__builtin_shufflevector) && (!defined(__clang__) || __has_builtin(__builtin_elementwise_max))
#if defined(__x86_64__) && defined(__SSE2__)
#define WEFT_VECTORS
#define WEFT_X86
#elif defined(__aarch64__) && defined(__ARM_NEON)
#define WEFT_VECTORS
#endif
#endif
#endif

#if defined(__GNUC__)
#define WEFT_INLINE [[gnu::always_inline]] inline
#else
#define WEFT_INLINE inline
#endif

#if defined(WEFT_VECTORS)

namespace weft::inline WEFT_ISA::detail {

/// The vectors that every processor has on which the unit can run. What the names say holds for the wider ones too.
namespace simd16 {

using vector [[gnu::vector_size(16)]] = unsigned char;
using signed_vector [[gnu::vector_size(16)]] = char;
using words [[gnu::vector_size(16)]] = unsigned long long;
using keys [[gnu::vector_size(16)]] = unsigned;

#if defined(WEFT_X86)
#define WEFT_TARGET_16 [[gnu::target("ssse3")]]

/// The high bit of each byte, that of the first lowest.
WEFT_INLINE unsigned high_bits(vector v) noexcept {
  return static_cast<unsigned>(__builtin_ia32_pmovmskb128((signed_vector)v));
}

/// Whether any byte has its high bit set.
WEFT_INLINE bool any_high(vector v) noexcept {
  return high_bits(v) != 0;
}

/// Whether any bit is set.
WEFT_INLINE bool any(vector v) noexcept {
  return high_bits((vector)(v == 0)) != 0xFFFF;
}

/// For each byte of `index`, which is below 16, that byte of the table. A wider vector's table is the same 16 bytes
/// again and again.
WEFT_TARGET_16 WEFT_INLINE vector lookup(vector table, vector index) noexcept {
  return (vector)__builtin_ia32_pshufb128((signed_vector)table, (signed_vector)index);
}

/// How far each byte is above that of `floor`, or zero.
WEFT_INLINE vector above(vector v, vector floor) noexcept {
#if defined(__clang__)
  return __builtin_elementwise_max(v, floor) - floor;
#else
  return (vector)__builtin_ia32_psubusb128((signed_vector)v, (signed_vector)floor);
#endif
}
#else
#define WEFT_TARGET_16

WEFT_INLINE bool any(vector v) noexcept {
  return (((words)v)[0] | ((words)v)[1]) != 0;
}
WEFT_INLINE bool any_high(vector v) noexcept {
  return any(v & 0x80);
}
WEFT_INLINE vector lookup(vector table, vector index) noexcept {
  vector found;
  asm("tbl %0.16b, {%1.16b}, %2.16b" : "=w"(found) : "w"(table), "w"(index));
  return found;
}
WEFT_INLINE vector above(vector v, vector floor) noexcept {
  return (v > floor ? v : floor) - floor;
}
#endif

/// The vector that begins `Count` bytes, at most 3, before `v`, of which `before` is what precedes it.
template <int Count>
WEFT_TARGET_16 WEFT_INLINE vector preceding(vector before, vector v) noexcept {
  constexpr int n = 16 - Count;
  return __builtin_shufflevector(before, v, n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7, n + 8, n + 9, n + 10,
                                 n + 11, n + 12, n + 13, n + 14, n + 15);
}

}  // namespace simd16

#if defined(WEFT_X86)

namespace simd32 {

#define WEFT_TARGET_32 [[gnu::target("avx2")]]

using vector [[gnu::vector_size(32)]] = unsigned char;
using signed_vector [[gnu::vector_size(32)]] = char;
using words [[gnu::vector_size(32)]] = long long;
using keys [[gnu::vector_size(32)]] = unsigned;

WEFT_TARGET_32 WEFT_INLINE bool any_high(vector v) noexcept {
  return __builtin_ia32_pmovmskb256((signed_vector)v) != 0;
}
WEFT_TARGET_32 WEFT_INLINE bool any(vector v) noexcept {
  return !__builtin_ia32_ptestz256((words)v, (words)v);
}
WEFT_TARGET_32 WEFT_INLINE vector lookup(vector table, vector index) noexcept {
  return (vector)__builtin_ia32_pshufb256((signed_vector)table, (signed_vector)index);
}
WEFT_TARGET_32 WEFT_INLINE vector above(vector v, vector floor) noexcept {
#if defined(__clang__)
  return __builtin_elementwise_max(v, floor) - floor;
#else
  return (vector)__builtin_ia32_psubusb256((signed_vector)v, (signed_vector)floor);
#endif
}
template <int Count>
WEFT_TARGET_32 WEFT_INLINE vector preceding(vector before, vector v) noexcept {
  const auto middle = __builtin_shufflevector((words)before, (words)v, 2, 3, 4, 5);
#if defined(__clang__)
  return (vector)__builtin_ia32_palignr256((signed_vector)v, (signed_vector)middle, 16 - Count);
#else
  return (vector)__builtin_ia32_palignr256((words)v, middle, 8 * (16 - Count));
#endif
}

}  // namespace simd32

namespace simd64 {

#define WEFT_TARGET_64 [[gnu::target("avx512f,avx512bw")]]

using vector [[gnu::vector_size(64)]] = unsigned char;
using signed_vector [[gnu::vector_size(64)]] = char;
using words [[gnu::vector_size(64)]] = long long;
using keys [[gnu::vector_size(64)]] = unsigned;

WEFT_TARGET_64 WEFT_INLINE bool any_high(vector v) noexcept {
  return __builtin_ia32_cvtb2mask512((signed_vector)v) != 0;
}
WEFT_TARGET_64 WEFT_INLINE bool any(vector v) noexcept {
  constexpr int not_equal = 4;
  return __builtin_ia32_cmpb512_mask((signed_vector)v, signed_vector{}, not_equal, ~0ULL) != 0;
}
WEFT_TARGET_64 WEFT_INLINE vector lookup(vector table, vector index) noexcept {
#if defined(__clang__)
  return (vector)__builtin_ia32_pshufb512((signed_vector)table, (signed_vector)index);
#else
  return (vector)__builtin_ia32_pshufb512_mask((signed_vector)table, (signed_vector)index, signed_vector{}, ~0ULL);
#endif
}
WEFT_TARGET_64 WEFT_INLINE vector above(vector v, vector floor) noexcept {
#if defined(__clang__)
  return __builtin_elementwise_max(v, floor) - floor;
#else
  return (vector)__builtin_ia32_psubusb512_mask((signed_vector)v, (signed_vector)floor, signed_vector{}, ~0ULL);
#endif
}
template <int Count>
WEFT_TARGET_64 WEFT_INLINE vector preceding(vector before, vector v) noexcept {
  const auto middle = __builtin_shufflevector((words)before, (words)v, 6, 7, 8, 9, 10, 11, 12, 13);
#if defined(__clang__)
  return (vector)__builtin_ia32_palignr512((signed_vector)v, (signed_vector)middle, 16 - Count);
#else
  return (vector)__builtin_ia32_palignr512((words)v, middle, 8 * (16 - Count));
#endif
}

}  // namespace simd64

#endif

#if defined(WEFT_X86)

// The instructions for SHA-1. clang 14 has no word to ask a processor for them.
#if defined(__clang__) ? __clang_major__ >= 19 : __GNUC__ >= 12
#define WEFT_SHA
#define WEFT_TARGET_SHA [[gnu::target("sha,sse4.1")]]
#define WEFT_INLINE_SHA __attribute__((target("sha,sse4.1"), always_inline))  // behind the parameters of a lambda

/// Four words at once, of which the first is in the last lane.
namespace sha {

using words = simd16::keys;
using signed_words [[gnu::vector_size(16)]] = int;

[[nodiscard]] inline bool is_there() noexcept {
  return __builtin_cpu_supports("sha");
}

/// Four rounds of the kind 0 to 3, with the words of this and `e` in one.
template <int Kind>
WEFT_TARGET_SHA WEFT_INLINE words rounds(words abcd, words e) noexcept {
  return (words)__builtin_ia32_sha1rnds4((signed_words)abcd, (signed_words)e, Kind);
}
/// The `e` that four rounds leave, from the `abcd` before them, with four more words.
WEFT_TARGET_SHA WEFT_INLINE words next_e(words abcd, words four) noexcept {
  return (words)__builtin_ia32_sha1nexte((signed_words)abcd, (signed_words)four);
}
/// The four words that follow sixteen.
WEFT_TARGET_SHA WEFT_INLINE words following(words a, words b, words c, words d) noexcept {
  const auto begun = (words)__builtin_ia32_sha1msg1((signed_words)a, (signed_words)b) ^ c;
  return (words)__builtin_ia32_sha1msg2((signed_words)begun, (signed_words)d);
}
/// Four words in network order.
WEFT_TARGET_SHA WEFT_INLINE words from_network(simd16::vector raw) noexcept {
  constexpr simd16::signed_vector reversed{15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  return (words)__builtin_ia32_pshufb128((simd16::signed_vector)raw, reversed);
}

}  // namespace sha
#endif

#endif

/// Whether this machine has the instructions for vectors of `Bytes`, beyond what the unit is compiled for.
template <int Bytes>
WEFT_INLINE bool has_vectors() noexcept {
  if constexpr (Bytes > WEFT_WIDEST_VECTOR) return false;
#if defined(WEFT_X86)
  if constexpr (Bytes == 64) return __builtin_cpu_supports("avx512bw");
  if constexpr (Bytes == 32) return __builtin_cpu_supports("avx2");
  return __builtin_cpu_supports("ssse3");
#else
  return Bytes == 16;
#endif
}

}  // namespace weft::inline WEFT_ISA::detail

#endif
