// SPDX-License-Identifier: MIT
#include <weft/sendable.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <weft/connection/server.hpp>
#include <weft/handshake/response.hpp>

#include "support/constant.hpp"

using support::constant;
using weft::append;
using outgoing = weft::outgoing<weft::role::server>;

static_assert(weft::sendable<outgoing> && weft::sendable<weft::response> && !weft::sendable<std::string>);
static_assert(weft::byte_container<std::string> && weft::byte_container<std::vector<std::byte>>);
static_assert(!weft::byte_container<std::vector<int>> && !weft::byte_container<std::array<char, 8>> &&
              !weft::byte_container<const std::string>);

TEST_CASE("what is ready goes behind what waits already, in any container") {
  const auto payload = constant("Hi");
  const outgoing frame = weft::server().text(payload);
  std::string text = "before";
  append(text, frame);
  append(text, frame);
  CHECK(text == "before\x81\x02Hi\x81\x02Hi");
  std::vector<std::byte> bytes;
  append(bytes, frame);
  CHECK(support::equal(bytes, constant("\x81\x02Hi")));
}

TEST_CASE("nothing is appended of what has nothing to say") {
  std::string text = "before";
  append(text, outgoing(weft::refusal::closed));
  append(text, weft::response(weft::refusal::handshake_not_complete));
  CHECK(text == "before");
}

TEST_CASE("frames that are made one by one go behind each other") {
  struct countdown {
    std::optional<outgoing> next() {
      if (left == 0) return {};
      --left;
      return weft::server().text(payload);
    }
    std::array<std::byte, 2> payload;
    int left;
  };
  static_assert(weft::sendables<countdown>);
  std::string text = "before";
  append(text, countdown{constant("Hi"), 2});
  CHECK(text == "before\x81\x02Hi\x81\x02Hi");
  append(text, countdown{constant("Hi"), 0});
  CHECK(text == "before\x81\x02Hi\x81\x02Hi");
}
