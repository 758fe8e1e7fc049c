// SPDX-License-Identifier: MIT
#include <weft/handshake/server.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/request.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::rule;
using weft::status;

namespace {

std::string joined(const weft::field_list& list) {
  std::string all;
  for (const auto element : list) all += (all.empty() ? "" : "|") + std::string(element);
  return all;
}

}  // namespace

TEST_CASE("1.3 4.2.1: the RFC's request") {
  const std::string text =
      head({"GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: http://example.com",
            "Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Version: 13"});
  for_every_drip(text, [](const weft::request& request, const std::string& left) {
    CHECK(request.status == status::complete);
    CHECK(request.method == "GET");
    CHECK(request.target == "/chat");
    CHECK(request.host == "server.example.com");
    CHECK(request.origin == "http://example.com");
    CHECK(request.key == example_key_text);
    CHECK(joined(request.subprotocols()) == "chat|superchat");
    CHECK(request.offers("superchat"));
    CHECK(!request.offers("Chat"));
    CHECK(!request.expects_continue);
    CHECK(left.empty());
  });
}

TEST_CASE("RFC 9112 5 HP-18 HP-27: the tutorial's request, without a space after the colons and in lower case") {
  const std::string text =
      head({"GET /chat HTTP/1.1", "host:server.example.com", "upgrade:websocket", "connection:upgrade",
            "sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ==", "origin:http://example.com",
            "sec-websocket-protocol:chat, superchat", "sec-websocket-version:13"});
  for_every_drip(text, [](const weft::request& request, const std::string&) {
    CHECK(request.status == status::complete);
    CHECK(request.host == "server.example.com");
    CHECK(request.fields.find("Host") == "server.example.com");
    CHECK(request.origin == "http://example.com");
    CHECK(joined(request.subprotocols()) == "chat|superchat");
  });
}

TEST_CASE("4.2.1 SH-35 SE-08 HP-28: a browser's request, and what else it says as views") {
  const std::string text = request_with(
      "Connection", {"Connection: keep-alive, Upgrade", "Pragma: no-cache", "Cache-Control: no-cache",
                     "User-Agent: Mozilla/5.0 (X11; Linux x86_64)", "Origin: https://example.com",
                     "Accept-Encoding: gzip, deflate, br", "Accept-Language: en-GB,en;q=0.9",
                     "Cookie: a=1; session=s3cret; c=3", "Authorization: Basic eDp5",
                     "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x; y=\"1\\2\""});
  for_every_drip(text, [](const weft::request& request, const std::string&) {
    CHECK(request.status == status::complete);
    CHECK(request.cookie("session") == "s3cret");
    CHECK(!request.cookie("missing").has_value());
    CHECK(request.fields.find("user-agent") == "Mozilla/5.0 (X11; Linux x86_64)");
    CHECK(request.fields.find("Authorization") == "Basic eDp5");
    CHECK(joined(request.extensions()) == "permessage-deflate; client_max_window_bits|x; y=\"1\\2\"");
  });
}

TEST_CASE("RFC 9110 10.1.1 HP-49: who expects 100 is known, over several fields and members") {
  const auto expects = [](std::initializer_list<std::string_view> lines) {
    bool expected = false;
    for_every_drip(request_with(lines),
                   [&](const weft::request& request, const std::string&) { expected = request.expects_continue; });
    return expected;
  };
  CHECK(expects({"Expect: 100-Continue"}));
  CHECK(expects({"Expect: 100-continue", "Expect: x"}));
  CHECK(!expects({"Expect: 100-continues"}));
  CHECK(!expects({}));
}

TEST_CASE("4.1 SH-32 D-09: bytes behind the head are not touched") {
  const std::string frames = hex("81 85 37fa213d 7f9f4d5158");
  for_every_drip(good_request() + frames, [&](const weft::request& request, const std::string& left) {
    CHECK(request.status == status::complete);
    CHECK(left == frames);
  });
  for_every_drip(request_with("Upgrade", {}) + frames, [&](const weft::request& request, const std::string& left) {
    CHECK(request.status == status::invalid);
    CHECK(left == frames);
  });
}

TEST_CASE("RFC 9110 5.3 HP-31: nothing is complete before the last byte") {
  const std::string request = good_request();
  std::array<char, 1024> storage{};
  weft::request_reader reader(storage);
  for (std::size_t i = 0; i < request.size(); ++i) {
    std::string_view byte(&request[i], 1);
    CHECK(reader.read(byte).status == (i + 1 < request.size() ? status::partial : status::complete));
  }
}

TEST_CASE("buffers and storage of char, unsigned char and std::byte are taken without a cast") {
  const std::string text = good_request();
  const auto reads = [&](auto storage, auto buffer) {
    for (const char c : text) buffer.push_back(static_cast<typename decltype(buffer)::value_type>(c));
    weft::request_reader reader(storage);
    std::span in(buffer);
    return reader.read(in).status == status::complete && in.empty();
  };
  CHECK(reads(std::array<char, 1024>{}, std::vector<std::byte>{}));
  CHECK(reads(std::array<unsigned char, 1024>{}, std::vector<char>{}));
  CHECK(reads(std::array<std::byte, 1024>{}, std::vector<unsigned char>{}));
}

TEST_CASE("a reader that is done takes nothing and changes nothing") {
  std::array<char, 1024> storage{};
  weft::request_reader reader(storage);
  const std::string text = good_request() + "more";
  std::string_view in = text;
  (void)reader.read(in);
  CHECK(in == "more");
  CHECK(reader.read(in).status == status::complete);
  CHECK(in == "more");
}

// The request line

TEST_CASE("RFC 9112 2.2 HP-04: one empty line before the request line is passed over, two are not") {
  check_accepted("\r\n" + good_request());
  check_refused("\r\n\r\n" + good_request(), rule::malformed_request_line, 400);
}

TEST_CASE("RFC 9112 2.2 HP-06: what is not HTTP is refused at once") {
  check_refused(hex("16 03 01 02 00 01 00 01 fc"), rule::control_character, 400);
  check_refused("PRI * HTTP/2.0\r\n", rule::unsupported_http_version, 505);
  check_refused(std::string(3, '\0'), rule::control_character, 400);
  check_refused("SSH-2.0-OpenSSH_9.2\r\n", rule::malformed_request_line, 400);
  for_every_drip(hex("16 03 01 02 00"),
                 [](const weft::request& request, const std::string&) { CHECK(request.error.offset == 0); });
}

TEST_CASE("RFC 9112 3 HP-07 HP-08 HP-11: malformed request lines") {
  for (const char* line :
       {"GET  /chat HTTP/1.1", "GET\t/chat HTTP/1.1", "GET HTTP/1.1", "GET /chat HTTP/1.1 ", "GET /a b HTTP/1.1",
        "GET /chat http/1.1", "GET /chat HTTP/1.10", "GET /chat HTTP/11", "GET /chat"}) {
    check_refused(good_request(line), rule::malformed_request_line, 400);
  }
}

TEST_CASE("4.2.1 SH-01 HP-09: only GET: other methods of HTTP are 405, what is no method is 501") {
  for (const char* method : {"HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}) {
    check_refused(good_request(std::string(method) + " /chat HTTP/1.1"), rule::method_not_allowed, 405);
  }
  for (const char* method : {"GETT", "get", "G", "BREW"})
    check_refused(good_request(std::string(method) + " /chat HTTP/1.1"), rule::unknown_method, 501);
}

TEST_CASE("RFC 9110 7.8 SH-02: HTTP/1.0 has no Upgrade, and needs no Host") {
  check_refused(good_request("GET /chat HTTP/1.0"), rule::missing_upgrade, 426);
  check_refused(request_with("Host", {}, "GET /chat HTTP/1.0"), rule::missing_upgrade, 426);
}

TEST_CASE("RFC 9112 3.2 HP-09: other methods may have other targets") {
  check_refused(good_request("OPTIONS * HTTP/1.1"), rule::method_not_allowed, 405);
  check_refused(good_request("CONNECT h:443 HTTP/1.1"), rule::method_not_allowed, 405);
}

TEST_CASE("4.2.1 SH-01 SH-02: HTTP/1.1 or a later 1.x") {
  check_refused(good_request("GET /chat HTTP/0.9"), rule::unsupported_http_version, 505);
  check_refused(good_request("GET /chat HTTP/2.0"), rule::unsupported_http_version, 505);
  check_accepted(good_request("GET /chat HTTP/1.2"));
}

TEST_CASE("RFC 9112 3.2 HP-17 D-16: malformed targets") {
  for (const char* target : {"/#x", "chat", "*", "/caf\xc3\xa9", "http://", "http://u@h/", "/a\tb"}) {
    check_refused(good_request("GET " + std::string(target) + " HTTP/1.1"), rule::malformed_target, 400);
  }
}

TEST_CASE("RFC 9112 3 HP-10 SE-13: a target up to its limit") {
  const auto target = [](std::size_t size) { return good_request("GET /" + std::string(size - 1, 'a') + " HTTP/1.1"); };
  check_accepted(target(4096));
  check_refused(target(4097), rule::target_too_long, 414);
  for_every_drip(target(11),
                 [](const weft::request& request, const std::string&) {
                   CHECK(request.error == weft::violation{rule::target_too_long, 14});
                 },
                 8192, {.max_target_bytes = 10});
}

TEST_CASE("RFC 9112 3.2.2 HP-15 HP-16: an absolute target's authority counts, and Host does not") {
  for_every_drip(good_request("GET http://other.example:8080/chat?x HTTP/1.1"),
                 [](const weft::request& request, const std::string&) {
                   CHECK(request.status == status::complete);
                   CHECK(request.host == "other.example:8080");
                   CHECK(request.target == "/chat?x");
                 });
}

// Fields

TEST_CASE("RFC 9112 2.2 HP-02 HP-03 HP-50 SE-12 D-14: line ends") {
  check_refused("GET / HTTP/1.1\nHost: a\n\n", rule::bare_line_end, 400);
  check_refused("GET / HTTP/1.1\r\nHost: a\r\n\rX", rule::bare_line_end, 400);
  check_refused(request_with({"A: b\n"}), rule::bare_line_end, 400);
  check_refused(request_with({"A: b\rC"}), rule::bare_line_end, 400);
}

TEST_CASE("RFC 9110 5.5 HP-24 HP-25 D-14: control characters") {
  for (int i = 0; i < 256; ++i) {
    if (i == '\r' || i == '\n') continue;
    const std::string line = std::string("A: b") + static_cast<char>(i) + "c";
    if (i == '\t' || (i >= 0x20 && i != 0x7F)) {
      check_accepted(request_with({line}));
    } else {
      check_refused(request_with({line}), rule::control_character, 400);
    }
  }
  check_refused(request_with({std::string_view("A\0: b", 5)}), rule::control_character, 400);
}

TEST_CASE("RFC 9112 2.2 5.1 5.2 HP-05 HP-18 HP-19 HP-21 D-14: white space and names") {
  check_refused(head({"GET / HTTP/1.1", " Host: a"}), rule::space_before_field, 400);
  check_refused(head({"GET / HTTP/1.1", "\tHost: a"}), rule::space_before_field, 400);
  check_refused(head({"GET / HTTP/1.1", "Host: a", " folded"}), rule::folded_field, 400);
  check_refused(head({"GET / HTTP/1.1", "Host : a"}), rule::space_before_colon, 400);
  check_refused(head({"GET / HTTP/1.1", "Host\t: a"}), rule::space_before_colon, 400);
  check_refused(head({"GET / HTTP/1.1", ": a"}), rule::malformed_field, 400);
  check_refused(head({"GET / HTTP/1.1", "H\"st: a"}), rule::malformed_field, 400);
  check_refused(head({"GET / HTTP/1.1", "Host"}), rule::malformed_field, 400);
}

TEST_CASE("RFC 9110 5.4 HP-28 HP-32 HP-33 D-02: fields up to their limit, and none is dropped") {
  std::string many = "GET /chat HTTP/1.1\r\n";
  for (int i = 0; i < 59; ++i) many += "X-" + std::to_string(i) + ": x\r\n";
  const std::string rest = good_request().substr(20);
  check_accepted(many + rest);
  check_refused(many + "X-59: x\r\n" + rest, rule::too_many_fields, 431);
}

TEST_CASE("RFC 9110 5.4 HP-32 SE-13 D-05: a head up to the size of its storage") {
  const std::string text = good_request();
  for (std::size_t size = 0; size <= text.size() + 1; ++size) {
    for_every_drip(
        text.substr(0, size),
        [&](const weft::request& request, const std::string&) { CHECK(request.status != status::invalid); },
        text.size());
    if (size >= text.size()) continue;
    std::string storage(size, '\0');
    weft::request_reader reader{std::span(storage)};
    std::string_view in = text;
    const auto& refused = reader.read(in);
    CHECK(refused.status == status::invalid);
    CHECK(refused.error.rule == (size < 20 ? rule::target_too_long : rule::head_too_long));
    CHECK(refused.error.offset == size);
  }
}

TEST_CASE("RFC 9112 3.2 SH-03 SH-12 HP-12 HP-13 HP-14: Host") {
  check_refused(request_with("Host", {}), rule::missing_host, 400);
  check_refused(request_with({"Host: server.example.com"}), rule::repeated_host, 400);
  check_refused(request_with({"host: other"}), rule::repeated_host, 400);
  for (const char* host : {"Host:", "Host: a b", "Host: a/b", "Host: a@b", "Host: [::1", "Host: a:99999x"}) {
    check_refused(request_with("Host", {host}), rule::malformed_host, 400);
  }
  check_accepted(request_with("Host", {"Host: [::1]:4000"}));
  check_refused(request_with("Host", {}, "GET http://h/ HTTP/1.1"), rule::missing_host, 400);
}

TEST_CASE("4.2.1 SH-04 SH-30 D-07: Upgrade") {
  for (const char* good :
       {"Upgrade: websocket", "Upgrade: WebSocket", "Upgrade: h2c, websocket", "upgrade:\t WEBSOCKET \t"}) {
    check_accepted(request_with("Upgrade", {good}));
  }
  check_accepted(request_with("Upgrade", {"Upgrade: h2c", "Upgrade: websocket"}));
  check_refused(request_with("Upgrade", {}), rule::missing_upgrade, 426);
  for (const char* bad :
       {"Upgrade: websockets", "Upgrade: web socket", "Upgrade: websocket/13", "Upgrade: h2c", "Upgrade:"}) {
    check_refused(request_with("Upgrade", {bad}), rule::missing_upgrade, 426);
  }
}

TEST_CASE("4.2.1 SH-05 D-18: Connection") {
  for (const char* good : {"Connection: upgrade", "Connection: keep-alive, Upgrade", "Connection: keep-alive , UPGRADE",
                           "Connection: close, upgrade"}) {
    check_accepted(request_with("Connection", {good}));
  }
  check_accepted(request_with("Connection", {"Connection: keep-alive", "Connection: Upgrade"}));
  for (const char* bad : {"Connection: upgrades", "Connection: upgraded", "Connection: close", "X: y"}) {
    check_refused(request_with("Connection", {bad}), rule::missing_connection_upgrade, 400);
  }
}

TEST_CASE("4.2.1 4.4 SH-08 SH-09 SH-10 SH-12 D-12: Sec-WebSocket-Version") {
  check_accepted(request_with("Sec-WebSocket-Version", {"Sec-WebSocket-Version:  13 "}));
  check_refused(request_with("Sec-WebSocket-Version", {}), rule::missing_version, 426);
  for (const char* bad : {"8", "12", "14", "255", "256", "777", "013", "0013", "13.0", "13, 8", "", "1 3", "-13"}) {
    check_refused(request_with("Sec-WebSocket-Version", {std::string("Sec-WebSocket-Version: ") + bad}),
                  rule::unsupported_version, 426);
  }
  check_refused(request_with({"Sec-WebSocket-Version: 13"}), rule::repeated_version, 400);
}

TEST_CASE("4.2.1 11.3.1 SH-06 SH-07 SH-12 SH-27 D-08: Sec-WebSocket-Key") {
  for_every_drip(
      request_with("Sec-WebSocket-Key", {"Sec-WebSocket-Key: \t AQIDBAUGBwgJCgsMDQ4PEC== \t"}),
      [](const weft::request& request, const std::string&) { CHECK(request.key == "AQIDBAUGBwgJCgsMDQ4PEC=="); });
  check_refused(request_with("Sec-WebSocket-Key", {}), rule::missing_key, 400);
  for (const char* bad : {"", "x", "xxxxxxxxxxxxxxxxxxxxxxxx", "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="}) {
    check_refused(request_with("Sec-WebSocket-Key", {std::string("Sec-WebSocket-Key: ") + bad}), rule::malformed_key,
                  400);
  }
  check_refused(request_with({"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}), rule::repeated_key, 400);
  check_refused(request_with({"Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC=="}), rule::repeated_key, 400);
}

TEST_CASE("4.2.1 10.2 SH-13 SH-15 SE-06 D-15: Origin is optional, and there once") {
  for_every_drip(good_request(),
                 [](const weft::request& request, const std::string&) { CHECK(!request.origin.has_value()); });
  for_every_drip(request_with({"Origin: null"}),
                 [](const weft::request& request, const std::string&) { CHECK(request.origin == "null"); });
  check_refused(request_with({"Origin: http://a", "Origin: http://a"}), rule::repeated_origin, 400);
}

TEST_CASE("4.1 11.3.4 SH-12 SH-20 SH-21 SH-22 HP-29 HP-35 HP-36: subprotocols, over several fields, in their order") {
  for_every_drip(request_with({"Sec-WebSocket-Protocol: , chat,, superchat ,", "X: y",
                               "Sec-WebSocket-Protocol:", "sec-websocket-protocol: third"}),
                 [](const weft::request& request, const std::string&) {
                   CHECK(request.status == status::complete);
                   CHECK(joined(request.subprotocols()) == "chat|superchat|third");
                 });
  for (const char* bad : {"Sec-WebSocket-Protocol: , ,", "Sec-WebSocket-Protocol:", "Sec-WebSocket-Protocol: a b",
                          "Sec-WebSocket-Protocol: a, (b)", "Sec-WebSocket-Protocol: \"a\""}) {
    check_refused(request_with({bad}), rule::malformed_subprotocol, 400);
  }
  check_refused(request_with({"Sec-WebSocket-Protocol: chat, chat"}), rule::repeated_subprotocol, 400);
  check_refused(request_with({"Sec-WebSocket-Protocol: chat, b", "Sec-WebSocket-Protocol: c, chat"}),
                rule::repeated_subprotocol, 400);
  check_accepted(request_with({"Sec-WebSocket-Protocol: chat, Chat, chat2"}));
  for_every_drip(request_with({"Sec-WebSocket-Protocol: chat, chat"}),
                 [](const weft::request& request, const std::string&) { CHECK(request.status == status::complete); },
                 8192, {.strictness = {.unique_subprotocols = false}});
}

TEST_CASE("10.4 HP-35: subprotocols up to their limit") {
  std::string list = "Sec-WebSocket-Protocol: p0";
  for (int i = 1; i < 32; ++i) list += ", p" + std::to_string(i);
  check_accepted(request_with({list}));
  check_refused(request_with({list + ", p32"}), rule::too_many_subprotocols, 400);
}

TEST_CASE("9.1 EX-01 EX-02 EX-03 EX-04 EX-16 SH-12 D-04: extensions obey their grammar and are otherwise ignored") {
  for (const char* good : {"permessage-deflate; client_max_window_bits", "constructor, __proto__", "a;b=\"1\\0\"",
                           ", a ,", "a,\tb\t,\t"}) {
    check_accepted(request_with({std::string("Sec-WebSocket-Extensions: ") + good}));
  }
  check_accepted(request_with({"Sec-WebSocket-Extensions: a", "Sec-WebSocket-Extensions: b; c=1"}));
  check_accepted(request_with({"Sec-WebSocket-Extensions:", "Sec-WebSocket-Extensions: a"}));
  for (const char* bad :
       {";", "a;", "a;=1", "a=b", "a;b=", "a;b=\"", "a b", "a;b=\"c d\"", "a;b=\"\"", "", ", ,", ",;constructor"}) {
    check_refused(request_with({std::string("Sec-WebSocket-Extensions: ") + bad}), rule::malformed_extension, 400);
  }
}

TEST_CASE(
    "7692 7 EX-04 EX-13 EX-17 PD-01 PD-02 PD-03 C-03: what is declined refuses no handshake, unless it is no "
    "extension") {
  const auto check_chosen = [](std::initializer_list<std::string_view> lines, std::string_view expected) {
    for_every_drip(request_with(lines), [&](const weft::request& request, const std::string&) {
      CHECK(request.status == status::complete);
      const auto choice = weft::choose_deflate(request.extensions());
      CHECK((choice ? weft::to_text(*choice).view() : "") == expected);
      CHECK(weft::accept(request, {.deflate = choice}).refusal() == weft::refusal::none);
    });
  };
  for (const std::string name : {"server_max_window_bits", "client_max_window_bits"}) {
    const std::string field = "Sec-WebSocket-Extensions: permessage-deflate; " + name;
    for (const char* bad : {"=7", "=16", "=08", "=015", "=999", "=18446744073709551624", "=+9"}) {
      check_chosen({field + bad}, "");
      check_chosen({field + bad + ", permessage-deflate"}, "permessage-deflate");
    }
    check_chosen({field + "= 9"}, "permessage-deflate; " + name + "=9");
    check_chosen({field + "=\"10\""}, "permessage-deflate; " + name + "=10");
    check_refused(request_with({field + "=\"\""}), rule::malformed_extension, 400);
    check_refused(request_with({field + "="}), rule::malformed_extension, 400);
  }
  check_chosen({"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits"}, "");
  check_chosen({"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"}, "permessage-deflate");
  check_chosen({"Sec-WebSocket-Extensions: permessage-deflate; foo", "X: y",
                "sec-websocket-extensions: x, permessage-deflate; server_no_context_takeover"},
               "permessage-deflate; server_no_context_takeover");
  std::string many = "Sec-WebSocket-Extensions: permessage-deflate; foo";
  for (int i = 0; i < 300; ++i) many += ", permessage-deflate; foo";
  check_chosen({many + ", permessage-deflate"}, "");
}

TEST_CASE("8.1 SH-33: what is not UTF-8 is in no part of the handshake, and opaque in other fields") {
  check_refused(good_request("GET /\xff HTTP/1.1"), rule::malformed_target, 400);
  check_refused(request_with("Host", {"Host: \xff"}), rule::malformed_host, 400);
  check_refused(request_with({"Sec-WebSocket-Protocol: \xff"}), rule::malformed_subprotocol, 400);
  check_refused(request_with({"Sec-WebSocket-Extensions: \xff"}), rule::malformed_extension, 400);
  for_every_drip(request_with({"X-Text: \xff"}), [](const weft::request& request, const std::string&) {
    CHECK(request.status == status::complete);
    CHECK(request.fields.find("X-Text") == "\xff");
  });
}

TEST_CASE("RFC 9112 6 HP-40 HP-41 HP-42 SE-12 D-10: a request to upgrade has no content") {
  check_accepted(request_with({"Content-Length: 0"}));
  check_refused(request_with({"Content-Length: 5"}), rule::unexpected_content, 400);
  check_refused(request_with({"Content-Length: 18446744073709551616"}), rule::unexpected_content, 400);
  check_refused(request_with({"Transfer-Encoding: chunked"}), rule::unexpected_content, 400);
  check_refused(request_with({"Transfer-Encoding: xchunked"}), rule::unexpected_content, 400);
  check_refused(request_with({"Content-Length: 0", "Transfer-Encoding: chunked"}), rule::unexpected_content, 400);
  for (const char* bad : {"", "5, 6", "+5", "0x5", "5 5", "-1", "0, 0"}) {
    check_refused(request_with({std::string("Content-Length: ") + bad}), rule::malformed_content_length, 400);
  }
  check_refused(request_with({"Content-Length: 0", "Content-Length: 0"}), rule::malformed_content_length, 400);
}

TEST_CASE("D-07 D-08: with any one of the seven parts left out there is no upgrade") {
  for (const char* name : {"Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}) {
    for_every_drip(request_with(name, {}),
                   [](const weft::request& request, const std::string&) { CHECK(request.status == status::invalid); });
  }
  check_refused("GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: xxxxxxxxxxxxxxxxxxxxxxxx\r\n\r\n", rule::malformed_key,
                400);
}

TEST_CASE("of several broken rules the first is named, and what lacks comes last") {
  for_every_drip(head({"POST / HTTP/1.1", "Host: a b", "Sec-WebSocket-Version: 8"}),
                 [](const weft::request& request, const std::string&) {
                   CHECK(request.error == weft::violation{rule::method_not_allowed, 0});
                 });
  for_every_drip(head({"GET / HTTP/1.1", "Host: a b", "Sec-WebSocket-Version: 8"}),
                 [](const weft::request& request, const std::string&) {
                   CHECK(request.error == weft::violation{rule::malformed_host, 22});
                 });
  for_every_drip(head({"GET / HTTP/1.1", "Host: a"}), [](const weft::request& request, const std::string&) {
    CHECK(request.error == weft::violation{rule::missing_upgrade, 25});
  });
  // HTTP's grammar comes before all that.
  for_every_drip(head({"POST / HTTP/1.1", "Host: a b", "bad"}), [](const weft::request& request, const std::string&) {
    CHECK(request.error == weft::violation{rule::malformed_field, 31});
  });
}

TEST_CASE("a request that is no upgrade is there whole, for who serves a page on the same port") {
  for_every_drip(head({"GET /page?q HTTP/1.1", "Host: a", "Cookie: x=y"}),
                 [](const weft::request& request, const std::string&) {
                   CHECK(request.error.rule == rule::missing_upgrade);
                   CHECK(request.target == "/page?q");
                   CHECK(request.host == "a");
                   CHECK(request.cookie("x") == "y");
                 });
}

TEST_CASE("RFC 9110 15.3.5 15.3.6 15.4.5: a status that has no content is refused with any") {
  std::string storage(8192, '\0');
  weft::request_reader reader(std::span<char>{storage});
  const std::string text = good_request();
  std::string_view in = text;
  const weft::request& request = reader.read(in);
  for (const std::uint16_t status : std::initializer_list<std::uint16_t>{204, 205, 304}) {
    CHECK(weft::reject(request, status).refusal() == weft::refusal::none);
    CHECK(weft::reject(request, status, {.content = "x"}).refusal() == weft::refusal::unsendable_status);
  }
}

TEST_CASE("11.3.3: what only a response says is passed over") {
  check_accepted(request_with({"Sec-WebSocket-Accept: x", "Sec-WebSocket-Accept: y"}));
}

TEST_CASE("SE-14 D-01: a head that drips in costs the same for each byte, however long it is") {
  // Eight times the bytes: a cost that grows with the square would be 64 times.
  const auto cost = [](std::size_t size) {
    std::string storage(size + 1000, '\0');
    const std::string text = request_with({"Cookie: " + std::string(size, 'x'), "Sec-WebSocket-Protocol: a, b, c"});
    auto best = std::chrono::steady_clock::duration::max();
    for (int run = 0; run < 9; ++run) {
      const auto start = std::chrono::steady_clock::now();
      weft::request_reader reader{std::span(storage)};
      for (const char& c : text) {
        std::string_view byte(&c, 1);
        (void)reader.read(byte);
      }
      best = std::min(best, std::chrono::steady_clock::now() - start);
    }
    return static_cast<double>(best.count());
  };
  const double ratio = cost(64 * 1024) / cost(8 * 1024);
  CAPTURE(ratio);
  CHECK(ratio < 24);
}

// At compile time: the RFC's example and the tutorial's request.
static_assert([] {
  for (std::string_view in :
       {std::string_view(
            "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n"
            "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n"),
        std::string_view("GET /chat HTTP/1.1\r\nhost:server.example.com\r\nupgrade:websocket\r\nconnection:upgrade\r\n"
                         "sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ==\r\norigin:http://example.com\r\n"
                         "sec-websocket-protocol:chat, superchat\r\nsec-websocket-version:13\r\n\r\n")}) {
    std::array<char, 512> storage{};
    weft::request_reader reader(storage);
    const auto& request = reader.read(in);
    if (request.status != status::complete || !in.empty() || request.target != "/chat" || !request.offers("superchat"))
      return false;
    std::array<char, 256> response{};
    const auto written = weft::accept(request, {.protocol = "chat"}).copy_to(response);
    if (std::string_view(written.data(), written.size()) !=
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n") {
      return false;
    }
  }
  return true;
}());

TEST_CASE("RFC 9112 2.2 3 HP-04: offsets in the request line, also behind an empty line") {
  const auto check = [](const std::string& line, rule broken, std::size_t at) {
    CAPTURE(line);
    for (const std::string before : {"", "\r\n"}) {
      for_every_drip(before + good_request(line), [&](const weft::request& request, const std::string&) {
        CHECK(request.error == weft::violation{broken, before.size() + at});
      });
    }
  };
  check(" /chat HTTP/1.1", rule::malformed_request_line, 0);
  check("G@T /chat HTTP/1.1", rule::malformed_request_line, 1);
  check("GET  HTTP/1.1", rule::malformed_request_line, 4);
  check("GET /chat HTTP/2.1", rule::unsupported_http_version, 15);
  for (const char* version : {"HTTP/:.1", "HTTP//.1", "HTTP/1.:", "HTTP/1./"})
    check("GET /chat " + std::string(version), rule::malformed_request_line, 10);
}

TEST_CASE("4.2.1 D-07: what one field says is not taken for another") {
  check_refused(request_with("Connection", {"Connection: x", "Host: upgrade"}), rule::repeated_host, 400);
  const auto without = [](std::string text, std::string_view field) {
    return text.erase(text.find(field), field.size());
  };
  check_refused(without(request_with("Host", {"Host: upgrade"}), "Connection: Upgrade\r\n"),
                rule::missing_connection_upgrade, 400);
  check_refused(without(request_with("Connection", {"Connection: Upgrade, websocket"}), "Upgrade: websocket\r\n"),
                rule::missing_upgrade, 426);
  check_refused(request_with({"Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: ,"}),
                rule::malformed_extension, 400);
}

TEST_CASE("RFC 9110 5.6.3 EX-01: tabs between extensions and around their parameters") {
  for (const std::string value : {"a,\tb", "a\t,\tb", "a\t; x\t=\t1,\t\tb", ",\ta,\t,b"}) {
    for_every_drip(request_with({"Sec-WebSocket-Extensions: " + value}),
                   [](const weft::request& request, const auto&) { CHECK(request.status == status::complete); });
  }
}
