// SPDX-License-Identifier: MIT
//
// prepared.cpp: messages that are made once and sent to many, without compression. deflate/deflate.cpp has the other
// half.
#include <weft/connection/prepared.hpp>

#include <string>

#include <doctest/doctest.h>

#include "support/wire.hpp"

#include <weft/connection/server.hpp>

using weft::opcode;
using weft::refusal;
using message = weft::prepared_message<std::string>;

namespace {

std::string bytes_of(const auto& frame) {
  std::string bytes(frame.size(), '\0');
  (void)frame.copy_to(bytes);
  return bytes;
}

}  // namespace

TEST_CASE("a prepared message is the frame that the server would have made") {
  const auto hello = message::text("Hello");
  const auto data = message::binary(std::string(70000, 'x'));
  weft::server first, second;
  for (weft::server* ws : {&first, &second, &first}) {
    CHECK(bytes_of(ws->send(hello)) == support::from_server::text("Hello"));
    CHECK(bytes_of(ws->send(data)) == support::from_server::binary(std::string(70000, 'x')));
  }
  CHECK(hello.type() == opcode::text);
  CHECK_FALSE(hello.deflated(15).has_value());
}

TEST_CASE("8.1 a prepared text is UTF-8, or is not sent") {
  const auto bad = message::text("\xff");
  CHECK(bad.refusal() == refusal::invalid_utf8);
  CHECK(message::text("\xc3").refusal() == refusal::invalid_utf8);
  CHECK(message::binary("\xff").refusal() == refusal::none);
  weft::server ws;
  CHECK(ws.send(bad).empty());
  CHECK(ws.send(bad).refusal() == refusal::invalid_utf8);
}

TEST_CASE("5.4 5.5.1 a prepared message is sent between messages, and not after a Close") {
  const auto hello = message::text("Hello");
  weft::server ws;
  (void)ws.text("begun", weft::fin::no);
  CHECK(ws.send(hello).refusal() == refusal::other_message_unfinished);
  (void)ws.text("", weft::fin::yes);
  CHECK(ws.send(hello).refusal() == refusal::none);
  (void)ws.close();
  CHECK(ws.send(hello).refusal() == refusal::closed);
}

TEST_CASE("a compressed form goes to who has its window or a larger one") {
  auto hello = message::text("Hello");
  hello.set_deflated(10, "ten");
  hello.set_deflated(12, "twelve");
  const auto form = [&](unsigned bits) {
    const auto found = hello.deflated(static_cast<std::uint8_t>(bits));
    return found ? std::string(reinterpret_cast<const char*>(found->span().data()), found->size()) : "none";
  };
  for (const unsigned bits : {0U, 7U, 8U, 9U}) CHECK(form(bits) == "none");
  for (const unsigned bits : {16U, 255U}) {
    hello.set_deflated(static_cast<std::uint8_t>(bits), "no window");
    CHECK(form(bits) == "twelve");
  }
  hello.set_deflated(7, "no window");
  for (const unsigned bits : {10U, 11U}) CHECK(form(bits) == "ten");
  for (const unsigned bits : {12U, 13U, 14U, 15U}) CHECK(form(bits) == "twelve");
}

TEST_CASE("a compressed form may be of the smallest window, and of the largest") {
  auto hello = message::text("Hello");
  hello.set_deflated(8, "eight");
  CHECK(hello.deflated(8).has_value());
  CHECK_FALSE(hello.deflated(7).has_value());
  CHECK(hello.deflated(15)->size() == 5);
  hello.set_deflated(15, "fifteen");
  CHECK(hello.deflated(14)->size() == 5);
  CHECK(hello.deflated(15)->size() == 7);
  CHECK(hello.deflated(255)->size() == 7);
}
