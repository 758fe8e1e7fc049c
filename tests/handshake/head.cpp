// SPDX-License-Identifier: MIT
#include <weft/handshake/head.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/cuts.hpp"

using namespace support;
using weft::parse_field_line;
using weft::parse_request_line;
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

TEST_CASE(
    "RFC 9112 2.2 HP-02 HP-03: a line ends or is broken at each place of the 64 bytes that are looked at together") {
  for (std::size_t size = 0; size <= 140; ++size) {
    const std::string line(size, 'x');
    const auto at = [&](const char* rule, std::size_t offset) { return rule + (" at " + std::to_string(offset)); };
    CHECK(lines_of(line + "\r\nb\r\n\r\n") == "[" + line + "][b][]");
    CHECK(lines_of(line + "\r\n\n") == "[" + line + "]" + at("bare_line_end", size + 2));
    CHECK(lines_of(line + "\n.") == at("bare_line_end", size));
    CHECK(lines_of(line + "\r.") == at("bare_line_end", size + 1));
    CHECK(lines_of(line + "\x7f.") == at("control_character", size));
    CHECK(lines_of(line + "\t\xff\r\n") == "[" + line + "\t\xff]");
    CHECK(lines_of(line + "\r\n", size + 1) == at("head_too_long", size + 1));
  }
}

TEST_CASE("all lines at once are those that come one by one, and nothing behind the last is taken") {
  for (std::size_t size = 0; size <= 140; ++size) {
    const std::string head = "GET / HTTP/1.1\r\n" + std::string(size, 'x') + "\r\nHost: a\r\n\r\n";
    std::string input = head + "\x81\x80\r\n";
    for (const cut& pieces : cuts_of(input.size())) {
      guarded storage(1024);
      const auto memory = storage.span(head.size(), flush::back);
      weft::line_reader lines({reinterpret_cast<char*>(memory.data()), memory.size()});
      std::string seen, left;
      bool over = false;
      feed(input, pieces, flush::back, [&](std::span<std::byte> in) {
        if (!over) {
          const auto last = lines.each(in, [&](std::string_view line) {
            seen += "[" + std::string(line) + "]";
            return !line.empty() || size == 0;
          });
          over = last.status != status::partial;
        }
        left.append(reinterpret_cast<const char*>(in.data()), in.size());
      });
      const std::string expected = "[GET / HTTP/1.1][" + std::string(size, 'x') + "][Host: a][]";
      CHECK(seen == expected);
      CHECK(lines.text() == head);
      if (size != 0) CHECK(left == input.substr(head.size()));
    }
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

TEST_CASE("RFC 9112 4 HP-45 HP-46: status lines") {
  const auto good = weft::parse_status_line("HTTP/1.1 101 Switching Protocols");
  CHECK(good.error.rule == rule::none);
  CHECK(good.code == 101);
  CHECK(good.major == '1');
  CHECK(good.minor == '1');
  CHECK(weft::parse_status_line("HTTP/1.1 599 ").code == 599);
  CHECK(weft::parse_status_line("HTTP/1.0 200 OK").minor == '0');
  CHECK(weft::parse_status_line("HTTP/1.1 101 caf\xc3\xa9\t").code == 101);
  for (const char* bad : {"", "HTTP/1.1 101", "HTTP/1.1  101 ", "HTTP/1.1 0101 ", "HTTP/1.1 10 x", "HTTP/1.1 1e1 ",
                          "HTTP/1.1 099 ", "http/1.1 101 ", "HTTP/11 101 x", "HTTP/1.1\t101 ", "HTTP/1.1 101\tx",
                          "HTTP/x.1 101 ", "HTTP/1.x 101 ", "HTTP/1.1 1011 "}) {
    CAPTURE(bad);
    CHECK(weft::parse_status_line(bad).error.rule == rule::malformed_status_line);
  }
}

static_assert(parse_field_line("host:server.example.com").field.value == "server.example.com");
