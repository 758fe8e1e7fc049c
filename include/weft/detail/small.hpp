// SPDX-License-Identifier: MIT
//
// small.hpp: payloads of up to 128 bytes, masked or looked at inline and with few branches: where sizes vary, a branch
// that is foretold wrongly costs more than the bytes. All sizes of a class take one path, whose loads overlap.
// Rule: all loads come before the first store, so that `to` may be `from`.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>

namespace weft::inline WEFT_ISA::detail {

inline constexpr std::size_t max_small = 128;  ///< bytes

/// Which bytes will do.
enum class accept { any, ascii };

/// The key, a word as it lies in memory, as the byte `by` places further on meets it.
[[nodiscard]] constexpr std::uint32_t turned(std::uint32_t key, std::size_t by) noexcept {
  const int bits = 8 * static_cast<int>(by % 4);
  return std::endian::native == std::endian::little ? std::rotr(key, bits) : std::rotl(key, bits);
}

// What is masked at once: a word, a vector or a pair of vectors. The key as often as it takes it, how it is read and
// written, and whether one of its bytes is not ASCII.
template <class Word>
WEFT_INLINE Word masked(const std::byte* from, std::uint32_t key) noexcept {
  return load<Word>(from) ^ static_cast<Word>(0x100000001 * std::uint64_t{key});
}
WEFT_INLINE bool any_high(std::uint32_t word) noexcept {
  return (word & 0x80808080) != 0;
}
WEFT_INLINE bool any_high(std::uint64_t word) noexcept {
  return (word & 0x8080808080808080) != 0;
}

#if defined(WEFT_VECTORS)
using vector = simd16::vector;
using simd16::any_high;

template <>
WEFT_INLINE vector masked<vector>(const std::byte* from, std::uint32_t key) noexcept {
  vector v;
  std::memcpy(&v, from, sizeof(v));
  return v ^ (vector)(simd16::keys{} + key);
}
WEFT_INLINE void store(std::byte* to, vector v) noexcept {
  std::memcpy(to, &v, sizeof(v));
}

struct vector_pair {
  vector first, second;
  WEFT_INLINE friend vector_pair operator|(vector_pair a, vector_pair b) noexcept {
    return {a.first | b.first, a.second | b.second};
  }
};
template <>
WEFT_INLINE vector_pair masked<vector_pair>(const std::byte* from, std::uint32_t key) noexcept {
  return {masked<vector>(from, key), masked<vector>(from + sizeof(vector), key)};
}
WEFT_INLINE void store(std::byte* to, vector_pair v) noexcept {
  store(to, v.first);
  store(to + sizeof(vector), v.second);
}
WEFT_INLINE bool any_high(vector_pair v) noexcept {
  return any_high(v.first | v.second);
}
#endif

/// Words or vectors at places of a payload that together cover it: all of them meet the key alike but the last.
template <class Word, std::size_t Count>
struct cover {
  const std::byte* from;
  std::size_t size;

  /// Where each begins: one behind the other, but none so far back that it would not end in the payload. Without a
  /// branch, which is what this is about.
  template <std::size_t I>
  [[nodiscard]] constexpr std::size_t at() const noexcept {
    const std::size_t last = size - sizeof(Word);
    if constexpr (I == Count - 1) return last;
    if constexpr (I == 0) return 0;
    constexpr std::size_t place = I * sizeof(Word);
    const auto short_by = static_cast<std::ptrdiff_t>((last & ~std::size_t{3}) - place);
    return place + static_cast<std::size_t>(short_by & short_by >> (8 * sizeof(short_by) - 1));
  }

  WEFT_INLINE bool mask(std::byte* to, std::uint32_t key, accept allowed) const noexcept {
    return mask(to, key, allowed, std::make_index_sequence<Count>());
  }

  template <std::size_t... I>
  WEFT_INLINE bool mask(std::byte* to, std::uint32_t key, accept allowed,
                        std::index_sequence<I...> places) const noexcept {
    const std::uint32_t last_key = turned(key, size);
    return write(to, allowed, places, masked<Word>(from + at<I>(), I == Count - 1 ? last_key : key)...);
  }

  template <std::size_t... I, class... Words>
  WEFT_INLINE bool write(std::byte* to, accept allowed, std::index_sequence<I...>, Words... words) const noexcept {
    // A test for each that branches would be foretold wrongly more often than all of this takes.
    if (any_high((words | ...)) & (allowed == accept::ascii)) return false;
    if (to != nullptr) (store(to + at<I>(), words), ...);
    return true;
  }
};

/// Masks up to 16 bytes and writes them to `to`, unless that is null. If all are to be ASCII and are not, it does
/// nothing, and says so.
WEFT_INLINE bool mask_few(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key,
                          accept allowed = accept::any) noexcept {
  if (size >= 8) return cover<std::uint64_t, 2>{from, size}.mask(to, key, allowed);
  if (size >= 4) return cover<std::uint32_t, 2>{from, size}.mask(to, key, allowed);
  if (size == 0) return true;
  // One to three bytes are the first, the middle and the last.
  const auto k = std::bit_cast<std::array<std::byte, 4>>(key);
  const std::size_t middle = size / 2, last = size - 1;
  const std::byte a = from[0] ^ k[0], b = from[middle] ^ k[middle], c = from[last] ^ k[last];
  if (allowed == accept::ascii && ((a | b | c) & std::byte{0x80}) != std::byte{0}) return false;
  if (to != nullptr) to[0] = a, to[middle] = b, to[last] = c;
  return true;
}

/// The same of up to max_small bytes.
WEFT_INLINE bool mask_small(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key,
                            accept allowed = accept::any) noexcept {
#if defined(WEFT_VECTORS)
  if (size >= 32) return cover<vector_pair, 4>{from, size}.mask(to, key, allowed);
  if (size >= 16) return cover<vector, 2>{from, size}.mask(to, key, allowed);
#else
  if (size > 32) return cover<std::uint64_t, 16>{from, size}.mask(to, key, allowed);
  if (size > 16) return cover<std::uint64_t, 4>{from, size}.mask(to, key, allowed);
#endif
  return mask_few(to, from, size, key, allowed);
}

}  // namespace weft::inline WEFT_ISA::detail
