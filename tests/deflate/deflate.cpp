// SPDX-License-Identifier: MIT
//
// deflate.cpp: what either side makes of compressed messages, and a client and a server that talk to each other.
#include <weft/deflate/deflate.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/cuts.hpp"
#include "support/deflated.hpp"
#include "support/texts.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::role;

namespace {

const std::string hello = hex("f2 48 cd c9 c9 07 00");  // 7.2.3.1
const reading without_takeover{.agreed = agreed(15, false)};

/// A whole message, or the first frame of one, and one that goes on.
sent_frame text_frame(const std::string& payload, fin last = fin::yes) {
  return {rsv1 | first_byte(1, last), payload};
}
sent_frame binary_frame(const std::string& payload, fin last = fin::yes) {
  return {rsv1 | first_byte(2, last), payload};
}
sent_frame more_frame(const std::string& payload, fin last = fin::yes) {
  return {first_byte(0, last), payload};
}

}  // namespace

// RFC 7692 section 7.2.3

TEST_CASE("7692 7.2.3.1 PD-21 PD-24 PD-28: one compressed block") {
  check_every_cut_inflated<role::client>(hex("c1 07 f2 48 cd c9 c9 07 00"), "text Hello fin");
  check_deflated({text_frame(hello)}, "text Hello fin");
  check_deflated({binary_frame(hello)}, "binary Hello fin");
}

TEST_CASE("7692 7.2.3.1 PD-21 PD-33: in fragments, cut anywhere") {
  check_every_cut_inflated<role::client>(hex("41 03 f2 48 cd 80 04 c9 c9 07 00"), "text Hello fin");
  for (std::size_t first = 0; first <= hello.size(); ++first) {
    const std::vector<sent_frame> two{text_frame(hello.substr(0, first), fin::no), more_frame(hello.substr(first))};
    check_deflated(two, "text Hello fin");
    for (std::size_t second = first; second <= hello.size(); ++second) {
      const reading quick{.spans = {1, 3, 64}};
      const std::vector<sent_frame> three{text_frame(hello.substr(0, first), fin::no),
                                          more_frame(hello.substr(first, second - first), fin::no),
                                          more_frame(hello.substr(second))};
      check_deflated(three, "text Hello fin", quick);
    }
  }
}

TEST_CASE("7692 7.2.3.2 PD-29: a second message refers to the first") {
  check_deflated({text_frame(hello), text_frame(hello)}, "text Hello fin; text Hello fin");
  check_deflated({text_frame(hello), text_frame(hex("f2 00 11 00 00"))}, "text Hello fin; text Hello fin");
  check_deflated({text_frame(hello), text_frame(hex("f2 00 11 00 00")), binary_frame(hex("f2 00 11 00 00"))},
                 "text Hello fin; text Hello fin; binary Hello fin");
}

TEST_CASE("7692 7.2.3.2 PD-31: and cannot without context takeover") {
  check_deflated({text_frame(hello), text_frame(hello)}, "text Hello fin; text Hello fin", without_takeover);
  check_deflated({text_frame(hello), text_frame(hex("f2 00 11 00 00"))},
                 "text Hello fin; text H; violation invalid_deflate at @1 close 1007", without_takeover);
  // each side has its own window
  auto half = agreed();
  half.client_no_context_takeover = true;
  const std::vector<sent_frame> two{text_frame(hello), text_frame(hex("f2 00 11 00 00"))};
  check_every_cut_inflated<role::client>(wire_of(role::server, two), "text Hello fin; text Hello fin", {half});
  check_every_cut_inflated<role::server>(
      wire_of(role::client, two),
      with_offsets("text Hello fin; text H; violation invalid_deflate at @1 close 1007", role::client, two), {half});
}

TEST_CASE("7692 7.2.3.3 PD-26: a block without compression") {
  check_every_cut_inflated<role::client>(hex("c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00"), "text Hello fin");
  check_deflated({text_frame(hex("00 05 00 fa ff 48 65 6c 6c 6f 00"))}, "text Hello fin");
}

TEST_CASE("7692 7.2.3.4 C-08 PD-26 PD-27: a final block is not the end, and the window is kept behind it") {
  check_deflated({text_frame(hex("f3 48 cd c9 c9 07 00 00"))}, "text Hello fin");
  check_deflated({text_frame(hex("f3 48 cd c9 c9 07 00 00")), text_frame(hex("f2 00 11 00 00"))},
                 "text Hello fin; text Hello fin");
  // another block behind it, which refers to it; and stored final ones, the last of which ends the message
  check_deflated(
      {text_frame(blocks().fixed(true).literals("abc").end().skip_to_byte().fixed().match(3, 3).end().message())},
      "text abcabc fin");
  check_deflated({text_frame(blocks().stored("abc", true).stored("de", true).message(true)), text_frame(hello)},
                 "text abcde fin; text Hello fin");
  check_deflated({text_frame(blocks().fixed(true).end().skip_to_byte().fixed(true).end().skip_to_byte().message())},
                 "text fin");
}

TEST_CASE("7692 7.2.1 C-08 PD-27: the bits behind a final block are zeros") {
  for (unsigned bits = 1; bits < 64; bits *= 2) {
    blocks bad;
    bad.fixed(true).literals("Hello").end();  // 2 bits of the last byte are used
    REQUIRE(bad.used_bits() == 2);
    const std::string message = bad.number(bits, 6).stored("x").message();
    check_deflated({text_frame(message)}, "text Hello; violation invalid_deflate at @0 close 1007",
                   {.spans = {1, 5, 4096}});
    CHECK(reference_inflater().inflate(message).broken == weft::rule::invalid_deflate);
  }
}

TEST_CASE("7692 7.2.3.5 PD-26: two blocks in one message") {
  check_every_cut_inflated<role::client>(hex("c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00"), "text Hello fin");
  check_deflated({text_frame(hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"))}, "text Hello fin");
}

TEST_CASE("7692 7.2.3.6 PD-32: an empty message is one byte") {
  check_every_cut_inflated<role::client>(hex("c1 01 00"), "text fin");
  check_deflated({text_frame(hex("00")), binary_frame(hex("00")), text_frame(hello)},
                 "text fin; binary fin; text Hello fin");
  check_deflated({text_frame(hex("00"), fin::no), more_frame("", fin::no), more_frame("")}, "text fin");
  check_deflated({text_frame("", fin::no), more_frame(hex("00"))}, "text fin");
  check_deflated({text_frame(hex("02 00")), text_frame(hex("03 00 00"))}, "text fin; text fin");
}

TEST_CASE("7692 7.2.3.6 C-10 PD-32: and one of no bytes is an error") {
  for (const bool takeover : {true, false}) {
    const reading how{.agreed = agreed(15, takeover)};
    check_deflated({text_frame("")}, "violation truncated_deflate at @0 close 1007", how);
    check_deflated({text_frame(hello), text_frame(""), text_frame(hello)},
                   "text Hello fin; violation truncated_deflate at @1 close 1007", how);
    check_deflated({text_frame("", fin::no), more_frame("", fin::no), more_frame("")},
                   "violation truncated_deflate at @0 close 1007", how);
  }
}

// What is malformed

TEST_CASE("7692 7.2.2 C-05 C-13 PD-35: data that is not DEFLATE") {
  const reading quick{.spans = {1, 7, 4096}};
  for (const char* const bytes : {
           "00 00 00 00 00",
           "06",
           "fc 00 00",
           "04 00 fe ff",
           "04 00 24 49 00",
           "04 00 24 e9 ff ff",
           "04 00 24 e9 ff 6d",
           "04 80 49 92 24 49 92 24 71 ff ff 93 11 00",
           "04 80 49 92 24 49 92 24 0f b4 ff ff c3 84",
           "04 c0 81 08 00 00 00 00 20 7f eb 0b 00 00",
           "02 7e ff ff",
           "0c c0 81 00 00 00 00 00 90 ff 6b 04 00",
       }) {
    CAPTURE(std::string(bytes));
    const std::string body = hex(bytes);
    const auto reference = reference_inflater().inflate(body);
    CHECK(reference.broken == weft::rule::invalid_deflate);
    const std::string before = reference.payload.empty() ? "" : "binary " + shown(reference.payload) + "; ";
    check_deflated({binary_frame(body)}, before + "violation invalid_deflate at @0 close 1007", quick);
  }
}

TEST_CASE("7692 7.2.2 C-06 PD-35: a reference to before the first byte") {
  check_deflated({text_frame(hex("4a 04 42 00 00"))}, "text a; violation invalid_deflate at @0 close 1007");
  check_deflated({text_frame(hex("f2 00 11 00 00"))}, "text H; violation invalid_deflate at @0 close 1007");
  check_deflated({text_frame(hello), text_frame(blocks().fixed().match(3, 6).end().message())},
                 "text Hello fin; violation invalid_deflate at @1 close 1007");
}

TEST_CASE("7692 7.2.2 C-10 PD-36: a message that does not end with a block, with its successor") {
  struct row {
    std::string bytes, next, before;
  };
  const std::string smuggled = "SMUGGLED" + std::string(300, 'x');
  for (const row& one : std::vector<row>{
           {hex("00 ff ff 00 00 41"), smuggled, "binary A; "},
           {hex("f2 48 cd c9 c9 07"), hex("00 00") + "INJECTED", "binary Hello; "},
           {hex("f2 48 cd"), hello, "binary He; "},
           {hex("00 05 00 fa ff 48 65"), hello, "binary He; "},
           {hex("00 05 00 fa ff"), "Hello" + hex("00"), ""},
           {hex("00 05 00 fa"), hello, ""},
           {hex("00 00"), hello, ""},
           {hex("00 00 00"), hello, ""},
           {hex("00 00 00 ff"), hello, ""},
           {hex("00 00 00 ff ff"), hello, ""},
           {hex("f2 48 cd c9 c9 07 00 00 00 ff ff"), hello, "binary Hello; "},
           {hex("03"), hello, ""},
           {hex("04"), hello, ""},
           {hex("f3 48 cd c9 c9 07 00"), hello, "binary Hello; "},
       }) {
    CAPTURE(shown(one.bytes));
    CHECK(reference_inflater().inflate(one.bytes).broken == weft::rule::truncated_deflate);
    for (const bool takeover : {true, false}) {
      check_deflated({binary_frame(one.bytes), binary_frame(one.next)},
                     one.before + "violation truncated_deflate at @0 close 1007",
                     {.agreed = agreed(15, takeover), .spans = {1, 2, 3, 64}});
    }
    check_deflated({binary_frame(one.bytes, fin::no), more_frame(""), binary_frame(one.next)},
                   one.before + "violation truncated_deflate at @0 close 1007", {.spans = {1, 2, 64}});
  }
}

TEST_CASE("7692 7.2.2 C-10 PD-36: the four bytes are the length of a stored block, and nothing else") {
  // A block whose codes' lengths and whose end are written in 00 00 FF FF: lengths of 0, thrice ten more, and the end.
  for (unsigned singly = 0; singly < 180; ++singly) {
    blocks made;
    made.number(0, 1).number(2, 2).number(29, 5).number(29, 5).number(14, 4);
    // lengths of the codes of 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1: so 0 is 0, 1 is 10, 17 is
    // 11
    for (const unsigned length : {0U, 2U, 0U, 1U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 2U})
      made.number(length, 3);
    const auto zeros = [&](unsigned count) {
      while (count >= 10) made.code(3, 2).number(7, 3), count -= 10;
      while (count-- > 0) made.code(0, 1);
    };
    zeros(65);
    made.code(2, 2);  // A is 0
    zeros(190 - singly);
    for (unsigned i = 0; i < singly; ++i) made.code(0, 1);
    made.code(2, 2);  // the end is 1
    zeros(286 + 30 - 257 - 46);
    if (made.used_bits() != 8) continue;
    const std::string body = made.bytes();
    CHECK(reference_inflater().inflate(body).broken == weft::rule::truncated_deflate);
    check_deflated({binary_frame(body), binary_frame(hello)}, "violation truncated_deflate at @0 close 1007",
                   {.spans = {1, 64}});
    return;
  }
  FAIL("no such block was made");
}
