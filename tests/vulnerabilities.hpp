// SPDX-License-Identifier: MIT
//
// vulnerabilities.hpp: known vulnerabilities and bugs of WebSocket implementations as data: what each is known by,
// bytes that show it, and what a codec must make of them. Plain constexpr tables: vulnerabilities.cpp and vectors.cpp
// run them, and a fuzzer can begin with them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <weft/error.hpp>
#include <weft/handshake/client.hpp>
#include <weft/protocol.hpp>

#include "support/constant.hpp"
#include "support/wire.hpp"

namespace support {

using namespace std::string_view_literals;

/// A literal as a template argument.
template <std::size_t Size>
struct literal {
  char text[Size]{};
  consteval literal(const char (&from)[Size]) {
    for (std::size_t i = 0; i < Size; ++i) text[i] = from[i];
  }
  [[nodiscard]] constexpr std::string_view view() const { return {text, Size - 1}; }
};

/// A head whose text is put together at compile time: a first line, the good fields of Fields but the one of the name
/// that is left out, and lines behind them, each with its CRLF; then the empty line.
template <class Fields, literal FirstLine, literal LeftOut, literal... Lines>
struct made_head {
  static constexpr std::size_t write(char* to) {
    std::size_t size = 0;
    const auto add = [&](std::string_view text) {
      for (const char c : text) {
        if (to != nullptr) to[size] = c;
        ++size;
      }
    };
    const auto add_line = [&](std::string_view line) { add(line), add("\r\n"); };
    add_line(FirstLine.view());
    for (const std::string_view field : Fields::all) {
      if (field.substr(0, field.find(':')) != LeftOut.view()) add_line(field);
    }
    (add_line(Lines.view()), ...);
    add_line("");
    return size;
  }
  static constexpr auto text = [] {
    std::array<char, write(nullptr)> chars{};
    write(chars.data());
    return chars;
  }();
  static constexpr std::string_view view{text.data(), text.size()};
};

struct good_request_fields {
  static constexpr std::array<std::string_view, 5> all{
      "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"};
};
/// The answer to that key. RFC 6455 section 1.3.
struct good_response_fields {
  static constexpr std::array<std::string_view, 3> all{"Upgrade: websocket", "Connection: Upgrade",
                                                       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="};
};

/// A good request in which the field of a name is replaced by these lines; one to which these lines are added; one with
/// this request line. Responses alike.
template <literal LeftOut, literal... Lines>
inline constexpr std::string_view request_but =
    made_head<good_request_fields, "GET /chat HTTP/1.1", LeftOut, Lines...>::view;
template <literal... Lines>
inline constexpr std::string_view request_and = request_but<"", Lines...>;
template <literal RequestLine>
inline constexpr std::string_view request_of = made_head<good_request_fields, RequestLine, "">::view;
template <literal LeftOut, literal... Lines>
inline constexpr std::string_view response_but =
    made_head<good_response_fields, "HTTP/1.1 101 Switching Protocols", LeftOut, Lines...>::view;
template <literal... Lines>
inline constexpr std::string_view response_and = response_but<"", Lines...>;
template <literal StatusLine>
inline constexpr std::string_view response_of = made_head<good_response_fields, StatusLine, "">::view;

/// What the bytes are sent to, and how they are written down.
enum class target {
  server,           ///< frames in hexadecimal
  client,           ///< frames in hexadecimal
  request_reader,   ///< the text of a request
  response_reader,  ///< the text of a response, and frames behind it
};

/// One known vulnerability and one input. The input is `bytes`, then `repeated` so many `times`, then `rest`.
struct vulnerability {
  std::string_view row;       ///< a letter for its class, see docs/contributing.md, and a number
  std::string_view known_as;  ///< advisories, issues or projects, parted by ", "
  support::target target;
  std::string_view bytes;
  std::string_view expected;  ///< of frames the transcript; of heads the rule's name, or "accepted"
  weft::limits limits{};
  std::string_view repeated{};
  std::size_t times = 0;
  std::string_view rest{};
};

/// An entry's input.
inline std::string whole_input(const vulnerability& entry) {
  const bool frames = entry.target == target::server || entry.target == target::client;
  const auto read = [&](std::string_view text) { return frames ? hex(text) : std::string(text); };
  std::string input = read(entry.bytes);
  const std::string repeated = read(entry.repeated);
  for (std::size_t i = 0; i < entry.times; ++i) input += repeated;
  return input + read(entry.rest);
}

inline constexpr weft::limits no_limits{.max_message_bytes = weft::unlimited,
                                        .max_frame_bytes = weft::unlimited,
                                        .max_fragments = UINT32_MAX,
                                        .max_control_frames = UINT32_MAX};
constexpr weft::limits message_limit(std::uint64_t bytes) {
  return {.max_message_bytes = bytes};
}
constexpr weft::limits fragment_limit(std::uint32_t frames) {
  return {.max_fragments = frames};
}

// clang-format off
inline constexpr vulnerability vulnerabilities[] = {

    // A: lengths

    {"A-01", "CVE-2020-27813 gorilla/websocket", target::server, "02 ff 7fffffffffffffff 00000000 00 ff 7fffffffffffffff 00000000", "violation message_too_long at 9 close 1009"},
    {"A-01", "CVE-2020-27813 gorilla/websocket", target::server, "02 85 00000000 48656c6c6f 00 ff 7ffffffffffffffb 00000000", "binary Hello; violation message_too_long at 20 close 1009", message_limit(INT64_MAX)},
    {"A-01", "CVE-2020-27813 gorilla/websocket", target::server, "02 85 00000000 48656c6c6f 00 ff 7ffffffffffffffa 00000000", "binary Hello", message_limit(INT64_MAX)},
    {"A-02", "CVE-2020-13935 Tomcat", target::server, "82 ff 80", "violation length_out_of_range at 2 close 1002"},
    {"A-02", "CVE-2020-13935 Tomcat", target::server, "82 ff ffffffffffffffff 00000000", "violation length_out_of_range at 2 close 1002"},
    {"A-03", "CVE-2026-1528 undici", target::client, "82 7f 0000000080000000", "violation message_too_long at 9 close 1009"},
    {"A-03", "CVE-2026-1528 undici", target::client, "82 7f 0020000000000000", "violation message_too_long at 9 close 1009"},
    {"A-03", "CVE-2026-1528 undici", target::client, "82 7f ffffffffffffffff", "violation length_out_of_range at 2 close 1002"},
    {"A-04", "CVE-2026-27889 nats-server", target::server, "82 ff fffffffffffffff8 00000000", "violation length_out_of_range at 2 close 1002"},
    {"A-05", "CVE-2026-50161 libre", target::server, "82 ff fffffffffffffffc 00000000", "violation length_out_of_range at 2 close 1002"},
    {"A-05", "CVE-2026-50161 libre", target::server, "82 ff fffffffffffffffd 00000000", "violation length_out_of_range at 2 close 1002"},
    {"A-05", "CVE-2026-50161 libre", target::server, "82 ff fffffffffffffffe 00000000", "violation length_out_of_range at 2 close 1002"},
    {"A-05", "CVE-2026-50161 libre", target::server, "82 ff ffffffffffffffff 00000000", "violation length_out_of_range at 2 close 1002"},
    {"A-06", "GPAC #3860", target::server, "81 ff ffffffffffffffff 00000000", "violation length_out_of_range at 2 close 1002", no_limits},
    {"A-07", "noPoll #84", target::client, "82 7f ffffffffffffffff", "violation length_out_of_range at 2 close 1002", no_limits},
    {"A-08", "PYSEC-2026-4395 aiohttp", target::server, "02 81 00000000 61 80 ff 7fffffffffffffff 00000000", "binary a; violation message_too_long at 16 close 1009"},
    {"A-08", "PYSEC-2026-4395 aiohttp", target::client, "02 01 61 80 7f 7fffffffffffffff", "binary a; violation message_too_long at 12 close 1009"},
    {"A-09", "CVE-2026-54466 websocket-driver", target::server, "80 ff ff ff ff ff ff ff ff ff ff ff", "violation stray_continuation at 0 close 1002"},
    {"A-09", "CVE-2026-54466 websocket-driver", target::server, "01 80 00000000 80 ff ff ff ff ff ff ff ff ff ff ff", "violation length_out_of_range at 8 close 1002"},
    {"A-09", "CVE-2026-54466 websocket-driver", target::client, "00 48 65 6c 6c 6f ff", "violation stray_continuation at 0 close 1002"},
    {"A-09", "CVE-2026-54466 websocket-driver", target::client, "ff 00", "violation reserved_bit at 0 close 1002"},
    {"A-10", "CVE-2022-35922 rust-websocket, RUSTSEC-2022-0035 rust-websocket", target::server, "82 ff 000000003fffffff 00000000", "violation message_too_long at 9 close 1009"},
    {"A-10", "CVE-2022-35922 rust-websocket, GHSA-8h6x SIPGO", target::server, "82 ff 000000003fffffff 00000000", "", no_limits},
    {"A-10", "THRIFT-6177", target::server, "82 ff 0000000100000000 00000000", "", no_limits},
    {"A-10", "wslay", target::server, "82 ff 000000007fffffff 00000000", "", no_limits},
    {"A-12", "CVE-2026-0716 libsoup", target::server, "82 ff ffffffffffffffff 00000000", "violation length_out_of_range at 2 close 1002", no_limits},
    {"A-12", "CVE-2026-0716 libsoup", target::server, "82 ff 7fffffffffffffff 00000000 616263", "binary abc", no_limits},
    {"A-12", "CVE-2026-0716 libsoup", target::server, "82 fe 0005 00000000", "violation length_not_minimal at 3 close 1002", no_limits},
    {"A-12", "CVE-2026-0716 libsoup", target::server, "02 81 00000000 61 80 ff 7fffffffffffffff 00000000 62", "binary ab", no_limits},
    {"A-12", "CVE-2026-0716 libsoup", target::server, "82 80 00000000", "binary fin", message_limit(0)},
    {"A-12", "CVE-2026-0716 libsoup", target::server, "82 81 00000000 61", "violation message_too_long at 1 close 1009", message_limit(0)},
    {"A-13", "libhv #769", target::server, "82 83 37fa213d 7f9f4d", "binary Hel fin"},
    {"A-13", "libhv #769, esp-mqtt #69", target::server, "82 85 37fa213d 7f9f4d51", "binary Hell"},
    {"A-13", "libhv #769, facil.io 0.7.1", target::server, "82 ff 0000000000010000 37fa213d 7f9f4d5158", "binary Hello"},
    {"A-13", "facil.io 0.7.1", target::client, "82 05 48", "binary H"},
    {"A-14", "libwebsockets, fastwebsockets", target::server, "82 ff 0000000100000002 00000000", "violation message_too_long at 9 close 1009"},
    {"A-14", "libwebsockets, fastwebsockets", target::server, "82 ff 0000000100000002 00000000 616263", "binary abc", no_limits},
    {"A-16", "ws, gorilla/websocket, tungstenite", target::server, "82 fe 007d 00000000", "violation length_not_minimal at 3 close 1002"},
    {"A-16", "fastwebsockets, picows", target::server, "82 fe 0000 00000000", "violation length_not_minimal at 3 close 1002"},
    {"A-16", "libwebsockets, uWebSockets", target::server, "82 ff 000000000000ffff 00000000", "violation length_not_minimal at 7 close 1002"},
    {"A-16", "websockets", target::server, "82 ff 0000000000000000 00000000", "violation length_not_minimal at 7 close 1002"},
    {"A-16", "websockets", target::server, "82 ff 000000000000007d 00000000", "violation length_not_minimal at 7 close 1002"},
    {"A-16", "ws", target::client, "82 7e 007d", "violation length_not_minimal at 3 close 1002"},
    {"A-16", "ws", target::client, "82 7f 000000000000ffff", "violation length_not_minimal at 7 close 1002"},
    {"A-16", "ws", target::server, "82 fe 007e 00000000", ""},
    {"A-16", "ws", target::server, "82 ff 0000000000010000 00000000", ""},
    {"A-17", "fastwebsockets", target::server, "82 fc 00000000", "", message_limit(124)},
    {"A-17", "fastwebsockets", target::server, "82 fd 00000000", "violation message_too_long at 1 close 1009", message_limit(124)},
    {"A-17", "fastwebsockets", target::server, "82 fd 00000000", "", message_limit(125)},
    {"A-17", "fastwebsockets", target::server, "82 fe 007e 00000000", "violation message_too_long at 3 close 1009", message_limit(125)},
    {"A-17", "fastwebsockets", target::server, "82 fe 007e 00000000", "", message_limit(126)},
    {"A-17", "fastwebsockets", target::server, "82 fe 007f 00000000", "violation message_too_long at 3 close 1009", message_limit(126)},
    {"A-17", "fastwebsockets", target::server, "82 fe 007f 00000000", "", message_limit(127)},
    {"A-17", "fastwebsockets", target::server, "82 fe 0080 00000000", "violation message_too_long at 3 close 1009", message_limit(127)},
    {"A-17", "fastwebsockets", target::server, "82 fe ffff 00000000", "", message_limit(65535)},
    {"A-17", "fastwebsockets", target::server, "82 ff 0000000000010000 00000000", "violation message_too_long at 9 close 1009", message_limit(65535)},
    {"A-17", "fastwebsockets", target::server, "82 ff 0000000000010000 00000000", "", message_limit(65536)},
    {"A-17", "fastwebsockets", target::server, "82 ff 0000000000010001 00000000", "violation message_too_long at 9 close 1009", message_limit(65536)},
    {"A-17", "fastwebsockets", target::server, "82 ff 0000000000010001 00000000", "", message_limit(65537)},
    {"A-17", "fastwebsockets", target::server, "82 ff 0000000000010002 00000000", "violation message_too_long at 9 close 1009", message_limit(65537)},
    {"A-18", "ws", target::server, "82 ff 0000000100000000 00000000", "", message_limit(std::uint64_t{1} << 32)},
    {"A-18", "ws", target::server, "82 ff 0000000100000001 00000000", "violation message_too_long at 9 close 1009", message_limit(std::uint64_t{1} << 32)},
    {"A-18", "ws", target::server, "82 ff 0000000100000005 00000000", "", message_limit((std::uint64_t{1} << 32) + 5)},
    {"A-18", "ws", target::server, "82 ff 0000000100000006 00000000", "violation message_too_long at 9 close 1009", message_limit((std::uint64_t{1} << 32) + 5)},
    {"A-18", "ws", target::server, "82 ff 7fffffffffffffff 00000000", "", message_limit(std::uint64_t{1} << 63)},
    {"A-18", "ws", target::server, "02 81 00000000 61 80 ff 7fffffffffffffff 00000000", "binary a", message_limit(std::uint64_t{1} << 63)},
    {"A-18", "ws", target::server, "02 82 00000000 6161 80 ff 7fffffffffffffff 00000000", "binary aa; violation message_too_long at 17 close 1009", message_limit(std::uint64_t{1} << 63)},

    // B: limits of messages, fragments and buffers

    {"B-01", "CVE-2016-10542 ws, CVE-2018-21035 Qt, CVE-2025-32049 libsoup", target::server, "82 ff 0000000000100001 00000000", "violation message_too_long at 9 close 1009"},
    {"B-01", "CVE-2016-10542 ws", target::server, "82 ff 0000000000100000 00000000", ""},
    {"B-01", "CVE-2018-21035 Qt", target::client, "81 7f 0000000080000000", "violation message_too_long at 9 close 1009"},
    {"B-02", "CVE-2014-0193 Netty, CVE-2026-42786 Bandit, CVE-2026-9675 undici, CVE-2026-33219 nats-server", target::server, "01 80 00000000", "text 12345678123456781234567812345678; violation message_too_long at 63 close 1009", message_limit(39), "00 88 00000000 3132333435363738", 9},
    {"B-02", "SockJS, pushpin", target::client, "01 00", "text 12345678123456781234567812345678; violation message_too_long at 43 close 1009", message_limit(39), "00 08 3132333435363738", 9},
    {"B-03", "CVE-2026-48779 ws, CVE-2026-12151 undici", target::server, "01 80 00000000", "violation too_many_fragments at 6144 close 1008", fragment_limit(1024), "00 80 00000000", 1100},
    {"B-03", "CVE-2026-62389 ws", target::server, "01 80 00000000", "text aaaaaaaaaaaaaaa; violation too_many_fragments at 111 close 1008", fragment_limit(16), "00 81 00000000 61", 20},
    {"B-03", "CVE-2026-62389 ws", target::client, "02 00", "violation too_many_fragments at 8192 close 1008", {}, "00 00", 5000},
    {"B-04", "ws a2f4e7c0", target::server, "01 81 00000000 61", "text ab; violation too_many_fragments at 26 close 1008", fragment_limit(4), "00 80 00000000", 2, "00 81 00000000 62 00 80 00000000"},
    {"B-05", "CVE-2026-54274 aiohttp, CVE-2026-123817 aiohttp, ws", target::server, "82 fe 0080 00000000", "binary aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa fin", {}, "61", 128},
    {"B-06", "GHSA-rh7x ws (Rust), CVE-2026-11586 curl, wslay", target::server, "", "ping 1; ping 1; ping 1; ping 1", {}, "89 81 00000000 31", 4},

    // C: compression, as far as none is agreed

    {"C-03", "CVE-2026-2229 undici", target::request_reader, request_and<"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=18446744073709551624">, "accepted"},
    {"C-03", "CVE-2026-2229 undici", target::request_reader, request_and<"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=999; x=+9; y= 9; z=\"10\"; client_max_window_bits">, "accepted"},
    {"C-03", "CVE-2026-2229 undici", target::request_reader, request_and<"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=\"\"">, "malformed_extension"},
    {"C-11", "GHSA-mq44 aiohttp", target::server, "c1 80 00000000", "violation reserved_bit at 0 close 1002"},
    {"C-11", "gorilla/websocket", target::server, "c9 80 00000000", "violation reserved_bit at 0 close 1002"},
    {"C-11", "gorilla/websocket", target::server, "01 80 00000000 40 80 00000000", "violation reserved_bit at 6 close 1002"},
    {"C-11", "uWebSockets", target::server, "01 80 00000000 c0 80 00000000", "violation reserved_bit at 6 close 1002"},
    {"C-11", "uWebSockets", target::client, "89 00 c9 00 81 00", "ping; violation reserved_bit at 2 close 1002"},

    // D: handshakes, to a server

    {"D-02", "CVE-2024-37890 ws", target::request_reader, "GET / HTTP/1.1\r\n", "too_many_fields", {}, "X-n: x\r\n", 129, "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"},
    {"D-03", "CVE-2021-32640 ws", target::request_reader, "GET / HTTP/1.1\r\nSec-WebSocket-Protocol: b", "malformed_subprotocol", {}, " ", 1024, "x\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"},
    {"D-03", "CVE-2020-7662 websocket-extensions, CVE-2020-7663 websocket-extensions, CVE-2023-26103 Deno", target::request_reader, "GET / HTTP/1.1\r\nSec-WebSocket-Extensions: a;b=\"", "malformed_extension", {}, "\\c", 1024, "\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"},
    {"D-04", "GHSA-5v72 ws", target::request_reader, request_and<"Sec-WebSocket-Extensions: constructor">, "accepted"},
    {"D-04", "GHSA-5v72 ws", target::request_reader, request_and<"Sec-WebSocket-Extensions: __proto__; constructor=toString">, "accepted"},
    {"D-04", "GHSA-5v72 ws", target::request_reader, request_and<"Sec-WebSocket-Extensions: ,;constructor">, "malformed_extension"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 7\r\n\r\n", "unsupported_version"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_of<"POST /chat HTTP/1.1">, "method_not_allowed"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_of<"GET /chat HTTP/1.0">, "missing_upgrade"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_but<"Host">, "missing_host"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_but<"Upgrade">, "missing_upgrade"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_but<"Connection">, "missing_connection_upgrade"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_but<"Sec-WebSocket-Key">, "missing_key"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_but<"Sec-WebSocket-Version">, "missing_version"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_but<"Host", "Host: a b">, "malformed_host"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_but<"Upgrade", "Upgrade: websockets">, "missing_upgrade"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_but<"Sec-WebSocket-Key", "Sec-WebSocket-Key: AAAA">, "malformed_key"},
    {"D-07", "CVE-2026-59898 Netty", target::request_reader, request_but<"Sec-WebSocket-Version", "Sec-WebSocket-Version: 8">, "unsupported_version"},
    {"D-08", "uWebSockets", target::request_reader, "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: xxxxxxxxxxxxxxxxxxxxxxxx\r\n\r\n", "malformed_key"},
    {"D-08", "uWebSockets", target::request_reader, "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "missing_upgrade"},
    {"D-09", "CVE-2026-2833 Pingora", target::request_reader, request_and<>, "accepted", {}, {}, 0, "\x81\x85\x00\x00\x00\x00Hello"sv},
    {"D-09", "CVE-2026-130647 fastify", target::request_reader, request_but<"Upgrade">, "missing_upgrade", {}, {}, 0, "\x81\x85\x00\x00\x00\x00Hello"sv},
    {"D-10", "CVE-2026-69243 aiohttp", target::request_reader, request_and<"Content-Length: 5">, "unexpected_content", {}, {}, 0, "HELLO"},
    {"D-10", "CVE-2026-69243 aiohttp", target::request_reader, request_and<"Transfer-Encoding: chunked">, "unexpected_content", {}, {}, 0, "0\r\n\r\n"},
    {"D-10", "CVE-2026-69243 aiohttp", target::request_reader, request_and<"Content-Length: 0">, "accepted"},
    {"D-12", "WebSocket smuggling 0ang3el", target::request_reader, request_but<"Sec-WebSocket-Version", "Sec-WebSocket-Version: 777">, "unsupported_version"},
    {"D-12", "WebSocket smuggling 0ang3el", target::request_reader, request_but<"Sec-WebSocket-Version", "Sec-WebSocket-Version: 13, 8">, "unsupported_version"},
    {"D-12", "WebSocket smuggling 0ang3el", target::request_reader, request_but<"Sec-WebSocket-Version", "Sec-WebSocket-Version: 013">, "unsupported_version"},
    {"D-12", "WebSocket smuggling 0ang3el", target::request_reader, request_but<"Sec-WebSocket-Version", "Sec-WebSocket-Version: 13.0">, "unsupported_version"},
    {"D-12", "WebSocket smuggling 0ang3el", target::request_reader, request_but<"Sec-WebSocket-Version", "Sec-WebSocket-Version:  13">, "accepted"},
    {"D-12", "WebSocket smuggling 0ang3el", target::request_reader, request_and<"Sec-WebSocket-Version: 13">, "repeated_version"},
    {"D-14", "CVE-2021-22959 llhttp", target::request_reader, request_but<"Host", "Host : a">, "space_before_colon"},
    {"D-14", "CVE-2021-22959 llhttp", target::request_reader, request_and<"Content-Length\t: 5">, "space_before_colon"},
    {"D-14", "CVE-2024-27982 llhttp", target::request_reader, "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "space_before_field"},
    {"D-14", "CVE-2024-27982 llhttp", target::request_reader, request_and<" Content-Length: 5">, "folded_field"},
    {"D-14", "CVE-2022-32214 llhttp, picohttpparser", target::request_reader, request_and<"A: b\n">, "bare_line_end"},
    {"D-14", "CVE-2022-32214 llhttp", target::request_reader, request_and<"A: b\nTransfer-Encoding: chunked">, "bare_line_end"},
    {"D-14", "CVE-2022-35256 llhttp", target::request_reader, request_and<"A: b\rC">, "bare_line_end"},
    {"D-14", "CVE-2023-30589 llhttp", target::request_reader, request_and<"A:\rTransfer-Encoding: chunked">, "bare_line_end"},
    {"D-14", "CVE-2022-32215 llhttp", target::request_reader, request_and<"A: b", " c">, "folded_field"},
    {"D-14", "CVE-2022-32215 llhttp", target::request_reader, request_and<"Transfer-Encoding: chunked", " , identity">, "folded_field"},
    {"D-14", "CVE-2022-32213 llhttp", target::request_reader, request_and<"Transfer-Encoding: chunkedchunked">, "unexpected_content"},
    {"D-14", "CVE-2025-23167 llhttp", target::request_reader, "GET / HTTP/1.1\r\nHost: a\r\n\rX", "bare_line_end"},
    {"D-14", "CVE-2021-22960 llhttp", target::request_reader, request_and<"Transfer-Encoding: chunked">, "unexpected_content", {}, {}, 0, "1;a\n\r\nb\r\n0\r\n\r\n"},
    {"D-14", "CVE-2025-43859 h11", target::request_reader, request_and<"Transfer-Encoding: chunked">, "unexpected_content", {}, {}, 0, "2\r\nabXX0\r\n\r\n"},
    {"D-14", "CVE-2026-1525 undici", target::request_reader, request_and<"Content-Length: 0", "content-length: 0">, "malformed_content_length"},
    {"D-14", "CVE-2026-73256 Mongoose", target::request_reader, request_and<"Content-Length: 0, 1">, "malformed_content_length"},
    {"D-14", "CVE-2026-73257 Mongoose", target::request_reader, request_and<"Transfer-Encoding: xchunked">, "unexpected_content"},
    {"D-14", "RFC 9110 5.5", target::request_reader, request_and<"A\0: b">, "control_character"},
    {"D-14", "RFC 9110 5.5", target::request_reader, request_and<"A: b\0">, "control_character"},
    {"D-15", "CSWSH", target::request_reader, request_and<"Origin: null">, "accepted"},
    {"D-15", "CSWSH", target::request_reader, request_and<"Origin: https://a.com.evil.com">, "accepted"},
    {"D-15", "CVE-2026-133111 fastify", target::request_reader, request_and<"Origin: https://a.com", "Origin: https://evil.com">, "repeated_origin"},
    {"D-16", "CVE-2026-129502 fastify", target::request_reader, request_of<"GET /#x HTTP/1.1">, "malformed_target"},
    {"D-16", "CVE-2026-129502 fastify", target::request_reader, request_of<"GET /a#frag HTTP/1.1">, "malformed_target"},
    {"D-18", ".NET ClientWebSocket", target::request_reader, request_but<"Connection", "Connection: Upgrade, Keep-Alive">, "accepted"},
    {"D-18", ".NET ClientWebSocket", target::request_reader, request_but<"Connection", "Connection: keep-alive , UPGRADE">, "accepted"},
    {"D-18", ".NET ClientWebSocket", target::request_reader, request_but<"Connection", "Connection: close, upgrade">, "accepted"},
    {"D-18", ".NET ClientWebSocket", target::request_reader, request_but<"Connection", "Connection: upgraded">, "missing_connection_upgrade"},
    {"D-19", "RFC 6455 erratum 3150", target::request_reader, request_but<"Sec-WebSocket-Key", "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==">, "accepted"},
    {"D-19", "uWebSockets", target::request_reader, request_but<"Sec-WebSocket-Key", "Sec-WebSocket-Key: xxxxxxxxxxxxxxxxxxxxxxxx">, "malformed_key"},
    {"D-19", "uWebSockets", target::request_reader, request_but<"Sec-WebSocket-Key", "Sec-WebSocket-Key: GhlIHNhbXBsZSBub25jZQ==">, "malformed_key"},
    {"D-19", "uWebSockets", target::request_reader, request_but<"Sec-WebSocket-Key", "Sec-WebSocket-Key: hlIHNhbXBsZSBub25jZQ==">, "malformed_key"},
    {"D-19", "uWebSockets", target::request_reader, request_but<"Sec-WebSocket-Key", "Sec-WebSocket-Key: xdGhlIHNhbXBsZSBub25jZQ==">, "malformed_key"},
    {"D-19", "uWebSockets", target::request_reader, request_but<"Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBs-_Bub25jZQ==">, "malformed_key"},
    {"D-19", "uWebSockets", target::request_reader, request_but<"Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBs SBub25jZQ==">, "malformed_key"},
    {"D-19", "uWebSockets", target::request_reader, request_and<"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==">, "repeated_key"},

    // E: masking

    {"E-04", "facil.io #169", target::server, "81 05 48656c6c6f", "violation missing_mask at 1 close 1002"},
    {"E-04", "facil.io #169", target::server, "81 05 48656c6c6f 81 85 37fa213d 7f9f4d5158 88 80 00000000", "violation missing_mask at 1 close 1002"},
    {"E-05", "uWebSockets", target::server, "81 05 48656c6c6f 20776f726c64", "violation missing_mask at 1 close 1002"},
    {"E-05", "uWebSockets", target::server, "88 00", "violation missing_mask at 1 close 1002"},
    {"E-06", "libsoup !71, fastwebsockets", target::client, "81 85 37fa213d 7f9f4d5158", "violation unexpected_mask at 1 close 1002"},
    {"E-06", "fastwebsockets", target::client, "89 80 00000000", "violation unexpected_mask at 1 close 1002"},
    {"E-08", "Beast", target::server, "01 81 37fa213d 7f 00 82 37fa213d 5296 80 82 37fa213d 5b95", "text Hello fin"},
    {"E-09", "Beast, ws", target::server, "81 85 00000000 48656c6c6f", "text Hello fin"},
    {"E-10", "Beast", target::server, "81 80 00000000 81 85 37fa213d 7f9f4d5158 82 80 01020304", "text fin; text Hello fin; binary fin"},
    {"E-10", "Beast", target::client, "82 00 81 00", "binary fin; text fin"},

    // F: control frames and closing

    {"F-01", "CVE-2026-15711 libsoup, fastwebsockets", target::server, "89 fe", "violation control_too_long at 1 close 1002"},
    {"F-01", "CVE-2026-15711 libsoup, fastwebsockets", target::server, "8a ff", "violation control_too_long at 1 close 1002"},
    {"F-01", "CVE-2026-15711 libsoup, fastwebsockets", target::server, "88 fe", "violation control_too_long at 1 close 1002"},
    {"F-01", "CVE-2026-15711 libsoup, fastwebsockets", target::client, "8a 7e 007e", "violation control_too_long at 1 close 1002"},
    {"F-01", "CVE-2026-15711 libsoup, fastwebsockets", target::client, "88 7f 000000000000007e", "violation control_too_long at 1 close 1002"},
    {"F-02", "CVE-2021-3690 Undertow", target::server, "8a 80 00000000 8a 81 00000000 78", "pong; pong x"},
    {"F-03", "CVE-2026-11586 curl, wslay", target::client, "", "ping 1; ping 1; ping 1; violation too_many_control_frames at 9 close 1008", {.max_control_frames = 3}, "89 01 31", 5},
    {"F-04", "gorilla/websocket, uWebSockets, wslay", target::server, "88 81 00000000 03", "violation close_of_one_byte at 1 close 1002"},
    {"F-04", "gorilla/websocket", target::client, "88 01 03", "violation close_of_one_byte at 1 close 1002"},
    {"F-05", "uWebSockets", target::server, "88 82 00000000 03f4", "close 1012"},
    {"F-05", "uWebSockets", target::server, "88 82 00000000 03f5", "close 1013"},
    {"F-05", "uWebSockets, gorilla/websocket", target::server, "88 82 00000000 03f6", "close 1014"},
    {"F-05", "uWebSockets", target::server, "88 82 00000000 0bb8", "close 3000"},
    {"F-05", "uWebSockets", target::client, "88 02 0f9f", "close 3999"},
    {"F-05", "picows", target::client, "88 02 1387", "close 4999"},
    {"F-05", "picows", target::server, "88 82 00000000 1388", "violation invalid_close_code at 7 close 1002"},
    {"F-05", "picows", target::server, "88 82 00000000 ffff", "violation invalid_close_code at 7 close 1002"},
    {"F-05", "Autobahn 7.9", target::server, "88 82 00000000 0000", "violation invalid_close_code at 7 close 1002"},
    {"F-05", "Autobahn 7.9", target::server, "88 82 00000000 03e7", "violation invalid_close_code at 7 close 1002"},
    {"F-05", "Autobahn 7.9", target::server, "88 82 00000000 03ec", "violation invalid_close_code at 7 close 1002"},
    {"F-05", "Autobahn 7.9", target::server, "88 82 00000000 03ed", "violation invalid_close_code at 7 close 1002"},
    {"F-05", "Autobahn 7.9", target::server, "88 82 00000000 03ee", "violation invalid_close_code at 7 close 1002"},
    {"F-05", "Autobahn 7.9", target::server, "88 82 00000000 03f7", "violation invalid_close_code at 7 close 1002"},
    {"F-05", "Autobahn 7.9", target::client, "88 02 03f8", "violation invalid_close_code at 3 close 1002"},
    {"F-05", "Autobahn 7.9", target::client, "88 02 044c", "violation invalid_close_code at 3 close 1002"},
    {"F-05", "Autobahn 7.9", target::client, "88 02 07d0", "violation invalid_close_code at 3 close 1002"},
    {"F-05", "Autobahn 7.9", target::client, "88 02 0bb7", "violation invalid_close_code at 3 close 1002"},
    {"F-07", "CVE-2025-5399 curl, CVE-2017-2670 Undertow, CVE-2024-23672 Tomcat, CVE-2026-79677 Tomcat", target::server, "81 85 37fa213d 7f9f", "text He"},
    {"F-08", "RFC 6455 5.5.1", target::server, "88 80 00000000 81 81 00000000 61", "close 1005"},
    {"F-08", "RFC 6455 5.5.1", target::client, "88 00 81 01 61 ff ff", "close 1005"},
    {"F-09", "RFC 6455 5.5.1", target::client, "88 04 03e8 c328", "violation invalid_utf8 at 5 close 1007"},
    {"F-09", "RFC 6455 5.5.1", target::client, "88 04 03e8 e282", "violation truncated_utf8 at 6 close 1007"},
    {"F-09", "RFC 6455 5.5.1", target::server, "88 84 00000000 03e8 c328", "violation invalid_utf8 at 9 close 1007"},
    {"F-11", "websockets, Autobahn 7.1.5", target::server, "01 80 00000000 88 80 00000000", "close 1005"},
    {"F-11", "websockets, Autobahn 7.1.5", target::client, "01 03 48656c 88 02 03e8", "text Hel; close 1000"},

    // G: UTF-8, lifetime, other

    {"G-01", "Autobahn 6.4.1, ws, websockets, gorilla/websocket", target::server, "01 8b 00000000 cebae1bdb9cf83cebcceb5 00 84 00000000 f4908080 80 86 00000000 656469746564", "text \\xce\\xba\\xe1\\xbd\\xb9\\xcf\\x83\\xce\\xbc\\xce\\xb5\\xf4; violation invalid_utf8 at 24 close 1007"},
    {"G-01", "Autobahn 6.4.2, ws, websockets, gorilla/websocket", target::server, "01 8c 00000000 cebae1bdb9cf83cebcceb5f4 00 81 00000000 90", "text \\xce\\xba\\xe1\\xbd\\xb9\\xcf\\x83\\xce\\xbc\\xce\\xb5\\xf4; violation invalid_utf8 at 24 close 1007"},
    {"G-01", "Autobahn 6.4.3, tungstenite", target::server, "81 95 00000000 cebae1bdb9cf83cebcceb5 f4908080 656469746564", "text \\xce\\xba\\xe1\\xbd\\xb9\\xcf\\x83\\xce\\xbc\\xce\\xb5\\xf4; violation invalid_utf8 at 18 close 1007"},
    {"G-01", "Autobahn 6.4.4, tungstenite", target::client, "81 15 cebae1bdb9cf83cebcceb5 f490", "text \\xce\\xba\\xe1\\xbd\\xb9\\xcf\\x83\\xce\\xbc\\xce\\xb5\\xf4; violation invalid_utf8 at 14 close 1007"},
    {"G-02", "RFC 3629", target::server, "81 82 00000000 c080", "violation invalid_utf8 at 6 close 1007"},
    {"G-02", "RFC 3629", target::server, "81 83 00000000 e08080", "text \\xe0; violation invalid_utf8 at 7 close 1007"},
    {"G-02", "RFC 3629", target::server, "81 84 00000000 f0808080", "text \\xf0; violation invalid_utf8 at 7 close 1007"},
    {"G-02", "RFC 3629", target::server, "81 83 00000000 eda080", "text \\xed; violation invalid_utf8 at 7 close 1007"},
    {"G-02", "RFC 3629", target::client, "81 04 f4908080", "text \\xf4; violation invalid_utf8 at 3 close 1007"},
    {"G-02", "RFC 3629", target::client, "81 01 f5", "violation invalid_utf8 at 2 close 1007"},
    {"G-02", "RFC 3629", target::server, "81 82 00000000 e282", "text \\xe2\\x82; violation truncated_utf8 at 8 close 1007"},
    {"G-02", "RFC 3629", target::client, "01 01 e2 80 01 82", "text \\xe2\\x82; violation truncated_utf8 at 6 close 1007"},
    {"G-03", "RFC 6455 5.4", target::server, "01 82 00000000 e282 89 80 00000000 80 81 00000000 ac", "text \\xe2\\x82; ping; text \\xac fin"},
    {"G-06", "libsoup 2.62.1", target::server, "89 81 37fa213d 7f 82 88 37fa213d 06c8120902cc1605 81 80 00000000", "ping H; binary 12345678 fin; text fin"},
    {"G-08", "RFC 9110 5.5", target::request_reader, request_and<"User-Agent: \x1b[2J">, "control_character"},
    {"G-08", "RFC 9110 5.5", target::request_reader, request_and<"User-Agent: \x7f">, "control_character"},
};
// clang-format on

/// To a client with permessage-deflate, windows of 32 KiB and context takeover.
// clang-format off
inline constexpr vulnerability compressed_streams[] = {
    {"C-01", "CVE-2018-1000518 websockets, CVE-2016-10544 uws, CVE-2026-1526 undici", target::client, "c2 21 ecc13101000000c2a0f54f6d0c1fa000000000000000000000000000000080b701", "binary \\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00; violation message_too_long at 2 close 1009", message_limit(10)},
    {"C-01", "CVE-2026-39804 Bandit, CVE-2026-27571 NATS, wsproto", target::client, "c2 0b 62601805a360140c770000 81 02 6869", "binary \\x00; violation message_too_long at 2 close 1009", message_limit(1)},
    {"C-02", "CVE-2026-85024 undici", target::client, "c1 08 f248cdc9c907 06 00 c1 01 06 89 00", "text Hel; violation message_too_long at 2 close 1009", message_limit(3)},
    {"C-05", "zlib's invalid blocks", target::client, "c1 05 0000000000", "violation invalid_deflate at 2 close 1007"},
    {"C-05", "zlib's invalid blocks", target::client, "c1 01 06", "violation invalid_deflate at 2 close 1007"},
    {"C-05", "zlib's invalid blocks", target::client, "c1 03 fc0000", "violation invalid_deflate at 2 close 1007"},
    {"C-05", "zlib's invalid blocks", target::client, "c1 04 0400feff", "violation invalid_deflate at 2 close 1007"},
    {"C-05", "zlib's invalid blocks", target::client, "c1 05 0400244900", "violation invalid_deflate at 2 close 1007"},
    {"C-05", "zlib's invalid blocks", target::client, "c1 06 040024e9ffff", "violation invalid_deflate at 2 close 1007"},
    {"C-05", "zlib's invalid blocks", target::client, "c1 0e 0480499224499224 71ffff931100", "violation invalid_deflate at 2 close 1007"},
    {"C-05", "zlib's invalid blocks", target::client, "c1 04 027effff", "violation invalid_deflate at 2 close 1007"},
    {"C-06", "RFC 7692 7.2.3.2", target::client, "c1 05 4a04420000", "text a; violation invalid_deflate at 2 close 1007"},
    {"C-06", "RFC 7692 7.2.3.2", target::client, "c1 05 f200110000", "text H; violation invalid_deflate at 2 close 1007"},
    {"C-08", "Beast #923", target::client, "c1 08 f348cdc9c9070000 c1 05 f200110000", "text Hello fin; text Hello fin"},
    {"C-08", "RFC 7692 7.2.1", target::client, "c1 08 f348cdc9c9070400", "text Hello; violation invalid_deflate at 2 close 1007"},
    {"C-09", "Beast #1630, Beast #2191, Beast #3028", target::client, "c1 0d f248050000 00ffffcac9c90700", "text Hello fin"},
    {"C-10", "CVE-2026-87022 Tomcat", target::client, "c2 06 00ffff000041 c2 08 534d5547474c4544", "binary A; violation truncated_deflate at 2 close 1007"},
    {"C-10", "CVE-2026-87022 Tomcat", target::client, "c2 06 f248cdc9c907 c2 0a 0000494e4a4543544544", "binary Hello; violation truncated_deflate at 2 close 1007"},
    {"C-10", "CVE-2026-87022 Tomcat", target::client, "c2 03 f248cd c2 07 f248cdc9c90700", "binary He; violation truncated_deflate at 2 close 1007"},
    {"C-10", "CVE-2026-87022 Tomcat", target::client, "c1 00 c1 07 f248cdc9c90700", "violation truncated_deflate at 2 close 1007"},
    {"C-10", "CVE-2026-87022 Tomcat", target::client, "c2 07 000500faff4865", "binary He; violation truncated_deflate at 2 close 1007"},
    {"C-11", "gorilla/websocket", target::client, "c9 00", "violation reserved_bit at 0 close 1002"},
    {"C-11", "gorilla/websocket", target::client, "01 00 40 00", "violation reserved_bit at 2 close 1002"},
    {"C-11", "uWebSockets", target::client, "41 03 f248cd c0 04 c9c90700", "text He; violation reserved_bit at 5 close 1002"},
    {"C-11", "uWebSockets", target::client, "c9 00 81 05 48656c6c6f", "violation reserved_bit at 0 close 1002"},
    {"C-18", "RFC 7692 7.2.3.2", target::client, "c1 07 f248cdc9c90700 81 05 48656c6c6f c1 05 f200110000", "text Hello fin; text Hello fin; text Hello fin"},
};
// clang-format on

/// What the client of RFC 6455 section 1.3 asks for, without the subprotocols: its key is the one above.
constexpr weft::opening example_opening() {
  return {.uri = {.host = "server.example.com", .resource = "/chat"},
          .nonce = weft::nonce(constant("the sample nonce"))};
}

/// To that client.
// clang-format off
inline constexpr vulnerability response_heads[] = {
    {"C-03", "CVE-2026-2229 undici", target::response_reader, response_and<"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=999">, "unoffered_extension"},
    {"C-12", "libwebsockets b0073c76d", target::response_reader, response_and<"Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate">, "unoffered_extension"},
    {"C-12", "libwebsockets b0073c76d", target::response_reader, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate", "unoffered_extension", {}, ", permessage-deflate", 99, "\r\n\r\n"},
    {"D-02", "CVE-2024-37890 ws", target::response_reader, "HTTP/1.1 101 Switching Protocols\r\n", "too_many_fields", {}, "X-n: x\r\n", 129, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
    {"D-05", "CVE-2010-1766 WebKit", target::response_reader, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: ", "wrong_upgrade", {}, "x", 300, "\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
    {"D-05", "CVE-2010-1766 WebKit", target::response_reader, "HTTP/1.1 101 ", "accepted", {}, "x", 300, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
    {"D-05", "CVE-2010-1766 WebKit", target::response_reader, "HTTP/1.1 101 ", "head_too_long", {}, "x", 9000},
    {"D-09", "CVE-2026-2833 Pingora", target::response_reader, response_and<>, "accepted", {}, {}, 0, "\x81\x05Hello"},
    {"D-11", "CVE-2024-23326 Envoy", target::response_reader, response_of<"HTTP/1.1 200 OK">, "not_switched"},
    {"D-11", "CVE-2024-23326 Envoy", target::response_reader, response_of<"HTTP/1.1 426 Upgrade Required">, "not_switched"},
    {"D-11", "CVE-2024-23326 Envoy", target::response_reader, response_of<"HTTP/1.1 0101 Switching Protocols">, "malformed_status_line"},
    {"D-11", "CVE-2024-23326 Envoy", target::response_reader, response_of<"HTTP/1.1 1O1 Switching Protocols">, "malformed_status_line"},
    {"D-11", "CVE-2024-23326 Envoy", target::response_reader, response_of<"HTTP/1.0 101 Switching Protocols">, "unsupported_http_version"},
    {"D-14", "CVE-2021-22959 llhttp", target::response_reader, response_but<"Upgrade", "Upgrade : websocket">, "space_before_colon"},
    {"D-14", "CVE-2024-27982 llhttp", target::response_reader, "HTTP/1.1 101 Switching Protocols\r\n Upgrade: websocket\r\n\r\n", "space_before_field"},
    {"D-14", "CVE-2022-32214 llhttp, picohttpparser", target::response_reader, response_and<"A: b\n">, "bare_line_end"},
    {"D-14", "CVE-2022-35256 llhttp", target::response_reader, response_and<"A: b\rC">, "bare_line_end"},
    {"D-14", "CVE-2025-23167 llhttp", target::response_reader, "HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\rX", "bare_line_end"},
    {"D-14", "RFC 9112 5.2", target::response_reader, response_and<"A: b", " c">, "accepted"},
    {"D-14", "RFC 9110 5.5", target::response_reader, response_and<"A\0: b">, "control_character"},
    {"D-14", "RFC 9110 5.5", target::response_reader, response_and<"A: b\0">, "control_character"},
    {"D-14", "CVE-2026-73256 Mongoose", target::response_reader, response_and<"Content-Length: 0, 1">, "malformed_content_length"},
    {"D-14", "CVE-2026-73257 Mongoose", target::response_reader, response_and<"Transfer-Encoding: xchunked">, "unexpected_content"},
    {"D-17", "RFC 6455 4.1", target::response_reader, response_but<"Sec-WebSocket-Accept">, "missing_accept"},
    {"D-17", "RFC 6455 4.1", target::response_reader, response_but<"Sec-WebSocket-Accept", "Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO=">, "wrong_accept"},
    {"D-17", "RFC 6455 4.1", target::response_reader, response_but<"Sec-WebSocket-Accept", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=,">, "wrong_accept"},
    {"D-17", "RFC 6455 4.1", target::response_reader, response_but<"Sec-WebSocket-Accept", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo">, "wrong_accept"},
    {"D-17", "RFC 6455 4.1", target::response_reader, response_but<"Sec-WebSocket-Accept", "Sec-WebSocket-Accept:">, "wrong_accept"},
    {"D-17", "RFC 6455 4.1", target::response_reader, response_but<"Sec-WebSocket-Accept", "Sec-WebSocket-Accept: \t s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \t">, "accepted"},
    {"D-17", "RFC 6455 11.3.3", target::response_reader, response_and<"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=">, "repeated_accept"},
    {"D-18", ".NET ClientWebSocket", target::response_reader, response_but<"Connection", "Connection: Upgrade, Keep-Alive">, "accepted"},
    {"D-18", ".NET ClientWebSocket", target::response_reader, response_but<"Connection", "Connection: keep-alive , UPGRADE">, "accepted"},
    {"D-18", ".NET ClientWebSocket", target::response_reader, response_but<"Connection", "Connection: upgraded">, "missing_connection_upgrade"},
    {"D-18", "RFC 6455 4.1", target::response_reader, response_but<"Upgrade">, "missing_upgrade"},
};
// clang-format on

/// What a caller may be made to put into a handshake, and why there is none with it.
enum class part { resource, host, subprotocol, extensions, origin, field_name, field_value };
struct injection {
  std::string_view row;
  std::string_view known_as;
  support::part part;
  std::string_view text;
  weft::refusal expected;
};

// clang-format off
inline constexpr injection injections[] = {
    {"D-13", "CVE-2026-1527 undici", part::resource, "/a\r\nX: y", weft::refusal::malformed_resource},
    {"D-13", "CVE-2026-1527 undici", part::resource, "/a b", weft::refusal::malformed_resource},
    {"D-13", "CVE-2026-1527 undici", part::resource, "/a#f", weft::refusal::malformed_resource},
    {"D-13", "CVE-2020-35678 autobahn-python", part::resource, "/?a=\r\n", weft::refusal::malformed_resource},
    {"D-13", "CVE-2026-1527 undici", part::host, "a\r\nb", weft::refusal::malformed_host},
    {"D-13", "CVE-2026-1527 undici", part::host, "a b", weft::refusal::malformed_host},
    {"D-13", "CVE-2026-1527 undici", part::subprotocol, "a,b", weft::refusal::malformed_subprotocol},
    {"D-13", "CVE-2026-1527 undici", part::subprotocol, "", weft::refusal::malformed_subprotocol},
    {"D-13", "CVE-2026-1527 undici", part::subprotocol, "a b", weft::refusal::malformed_subprotocol},
    {"D-13", "CVE-2026-1527 undici", part::subprotocol, "a\0"sv, weft::refusal::malformed_subprotocol},
    {"D-13", "CVE-2026-1527 undici", part::extensions, "a\r\nX: y", weft::refusal::malformed_extension},
    {"D-13", "CVE-2026-1527 undici", part::extensions, " a", weft::refusal::malformed_extension},
    {"D-13", "CVE-2026-1527 undici", part::extensions, "a, b", weft::refusal::malformed_extension},
    {"D-13", "CVE-2026-1527 undici", part::extensions, "", weft::refusal::malformed_extension},
    {"D-13", "Undertow, Netty", part::origin, "http://a\r\nX: y", weft::refusal::malformed_field},
    {"D-13", "Undertow, Netty", part::field_value, "x\r\n\r\n", weft::refusal::malformed_field},
    {"D-13", "Undertow, Netty", part::field_value, "x\ny", weft::refusal::malformed_field},
    {"D-13", "Undertow, Netty", part::field_value, "x\0y"sv, weft::refusal::malformed_field},
    {"D-13", "CVE-2026-77341 cpp-httplib", part::field_name, "X: y\r\nZ", weft::refusal::malformed_field},
    {"D-13", "CVE-2026-77341 cpp-httplib", part::field_name, "", weft::refusal::malformed_field},
    {"D-13", "CVE-2026-77341 cpp-httplib", part::field_name, "X ", weft::refusal::malformed_field},
};
// clang-format on

/// What `use` makes of the example's opening with that in its part.
template <class Use>
constexpr auto with_injection(const injection& entry, Use&& use) {
  weft::opening opening = example_opening();
  const std::array<std::string_view, 1> list{entry.text};
  std::array<weft::field, 1> fields{{{"X", "y"}}};
  switch (entry.part) {
    case part::resource: opening.uri.resource = entry.text; break;
    case part::host: opening.uri.host = entry.text; break;
    case part::subprotocol: opening.subprotocols = list; break;
    case part::extensions: opening.extensions = list; break;
    case part::origin: opening.origin = entry.text; break;
    case part::field_name: fields[0].name = entry.text; break;
    case part::field_value: fields[0].value = entry.text; break;
  }
  opening.fields = fields;
  return use(opening);
}

}  // namespace support
