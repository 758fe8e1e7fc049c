// SPDX-License-Identifier: MIT
//
// guide.cpp: the guide's code, as it stands there.
#include "guide.md.hpp"

#include <doctest/doctest.h>

#include "support/request.hpp"
#include "support/wire.hpp"

using namespace support;

namespace {

/// What the guide's handshake answers, and whether the connection is open.
std::pair<std::string, bool> handshake(std::string text) {
  std::array<char, 1024> storage{};
  weft::request_reader reader(storage);
  std::span in(text);
  std::string out;
  const bool open = read_handshake(reader, in, out);
  return {out, open};
}

}  // namespace

TEST_CASE("guide 1: the handshake's decisions") {
  const auto [accepted, open] =
      handshake(request_with({"Origin: https://example.com", "Sec-WebSocket-Protocol: chat"}));
  CHECK(open);
  CHECK(accepted.ends_with("\r\nSec-WebSocket-Protocol: chat\r\nSet-Cookie: session=2a; Secure; HttpOnly\r\n\r\n"));
  CHECK(handshake(good_request()).second);
  CHECK(handshake("GET /chat").first.empty());
  CHECK(handshake(request_with({"Origin: https://evil.example"})).first.starts_with("HTTP/1.1 403 "));
  CHECK(handshake(good_request("GET /other HTTP/1.1")).first.starts_with("HTTP/1.1 404 "));
  CHECK(handshake(good_request("POST /chat HTTP/1.1")).first.starts_with("HTTP/1.1 405 "));
}

TEST_CASE("guide 2: whole messages") {
  chat room;
  std::string wire = text("Hel", fin::no) + ping() + continuation("lo", fin::yes) + close_frame();
  std::string out;
  room.read(wire, out);
  CHECK(out == hex("8a 00 81 0f") + "you said: Hello" + hex("88 00"));
}

TEST_CASE("guide 4: the code at the end") {
  weft::server ws;
  CHECK(code_at_end(ws, weft::close_code::no_status) == weft::close_code::abnormal);
  weft::server closed;
  std::string wire = close_frame(1001);
  std::span in(wire);
  (void)closed.answer(*closed.next(in));
  CHECK(code_at_end(closed, weft::close_code::going_away) == weft::close_code::going_away);
}

TEST_CASE("guide 6: a line for the log") {
  weft::server ws;
  std::string wire = hex("81 00");
  std::span in(wire);
  CHECK(log_line(*ws.next(in)) == "missing_mask at byte 1: a client's frame is not masked (RFC 6455 5.1)");
}
