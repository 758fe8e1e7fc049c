// SPDX-License-Identifier: MIT
//
// promises.cpp: the promises of the README, each by its number. Most are kept by the whole suite, for every input goes
// through support/cuts.hpp; here is the test that would fail first.
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <type_traits>

#include <doctest/doctest.h>

#include <weft/weft.hpp>

#include "support/constant.hpp"
#include "support/cuts.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::server;

namespace {

/// A bit of everything, ended by a broken rule.
std::string everything() {
  return text("Hel", fin::no) + ping("beat") + continuation("l\xc3\xb6", fin::yes) + binary(std::string(300, '\x01')) +
         pong() + text("", fin::no) + continuation("", fin::yes) + text("bad \xc3(");
}

}  // namespace

TEST_CASE("promise 1: cut as you like") {
  for_every_cut(everything(), [](const std::string& seen, const std::string& answers) {
    CHECK(seen.starts_with("text Hel; ping beat; text l\\xc3\\xb6 fin; binary \\x01"));
    CHECK(seen.ends_with("pong; text fin; text bad \\xc3; violation invalid_utf8 at 365 close 1007"));
    CHECK(
        answers.starts_with("\x8a\x04"
                            "beat\x88"));
  });
}

TEST_CASE("promise 2: everything is consumed") {
  const std::string wire = everything();
  for (std::size_t first = 0; first <= wire.size(); ++first) {
    server ws;
    for (std::string piece : {wire.substr(0, first), wire.substr(first), std::string("after the end")}) {
      std::span in(piece);
      while (ws.next(in)) {
      }
      CHECK(in.empty());
    }
  }
}

TEST_CASE("promise 2 FR-21 A-11: each call takes a byte, tells a violation, or has used up its input") {
  const std::string wire = everything();
  for (std::size_t size = 1; size <= wire.size(); ++size) {
    server ws;
    for (std::size_t at = 0; at < wire.size(); at += size) {
      std::string piece = wire.substr(at, size);
      std::span in(piece);
      for (std::size_t before = in.size();; before = in.size()) {
        const auto event = ws.next(in);
        if (!event) break;
        if (event->kind != weft::kind::violation && in.size() == before) FAIL("pieces of " << size << " at " << at);
      }
      CHECK(in.empty());
    }
  }
}

TEST_CASE("promise 3 SE-05: no byte outside the given spans is written, and none of a frame's header") {
  const std::string wire = everything();
  const std::string fence(64, '\x5a');
  for (std::size_t offset = 0; offset < 64; ++offset) {
    std::string memory = fence.substr(0, offset) + wire + fence;
    server ws;
    std::span in(memory.data() + offset, wire.size());
    while (ws.next(in)) {
    }
    CHECK(memory.substr(0, offset) == fence.substr(0, offset));
    CHECK(memory.substr(offset + wire.size()) == fence);
    CHECK(memory.substr(offset, 6) == wire.substr(0, 6));
  }
}

// A span of const bytes is no input for a server, which would have to write to it.
template <class Byte>
concept readable_by_server = requires(server ws, std::span<Byte> in) {
  ws.next(in);
};
static_assert(readable_by_server<std::byte> && readable_by_server<char> && readable_by_server<unsigned char>);
static_assert(!readable_by_server<const std::byte> && !readable_by_server<const char> && !readable_by_server<int>);

TEST_CASE("promise 3: what is sent is not written to, nor copied before copy_to()") {
  guarded memory(4096);
  memory.place(std::string(100, 'x'), flush::back);
  memory.make_read_only();
  const auto payload = memory.span(100, flush::back);
  server ws;
  CHECK(ws.binary(payload).payload().data() == payload.data());
  CHECK(ws.text(payload).payload().data() == payload.data());
  std::string bytes(102, '\0');
  CHECK(ws.binary(payload).copy_to(bytes).size() == 102);
}

TEST_CASE("promise 4: nothing is allocated from the head to the last Close") {
  std::array<char, 1024> storage{};
  std::array<char, 256> response{};
  std::string head =
      "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
      "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  std::string wire = everything();
  const auto state = without_allocation([&] {
    weft::request_reader reader(storage);
    std::span in(head);
    (void)weft::accept(reader.read(in)).copy_to(response);
    server ws;
    std::span frames(wire);
    while (const auto event = ws.next(frames)) (void)ws.answer(*event).copy_to(response);
    return ws.state();
  });
  CHECK(state == weft::state::closed);
}

static_assert(noexcept(std::declval<server&>().next(std::declval<std::span<char>&>())));
static_assert(noexcept(std::declval<server&>().text("x")) && noexcept(std::declval<server&>().answer(weft::event{})));
static_assert(noexcept(std::declval<weft::request_reader&>().read(std::declval<std::span<char>&>())));
static_assert(noexcept(weft::accept(std::declval<const weft::request&>())));

TEST_CASE("promise 5: after a violation silence, whatever follows") {
  server ws;
  std::string bad = hex("ff");
  std::span in(bad);
  CHECK(ws.next(in)->kind == weft::kind::violation);
  std::mt19937 random(1);
  for (int i = 0; i < 1000; ++i) {
    std::string noise(random() % 50, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    std::span more(noise);
    CHECK(!ws.next(more).has_value());
    CHECK(more.empty());
    if (i == 500) (void)ws.answer({.kind = weft::kind::violation, .code = weft::close_code::protocol_error});
  }
  CHECK(!ws.end().has_value());
}

TEST_CASE("promise 6: limits are on when none is given") {
  server ws;
  std::string wire = hex("82") + length_field(1048577);
  std::span in(wire);
  CHECK(ws.next(in)->violation.rule == weft::rule::message_too_long);
}

static_assert(sizeof(server) == 160 && alignof(server) <= 8);
static_assert(std::is_trivially_copyable_v<server> && std::is_trivially_destructible_v<server>);

TEST_CASE("promise 7: a connection handed on as bytes goes on where it was, between any two bytes") {
  const std::string wire = everything();
  recorder whole;
  whole.take(shared_guarded().place(wire, flush::back));
  const std::string expected = whole.transcript();

  server ws;
  support::transcript seen;
  for (const char c : wire) {
    alignas(server) std::byte packed[sizeof(server)];
    std::memcpy(packed, &ws, sizeof packed);
    server other;
    (void)other.close();
    std::memcpy(static_cast<void*>(&other), packed, sizeof packed);
    ws = other;
    std::string byte(1, c);
    std::span in(byte);
    while (const auto event = ws.next(in)) {
      if (event->kind == weft::kind::text || event->kind == weft::kind::binary) {
        seen.data(name_of(event->kind), event->text(), event->fin == fin::yes);
      } else if (event->kind == weft::kind::violation) {
        seen.entry("violation " + std::string(weft::name(event->violation.rule)) + " at " +
                   std::to_string(event->violation.offset) + " close 1007");
      } else {
        seen.entry(name_of(event->kind) + (event->payload.empty() ? "" : " " + shown(event->text())));
      }
    }
  }
  CHECK(seen.text() == expected);
}

// Promise 8: the compiler can run it. A whole connection, from the request of RFC 6455 section 1.3 to the last Close.
static_assert([] {
  std::array<char, 512> storage{};
  weft::request_reader reader(storage);
  std::string_view in =
      "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n"
      "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n";
  const auto& request = reader.read(in);
  std::array<char, 256> response{};
  if (weft::accept(request, {.protocol = "chat"}).copy_to(response).empty()) return false;

  auto wire = constant("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x88\x80\x00\x00\x00\x00");
  std::span<std::byte> frames(wire);
  server ws;
  const auto hello = ws.next(frames);
  const auto echo = ws.text(hello->payload, hello->fin);
  std::array<std::byte, 7> sent{};
  (void)echo.copy_to(sent);
  const auto goodbye = ws.next(frames);
  return equal(sent, constant("\x81\x05Hello")) && equal(ws.answer(*goodbye).header(), constant("\x88\x00")) &&
         ws.state() == weft::state::closed;
}());

TEST_CASE("the figures of this run") {
  std::printf("sizeof(weft::server) %zu, sizeof(weft::event) %zu, sizeof(weft::request_reader) %zu bytes\n",
              sizeof(server), sizeof(weft::event), sizeof(weft::request_reader));
}
