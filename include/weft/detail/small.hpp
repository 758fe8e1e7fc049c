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
#include <utility>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>

namespace weft::inline WEFT_ISA::detail {

inline constexpr std::size_t max_small = 128;  ///< bytes

/// What becomes of the masked bytes: they are written; or only if all are ASCII; or only looked at.
enum class task { write, write_ascii, look_for_ascii };

/// The key, a word as it lies in memory, as the byte `by` places further on meets it.
[[nodiscard]] constexpr std::uint32_t turned(std::uint32_t key, std::size_t by) noexcept {
  const int bits = 8 * static_cast<int>(by % 4);
  return std::endian::native == std::endian::little ? std::rotr(key, bits) : std::rotl(key, bits);
}

// The key as often as a word or vector takes it, and whether one of its bytes is not ASCII.
WEFT_INLINE void repeat(std::uint32_t& word, std::uint32_t key) noexcept {
  word = key;
}
WEFT_INLINE void repeat(std::uint64_t& word, std::uint32_t key) noexcept {
  word = std::uint64_t{key} << 32 | key;
}
WEFT_INLINE bool any_high(std::uint32_t word) noexcept {
  return (word & 0x80808080) != 0;
}
WEFT_INLINE bool any_high(std::uint64_t word) noexcept {
  return (word & 0x8080808080808080) != 0;
}
#if defined(WEFT_VECTORS)
WEFT_INLINE void repeat(simd16::vector& v, std::uint32_t key) noexcept {
  v = (simd16::vector)(simd16::keys{} + key);
}
using simd16::any_high;
#endif

/// Words or vectors at places of a payload that together cover it: all of them meet the key alike but the last.
template <class Word, std::size_t Count>
struct cover {
  const std::byte* from;
  std::size_t size;

  /// Where each begins: one behind the other, but none so far back that it would not end in the payload.
  [[nodiscard]] constexpr std::size_t at(std::size_t i) const noexcept {
    const std::size_t last = size - sizeof(Word);
    if (i == Count - 1) return last;
    const std::size_t place = i * sizeof(Word);
    return place < last ? place : last & ~std::size_t{3};
  }

  template <task Task, std::size_t... I>
  WEFT_INLINE bool masked(std::byte* to, std::uint32_t key, std::index_sequence<I...>) const noexcept {
    Word k, last_k;
    repeat(k, key);
    repeat(last_k, turned(key, size));
    const std::array<Word, Count> words{(load<Word>(from + at(I)) ^ (I == Count - 1 ? last_k : k))...};
    if (Task != task::write && any_high((words[I] | ...))) return false;
    if (Task != task::look_for_ascii) (store(to + at(I), words[I]), ...);
    return true;
  }
};

/// Does the task for up to max_small bytes, and says whether it could: only bytes that are not ASCII stand in its way.
template <task Task>
WEFT_INLINE bool mask_small(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key) noexcept {
  const auto covered_by = [&]<class Word, std::size_t Count>(cover<Word, Count> cover) {
    return cover.template masked<Task>(to, key, std::make_index_sequence<Count>());
  };
#if defined(WEFT_VECTORS)
  if (size > 32) return covered_by(cover<simd16::vector, 9>{from, size});
  if (size > 16) return covered_by(cover<simd16::vector, 2>{from, size});
#else
  if (size > 32) return covered_by(cover<std::uint64_t, 17>{from, size});
  if (size > 16) return covered_by(cover<std::uint64_t, 5>{from, size});
#endif
  if (size >= 8) return covered_by(cover<std::uint64_t, 2>{from, size});
  if (size >= 4) return covered_by(cover<std::uint32_t, 2>{from, size});
  if (size == 0) return true;
  // One to three bytes are the first, the middle and the last.
  const auto k = std::bit_cast<std::array<std::byte, 4>>(key);
  const std::size_t middle = size / 2, last = size - 1;
  const std::byte a = from[0] ^ k[0], b = from[middle] ^ k[middle], c = from[last] ^ k[last];
  if (Task != task::write && ((a | b | c) & std::byte{0x80}) != std::byte{0}) return false;
  if (Task != task::look_for_ascii) to[0] = a, to[middle] = b, to[last] = c;
  return true;
}

}  // namespace weft::inline WEFT_ISA::detail
