// SPDX-License-Identifier: MIT
//
// guide.cpp: the guide's code, as it stands there.
#include "guide.md.hpp"

#include <memory>

#include <doctest/doctest.h>

#include "support/request.hpp"
#include "support/wire.hpp"

using namespace support;

namespace {

/// What the guide's handshake answers, and whether the connection is open.
std::pair<std::string, weft::status> handshake(std::string text) {
  std::array<char, 1024> storage{};
  weft::request_reader reader(storage);
  std::span in(text);
  std::string out;
  const auto status = read_handshake(reader, in, out);
  return {out, status};
}

}  // namespace

TEST_CASE("guide 1: the handshake's decisions") {
  const auto [accepted, status] =
      handshake(request_with({"Origin: https://example.com", "Sec-WebSocket-Protocol: chat"}));
  CHECK(status == weft::status::complete);
  CHECK(accepted.ends_with("\r\nSec-WebSocket-Protocol: chat\r\nSet-Cookie: session=2a; Secure; HttpOnly\r\n\r\n"));
  CHECK(handshake(good_request()).second == weft::status::complete);
  CHECK(handshake("GET /chat").second == weft::status::partial);
  CHECK(handshake(good_request("POST /chat HTTP/1.1")).second == weft::status::invalid);
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

TEST_CASE("guide 9: compression, agreed to and used by both sides") {
  const auto keys = [] {
    return weft::masking_key(std::array{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}});
  };
  const std::array<std::byte, 16> random{};
  const auto asked = compressed_opening("ws://server.example.com/chat", random);
  std::string request_bytes, response_bytes, out;
  weft::append(request_bytes, weft::upgrade(asked));
  std::array<char, 1024> storage{}, reply_storage{};
  weft::request_reader reader(storage);
  std::string_view in = request_bytes;
  const auto agreed = agree(reader.read(in), response_bytes);
  REQUIRE(agreed.has_value());
  weft::response_reader replies(reply_storage, asked);
  in = response_bytes;
  const auto& reply = replies.read(in);
  CHECK(reply.deflate == agreed);
  CHECK(agreed->server_no_context_takeover);

  auto at_server = std::make_unique<deflating>(), at_client = std::make_unique<deflating>();
  greet(reply, *at_client, keys, out);
  CHECK((frames_in(out).at(0).first & 0x40U) == 0x40U);
  weft::deflate_server<weft::zlib> ws(agreed, at_server->engines);
  std::string echoed;
  echo(ws, std::as_writable_bytes(std::span(out)), echoed);
  CHECK((frames_in(echoed).at(0).first & 0x40U) == 0x40U);

  weft::deflate_client<weft::zlib> client(reply.deflate, at_client->engines);
  std::span<const char> back(echoed);
  const auto event = client.next(back);
  REQUIRE(event.has_value());
  CHECK(event->text() == "Hello, and all that is said with it, which is long enough to be compressed.");

  const news headline(std::string(500, 'x'), *at_server);
  weft::server plain;
  std::string compressed_form, plain_form;
  headline.send_to(ws, compressed_form);
  headline.send_to(plain, plain_form);
  CHECK(plain_form == from_server::text(std::string(500, 'x')));
  CHECK(compressed_form.size() < 50);
}

TEST_CASE("guide 6: a line for the log") {
  weft::server ws;
  std::string wire = hex("81 00");
  std::span in(wire);
  CHECK(log_line(*ws.next(in)) == "missing_mask at byte 1: a client's frame is not masked (RFC 6455 5.1)");
}

TEST_CASE("guide 8: the client's handshake and echo, against weft's server") {
  connection c("ws://example.com/chat", {});
  std::array<char, 1024> storage{};
  weft::request_reader reader(storage);
  std::string_view asked = c.out;
  std::string answer;
  weft::append(answer, weft::accept(reader.read(asked)));
  c.out.clear();
  std::span<const char> in(answer);
  CHECK(read_response(c, in).empty());
  REQUIRE(c.ws.has_value());
  weft::key_source keys([](std::span<std::byte> pool) { pool[0] = std::byte{1}; });
  const std::string frames = hex("81 02") + "Hi" + hex("89 00 88 02 03e8");
  read_frames(c, frames, keys);
  CHECK(c.out == hex("81 82 01000000 49 69 8a 80 00000000 88 82 00000000 03e8"));

  connection refused("ws://example.com/chat", {});
  const std::string no = "HTTP/1.1 403 Forbidden\r\n\r\n";
  std::span<const char> more(no);
  CHECK(read_response(refused, more) == "a status other than 101");
}
