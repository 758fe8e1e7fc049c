// SPDX-License-Identifier: MIT
#include <weft/connection/outgoing.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <weft/connection/client.hpp>
#include <weft/connection/server.hpp>

#include "support/allocation.hpp"
#include "support/constant.hpp"
#include "support/guarded.hpp"

using namespace support;
using outgoing = weft::outgoing<weft::role::server>;
using weft::server;

namespace {

const auto hello = constant("Hello");
const outgoing frame = server().text(hello);

}  // namespace

TEST_CASE("header and payload for writev(), the payload where it was") {
  CHECK(equal(frame.header(), constant("\x81\x05")));
  CHECK(frame.payload().data() == hello.data());
  CHECK(frame.size() == 7);
  CHECK(!frame.empty());
  CHECK(frame.refusal() == weft::refusal::none);
}

TEST_CASE("contiguous: into any kind of bytes, and not a byte more") {
  for (const flush side : {flush::back, flush::front}) {
    const auto room = shared_guarded().span(7, side);
    const auto written = without_allocation([&] { return frame.copy_to(room); });
    CHECK(equal(written, constant("\x81\x05Hello")));
  }
  std::string text(9, '.');
  CHECK(frame.copy_to(text).size() == 7);
  CHECK(text == "\x81\x05Hello..");
  std::vector<unsigned char> bytes(7);
  CHECK(frame.copy_to(bytes).size() == 7);
  char array[7];
  CHECK(frame.copy_to(array).size() == 7);
}

TEST_CASE("where there is too little room nothing is written") {
  std::string text(6, '.');
  CHECK(frame.copy_to(text).empty());
  CHECK(text == "......");
}

TEST_CASE("in place: the header before a payload that has headroom") {
  std::string buffer = "..........Hello";
  const std::span headroom(buffer.data(), 10);
  const auto header = frame.copy_header_before(headroom);
  CHECK(header.data() == buffer.data() + 8);
  CHECK(std::string(header.data(), frame.size()) == "\x81\x05Hello");
  CHECK(buffer.substr(0, 8) == "........");
  CHECK(frame.copy_header_before(headroom.first(1)).empty());
}

TEST_CASE("the code of a Close needs no other memory") {
  const auto reason = constant("bye");
  const auto close = server().close(weft::close_code::normal, reason);
  std::string text(close.size(), '\0');
  CHECK(close.copy_to(text).size() == 7);
  CHECK(text ==
        "\x88\x05\x03\xe8"
        "bye");
}

TEST_CASE("no frame: empty, with the reason") {
  const outgoing none(weft::refusal::closed);
  CHECK(none.empty());
  CHECK(none.size() == 0);
  CHECK(none.header().empty());
  CHECK(none.payload().empty());
  CHECK(none.refusal() == weft::refusal::closed);
  std::string text;
  CHECK(none.copy_to(text).empty());
  CHECK(outgoing().refusal() == weft::refusal::none);
}

static_assert([] {
  const auto payload = constant("Hello");
  std::array<std::byte, 7> bytes{};
  (void)server().ping(payload).copy_to(bytes);
  return equal(bytes, constant("\x89\x05Hello"));
}());

TEST_CASE("5.3 5.7: of a client the payload leaves masked, behind its header or by itself") {
  const auto masked = weft::client().text(weft::masking_key(constant("\x37\xfa\x21\x3d")), hello);
  std::string text(11, '.');
  CHECK(masked.copy_to(text).size() == 11);
  CHECK(text == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  std::string payload(6, '.');
  CHECK(masked.copy_payload_to(payload).size() == 5);
  CHECK(payload == "\x7f\x9f\x4d\x51\x58.");
  std::string short_by_one(4, '.');
  CHECK(masked.copy_payload_to(short_by_one).empty());
  CHECK(short_by_one == "....");
}
