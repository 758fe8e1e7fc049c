// SPDX-License-Identifier: MIT
#include <weft/handshake/response.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <weft/handshake/server.hpp>

#include "support/request.hpp"

using namespace support;
using weft::accept;
using weft::field;
using weft::refusal;
using weft::reject;
using weft::rule;

namespace {

/// A request that is read whole, with the memory that it lies in.
struct head_read {
  explicit head_read(std::string_view text) : storage(8192, '\0'), reader(std::span(storage)) {
    (void)reader.read(text);
  }
  operator const weft::request&() {  // a second call changes nothing
    std::string_view none;
    return reader.read(none);
  }
  std::string storage;
  weft::request_reader reader;
};

std::string bytes_of(const weft::response& response) {
  const auto room = shared_guarded().span(response.size(), flush::back);
  const auto written = without_allocation([&] { return response.copy_to(room); });
  return {reinterpret_cast<const char*>(written.data()), written.size()};
}

const std::string accepted =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

}  // namespace

TEST_CASE("1.3 4.2.2 SH-18 SH-23 SH-24 SH-25 SH-26 SH-28 HP-48: the acceptance of the RFC's example, byte for byte") {
  head_read request(good_request());
  CHECK(bytes_of(accept(request)) == accepted + "\r\n");
}

TEST_CASE("4.2.2 SH-17 SH-18 SH-19 SH-21 HP-34: a subprotocol is one of those offered") {
  head_read request(request_with({"Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Protocol: third"}));
  CHECK(bytes_of(accept(request, {.protocol = "superchat"})) == accepted + "Sec-WebSocket-Protocol: superchat\r\n\r\n");
  CHECK(bytes_of(accept(request, {.protocol = "third"})) == accepted + "Sec-WebSocket-Protocol: third\r\n\r\n");
  CHECK(bytes_of(accept(request, {.protocol = ""})) == accepted + "\r\n");
  for (const char* other : {"Chat", "other", "chat, superchat", "chat\r\nX: y", " chat"}) {
    CHECK(accept(request, {.protocol = other}).refusal() == refusal::subprotocol_not_offered);
    CHECK(accept(request, {.protocol = other}).size() == 0);
  }
  head_read none(good_request());
  CHECK(accept(none, {.protocol = "chat"}).refusal() == refusal::subprotocol_not_offered);
}

TEST_CASE("4.2.2 SH-26 SH-27: a key counts as it was sent, without the space around it") {
  head_read request(request_with("Sec-WebSocket-Key", {"Sec-WebSocket-Key: \t AQIDBAUGBwgJCgsMDQ4PEC== \t"}));
  CHECK(bytes_of(accept(request)).find("\r\nSec-WebSocket-Accept: OfS0wDaT5NoxF2gqm7Zj2YtetzM=\r\n") !=
        std::string::npos);
}

TEST_CASE("9.1 RFC 7692 5 SH-29 EX-05 EX-13: no extension is answered unless the caller says so") {
  head_read request(request_with({"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x"}));
  CHECK(bytes_of(accept(request)) == accepted + "\r\n");
  const field mine{"Sec-WebSocket-Extensions", "permessage-deflate"};
  CHECK(accept(request, {.fields = {&mine, 1}}).refusal() == refusal::reserved_field);
}

TEST_CASE(
    "9.1 RFC 7692 7.1 SH-29 EX-05 EX-09 PD-07 C-12: what is agreed, byte for byte, once however often it is offered") {
  const auto said = [](std::string_view offers, const weft::deflate_parameters& ours = {}) {
    head_read request(request_with({"Sec-WebSocket-Extensions: x, " + std::string(offers)}));
    const weft::request& head = request;
    return bytes_of(accept(head, {.deflate = weft::choose_deflate(head.extensions(), ours)}));
  };
  const auto with = [](std::string_view element) {
    return accepted + "Sec-WebSocket-Extensions: permessage-deflate" + std::string(element) + "\r\n\r\n";
  };
  CHECK(said("permessage-deflate") == with(""));
  CHECK(said("permessage-deflate; client_max_window_bits") == with(""));
  CHECK(said("Permessage-Deflate; SERVER_NO_CONTEXT_TAKEOVER") == with("; server_no_context_takeover"));
  CHECK(said("permessage-deflate, permessage-deflate") == with(""));
  CHECK(said("permessage-deflate; server_max_window_bits=\"1\\0\"") == with("; server_max_window_bits=10"));
  CHECK(
      said("permessage-deflate; client_max_window_bits; server_max_window_bits=12", {.server_no_context_takeover = true,
                                                                                     .client_no_context_takeover = true,
                                                                                     .server_max_window_bits = 11,
                                                                                     .client_max_window_bits = 9}) ==
      with("; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=11; "
           "client_max_window_bits=9"));
  for (const char* declined : {"x", "permessage-deflate; foo", "permessage-deflate; server_max_window_bits=8"}) {
    CHECK(said(declined) == accepted + "\r\n");
  }
  head_read request(request_with({"Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: permessage-deflate"}));
  const field mine{"X", "y"};
  CHECK(bytes_of(accept(request, {.protocol = "chat", .deflate = weft::deflate_parameters{}, .fields = {&mine, 1}})) ==
        accepted + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\nX: y\r\n\r\n");
}

TEST_CASE("9 RFC 7692 7.1 SH-29 EX-05 EX-09 PD-07 PD-14 PD-17 PD-18: what fits no offer cannot be agreed") {
  const auto why = [](std::initializer_list<std::string_view> lines, const weft::deflate_parameters& answer) {
    head_read request(request_with(lines));
    const auto response = accept(request, {.deflate = answer});
    CHECK(response.empty() == (response.refusal() != refusal::none));
    return response.refusal();
  };
  constexpr auto refused = refusal::extension_not_offered;
  CHECK(why({}, {}) == refused);
  CHECK(why({"Sec-WebSocket-Extensions: x"}, {}) == refused);
  CHECK(why({"Sec-WebSocket-Extensions: permessage-deflate; foo"}, {}) == refused);
  CHECK(why({"Sec-WebSocket-Extensions: permessage-deflate"}, {}) == refusal::none);
  CHECK(why({"Sec-WebSocket-Extensions: x", "Sec-WebSocket-Extensions: permessage-deflate"}, {}) == refusal::none);
  CHECK(why({"Sec-WebSocket-Extensions: permessage-deflate"}, {true, true, 8, 0}) == refusal::none);
  for (const weft::deflate_parameters answer : {weft::deflate_parameters{.client_max_window_bits = 15},
                                                {.server_max_window_bits = 7},
                                                {.server_max_window_bits = 16},
                                                {.server_max_window_bits = 255}}) {
    CHECK(why({"Sec-WebSocket-Extensions: permessage-deflate"}, answer) == refused);
  }
  constexpr auto demanding =
      "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10; "
      "client_max_window_bits=11";
  CHECK(why({demanding}, {true, false, 10, 0}) == refusal::none);
  CHECK(why({demanding}, {true, true, 9, 11}) == refusal::none);
  for (const weft::deflate_parameters answer : {weft::deflate_parameters{false, false, 10, 0},
                                                {true, false, 0, 0},
                                                {true, false, 11, 0},
                                                {true, false, 10, 12},
                                                {true, false, 10, 7}}) {
    CHECK(why({demanding}, answer) == refused);
    // With a fallback all of them may be said, but for a window that cannot be.
    CHECK(why({demanding, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"}, answer) ==
          (answer.client_max_window_bits == 7 ? refused : refusal::none));
  }
}

TEST_CASE("4.2.2 SH-36 HP-23: further fields, in their order") {
  head_read request(good_request());
  const field fields[] = {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"X-Text", "caf\xc3\xa9\tok"}};
  CHECK(bytes_of(accept(request, {.fields = fields})) ==
        accepted + "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Text: caf\xc3\xa9\tok\r\n\r\n");
}

TEST_CASE("RFC 9112 11.1 D-13 SE-11 HP-24: nothing can be injected by a field") {
  head_read request(good_request());
  for (const field bad : {field{"X", "a\r\nY: b"},
                          {"X", "a\rb"},
                          {"X", "a\nb"},
                          {"X", std::string_view("a\0b", 3)},
                          {"X", "a\x7f"},
                          {"X\r\nY", "a"},
                          {"X Y", "a"},
                          {"X:", "a"},
                          {"", "a"},
                          {"X\xc3\xa9", "a"}}) {
    CAPTURE(bad.name);
    CAPTURE(bad.value);
    CHECK(accept(request, {.fields = {&bad, 1}}).refusal() == refusal::malformed_field);
    CHECK(accept(request, {.fields = {&bad, 1}}).empty());
    CHECK(reject(request, 403, {.fields = {&bad, 1}}).refusal() == refusal::malformed_field);
  }
  CHECK(reject(request, 200, {.content = "x", .content_type = "text/html\r\nX: y"}).refusal() ==
        refusal::malformed_field);
}

TEST_CASE("4.2.2 SH-37 HP-30 HP-48: what weft writes the caller cannot write again") {
  head_read request(good_request());
  for (const char* name : {"upgrade", "CONNECTION", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol",
                           "Sec-WebSocket-Extensions", "Content-Length", "Transfer-Encoding"}) {
    const field mine{name, "x"};
    CHECK(accept(request, {.fields = {&mine, 1}}).refusal() == refusal::reserved_field);
  }
  for (const char* name : {"Connection", "content-length", "Content-Type", "Transfer-Encoding", "Upgrade",
                           "Sec-WebSocket-Version", "Allow", "Sec-WebSocket-Accept"}) {
    const field mine{name, "x"};
    CHECK(reject(request, 403, {.fields = {&mine, 1}}).refusal() == refusal::reserved_field);
  }
}

TEST_CASE("4.2.2 SH-31: only a complete and valid handshake can be accepted") {
  head_read partial("GET / HTTP/1.1\r\n");
  CHECK(accept(partial).refusal() == refusal::handshake_not_complete);
  CHECK(accept(partial, {.deflate = weft::deflate_parameters{}}).refusal() == refusal::handshake_not_complete);
  head_read invalid(request_with("Upgrade", {}));
  CHECK(accept(invalid).refusal() == refusal::handshake_not_complete);
}

TEST_CASE("RFC 9110 10.1.1 HP-49: who expects 100 gets it before the 101") {
  head_read request(request_with({"Expect: 100-Continue"}));
  CHECK(bytes_of(accept(request)) == "HTTP/1.1 100 Continue\r\n\r\n" + accepted + "\r\n");
}

TEST_CASE("4.4 SH-08 SH-11 HP-43 HP-44: 426 says which version and how") {
  head_read request(request_with("Sec-WebSocket-Version", {"Sec-WebSocket-Version: 8"}));
  CHECK(bytes_of(reject(request)) ==
        "HTTP/1.1 426 Upgrade Required\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
        "13\r\n"
        "Content-Length: 37\r\nContent-Type: text/plain; charset=utf-8\r\n\r\na Sec-WebSocket-Version other than 13");
}

TEST_CASE("4.2.1: 405 says which method") {
  head_read request(good_request("POST /chat HTTP/1.1"));
  CHECK(bytes_of(reject(request)) ==
        "HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nAllow: GET\r\nContent-Length: 23\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\na method other than GET");
}

TEST_CASE("RFC 9110 9.3.2: to a HEAD the content is announced and left out") {
  head_read request(good_request("HEAD / HTTP/1.1"));
  CHECK(bytes_of(reject(request)) ==
        "HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nAllow: GET\r\nContent-Length: 23\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n");
}

TEST_CASE("10.7 SH-34 HP-43: every rule of the handshake has a response with its status, its phrase, and an end") {
  head_read request(good_request());
  int statuses = 0;
  for (const auto& row : weft::detail::rules) {
    const int status = weft::http_status_for(row.broken);
    if (status == 0) continue;
    ++statuses;
    weft::request broken = request;
    broken.status = weft::status::invalid;
    broken.error.rule = row.broken;
    const std::string bytes = bytes_of(reject(broken));
    const std::string line = bytes.substr(0, bytes.find("\r\n"));
    CHECK(line.starts_with("HTTP/1.1 " + std::to_string(status) + " "));
    CHECK(line.size() > 13);
    CHECK(bytes.find("\r\nConnection: close") != std::string::npos);
    CHECK(bytes.ends_with("\r\n\r\n" + std::string(row.words)));
    CHECK(bytes.find("Content-Length: " + std::to_string(row.words.size()) + "\r\n") != std::string::npos);
  }
  CHECK(statuses > 25);
}

TEST_CASE("4.2.2 SH-14 SH-16 SH-36: the caller's own refusals") {
  head_read request(good_request());
  CHECK(bytes_of(reject(request, 403)) == "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  const field location{"Location", "https://example.com/chat"};
  CHECK(bytes_of(reject(request, 307, {.fields = {&location, 1}})) ==
        "HTTP/1.1 307 Temporary Redirect\r\nConnection: close\r\nContent-Length: 0\r\nLocation: "
        "https://example.com/chat\r\n\r\n");
  CHECK(bytes_of(reject(request, 200, {.content = "<p>", .content_type = "text/html"})) ==
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\nContent-Type: text/html\r\n\r\n<p>");
}

TEST_CASE("RFC 9112 4 HP-44: each status has the phrase that IANA lists, and one without a phrase keeps its space") {
  const std::map<int, std::string> phrases{{200, "OK"},
                                           {204, "No Content"},
                                           {301, "Moved Permanently"},
                                           {302, "Found"},
                                           {303, "See Other"},
                                           {304, "Not Modified"},
                                           {307, "Temporary Redirect"},
                                           {308, "Permanent Redirect"},
                                           {400, "Bad Request"},
                                           {401, "Unauthorized"},
                                           {403, "Forbidden"},
                                           {404, "Not Found"},
                                           {405, "Method Not Allowed"},
                                           {408, "Request Timeout"},
                                           {414, "URI Too Long"},
                                           {426, "Upgrade Required"},
                                           {429, "Too Many Requests"},
                                           {431, "Request Header Fields Too Large"},
                                           {500, "Internal Server Error"},
                                           {501, "Not Implemented"},
                                           {503, "Service Unavailable"},
                                           {505, "HTTP Version Not Supported"}};
  head_read request(good_request());
  for (int status = 200; status <= 599; ++status) {
    CAPTURE(status);
    const auto known = phrases.find(status);
    const std::string phrase = known == phrases.end() ? "" : known->second;
    const std::string bytes = bytes_of(reject(request, static_cast<std::uint16_t>(status)));
    CHECK(bytes.starts_with("HTTP/1.1 " + std::to_string(status) + " " + phrase + "\r\n"));
  }
}

TEST_CASE("RFC 9110 15: what cannot end a handshake is no status of a refusal") {
  head_read request(good_request());
  for (const int status : {0, 1, 100, 101, 103, 199, 600, 999}) {
    CHECK(reject(request, static_cast<std::uint16_t>(status)).refusal() == refusal::unsendable_status);
  }
  CHECK(reject(request).refusal() == refusal::unsendable_status);
  CHECK(reject(request, 205, {.content = "x"}).refusal() == refusal::unsendable_status);
  for (const int status : {204, 304}) {
    CHECK(reject(request, static_cast<std::uint16_t>(status), {.content = "x"}).refusal() ==
          refusal::unsendable_status);
    CHECK(bytes_of(reject(request, static_cast<std::uint16_t>(status))).find("Content-Length") == std::string::npos);
  }
}

TEST_CASE("a response fits to the last byte, in any kind of bytes, and is not begun where it does not") {
  head_read request(good_request());
  const auto response = accept(request);
  std::string exact(response.size(), '.');
  CHECK(response.copy_to(exact).size() == exact.size());
  std::string small(response.size() - 1, '.');
  CHECK(response.copy_to(small).empty());
  CHECK(small == std::string(small.size(), '.'));
  std::vector<std::byte> bytes(response.size());
  CHECK(response.copy_to(bytes).size() == bytes.size());
}
