// SPDX-License-Identifier: MIT
#include <weft/detail/isa.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

// What is compiled for another processor has another name.
#define WEFT_NAME_OF(isa) WEFT_QUOTED(isa)
#define WEFT_QUOTED(isa) #isa
[[maybe_unused]] constexpr std::string_view unit = WEFT_NAME_OF(WEFT_ISA);
#if defined(__x86_64__)
static_assert(unit.starts_with("for_sse") || unit.starts_with("for_ssse3") || unit.starts_with("for_avx"));
#if defined(__AVX__)
static_assert(unit.starts_with("for_avx"));
#else
static_assert(!unit.starts_with("for_avx512"));
#endif
#elif defined(__aarch64__)
static_assert(unit.starts_with("for_neon") || unit.starts_with("for_sve"));
#endif

TEST_CASE("which vectors are used here") {
#if defined(WEFT_VECTORS)
  using weft::detail::has_vectors;
  std::printf("isa: %s, widest vector %d bytes; vectors of 16: %d, 32: %d, 64: %d\n", WEFT_NAME_OF(WEFT_ISA),
              WEFT_WIDEST_VECTOR, has_vectors<16>(), has_vectors<32>(), has_vectors<64>());
  if (WEFT_WIDEST_VECTOR < 64) CHECK(!has_vectors<64>());
  if (WEFT_WIDEST_VECTOR < 32) CHECK(!has_vectors<32>());
#else
  std::printf("isa: %s, no vectors\n", WEFT_NAME_OF(WEFT_ISA));
#if defined(__x86_64__) || defined(__aarch64__)
  CHECK(WEFT_WIDEST_VECTOR < 16);
#endif
#endif
}

#if defined(WEFT_X86)

TEST_CASE("a machine has those vectors that its system says it has") {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line) && !line.starts_with("flags")) {
  }
  if (line.empty()) return;  // not Linux
  const auto has = [&, flags = line + " "](const std::string& name) {
    return flags.find(" " + name + " ") != flags.npos;
  };
  using weft::detail::has_vectors;
  CHECK(has_vectors<16>() == has("ssse3"));
  CHECK(has_vectors<32>() == (has("avx2") && WEFT_WIDEST_VECTOR >= 32));
  CHECK(has_vectors<64>() == (has("avx512bw") && WEFT_WIDEST_VECTOR >= 64));
}

#endif

#if defined(WEFT_VECTORS)

namespace {

/// The bytes of vectors of one width, which are made and compared here and touched by nothing but the operation.
template <std::size_t Width>
using bytes = std::array<unsigned char, Width>;

/// Of each operation the bytes that it should give, one by one. `T` says how one width is run.
template <class T>
void check_operations() {
  constexpr std::size_t width = T::width;
  for (std::size_t round = 0; round < 256; ++round) {
    bytes<width> a{}, b{}, c{};
    for (std::size_t i = 0; i < width; ++i) {
      a[i] = static_cast<unsigned char>(i * 37 + round);
      b[i] = static_cast<unsigned char>(i * 101 + round * 7);
      c[i] = static_cast<unsigned char>(i % 16 * 13 + round);  // a table: 16 bytes again and again
    }
    bytes<width> index{}, found{}, above{};
    for (std::size_t i = 0; i < width; ++i) {
      index[i] = b[i] & 15;
      found[i] = c[index[i]];
      above[i] = a[i] > b[i] ? static_cast<unsigned char>(a[i] - b[i]) : 0;
    }
    CHECK(T::lookup(c, index) == found);
    CHECK(T::above(a, b) == above);

    bytes<2 * width> both{};
    std::copy(a.begin(), a.end(), both.begin());
    std::copy(b.begin(), b.end(), both.begin() + width);
    bytes<width> one{}, two{}, three{};
    std::copy_n(both.begin() + width - 1, width, one.begin());
    std::copy_n(both.begin() + width - 2, width, two.begin());
    std::copy_n(both.begin() + width - 3, width, three.begin());
    CHECK(T::template preceding<1>(a, b) == one);
    CHECK(T::template preceding<2>(a, b) == two);
    CHECK(T::template preceding<3>(a, b) == three);
  }
  CHECK(!T::any({}));
  CHECK(!T::any_high({}));
  for (std::size_t i = 0; i < width; ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes<width> v{};
      v[i] = static_cast<unsigned char>(1 << bit);
      CHECK(T::any(v));
      CHECK(T::any_high(v) == (bit == 7));
    }
  }
  bytes<width> low{};
  low.fill(0x7F);
  CHECK(!T::any_high(low));
}

// Inline operations need a function that is compiled for them, each width its own; vectors do not cross its border.
#define WEFT_OPERATIONS(name, size, target)                                             \
  struct name {                                                                         \
    static constexpr std::size_t width = size;                                          \
    using in = const bytes<size>&;                                                      \
    using vector = weft::detail::name::vector;                                          \
    target static void load(vector& v, in from) { std::memcpy(&v, from.data(), size); } \
    target static bytes<size> stored(const vector& v) {                                 \
      bytes<size> to;                                                                   \
      std::memcpy(to.data(), &v, size);                                                 \
      return to;                                                                        \
    }                                                                                   \
    target static bool any(in from) {                                                   \
      vector v;                                                                         \
      load(v, from);                                                                    \
      return weft::detail::name::any(v);                                                \
    }                                                                                   \
    target static bool any_high(in from) {                                              \
      vector v;                                                                         \
      load(v, from);                                                                    \
      return weft::detail::name::any_high(v);                                           \
    }                                                                                   \
    target static bytes<size> lookup(in table, in index) {                              \
      vector a, b;                                                                      \
      load(a, table), load(b, index);                                                   \
      return stored(weft::detail::name::lookup(a, b));                                  \
    }                                                                                   \
    target static bytes<size> above(in from, in floor) {                                \
      vector a, b;                                                                      \
      load(a, from), load(b, floor);                                                    \
      return stored(weft::detail::name::above(a, b));                                   \
    }                                                                                   \
    template <int Count>                                                                \
    target static bytes<size> preceding(in before, in from) {                           \
      vector a, b;                                                                      \
      load(a, before), load(b, from);                                                   \
      return stored(weft::detail::name::preceding<Count>(a, b));                        \
    }                                                                                   \
  }

WEFT_OPERATIONS(simd16, 16, WEFT_TARGET_16);
#if defined(WEFT_X86)
WEFT_OPERATIONS(simd32, 32, WEFT_TARGET_32);
WEFT_OPERATIONS(simd64, 64, WEFT_TARGET_64);
#endif

}  // namespace

TEST_CASE("each operation on vectors of 16 bytes does to each byte what its name says") {
  if (weft::detail::has_vectors<16>()) check_operations<simd16>();
}
#if defined(WEFT_X86)
TEST_CASE("each operation on vectors of 32 bytes does to each byte what its name says") {
  if (weft::detail::has_vectors<32>()) check_operations<simd32>();
}
TEST_CASE("each operation on vectors of 64 bytes does to each byte what its name says") {
  if (weft::detail::has_vectors<64>()) check_operations<simd64>();
}
#endif

#if defined(WEFT_SHA)

namespace {

using four_words = std::array<std::uint32_t, 4>;  // the first in the last place, as in a vector

// What is inline for SHA needs a function that is compiled for it.
template <int Kind>
WEFT_TARGET_SHA void four_rounds(four_words& state, const four_words& e) {
  weft::detail::sha::words abcd, added;
  std::memcpy(&abcd, state.data(), sizeof abcd);
  std::memcpy(&added, e.data(), sizeof added);
  const auto after = weft::detail::sha::rounds<Kind>(abcd, added);
  std::memcpy(state.data(), &after, sizeof after);
}
WEFT_TARGET_SHA four_words next_e(const four_words& state, const four_words& words) {
  weft::detail::sha::words abcd, four;
  std::memcpy(&abcd, state.data(), sizeof abcd);
  std::memcpy(&four, words.data(), sizeof four);
  const auto after = weft::detail::sha::next_e(abcd, four);
  four_words e;
  std::memcpy(e.data(), &after, sizeof after);
  return e;
}
WEFT_TARGET_SHA four_words following(const std::array<four_words, 4>& sixteen) {
  weft::detail::sha::words four[4];
  std::memcpy(four, sixteen.data(), sizeof four);
  const auto next = weft::detail::sha::following(four[0], four[1], four[2], four[3]);
  four_words made;
  std::memcpy(made.data(), &next, sizeof next);
  return made;
}
WEFT_TARGET_SHA four_words from_network(const std::array<unsigned char, 16>& bytes) {
  weft::detail::simd16::vector raw;
  std::memcpy(&raw, bytes.data(), sizeof raw);
  const auto words = weft::detail::sha::from_network(raw);
  four_words made;
  std::memcpy(made.data(), &words, sizeof words);
  return made;
}

/// FIPS 180-4 sections 4.1.1, 4.2.1 and 6.1.2: four rounds of a kind, beginning with an `e` of zero.
template <int Kind>
four_words four_plain_rounds(const four_words& state, const four_words& words) {
  constexpr std::uint32_t constants[] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
  std::uint32_t a = state[3], b = state[2], c = state[1], d = state[0], e = 0;
  for (std::size_t t = 4; t-- > 0;) {
    const std::uint32_t f = Kind == 0 ? (b & c) ^ (~b & d) : Kind == 2 ? (b & c) ^ (b & d) ^ (c & d) : b ^ c ^ d;
    const std::uint32_t sum = std::rotl(a, 5) + f + e + constants[Kind] + words[t];
    e = d, d = c, c = std::rotl(b, 30), b = a, a = sum;
  }
  return {d, c, b, a};
}

template <int Kind>
void check_rounds(const four_words& state, const four_words& words) {
  four_words got = state;
  four_rounds<Kind>(got, words);
  CHECK(got == four_plain_rounds<Kind>(state, words));
}

}  // namespace

TEST_CASE("FIPS 180-4 6.1: each operation for SHA-1 does what four steps of the plain one do") {
  if (!weft::detail::sha::is_there()) {
    std::puts("isa: this machine has no instructions for SHA-1, which are left out");
    return;
  }
  std::uint32_t seed = 1;
  const auto four = [&] {
    four_words made{};
    for (auto& word : made) word = seed = seed * 1664525U + 1013904223U;
    return made;
  };
  for (int round = 0; round < 100; ++round) {
    const four_words state = four(), words = four();
    check_rounds<0>(state, words);
    check_rounds<1>(state, words);
    check_rounds<2>(state, words);
    check_rounds<3>(state, words);
    CHECK(next_e(state, words) == four_words{words[0], words[1], words[2], words[3] + std::rotl(state[3], 30)});

    const std::array<four_words, 4> sixteen{four(), four(), four(), four()};
    std::array<std::uint32_t, 20> w{};
    for (std::size_t t = 0; t < 16; ++t) w[t] = sixteen[t / 4][3 - t % 4];
    for (std::size_t t = 16; t < 20; ++t) w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    CHECK(following(sixteen) == four_words{w[19], w[18], w[17], w[16]});
  }
  std::array<unsigned char, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i);
  CHECK(from_network(bytes) == four_words{0x0C0D0E0F, 0x08090A0B, 0x04050607, 0x00010203});
}

#endif

#endif
