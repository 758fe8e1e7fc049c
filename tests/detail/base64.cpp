// SPDX-License-Identifier: MIT
#include <weft/detail/base64.hpp>

#include <doctest/doctest.h>

#include "support/constant.hpp"

using support::constant;
using weft::detail::base64;

namespace {

template <std::size_t Size>
constexpr bool encodes(const std::array<std::byte, Size>& bytes, std::string_view text) {
  const auto encoded = base64(bytes);
  return std::string_view(encoded.data(), encoded.size()) == text;
}

}  // namespace

// RFC 4648 section 10.
static_assert(encodes(constant(""), ""));
static_assert(encodes(constant("f"), "Zg=="));
static_assert(encodes(constant("fo"), "Zm8="));
static_assert(encodes(constant("foo"), "Zm9v"));
static_assert(encodes(constant("foob"), "Zm9vYg=="));
static_assert(encodes(constant("fooba"), "Zm9vYmE="));
static_assert(encodes(constant("foobar"), "Zm9vYmFy"));
static_assert(encodes(constant("\xff\xfe\xfd\xfc\xfb\xfa"), "//79/Pv6"));

TEST_CASE("RFC 4648 4: the alphabet is 64 characters, each of which is_base64 knows and no other") {
  int known = 0;
  for (int c = 0; c < 256; ++c) {
    const bool in = weft::detail::base64_alphabet.find(static_cast<char>(c)) != std::string_view::npos;
    CHECK(weft::detail::is_base64(static_cast<char>(c)) == in);
    known += in ? 1 : 0;
  }
  CHECK(known == 64);
}
