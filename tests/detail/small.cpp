// SPDX-License-Identifier: MIT
#include <weft/detail/small.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "support/fenced.hpp"
#include "support/texts.hpp"
#include "support/transcript.hpp"

using namespace support;
using namespace weft::detail;

namespace {

guarded& second_guarded() {
  static guarded memory(4096);
  return memory;
}

/// Whether these bytes become those, in place and while copying, or are left alone, and nothing else is written.
bool masks(std::string_view from, std::string_view want, accept allowed, bool done, key k, flush side,
           std::size_t from_end) {
  const auto word = std::bit_cast<std::uint32_t>(k);
  const fenced bytes(shared_guarded(), from, side, from_end);
  const bool looked = mask_small(nullptr, bytes.span().data(), from.size(), word, allowed);
  const bool untouched = bytes.text() == from && bytes.alone();
  const bool in_place = mask_small(bytes.span().data(), bytes.span().data(), from.size(), word, allowed);
  const bool right = bytes.text() == want && bytes.alone();
  const fenced source(second_guarded(), from, side, from_end);
  const fenced copy(shared_guarded(), from, side, from_end);
  const bool copied = mask_small(copy.span().data(), source.span().data(), from.size(), word, allowed);
  return looked == done && untouched && in_place == done && right && copied == done && copy.text() == want &&
         copy.alone() && source.text() == from && source.alone();
}

std::string ascii(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>((i * 31 + 7) % 128);
  return bytes;
}

constexpr flush sides[] = {flush::back, flush::front};

}  // namespace

TEST_CASE("5.3: a key turned by n begins with its byte n mod 4") {
  const key bytes{1, 2, 3, 4};
  for (std::size_t by = 0; by < 9; ++by) {
    key want = bytes;
    std::rotate(want.begin(), want.begin() + by % 4, want.end());
    CHECK(std::bit_cast<key>(turned(std::bit_cast<std::uint32_t>(bytes), by)) == want);
  }
}

TEST_CASE("5.3 MK-08 MK-10 MK-11: each small payload at each alignment and key phase, whatever it is made of") {
  std::uint64_t cases = 0;
  for (std::size_t size = 0; size <= max_small; ++size) {
    std::string payload = ascii(size);
    for (std::size_t i = 0; i < size; i += 3) payload[i] = static_cast<char>(payload[i] ^ 0x80);
    for (std::size_t phase = 0; phase < 4; ++phase) {
      const key k = key_at(phase);
      const std::string want = masked(payload, k);
      for (std::size_t from_end = 0; from_end < 64; ++from_end) {
        for (const flush side : sides) {
          if (!masks(payload, want, accept::any, true, k, side, from_end))
            FAIL("size " << size << " phase " << phase << " from end " << from_end);
          ++cases;
        }
      }
    }
  }
  CHECK(cases == 129 * 4 * 64 * 2);
}

TEST_CASE("8.1: small ASCII is told from what is not, at each of its bytes, and only ASCII is unmasked") {
  for (std::size_t size = 0; size <= max_small; ++size) {
    for (std::size_t phase = 0; phase < 4; ++phase) {
      const key k = key_at(phase);
      const std::string plain = ascii(size);
      const std::string hidden = masked(plain, k);
      for (std::size_t from_end = 0; from_end < 64; from_end += 7) {
        for (const flush side : sides) {
          if (!masks(hidden, plain, accept::ascii, true, k, side, from_end))
            FAIL("ASCII of size " << size << " phase " << phase << " from end " << from_end);
        }
      }
      for (std::size_t bad = 0; bad < size; ++bad) {
        std::string other = hidden;
        other[bad] = static_cast<char>(other[bad] ^ 0x80);
        const flush side = sides[bad % 2];
        if (!masks(other, other, accept::ascii, false, k, side, bad % 64))
          FAIL("size " << size << " phase " << phase << ", not ASCII at " << bad);
      }
    }
  }
}

namespace {

/// Whether the words lie inside of the payload, one behind the other without a gap, and meet the key alike but the
/// last.
template <class Word, std::size_t Count>
constexpr bool covers(std::size_t size) {
  const cover<Word, Count> words{nullptr, size};
  std::size_t covered = 0;
  const auto adds = [&](std::size_t at, bool last) {
    if (at > covered || at + sizeof(Word) > size || (!last && at % 4 != 0)) return false;
    covered = std::max(covered, at + sizeof(Word));
    return true;
  };
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return (adds(words.template at<I>(), I == Count - 1) && ...);
  }
  (std::make_index_sequence<Count>()) && covered == size;
}

template <class Word, std::size_t Count>
constexpr bool covers(std::size_t least, std::size_t most) {
  for (; least <= most; ++least) {
    if (!covers<Word, Count>(least)) return false;
  }
  return true;
}

}  // namespace

static_assert(covers<std::uint32_t, 2>(4, 8));
static_assert(covers<std::uint64_t, 2>(8, 16));
static_assert(covers<std::uint64_t, 5>(16, 40));
static_assert(covers<std::uint64_t, 17>(32, 136));
#if defined(WEFT_VECTORS)
static_assert(covers<vector, 2>(16, 32));
static_assert(covers<vector_pair, 4>(32, 128));
#endif
static_assert(!covers<std::uint32_t, 2>(9));
