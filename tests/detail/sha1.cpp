// SPDX-License-Identifier: MIT
#include <weft/detail/sha1.hpp>

#include <cstdio>
#include <string>

#include <doctest/doctest.h>

#include "support/guarded.hpp"

using namespace weft::detail;

namespace {

std::string hexadecimal(const sha1_state& digest) {
  std::string text;
  for (const std::uint32_t word : digest) {
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", word);
    text += digits;
  }
  return text;
}

static_assert(sizeof(sha1_block) == 512 / 8);

}  // namespace

TEST_CASE("FIPS 180-4, RFC 3174 7.3: the published examples") {
  CHECK(hexadecimal(sha1("")) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(hexadecimal(sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hexadecimal(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK(hexadecimal(sha1(std::string(1000000, 'a'))) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST_CASE("text in two pieces is as the whole, around each border of a block") {
  for (std::size_t size = 50; size < 140; ++size) {
    const std::string text(size, 'x');
    for (const std::size_t cut : std::initializer_list<std::size_t>{0, 1, 40, 50})
      CHECK(sha1(text.substr(0, cut), text.substr(cut)) == sha1(text));
  }
}

TEST_CASE("60 bytes, by words made beforehand and by the processor's instructions, are as any text") {
  const auto front = support::shared_guarded().span(24, support::flush::back);
  std::uint32_t random = 1;
  for (int i = 0; i < 10000; ++i) {
    std::string text(60, '\0');
    for (char& c : text) c = static_cast<char>((random = random * 1664525 + 1013904223) >> 24);
    const auto expected = sha1(text);

    sha1_block behind{};
    copy(behind.data() + 24, text.data() + 24, 36);
    behind[60] = std::byte{0x80};
    copy(front.data(), text.data(), 24);
    const auto* key = reinterpret_cast<const char*>(front.data());
    REQUIRE(sha1_of_60(key, behind) == expected);
#if defined(WEFT_SHA)
    if (weft::detail::sha::is_there()) REQUIRE(sha1_of_60_by_four(key, behind) == expected);
#endif
  }
}
