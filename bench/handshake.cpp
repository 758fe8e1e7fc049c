// SPDX-License-Identifier: MIT
//
// handshake/REQUEST/WHO: from a request's bytes, received, to those of the reply; `browser` is what Chrome sends, in
// 531 bytes, `minimal` has no more than it must. picohttpparser-parse parses it, and knows of no reply. accept-key/WHO:
// from a Sec-WebSocket-Key to its Sec-WebSocket-Accept.
#include "question.hpp"

namespace bench {
namespace {

constexpr std::string_view browser =
    "GET /chat?room=weaving HTTP/1.1\r\n"
    "Host: chat.example.com\r\n"
    "Connection: Upgrade\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36\r\n"
    "Upgrade: websocket\r\n"
    "Origin: https://chat.example.com\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-US,en;q=0.9\r\n"
    "Cookie: session=2a7c\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";
static_assert(browser.size() == 531);

constexpr std::string_view minimal =
    "GET / HTTP/1.1\r\n"
    "Host: localhost\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

// The RFC's own example.
constexpr std::string_view sample_key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

void handshake(benchmark::State& state, std::string_view request, const peer& who) {
  std::array<char, 1024> room;
  const std::size_t size = who.handshake(request, room);
  const std::string_view reply(room.data(), size);
  const bool replied = reply.starts_with("HTTP/1.1 101 ") && reply.ends_with("\r\n\r\n") &&
                       reply.find(sample_accept) != std::string_view::npos;
  const bool right = who.name.ends_with("-parse") ? size == request.size() : replied;
  if (!right) return fail(state, "another reply");
  time(state, {1, 0}, [&] { benchmark::DoNotOptimize(who.handshake(request, room)); });
}

void accept_key(benchmark::State& state, const peer& who) {
  const auto accept = who.accept_key(sample_key);
  if (std::string_view(accept.data(), accept.size()) != sample_accept) return fail(state, "another key");
  time(state, {1, 0}, [&] { benchmark::DoNotOptimize(who.accept_key(sample_key)); });
}

}  // namespace

void ask() {
  put("handshake/browser", &peer::handshake, [](auto& state, const peer& who) { handshake(state, browser, who); });
  put("handshake/minimal", &peer::handshake, [](auto& state, const peer& who) { handshake(state, minimal, who); });
  put("accept-key", &peer::accept_key, accept_key);
}

}  // namespace bench
