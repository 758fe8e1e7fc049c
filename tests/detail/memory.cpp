// SPDX-License-Identifier: MIT
#include <weft/detail/memory.hpp>

#include <string_view>

#include <doctest/doctest.h>

#include "support/constant.hpp"

using namespace support;
using namespace weft::detail;

TEST_CASE("words are loaded and stored as they lie, at any alignment") {
  auto bytes = constant("0123456789abcdefghij");
  for (std::size_t at = 0; at < 8; ++at) {
    std::uint64_t want = 0;
    std::memcpy(&want, bytes.data() + at, 8);
    CHECK(load<std::uint64_t>(bytes.data() + at) == want);
    auto copy = bytes;
    store(copy.data() + at, want);
    CHECK(equal(copy, bytes));
  }
}

TEST_CASE("network order is the highest byte first, whatever the machine's is") {
  const auto bytes = constant("\x01\x02\x03\x04\x05\x06\x07\x08");
  CHECK(load_network(bytes.data(), 8) == 0x0102030405060708);
  CHECK(load_network(bytes.data(), 2) == 0x0102);
  CHECK(load_network(bytes.data(), 0) == 0);
  std::array<std::byte, 8> written{};
  store_network(written.data(), 0x0102030405060708, 8);
  CHECK(equal(written, bytes));
}

TEST_CASE("little order is the lowest byte first, whatever the machine's is") {
  const auto bytes = constant("\x01\x02\x03\x04\x05\x06\x07\x08");
  CHECK(load_little(bytes.data(), 8) == 0x0807060504030201);
  CHECK(load_little(bytes.data(), 2) == 0x0201);
  CHECK(load_little(bytes.data(), 0) == 0);
  std::array<std::byte, 8> written{};
  store_little(written.data(), 0x0807060504030201);
  CHECK(equal(written, bytes));
}

TEST_CASE("copies between byte types, also of nothing, are the same as one by one") {
  char to[3] = {};
  copy(to, constant("abc").data(), 3);
  CHECK(std::string_view(to, 3) == "abc");
  copy(to, static_cast<const std::byte*>(nullptr), 0);
  CHECK(std::string_view(to, 3) == "abc");
  copy_each(to, constant("de").data(), 2);
  CHECK(std::string_view(to, 3) == "dec");
}

TEST_CASE("bytes of any kind are where they were") {
  std::byte byte{};
  const unsigned char other = 0;
  CHECK(bytes_at(&byte) == &byte);
  CHECK(static_cast<const void*>(bytes_at(&other)) == &other);
}

TEST_CASE("a text is cut where its end allows it") {
  CHECK(cut("abcd", 1) == "bcd");
  CHECK(cut("abcd", 1, 2) == "bc");
  CHECK(cut("abcd", 1, 3) == "bcd");
  CHECK(cut("abcd", 4, 1).empty());
}

static_assert([] {
  const auto bytes = constant("abcdefgh");
  std::array<std::byte, 8> same{};
  store(same.data(), load<std::uint64_t>(bytes.data()));
  std::array<char, 8> chars{};
  copy(chars.data(), same.data(), 8);
  return equal(bytes, same) && chars[7] == 'h';
}());
