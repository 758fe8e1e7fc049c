// SPDX-License-Identifier: MIT
#include <weft/handshake/fields.hpp>

#include <cctype>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/guarded.hpp"

using namespace weft;

namespace {

std::vector<std::string> elements_of(std::string_view list) {
  std::vector<std::string> all;
  // Against an unmapped page, so that a step behind the value's end faults.
  const auto guarded = support::shared_guarded().place(list, support::flush::back);
  list_reader reader({reinterpret_cast<const char*>(guarded.data()), guarded.size()});
  while (const auto element = reader.next()) all.emplace_back(*element);
  return all;
}

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("RFC 9110 5.6.2 HP-37: the characters of a token, all 256 bytes") {
  int known = 0;
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool expected =
        std::string_view("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz").find(c) !=
        std::string_view::npos;
    CHECK(is_token(c) == expected);
    known += is_token(c) ? 1 : 0;
  }
  CHECK(known == 77);
  CHECK(is_token("chat"));
  CHECK(!is_token(""));
  CHECK(!is_token("a b"));
}

TEST_CASE("RFC 9110 5.5 HP-24 HP-25 HP-26: what a value may hold, all 256 bytes") {
  for (int i = 0; i < 256; ++i) {
    const std::string value = std::string("a") + static_cast<char>(i) + "b";
    CHECK(is_field_value(value) == (i == '\t' || (i >= 0x20 && i != 0x7F)));
  }
  CHECK(is_field_value(""));
}

TEST_CASE("RFC 9110 5.1 HP-27: names are compared without case, and only ASCII has one") {
  CHECK(equal_ignoring_case("sEC-wEBSOCKET-kEY", "Sec-WebSocket-Key"));
  CHECK(!equal_ignoring_case("Host", "Hosts"));
  CHECK(!equal_ignoring_case("Host", "Hosu"));
  CHECK(!equal_ignoring_case("@[`{", "`{@["));
  for (int i = 0; i < 256; ++i) {
    for (int j = 0; j < 256; ++j) {
      const char a = static_cast<char>(i), b = static_cast<char>(j);
      const bool letters = (i | 0x20) >= 'a' && (i | 0x20) <= 'z' && i < 128;
      if (equal_ignoring_case({&a, 1}, {&b, 1}) != (i == j || (letters && (i ^ j) == 0x20)))
        FAIL_CHECK(i << " and " << j);
    }
  }
}

TEST_CASE("RFC 9110 5.1 HP-27: a name that is looked for is found in any case, and by all of its characters") {
  for (const std::string name : {"Host", "Origin", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Extensions"}) {
    std::string upper = name;
    for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    CHECK(detail::is_called(upper, name));
    CHECK(!detail::is_called(upper + "x", name));
    for (std::size_t i = 0; i < name.size(); ++i) {
      for (char c = '!'; c <= '~'; ++c) {
        std::string other = name;
        other[i] = c;
        const bool same = c == name[i] || (std::isalpha(static_cast<unsigned char>(c)) != 0 && (c ^ name[i]) == 0x20);
        if (detail::is_called(other, name) != same) FAIL_CHECK(other);
      }
    }
  }
}

TEST_CASE("RFC 9110 5.1 HP-27: each character of a name of each size counts, and its case only where it is a letter") {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (std::size_t size = 1; size <= 26; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int i = 0; i < 256; ++i) {
        std::string name(size, '-'), other(size, '-');
        name[at] = static_cast<char>(i);
        for (const int flip : {0x00, 0x20, 0x80, 0x01}) {
          other[at] = static_cast<char>(i ^ flip);
          const auto guarded = support::shared_guarded().place(other, support::flush::back);
          const std::string_view placed(reinterpret_cast<const char*>(guarded.data()), guarded.size());
          REQUIRE(equal_ignoring_case(name, placed) == (lower(name[at]) == lower(other[at])));
        }
      }
    }
  }
}

TEST_CASE("RFC 9110 5.6.3 HP-20: white space at the ends is spaces and tabs") {
  CHECK(trimmed(" \t websocket \t") == "websocket");
  CHECK(trimmed("a b") == "a b");
  CHECK(trimmed(" \t ").empty());
  CHECK(trimmed("").empty());
  CHECK(trimmed("\va\v") == "\va\v");
}

TEST_CASE("RFC 9110 5.6.1 HP-35: elements of a list, the empty ones passed over") {
  CHECK(elements_of("chat, superchat") == strings{"chat", "superchat"});
  CHECK(elements_of(", chat,, superchat ,") == strings{"chat", "superchat"});
  CHECK(elements_of("a") == strings{"a"});
  CHECK(elements_of("").empty());
  CHECK(elements_of(" , \t,").empty());
  CHECK(elements_of(std::string(10000, ',')).empty());
}

TEST_CASE("RFC 9110 5.6.4 HP-39: a comma in a quoted string parts nothing") {
  CHECK(elements_of("a; b=\"x,y\", c") == strings{"a; b=\"x,y\"", "c"});
  CHECK(elements_of("a=\"\\\",\", b") == strings{"a=\"\\\",\"", "b"});
  CHECK(elements_of("a=\"open, b") == strings{"a=\"open, b"});
  CHECK(elements_of("a=\"\\") == strings{"a=\"\\"});
}

TEST_CASE("4.2.1 SH-04 SH-05: a token in a list, whole and in any case") {
  CHECK(contains_token("keep-alive, UPGRADE", "upgrade"));
  CHECK(contains_token("h2c, WebSocket", "websocket"));
  CHECK(!contains_token("upgrades", "upgrade"));
  CHECK(!contains_token("websocket/13", "websocket"));
  CHECK(!contains_token("web socket", "websocket"));
  CHECK(!contains_token("", "upgrade"));
}

TEST_CASE("fields are read in order, by pulling or by a loop, and found by name") {
  const fields all("Host: a\r\nX-Empty:\r\nCookie:  a=1 \r\ncookie: b=2\r\n");
  strings names;
  for (const auto& field : all) names.emplace_back(std::string(field.name) + "=" + std::string(field.value));
  CHECK(names == strings{"Host=a", "X-Empty=", "Cookie=a=1", "cookie=b=2"});
  auto third = all.begin();
  third++;
  ++third;
  CHECK((*third).value == "a=1");
  CHECK(all.find("COOKIE") == "a=1");
  CHECK(all.find("x-empty") == "");
  CHECK(!all.find("Missing").has_value());
  CHECK(!fields().find("Host").has_value());
}

TEST_CASE("RFC 9110 5.3 HP-29: fields of one name are one list, in their order") {
  const fields all("P: a, b\r\nQ: x\r\np:\r\nP: ,c\r\n");
  strings seen;
  for (const auto element : field_list(all, "P")) seen.emplace_back(element);
  CHECK(seen == strings{"a", "b", "c"});
}

TEST_CASE("9.1 EX-01 EX-02 EX-03 HP-38 HP-39: the grammar of an extension") {
  for (const char* good : {"a", "permessage-deflate", "a;b", "a; b=c", "a ; b = c", "a;b=\"c\"", "a;b=\"1\\0\"",
                           "a\t;\tb\t=\t\"c\"", "a;b;c=1;d", "constructor", "__proto__"}) {
    CAPTURE(good);
    CHECK(is_extension(good));
  }
  for (const char* bad : {"", ";", "a;", "a;=1", "a=b", "a;b=", "a;b=\"", "a b", "a;b=\"c d\"", "a;b=\"\"", "a;b=\"c",
                          "a;b=\"\\", "a;b=\"c\"d", "a;;b", "a; b=c d", "\"a\"", "a;b=\\c", ";a", "a;b=\"c\" d"}) {
    CAPTURE(bad);
    CHECK(!is_extension(bad));
  }
}

TEST_CASE("D-03: an unclosed quoted string is refused, whatever its length") {
  std::string value = "a;b=\"";
  for (int i = 0; i < 65536; ++i) value += "\\c";
  CHECK(!is_extension(value));
}

TEST_CASE("RFC 6265 4.2.1: cookies") {
  CHECK(find_cookie("a=1; b=2; c=3", "b") == "2");
  CHECK(find_cookie("a=1;b=2", "b") == "2");
  CHECK(find_cookie("ab=1; b=x=y", "b") == "x=y");
  CHECK(find_cookie("B=1", "b") == std::nullopt);
  CHECK(find_cookie("b", "b") == std::nullopt);
  CHECK(find_cookie("", "b") == std::nullopt);
  CHECK(find_cookie("b=", "b") == "");
  CHECK(find_cookie(";;; b=1", "b") == "1");
}

static_assert(contains_token("keep-alive, Upgrade", "upgrade") &&
              is_extension("permessage-deflate; client_max_window_bits"));
