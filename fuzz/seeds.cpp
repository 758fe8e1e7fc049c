// SPDX-License-Identifier: MIT
//
// seeds.cpp DIRECTORY: writes what fuzzing begins with, the same each time: examples of the RFCs, what clients and
// servers were recorded to write, and what tests/vulnerabilities.hpp knows. fuzz/corpus is what it wrote; a test holds
// that.
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/wire.hpp"
#include "vulnerabilities.hpp"

namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;
using namespace support;

fs::path root;

/// A seed: what it is about, then the figures in the order in which the body takes them off the back.
void seed(std::string_view target, std::string_view name, std::string bytes, const std::string& figures = {}) {
  bytes.append(figures.rbegin(), figures.rend());
  const fs::path directory = root / target;
  fs::create_directories(directory);
  // Of frames also those that others read, and an endpoint that compresses: their first figure is the role.
  if (target == "server_frames" || target == "client_frames") {
    const std::string role(target.substr(0, 6));
    const std::string wire = bytes.substr(0, bytes.size() - figures.size());
    const char side = role == "server" ? '\0' : '\1';
    seed("differential", role + "-" + std::string(name), wire, side + figures.substr(1));
    seed("compressed_frames", role + "-" + std::string(name), wire,
         side + figures.substr(0, 1) + std::string("\3\1", 2) + figures.substr(1));
  }
  if (fs::exists(directory / name)) throw std::runtime_error("two seeds of one name: " + std::string(name));
  std::ofstream file(directory / name, std::ios::binary);
  file << bytes;
  if (!file.flush()) throw std::runtime_error("cannot write " + (directory / name).string());
}

std::string figures(std::initializer_list<unsigned> numbers) {
  std::string all;
  for (const unsigned number : numbers) all += static_cast<char>(number);
  return all;
}

// Frames

void frames() {
  const auto whole = figures({0, 0});               // default limits, not cut
  const auto in_pieces = figures({0, 3, 1, 2, 5});  // pieces of 1, 2, 5, 5, ...
  const auto limited = figures({1, 0});
  seed("server_frames", "rfc6455-5.7-text", text("Hello"), whole);
  seed("server_frames", "rfc6455-5.7-ping", ping("Hello"), whole);
  seed("server_frames", "rfc6455-5.7-fragments-and-ping", text("Hel", fin::no) + ping() + continuation("lo", fin::yes),
       in_pieces);
  seed("server_frames", "utf8-over-fragments", text("\xe2\x82", fin::no) + continuation("\xac", fin::yes), in_pieces);
  seed("server_frames", "length-126", binary(std::string(126, '.')), limited);
  seed("server_frames", "unmasked", hex("81 05") + "Hello" + text("masked") + hex("01 01 61 89 00 80 00"),
       figures({8, 0}));
  seed("server_frames", "longer-lengths", hex("82 fe 0002 00000000") + "ab" + hex("82 7f 0000000000000001") + "c",
       figures({9, 0}));
  // What others take for whole, and for short.
  seed("server_frames", "unfinished-text-over-fragments", text("\xc3", fin::no) + continuation("", fin::yes), whole);
  seed("server_frames", "huge-behind-a-fragment", text("a", fin::no) + hex("80 ff ffffffffffffffff 00000000 ff"),
       whole);
  seed("server_frames", "huge-behind-a-fragment-cut", text("a", fin::no) + hex("80 ff ffffffffffffffff 00000000"),
       whole);
  seed("server_frames", "close-1000", text("") + close_frame(1000, "bye") + text("late"), whole);
  seed("server_frames", "close-empty", close_frame(), in_pieces);
  // Recorded, see below, the longer ones compressed as weft agreed with them to do.
  // clang-format off
  seed("server_frames", "chromium", hex("c18748a46036baecadff81a360c19d377935673db11a4d7ed4672f792c1dac7b5498371fb6fd4bf9d7616f2f95f76737c28609eb88f56b8fea0b06ebc1916cdd29399e9304103df5e4723dd567f744e015266c8885954fa7499ef6c530f0"), in_pieces);
  seed("server_frames", "python-websockets", hex("c18757b4942da5fc59e49eb394c19de4bc03ebee742cc1ad1151a3aae92b20a891aebbcc73cbc72a1257e3fc50c1ebe4418bc111b83b335f95129011b83bc1ee470085b57d05e2b57d051d4a008a3d3b24c017f66f913d3b24c0c2c4008cada6e430a7e82a18909afb30ada61bcf80819a5c40a99ac2fe008414aab4f076cad09272cbd193f34a5012f24b511303baa0e202bba1e3833a2062823b216343fae0a242fbe1a3c37a6022c27b6123239a80c2229b81c3a31a0042a21b014363dac08262dbc183e35a4002e25b41031ba2b8fa1aa3b9fb9b22387a9a23397b5be2f8ba5ae3f9bbdb62783ada63793b3b8298da3a8399dbbb02185aba03195b7bc2b0f089846ff95ae80d9c3b9c88858953d38c82eab1f5ec"), in_pieces);
  seed("server_frames", "node-ws", hex("818579bfa13731dacd5b1681fe00b8f711cde6a77ebf92926bed859231bb8f9264b5c68079a4959c68edb69863b9838d31ae83d767a4838269ed919f78be8d8e319d898565a89cd772a8c68178a8938f31ba8e9e62a69fd741a2948374b7c69474ed909e74b89ed766a58f847ab4c6a77ebf92926bed859231bb8f9264b5c68079a4959c68edb69863b9838d31ae83d767a4838269ed919f78be8d8e319d898565a89cd772a8c68178a8938f31ba8e9e62a69fd741a2948374b7c69474ed909e74b89ed766a58f847ab4c682840ff378770ef17b880185edcb47b4a6ae33c0cd8984527a3766301f5612808aec6fbebe9901da9ebf0cd6cb9f1c8885bb14de7cb0adbc05de"), in_pieces);
  seed("client_frames", "node-ws", hex("c107f248cdc9c90700c11c0ac82f2a49ad52484e5528cb4c2dad5028cfc82cceae5418f4c20000c111f24e2d295128cd4b51084ece283d3c1f00c27e00846260646266616563e7e0e4e2e6e1e5e3171014121611151397909492969195935750545256515553d7d0d4d2d6d1d5d33730343236313533b7b0b4b2b6b1b5b37770747276717573f7f0f4f2f6f1f5f30f080c0a0e090d0b8f888c8a8e898d8b4f484c4a4e494d4bcfc8cccacec9cdcb2f282c2a2e292d2bafa8acaaaea9adab6f6804008a046265617488050bb9627965"), in_pieces);
  seed("client_frames", "libwebsockets", hex("810548656c6c6f817e00b8506f7274657a20636520766965757820776869736b7920506f7274657a20636520766965757820776869736b7920506f7274657a20636520766965757820776869736b7920506f7274657a20636520766965757820776869736b7920506f7274657a20636520766965757820776869736b7920506f7274657a20636520766965757820776869736b7920506f7274657a20636520766965757820776869736b7920506f7274657a20636520766965757820776869736b7920810f4b65747420756e642053636875c39f827e0082000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80818a046265617488050bb9627965"), in_pieces);
  // clang-format on
  seed("client_frames", "rfc6455-5.7-text", from_server::text("Hello"), whole);
  seed("client_frames", "rfc6455-5.7-pong", from_server::pong("Hello"), whole);
  seed("client_frames", "rfc6455-5.7-fragments-and-ping",
       from_server::text("Hel", fin::no) + from_server::ping() + from_server::continuation("lo", fin::yes), in_pieces);
  seed("client_frames", "length-126", from_server::binary(std::string(126, '.')), limited);
  seed("client_frames", "length-127", hex("82 7f 0000000000010000") + std::string(300, '.'), whole);
  seed("client_frames", "close-1001", from_server::close_frame(1001, "so long") + from_server::ping(), in_pieces);

  // One of each row, as far as it is small.
  std::map<std::string, int> rows;
  for (const auto& entry : vulnerabilities) {
    const bool server = entry.target == target::server;
    const bool head = entry.target == target::request_reader;
    if (!server && !head && entry.target != target::client) continue;
    const std::string input = whole_input(entry);
    const std::string where = server ? "server_frames" : head ? "request_head" : "client_frames";
    if (input.empty() || input.size() > 600 || ++rows[where + std::string(entry.row)] > 1) continue;
    seed(where, entry.row, input, head ? figures({0, 0, 0, 0}) : whole);
  }
  for (const auto& entry : response_heads) {
    const std::string input = whole_input(entry);
    if (input.size() > 600 || ++rows["response" + std::string(entry.row)] > 1) continue;
    seed("response_head", entry.row, input, figures({0, 0, 0, 1, 0}));
  }
}

// Heads, as they are written today

// clang-format off

void request(std::string_view name, std::initializer_list<std::string_view> lines) {
  std::string head;
  for (const auto line : lines) head.append(line).append("\r\n");
  seed("request_head", name, head + "\r\n", figures({0, 0, 0, 0}));
}

void heads() {
  request("rfc6455-1.2", {"GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: http://example.com", "Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Version: 13"});
  // Recorded in November 2026: Chromium 156, websockets 10.4 of Python, ws 8.23 of Node, Beast 345, WebSocket++ 0.8.2 and
  // libwebsockets 4.1.6, all of which say the same things below; of responses the accept is another.
  request("chromium", {"GET /socket?room=1 HTTP/1.1", "Host: 127.0.0.1:42103", "Connection: Upgrade", "Pragma: no-cache", "Cache-Control: no-cache", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36", "Upgrade: websocket", "Origin: http://127.0.0.1:38393", "Sec-WebSocket-Version: 13", "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-US,en;q=0.9", "Sec-WebSocket-Key: UlAPn2+9+ceG5ddB5P+M9Q==", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"});
  request("python-websockets", {"GET /chat?room=1 HTTP/1.1", "Host: 127.0.0.1:44601", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: 7ZIW7DESGFOCEdn1nUH5CQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "Sec-WebSocket-Protocol: chat, superchat", "User-Agent: Python/3.11 websockets/10.4"});
  request("node-ws", {"GET /?a=b HTTP/1.1", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: hVEiJx9kZadSr46Rs6LLSA==", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "Host: 127.0.0.1:35571"});
  request("beast", {"GET / HTTP/1.1", "Host: 127.0.0.1:36113", "Upgrade: websocket", "Connection: upgrade", "Sec-WebSocket-Key: FvuO8lyBLIdTEoCSkYSbbw==", "Sec-WebSocket-Version: 13"});
  request("websocketpp", {"GET / HTTP/1.1", "Connection: Upgrade", "Host: 127.0.0.1:33055", "Sec-WebSocket-Key: +QFmELpO/k7/Jdg+LXoXLA==", "Sec-WebSocket-Version: 13", "Upgrade: websocket", "User-Agent: WebSocket++/0.8.2"});
  request("libwebsockets", {"GET / HTTP/1.1", "Pragma: no-cache", "Cache-Control: no-cache", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: mcRU8LfxqBOZHO5CtO9qxQ==", "Sec-WebSocket-Version: 13"});
  // In the shape of others.
  request("firefox", {"GET / HTTP/1.1", "Host: example.com", "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Accept: */*", "Accept-Language: en-US,en;q=0.5", "Accept-Encoding: gzip, deflate, br, zstd", "Sec-WebSocket-Version: 13", "Origin: https://example.com", "Sec-WebSocket-Protocol: graphql-transport-ws", "Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Connection: keep-alive, Upgrade", "Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: websocket", "Sec-Fetch-Site: same-origin", "Pragma: no-cache", "Cache-Control: no-cache", "Upgrade: websocket"});
  request("safari", {"GET /live HTTP/1.1", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Extensions: permessage-deflate", "Host: www.example.com", "Origin: https://www.example.com", "Pragma: no-cache", "Cache-Control: no-cache", "User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15", "Accept-Language: en-GB"});
  request("curl", {"GET /ws HTTP/1.1", "Host: localhost", "User-Agent: curl/8.10.1", "Accept: */*", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: 9Jc3QyGNg9fvJ3WlTKm0cQ==", "Connection: Upgrade"});
  request("go", {"GET /echo HTTP/1.1", "Host: 127.0.0.1:8080", "User-Agent: Go-http-client/1.1", "Connection: Upgrade", "Sec-WebSocket-Key: ZHVtbXkga2V5IDEyMzQ1Ng==", "Sec-WebSocket-Version: 13", "Upgrade: websocket"});
  request("dotnet", {"GET /ws HTTP/1.1", "Host: localhost:5000", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: Q0RFRkdISUpLTE1OT1BRUg==", "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_max_window_bits=12"});
  request("absolute-target", {"GET ws://user.example.com:80/a%20b?c HTTP/1.1", "Host: other", "Upgrade: h2c, WebSocket", "Connection: keep-alive , UPGRADE", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"});
  request("expects-100", {"GET / HTTP/1.1", "Host: a", "Upgrade: websocket", "Connection: Upgrade", "Expect: 100-continue", "Content-Length: 0", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"});
  request("page", {"HEAD /index.html HTTP/1.0", "Host: a"});
  request("extension-quoted", {"GET / HTTP/1.1", "Host: a", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Extensions: foo; bar=\"b\\az\" , ,permessage-deflate; server_max_window_bits=\"10\""});

  const auto asks_all = figures({0, 0, 3, 1, 0});
  const std::string good = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
  const std::string switched = "HTTP/1.1 101 Switching Protocols\r\n" + good;
  seed("response_head", "rfc6455-1.2", switched + "Sec-WebSocket-Protocol: chat\r\n\r\n", asks_all);
  seed("response_head", "deflate", switched + "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10\r\n\r\n", asks_all);
  seed("response_head", "deflate-client-window", switched + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=8; server_max_window_bits=9, x-second\r\n\r\n", asks_all);
  seed("response_head", "interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + switched + "\r\n" + from_server::text("Hi"), asks_all);
  seed("response_head", "folded", "HTTP/1.1 101 \r\nUpgrade:\r\n websocket\r\nConnection: keep-alive,\r\n\tUpgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", figures({0, 0, 0, 0, 1, 7}));
  seed("response_head", "redirect", "HTTP/1.1 302 Found\r\nLocation: wss://example.com/\r\nContent-Length: 0\r\n\r\n", asks_all);
  seed("response_head", "unauthorized", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 2\r\n\r\nno", asks_all);
  seed("response_head", "http-1.0", "HTTP/1.0 101 Switching Protocols\r\n" + good + "\r\n", asks_all);

  seed("response_head", "python-websockets", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=12; client_max_window_bits=12\r\nSec-WebSocket-Protocol: chat\r\nDate: Mon, 23 Nov 2026 08:06:43 GMT\r\nServer: Python/3.11 websockets/10.4\r\n\r\n", asks_all);
  seed("response_head", "node-ws", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", asks_all);
  seed("response_head", "beast", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nServer: Boost.Beast/345\r\n\r\n", asks_all);
  seed("response_head", "websocketpp", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nServer: WebSocket++/0.8.2\r\nUpgrade: websocket\r\n\r\n", asks_all);
  seed("response_head", "libwebsockets", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", asks_all);

  seed("fields", "list", "keep-alive , Upgrade,,\t\"a,b\", c|upgrade", figures({0}));
  seed("fields", "parameters", "permessage-deflate; client_max_window_bits; server_max_window_bits=\"1\\0\" , x;y = z|x", figures({1}));
  seed("fields", "cookies", "session=2a; theme=\"dark\";;a=b=c; a|a", figures({0}));
  seed("fields", "lines", "Host: a\nA : b\n c\nA:\nA: b, c\na:\t d \t\n: e", figures({1}));
  seed("fields", "case", "Sec-WebSocket-Extensions|sEC-wEBsOCKET-eXTENSIONS", figures({0}));

  const auto plain = figures({0, 0, 0, 0, 0, 0, 1});
  seed("extensions", "rfc7692-7.1.2.1", "permessage-deflate; server_max_window_bits=10", plain);
  seed("extensions", "rfc7692-7.1.2.2", "permessage-deflate; client_max_window_bits", figures({3, 5, 9, 0, 0, 9, 1}));
  seed("extensions", "rfc7692-7.1.3-fallback", "permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate; client_max_window_bits", figures({1, 6, 6, 3, 6, 6, 1}));
  seed("extensions", "rfc7692-7.1.3-unknown", "permessage-deflate; server_max_window_bits=8; foo\npermessage-deflate; server_no_context_takeover; client_no_context_takeover", plain);
  seed("extensions", "quoted", "Permessage-Deflate ; Server_Max_Window_Bits = \"\\1\\5\"", plain);
  seed("extensions", "bad-values", "permessage-deflate; server_max_window_bits=08, permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=16, permessage-deflate; client_no_context_takeover=1, permessage-deflate; client_max_window_bits=18446744073709551624", plain);

  for (const auto& [name, text] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"plain", "ws://server.example.com/chat"}, {"port", "wss://example.com:8443/a/b?c=d&e"}, {"address", "ws://[2001:db8::7]:80/"},
           {"escaped", "WSS://a%2Db/%7Euser?q=%23"}, {"userinfo", "ws://name:word@example.com/"}, {"fragment", "ws://example.com/#a"},
           {"target", "http://example.com?x"}, {"host", "example.com:65536"}, {"bare-query", "ws://h?x"}})
    seed("uri", name, std::string(text));
}

// Payloads

void payloads() {
  const auto no_key = figures({0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  const auto key = figures({0x37, 0xfa, 0x21, 0x3d, 1, 3, 4, 1, 1, 3, 1, 4, 7});
  for (const auto& [name, text] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"ascii", "Sphinx of black quartz, judge my vow. Sphinx of black quartz, judge my vow"},
           {"two", "Portez ce vieux whisky \xc3\xa0 l'\xc3\xa9t\xc3\xa9 o\xc3\xb9 \xc3\xa7\xc3\xa0"},
           {"three", "\xe5\xa4\xa9\xe5\x9c\xb0\xe7\x8e\x84\xe9\xbb\x84 \xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"},
           {"four", "\xf0\x9f\x98\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
           {"overlong", "a\xc0\x80"}, {"surrogate", "abc\xed\xa0\x80"}, {"too-large", "\xf4\x90\x80\x80"}, {"cut", "abcdef\xf0\x9f\x98"}}) {
    seed("utf8", name, std::string(text), no_key);
    seed("utf8", std::string(name) + "-masked", std::string(text), key);
  }
  seed("mask", "short", "Hello", figures({0x37, 0xfa, 0x21, 0x3d, 0, 0, 0, 0}));
  seed("mask", "vectors", std::string(200, 'a'), figures({1, 2, 3, 4, 1, 5, 4, 2, 3, 60}));
  seed("mask", "large", std::string(300, 'b'), figures({1, 2, 3, 4, 0, 33, 6, 3, 65, 64, 129}));

  seed("close_payload", "empty", "");
  seed("close_payload", "one-byte", "\x03");
  for (const unsigned code : {999U, 1000U, 1004U, 1005U, 1010U, 1014U, 1015U, 2999U, 3000U, 4999U, 5000U})
    seed("close_payload", std::to_string(code), network(code, 2) + "reason");
  seed("close_payload", "bad-reason", network(1000, 2) + "\xce\xba\xed\xa0\x80");
  seed("close_payload", "long-reason", network(1000, 2) + std::string(124, 'r'));

  // role, what, last, key, bytes at the front, whether they are stretched, and to which size; for each frame
  seed("round_trip", "hello", "Hello", figures({1, 1, 2, 1, 1, 2, 3, 3, 0, 0}));
  seed("round_trip", "fragments", "Hello world", figures({0, 3, 2, 0, 1, 2, 3, 2, 0, 0, 1, 1, 1, 2, 1, 0, 2, 1, 1, 2, 3, 3, 0, 2, 1, 3}));
  seed("round_trip", "sizes", "abcdefgh", figures({1, 3, 3, 1, 1, 2, 3, 1, 1, 9, 3, 1, 1, 2, 3, 1, 1, 14, 2, 1, 1, 2, 3, 1, 1, 15, 0}));

  // RFC 7692 7.2.3; then role, flags, window, limits, span, size of frames, messages, their sizes, cuts
  const auto one = figures({0, 0, 0, 0, 0, 7, 0, 0, 0});
  const auto two = figures({0, 0, 0, 0, 0, 3, 0, 1, 7, 2, 1, 3});
  seed("inflate", "rfc7692-7.2.3.1", hex("f248cdc9c90700"), one);
  seed("inflate", "rfc7692-7.2.3.1-fragments", hex("f248cdc9c90700"), figures({1, 3, 0, 0, 0, 2, 4, 0, 1, 1}));
  seed("inflate", "rfc7692-7.2.3.2-takeover", hex("f248cdc9c90700 f200110000"), two);
  seed("inflate", "rfc7692-7.2.3.2-no-takeover", hex("f248cdc9c90700 f200110000"), figures({0, 4, 0, 0, 0, 3, 0, 1, 7, 0}));
  seed("inflate", "rfc7692-7.2.3.3-stored", hex("000500faff48656c6c6f00"), one);
  seed("inflate", "rfc7692-7.2.3.4-final", hex("f348cdc9c9070000"), one);
  seed("inflate", "rfc7692-7.2.3.5-two-blocks", hex("f248050000 00ffffcac9c90700"), one);
  seed("inflate", "rfc7692-7.2.3.6-empty", hex("00"), one);
  seed("inflate", "dynamic", hex("1dc6490100001040c0acaa7fd13f6e23a4e9b90f"), one);
  seed("inflate", "zeros", hex("ecc1310100000000c2a0f54f6d0c1fa000"), figures({0, 0, 0, 0, 0, 7, 0, 0, 0}));
  seed("inflate", "zeros-limited", hex("ecc1310100000000c2a0f54f6d0c1fa000"), figures({1, 0, 0, 7, 5, 4, 0, 0, 0}));
  seed("inflate", "too-far-back", hex("4a04420000"), one);
  seed("inflate", "bad-type", hex("06"), one);
  seed("inflate", "bad-lengths", hex("0000000000"), one);
  seed("inflate", "bad-code", hex("0400fe ff"), one);
  seed("inflate", "held-output", hex("f248cdc9c907000101000004020000 00033f01"));
  seed("inflate", "beyond-a-window-then-broken", hex("0a0e4b0a818181818181ffffff10818181818181cd18181818181818181818181801f301cd18c9c90700cdc90a0a0a0a87002503ed0a2a0e0a0f0f0f0f88821d00000003e8fc"));
  seed("inflate", "broken-just-at-a-limit", hex("f249cdc980806194808000000004020201000301"));
  seed("inflate", "nothing-to-repeat", hex("ec00042507000012127b7bc90000125656565656024156565656f24800cd00ee80807b00"));
  seed("inflate", "no-codes-for-lengths", hex("ecc10000000000100000310100000000000000000000006f030000000000000000320000 0000"));
  seed("inflate", "truncated", hex("f248cd"), one);
  seed("inflate", "text-cut-in-a-character", hex("000200fdffe28200"), figures({0, 1, 0, 0, 0, 0, 0, 0, 0}));

  seed("inflate", "chromium", hex("f248cdc9c90700 0ac82f2a49ad52484e5528cb4c2dad5028cfc82cceae540818ecc20000 626462fe0f00 f24e2d295128cd4b51084ece283d3c1f00"), figures({0, 0, 0, 0, 0, 7, 0, 3, 7, 29, 6, 0}));
  seed("inflate", "python-websockets", hex("f248cdc9c90700 0ac82f2a49ad52484e5528cb4c2dad5028cfc82cceae540818ecc20000"), figures({0, 0, 0, 0, 0, 7, 0, 1, 7, 0}));
  seed("inflate", "python-websockets-fragments", hex("f24e2d295100000000ffff 000000ffff 2acd4b5100000000ffff 0a4ece283d3c1f000000ffff 00"), figures({0, 2, 0, 0, 0, 7, 4, 0, 2, 3, 5}));
  // What a message with a limit of no bytes may have on the wire, and a byte more, in one frame and in eight.
  std::string blocks;
  while (blocks.size() < 1089) blocks += hex("00 0000ffff");
  for (const std::size_t size : {1032U, 1033U})
    seed("inflate", "wire-" + std::to_string(size), blocks.substr(0, size), figures({0, 0, 0, 2, 0, 7, 0, 0, 0}));
  for (const std::size_t size : {1088U, 1089U})
    seed("inflate", "wire-" + std::to_string(size), blocks.substr(0, size), figures({0, 0, 0, 2, 0, 7, 6, 0, 0}));

  // role, flags, windows, level, memory, spans, count; then for each piece what, size and bytes of the front; cuts
  seed("deflate_round_trip", "hello", "Hello", figures({0, 0, 6, 7, 6, 7, 7, 4, 4, 1, 5, 0, 5, 0}));
  seed("deflate_round_trip", "pieces", "Hello, Hello, Hello", figures({1, 1, 0, 0, 9, 8, 0, 0, 0, 3, 0x14, 3, 5, 0x14, 4, 5, 0x15, 6, 5, 2, 1, 30}));
  seed("deflate_round_trip", "large", "abcabcabd", figures({0, 0, 6, 7, 1, 3, 5, 4, 2, 3, 0x1d, 7, 3, 0x3d, 7, 3, 0x35, 6, 2, 0}));

  // role; then figures of each call: what, and how many bytes of the front
  seed("calls", "hello-and-close", "Hellobye", figures({0, 0x30, 5, 0x17, 0x30, 3, 10, 0}));
  seed("calls", "close-first", "abcdefgh", figures({1, 0x27, 3, 10, 0, 0xBD, 0x03, 1, 1, 0x91}));
  seed("calls", "fragments", "abcdefghijkl", figures({0, 0x80, 0x50, 0x8E, 0, 1, 0x90, 0x8A, 0, 1}));
}

// clang-format on

}  // namespace

int main(int count, char** arguments) try {
  if (count != 2) {
    std::fprintf(stderr, "usage: %s DIRECTORY\n", arguments[0]);
    return 2;
  }
  root = arguments[1];
  frames();
  heads();
  payloads();
  return 0;
} catch (const std::exception& failed) {
  std::fprintf(stderr, "%s\n", failed.what());
  return 1;
}
