// SPDX-License-Identifier: MIT
#include <weft/detail/sha1.hpp>

#include <cstdio>
#include <string>

#include <doctest/doctest.h>

namespace {

std::string digest(std::string_view text) {
  std::string hex;
  for (const std::byte byte : weft::detail::sha1().update(text).digest()) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", std::to_integer<unsigned>(byte));
    hex += digits;
  }
  return hex;
}

}  // namespace

TEST_CASE("FIPS 180-4, RFC 3174 7.3: the published examples") {
  CHECK(digest("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(digest("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK(digest(std::string(1000000, 'a')) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST_CASE("text in pieces is as the whole, around each border of a block") {
  for (std::size_t size = 50; size < 140; ++size) {
    const std::string text(size, 'x');
    const auto whole = weft::detail::sha1().update(text).digest();
    for (const std::size_t cut : std::initializer_list<std::size_t>{0, 1, 40, 50}) {
      CHECK(weft::detail::sha1().update(text.substr(0, cut)).update(text.substr(cut)).digest() == whole);
    }
  }
}
