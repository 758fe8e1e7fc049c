// SPDX-License-Identifier: MIT
#include <weft/handshake/head.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/cuts.hpp"

using namespace support;
using weft::is_host;
using weft::parse_field_line;
using weft::parse_request_line;
using weft::parse_target;
using weft::rule;
using weft::status;

namespace {

/// The lines of an input as the reader gives them, then how it ended: the same for every cut.
std::string lines_of(std::string_view input, std::size_t storage_size = 1024) {
  std::string all;
  for (const cut& pieces : cuts_of(input.size())) {
    for (const flush side : {flush::back, flush::front}) {
      guarded storage(storage_size);
      const auto memory = storage.span(storage_size, side);
      weft::line_reader lines({reinterpret_cast<char*>(memory.data()), memory.size()});
      std::string seen;
      bool over = false;
      feed(input, pieces, side, [&](std::span<std::byte> in) {
        while (!over) {
          const auto line = lines.next(in);
          if (line.status == status::partial) break;
          over = line.status == status::invalid;
          seen += over ? std::string(weft::name(line.error.rule)) + " at " + std::to_string(line.error.offset)
                       : "[" + std::string(line.line) + "]";
        }
      });
      ++cuts_run;
      if (all.empty()) all = seen;
      CHECK(seen == all);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("RFC 9112 2.2: lines end in CRLF") {
  CHECK(lines_of("GET / HTTP/1.1\r\nHost: a\r\n\r\nbehind") == "[GET / HTTP/1.1][Host: a][]");
  CHECK(lines_of("\r\n\r\n") == "[][]");
}

TEST_CASE("RFC 9112 2.2 HP-02 HP-03 HP-50 D-14: CR or LF alone, at the byte that shows it") {
  CHECK(lines_of("ab\ncd\r\n") == "bare_line_end at 2");
  CHECK(lines_of("ab\rcd\r\n") == "bare_line_end at 3");
  CHECK(lines_of("ab\r\r\n") == "bare_line_end at 3");
  CHECK(lines_of("a\r\n\n") == "[a]bare_line_end at 3");
  CHECK(lines_of("a\r\n\rX") == "[a]bare_line_end at 4");
}

TEST_CASE("RFC 9112 2.2 HP-03: CR at every position of a line") {
  const std::string line = "Host: server.example.com";
  for (std::size_t i = 0; i <= line.size(); ++i) {
    std::string broken = line;
    broken.insert(i, 1, '\r');
    CHECK(lines_of(broken + ".\r\n") == "bare_line_end at " + std::to_string(i + 1));
  }
}

TEST_CASE("RFC 9110 5.5 HP-01 HP-24 HP-25 HP-26: every byte in a line") {
  for (int i = 0; i < 256; ++i) {
    if (i == '\r' || i == '\n') continue;
    const char c = static_cast<char>(i);
    const bool fine = i == '\t' || (i >= 0x20 && i != 0x7F);
    CHECK(lines_of(std::string("a") + c + "\r\n") ==
          (fine ? "[a" + std::string(1, c) + "]" : "control_character at 1"));
  }
}

TEST_CASE("RFC 9110 5.4 HP-32: a head fits its storage to the last byte, and none more") {
  CHECK(lines_of("abc\r\nde\r\n", 9) == "[abc][de]");
  CHECK(lines_of("abc\r\ndef\r\n", 9) == "[abc]head_too_long at 9");
  CHECK(lines_of("abc", 0) == "head_too_long at 0");
}

TEST_CASE("RFC 9112 3 HP-07 HP-08 HP-11: request lines") {
  const auto good = parse_request_line("GET /chat?a=b HTTP/1.1");
  CHECK(good.error.rule == rule::none);
  CHECK(good.method == "GET");
  CHECK(good.target == "/chat?a=b");
  CHECK(good.major == '1');
  CHECK(good.minor == '1');
  for (const char* bad :
       {"", "GET", "GET ", "GET /", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", "GET\t/ HTTP/1.1",
        " GET / HTTP/1.1", "GET /a b HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.10", "GET / HTTP/11", "GET / HTTP/1.",
        "GET / HTTP/x.1", "GET / HTTP/1.x", "GET / HTTP/1-1", "G(T / HTTP/1.1", "GET HTTP/1.1"}) {
    CAPTURE(bad);
    CHECK(parse_request_line(bad).error.rule == rule::malformed_request_line);
  }
  CHECK(parse_request_line("G(T / HTTP/1.1").error.at == 1);
  CHECK(parse_request_line("GET  / HTTP/1.1").error.at == 4);
  CHECK(parse_request_line("GET /a b HTTP/1.1").error.at == 7);
}

TEST_CASE("RFC 9112 5 HP-18 HP-19 HP-20: field lines") {
  for (const char* line : {"Name:value", "Name: value", "Name:\t value \t", "Name:value "}) {
    const auto parsed = parse_field_line(line);
    CHECK(parsed.error.rule == rule::none);
    CHECK(parsed.field.name == "Name");
    CHECK(parsed.field.value == "value");
  }
  CHECK(parse_field_line("Name:").field.value.empty());
  CHECK(parse_field_line("Name: a:b").field.value == "a:b");
  for (const char* bad : {":", ": value", "Name", "Na me: value", "N\"me: value", "Name;", "(: x", "Name \t"}) {
    CAPTURE(bad);
    CHECK(parse_field_line(bad).error.rule == rule::malformed_field);
  }
  for (const char* bad : {"Upgrade : websocket", "Upgrade\t:", "Upgrade \t : x"})
    CHECK(parse_field_line(bad).error.rule == rule::space_before_colon);
}

TEST_CASE("RFC 9112 3.2 HP-15 HP-16 HP-17: targets") {
  const auto parts = [](std::string_view target) {
    const auto parsed = parse_target(target);
    return parsed.valid ? std::string(parsed.authority) + " " + std::string(parsed.resource) : "invalid";
  };
  CHECK(parts("/") == " /");
  CHECK(parts("/chat?a=b/c") == " /chat?a=b/c");
  CHECK(parts("http://h/chat") == "h /chat");
  CHECK(parts("HTTPS://h:8080/chat") == "h:8080 /chat");
  CHECK(parts("ws://h") == "h /");
  CHECK(parts("wss://h?x=y") == "h ?x=y");
  CHECK(parts("//h/path") == " //h/path");
  for (const char* bad : {"", "*", "chat", "h:80", "http:/h", "http://", "http:///x", "ftp://h/", "http://u@h/", "/#x",
                          "/a\x7f", "/\xc3\xa9", "http://h h/", "/a b"}) {
    CAPTURE(bad);
    CHECK(parts(bad) == "invalid");
  }
}

TEST_CASE("RFC 3986 3.2.2 HP-14: hosts") {
  for (const char* good : {"a", "server.example.com", "a:80", "a:", "a:65535", "127.0.0.1:4000", "[::1]", "[::1]:4000",
                           "[::ffff:1.2.3.4]", "a%20b", "a_b~c!", "a;b=c,d(e)", "[::]", "a%20", "a%fF:80"}) {
    CAPTURE(good);
    CHECK(is_host(good));
  }
  for (const char* bad :
       {"",      ":80",    "a b",    "a/b",  "a@b",     "a?b",     "a#b",           "[::1",    "[]",  "[g::1]",
        "[::g]", "[::1]x", "::1",    "a:b",  "a:99999", "a:65536", "a:99999999999", "a:-1",    "a%2", "a%zz",
        "a%2g",  "a%g2",   "a%2:80", "a\\b", "a\"b",    "a,b c",   "a^b",           "\xc3\xa9"}) {
    CAPTURE(bad);
    CHECK(!is_host(bad));
  }
}

static_assert(parse_field_line("host:server.example.com").field.value == "server.example.com");
