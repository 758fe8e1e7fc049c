// SPDX-License-Identifier: MIT
#include <weft/detail/base64.hpp>

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using weft::detail::base64;

namespace {

template <std::size_t Words>
constexpr bool encodes(const std::array<std::uint32_t, Words>& words, std::string_view text) {
  const auto encoded = base64(words);
  return std::string_view(encoded.data(), encoded.size()) == text;
}

/// RFC 4648 section 4, a character at a time.
std::string plain(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 6) {
    unsigned number = 0;
    for (std::size_t i = bit; i < bit + 6; ++i) {
      const unsigned byte = i / 8 < bytes.size() ? static_cast<unsigned char>(bytes[i / 8]) : 0U;
      number = number << 1 | (byte >> (7 - i % 8) & 1);
    }
    text += alphabet[number];
  }
  return text + std::string((4 - text.size() % 4) % 4, '=');
}

template <std::size_t Words>
void check_words(std::uint32_t& random) {
  std::array<std::uint32_t, Words> words{};
  std::string bytes;
  for (auto& word : words) {
    word = random ^= (random ^= (random ^= random << 13) >> 17) << 5;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(word >> shift & 0xFF);
  }
  REQUIRE(encodes(words, plain(bytes)));
}

}  // namespace

// RFC 4648 section 10 and 9, of four bytes and more.
static_assert(encodes(std::array<std::uint32_t, 0>{}, ""));
static_assert(encodes(std::array<std::uint32_t, 1>{0x666F6F62}, "Zm9vYg=="));
static_assert(encodes(std::array<std::uint32_t, 2>{0x14FB9C03, 0xD97E666F}, "FPucA9l+Zm8="));
static_assert(encodes(std::array<std::uint32_t, 3>{0x666F6F62, 0x6172FFFE, 0xFDFCFBFA}, "Zm9vYmFy//79/Pv6"));

TEST_CASE("RFC 4648 4: each number of six bits is the character of the alphabet at its place") {
  CHECK(plain("foobar") == "Zm9vYmFy");
  for (std::uint32_t number = 0; number < 64; ++number) {
    for (int shift = 2; shift < 32; shift += 6) {
      const std::uint32_t word = number << shift;
      std::string bytes;
      for (int i = 24; i >= 0; i -= 8) bytes += static_cast<char>(word >> i & 0xFF);
      CHECK(encodes(std::array{word}, plain(bytes)));
    }
  }
}

TEST_CASE("RFC 4648 4: words of every number as a character at a time") {
  std::uint32_t random = 1;
  for (int i = 0; i < 10000; ++i) {
    check_words<1>(random);
    check_words<2>(random);
    check_words<3>(random);
    check_words<4>(random);
    check_words<5>(random);
  }
}
