// SPDX-License-Identifier: MIT
//
// deflate.cpp: what either side makes of compressed messages, and a client and a server that talk to each other.
#include <weft/deflate/deflate.hpp>

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
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
const receiving without_takeover{.agreed = agreed(15, false)};

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
      const receiving quick{.spans = {1, 3, 64}};
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
    bad.number(bits, 6);
    for (const std::string& message : {blocks(bad).stored("x").message(), bad.bytes()}) {
      check_deflated({text_frame(message)}, "text Hello; violation invalid_deflate at @0 close 1007",
                     {.spans = {1, 5, 4096}});
      CHECK(reference_inflater().inflate(message).broken == weft::rule::invalid_deflate);
    }
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
    const receiving how{.agreed = agreed(15, takeover)};
    check_deflated({text_frame("")}, "violation truncated_deflate at @0 close 1007", how);
    check_deflated({text_frame(hello), text_frame(""), text_frame(hello)},
                   "text Hello fin; violation truncated_deflate at @1 close 1007", how);
    check_deflated({text_frame("", fin::no), more_frame("", fin::no), more_frame("")},
                   "violation truncated_deflate at @0 close 1007", how);
  }
}

// What is malformed

TEST_CASE("7692 7.2.2 C-05 C-13 PD-35: data that is not DEFLATE") {
  const receiving quick{.spans = {1, 7, 4096}};
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

TEST_CASE("7692 7.2.2 C-05 PD-35: a block of no type, in the last bits of a message or a fragment") {
  const std::string body = hex("f2 48 cd c9 c9 07 18");
  REQUIRE(reference_inflater().inflate(body).broken == weft::rule::invalid_deflate);
  check_deflated({text_frame(body)}, "text Hello; violation invalid_deflate at @0 close 1007");
  check_deflated({text_frame(body, fin::no), {0x89, ""}, more_frame("")},
                 "text Hello; violation invalid_deflate at @0 close 1007");
  // bits that are looked at early are no byte too much, where a limit is met
  check_deflated({text_frame(hello)}, "text Hello fin", {.limits = {.max_message_bytes = 5}});
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

TEST_CASE("7692 7.2.2 C-09 PD-26 PD-33: whatever the cuts and however small the span, the same is told") {
  const std::string text = records(400);
  const std::string far = random_bytes(150);
  blocks made;
  made.fixed().literals("abc").match(10, 3).match(9, 1).end().stored(far).fixed(true).match(10, 172).end();
  made.skip_to_byte().stored("", true).fixed().literals("z").match(10, 1).match(10, 1).end();
  raw_deflater with_codes({.level = 9});
  const std::string first = with_codes.message(text);
  const std::string second = with_codes.message(text + far + text);
  REQUIRE(reference_inflater().inflate(made.message()).broken == weft::rule::none);
  const std::string third = made.message();
  const std::vector<sent_frame> wire{text_frame(first),  {0x89, "beat"},          binary_frame(second, fin::no),
                                     {0x8A, ""},         more_frame("", fin::no), more_frame(""),
                                     binary_frame(third)};
  // the second message's fragments are made so that a block is cut
  auto cut = wire;
  cut[2].payload.resize(second.size() / 2);
  cut[4].payload = second.substr(second.size() / 2, 7);
  cut[5].payload = second.substr(second.size() / 2 + 7);
  reference_inflater reference;
  (void)reference.inflate(first);
  const std::string half = reference_inflater(reference).inflate(cut[2].payload).payload;
  const std::string whole = reference.inflate(second).payload;
  REQUIRE(whole == text + far + text);
  check_deflated(cut, "text " + shown(text) + " fin; ping beat; binary " + shown(half) + "; pong; binary " +
                          shown(whole.substr(half.size())) + " fin; binary " +
                          shown(reference_inflater().inflate(third).payload) + " fin");
}

TEST_CASE("7692 6.2 C-09 PD-33: what a fragment holds is told with it, whatever waits for room") {
  const std::string body = blocks().fixed().literals("abc").match(10, 3).match(7, 2).literals("d").end().message();
  const std::string inflated = reference_inflater().inflate(body).payload;
  for (std::size_t at = 0; at <= body.size(); ++at) {
    const std::string first = reference_inflater().inflate(body.substr(0, at)).payload;
    const std::string rest = inflated.substr(first.size());
    check_deflated(
        {text_frame(body.substr(0, at), fin::no), {0x89, ""}, more_frame(body.substr(at))},
        (first.empty() ? "" : "text " + first + "; ") + "ping; text" + (rest.empty() ? "" : " ") + rest + " fin",
        {.spans = {1, 2, 3, 9, 64}});
  }
}

// Windows

TEST_CASE("7692 7.2.2 PD-19 PD-37: the farthest reference that each window has, and none beyond") {
  for (unsigned bits = 8; bits <= 15; ++bits) {
    CAPTURE(bits);
    const unsigned window = 1U << bits;
    const std::string before = random_bytes(window + 10, bits);
    const std::string first = blocks().stored(before).message();
    const std::string farthest = blocks().fixed().match(3, window).end().message();
    const std::string told = "binary " + shown(before) + " fin; ";
    receiving how{.agreed = agreed(bits), .spans = {64, 40000}};
    check_deflated({binary_frame(first), binary_frame(farthest)},
                   told + "binary " + shown(before.substr(10, 3)) + " fin", how);
    if (bits == 15) {
      how.agreed = weft::deflate_parameters{};  // nothing said
      check_deflated({binary_frame(first), binary_frame(farthest)},
                     told + "binary " + shown(before.substr(10, 3)) + " fin", how);
      continue;
    }
    const std::string beyond = blocks().fixed().match(3, window + 1).end().message();
    check_deflated({binary_frame(first), binary_frame(beyond)}, told + "violation invalid_deflate at @1 close 1007",
                   how);
    CHECK(reference_inflater(bits).inflate(first + beyond).broken != weft::rule::none);
  }
}

TEST_CASE(
    "7692 7.2.2 C-07 PD-37: in one message zlib sees a reference beyond the window by the byte, or may be right") {
  std::string text;
  for (unsigned i = 0; i < 600; ++i) text += static_cast<char>(i & 0x7f);
  const std::string body = blocks().fixed().literals(text).match(3, 513).end().message();
  REQUIRE(body.size() == 605);
  const std::string right = text + text.substr(600 - 513, 3);
  CHECK(reference_inflater(9).inflate(body).broken == weft::rule::invalid_deflate);
  CHECK(reference_inflater(9).inflate(body).payload == text);
  REQUIRE(reference_inflater(15).inflate(body).payload == right);
  check_deflated({text_frame(body)}, "text " + shown(right) + " fin", {.agreed = agreed(10), .spans = {1, 64, 4096}});
  check_deflated({text_frame(body)}, "text " + shown(right) + " fin", {.agreed = agreed(15), .spans = {1, 64, 4096}});

  const std::string wire = frame(rsv1 | 0x81, body);
  for (const std::size_t span : sizes{1, 7, 64, 512, 1024, 4096}) {
    for (const std::size_t piece : sizes{1, 7, 64, 512, 1024}) {
      guarded_pool engines(span);
      recorder<role::server, deflate_server> receiver({}, agreed(9), engines.pool);
      feed(wire, {piece}, flush::back, [&](std::span<std::byte> in) { receiver.take(in); });
      const std::string seen = receiver.transcript();
      const auto refused_behind = [&](std::size_t size) {
        return seen == "text " + shown(right.substr(0, size)) + "; violation invalid_deflate at 8 close 1007";
      };
      // no byte that is told is another than the right one
      if (span == 1 || piece == 1) {
        CHECK(refused_behind(600));
      } else {
        CHECK((seen == "text " + shown(right) + " fin" || refused_behind(600) || refused_behind(601) ||
               refused_behind(602)));
      }
    }
  }
}

// What is not compressed

TEST_CASE("7692 6 C-18 PD-23: a message that is not compressed stands between and leaves the window alone") {
  check_every_cut_inflated<role::client>(hex("c1 07 f248cdc9c90700 81 05 48656c6c6f c1 05 f200110000"),
                                         "text Hello fin; text Hello fin; text Hello fin");
  check_deflated({text_frame(hello), {0x81, "olleH"}, {0x02, "ol"}, {0x80, "leH"}, text_frame(hex("f2 00 11 00 00"))},
                 "text Hello fin; text olleH fin; binary olleH fin; text Hello fin", {.spans = {1, 3, 64}});
  check_deflated({{0x01, "a"}, {0x89, ""}, {0x80, "b"}, text_frame(hello)}, "text a; ping; text b fin; text Hello fin",
                 {.spans = {1, 3, 64}});
}

TEST_CASE("7692 6 C-11 EX-06 PD-22: RSV1 where nothing is agreed") {
  const receiving none{.agreed = {}, .spans = {1, 64}};
  for (const unsigned first : {0xC1U, 0xC2U, 0x41U, 0x42U, 0xC0U, 0x40U, 0xC8U, 0xC9U, 0xCAU}) {
    check_deflated({{first, ""}}, "violation reserved_bit at #0 close 1002", none);
    check_deflated({{0x81, "Hello"}, {first, "x"}}, "text Hello fin; violation reserved_bit at #1 close 1002", none);
  }
  check_deflated({{0x81, "Hello"}, {0x02, "a"}, {0x80, "b"}}, "text Hello fin; binary ab fin", none);
}

TEST_CASE("7692 6.1 C-11 PD-22: RSV1 in a control frame or a later fragment, and the other reserved bits anywhere") {
  const receiving quick{.spans = {1, 64}};
  for (const unsigned first : {0xC8U, 0xC9U, 0xCAU, 0x89U | 0x20U, 0x89U | 0x10U, 0xF9U}) {
    check_deflated({{first, ""}}, "violation reserved_bit at #0 close 1002", quick);
    check_deflated({text_frame(hello), {first, "x"}}, "text Hello fin; violation reserved_bit at #1 close 1002", quick);
    check_deflated({text_frame(hello.substr(0, 3), fin::no), {first, ""}},
                   "text He; violation reserved_bit at #1 close 1002", quick);
  }
  for (const unsigned first : {0x40U, 0xC0U, 0x20U, 0x90U, 0xF0U}) {
    check_deflated({text_frame(hello.substr(0, 3), fin::no), {first, hello.substr(3)}},
                   "text He; violation reserved_bit at #1 close 1002", quick);
    check_deflated({{0x01, "He"}, {first, "llo"}}, "text He; violation reserved_bit at #1 close 1002", quick);
  }
  for (const unsigned first : {0xA1U, 0x91U, 0xB2U, 0xE1U, 0xD1U, 0xF2U, 0x61U, 0x52U})
    check_deflated({{first, hello}}, "violation reserved_bit at #0 close 1002", quick);
  // a ping with RSV1 changes nothing of what comes: it ends the connection
  check_deflated({{0xC9, ""}, {0x81, "Hello"}}, "violation reserved_bit at #0 close 1002", quick);
}

// Text

TEST_CASE("7692 6.1 7.2.1 PD-34 PD-42: what is judged is the inflated text, and not the bytes on the wire") {
  const std::string text = text_in(scripts[4], 120);
  const std::string whole = text.substr(0, text.rfind('d'));
  REQUIRE(reach_of(whole).whole);
  REQUIRE_FALSE(reach_of(deflated(whole)).whole);
  check_deflated({text_frame(deflated(whole))}, "text " + shown(whole) + " fin");
  check_deflated(in_frames(1, deflated(whole), 5), "text " + shown(whole) + " fin", {.spans = {1, 2, 3, 5, 64}});
  for (const auto script : scripts) {
    std::string long_text = text_in(script, 1500);
    while (!reach_of(long_text).whole) long_text.pop_back();
    check_deflated({text_frame(deflated(long_text)), text_frame(hello)},
                   "text " + shown(long_text) + " fin; text Hello fin", {.spans = {1, 3, 64, 4096}});
  }
}

TEST_CASE("7692 6.1 8.1 PD-34: text fails at its first bad byte, and what is before is told") {
  const receiving quick{.spans = {1, 2, 3, 64}};
  for (const auto bad : bad_sequences) {
    for (const std::string before : {"", "x", "\xc3\xa9\xe2\x82\xac..\xf0\x9f\x98\x80"}) {
      const std::string text = before + std::string(bad) + "behind";
      const std::string good = text.substr(0, reach_of(text).valid);
      CAPTURE(shown(text));
      const std::string expected =
          (good.empty() ? "" : "text " + shown(good) + "; ") + "violation invalid_utf8 at @0 close 1007";
      check_deflated({text_frame(blocks().stored(text).message())}, expected, quick);
      check_deflated(in_frames(1, blocks().fixed().literals(text).end().message(), 3), expected, {.spans = {1, 64}});
      check_deflated({binary_frame(deflated(text))}, "binary " + shown(text) + " fin", quick);
    }
  }
}

TEST_CASE("7692 6.1 8.1 PD-34: text that ends inside a character") {
  for (const auto character : characters) {
    for (std::size_t size = 1; size < character.size(); ++size) {
      for (const std::string before : {"", "Hello"}) {
        const std::string text = before + std::string(character.substr(0, size));
        CAPTURE(shown(text));
        const std::string expected = "text " + shown(text) + "; violation truncated_utf8 at @0 close 1007";
        check_deflated({text_frame(deflated(text)), text_frame(hello)}, expected, {.spans = {1, 2, 3, 64}});
        check_deflated({text_frame(deflated(text), fin::no), more_frame("", fin::no), {0x89, ""}, more_frame("")},
                       "text " + shown(text) + "; ping; violation truncated_utf8 at @0 close 1007", {.spans = {1, 64}});
        const std::string with_end = raw_deflater().piece(text);
        check_deflated({text_frame(with_end, fin::no), {0x89, ""}, more_frame(hex("00"))},
                       "text " + shown(text) + "; ping; violation truncated_utf8 at @0 close 1007", {.spans = {1, 64}});
      }
    }
  }
}

// Limits

TEST_CASE(
    "7692 10.4 C-01 PD-43: compressed bytes have a limit too, an eighth, 1 KiB and 8 bytes a frame above the "
    "message's") {
  const weft::limits thousand{.max_message_bytes = 1000};
  const receiving how{.limits = thousand, .spans = {1, 64}};
  const auto padded = [](std::size_t empty, std::size_t full) {
    blocks made;
    for (std::size_t i = 0; i < empty; ++i) made.stored("");
    for (std::size_t i = 0; i < full; ++i) made.stored("x");
    return made.message();
  };
  const std::string most = padded(424, 6);
  const std::string more = padded(423, 7);
  REQUIRE(most.size() == 1000 + 125 + 1024 + 8);
  REQUIRE(more.size() == most.size() + 1);
  check_deflated({binary_frame(most)}, "binary xxxxxx fin", how);
  check_deflated({binary_frame(more)}, "violation message_too_long at 3 close 1009", how);
  check_deflated({binary_frame(more.substr(0, 2000), fin::no), more_frame(more.substr(2000))}, "binary xxxxxxx fin",
                 how);
  const std::string too_much = padded(433, 0);
  REQUIRE(too_much.size() == more.size() + 8);
  // the rule is broken by the second byte of the second header, which has the length
  const std::vector<sent_frame> two{binary_frame(too_much.substr(0, 2125), fin::no), more_frame(too_much.substr(2125))};
  const auto second = [&](role sender) {
    return std::to_string(frame_from(sender, two[0].first, two[0].payload).size() + 1);
  };
  check_every_cut_inflated<role::server>(wire_of(role::client, two),
                                         "violation message_too_long at " + second(role::client) + " close 1009", how);
  check_every_cut_inflated<role::client>(wire_of(role::server, two),
                                         "violation message_too_long at " + second(role::server) + " close 1009", how);
  // what is not compressed has none of it
  check_deflated({{0x82, std::string(1000, 'x')}}, "binary " + shown(std::string(1000, 'x')) + " fin", how);
  check_deflated({{0x82, std::string(1001, 'x')}}, "violation message_too_long at 3 close 1009", how);
  // no limit is none
  check_deflated({binary_frame(more)}, "binary xxxxxxx fin",
                 {.limits = {.max_message_bytes = weft::unlimited}, .spans = {1, 64}});
  check_deflated({binary_frame(more)}, "violation frame_too_long at 3 close 1009",
                 {.limits = {.max_message_bytes = weft::unlimited, .max_frame_bytes = more.size() - 1}, .spans = {64}});
}

TEST_CASE("7692 7.3 PD-19 PD-39: a window is of 32 KiB where nothing is said, well above the 1 KiB that is suggested") {
  CHECK(weft::deflate_parameters{}.window_bits(role::server) == 15);
  CHECK(weft::deflate_parameters{}.window_bits(role::client) == 15);
}

// A client and a server

namespace {

/// A payload of some kind: records as a feed has them, texts in scripts, what cannot be compressed, and what can best.
std::string payload_of(unsigned kind, std::size_t size, std::uint32_t seed) {
  switch (kind % 5) {
    case 0: return records(size, seed);
    case 1: return random_bytes(size, seed);
    case 2: return std::string(size, '\0');
    case 3: {
      std::string text = text_in(scripts[seed % scripts.size()], size);
      while (!reach_of(text).whole) text.pop_back();
      return text;
    }
    default: return random_bytes(size / 3, seed) + records(size / 3, seed) + random_bytes(size / 3, seed);
  }
}

/// What messages become that go from one side to the other, cut at random: to weft, to the reference and to zlib.
template <role Sender>
std::size_t talk(const weft::deflate_parameters& parameters, std::size_t span, std::mt19937& random) {
  const auto below = [&](std::size_t most) { return static_cast<std::size_t>(random() % (most + 1)); };
  talker<Sender> sender(parameters, std::max<std::size_t>(span, 16));
  talker<other(Sender)> receiver(parameters, span);
  reading_peer reference(Sender, parameters);
  raw_inflater raw(static_cast<int>(parameters.window_bits(Sender)));
  std::size_t said = 0;
  for (unsigned n = 0; n < 15; ++n) {
    const std::string payload = payload_of(n, below(n == 7 ? 40000 : 3000), static_cast<std::uint32_t>(random()));
    const bool text = n % 5 == 0 || n % 5 == 3;
    std::string wire;
    for (std::string_view rest = payload;;) {  // in up to four pieces, which may have no bytes
      const fin last{below(3) == 0 || wire.size() > 5000};
      const auto piece = rest.substr(0, last == fin::yes ? rest.size() : below(rest.size()));
      rest.remove_prefix(piece.size());
      wire += text ? sender.bytes_of(sender.text(piece, last, weft::compression::yes, weft::utf8::checked))
                   : sender.bytes_of(sender.binary(piece, last));
      if (below(2) == 0) wire += sender.ping();
      if (last == fin::yes) break;
    }
    const told message = reference.only(wire);
    CHECK((message.payload == payload));
    CHECK(message.compressed);
    if (!parameters.takeover(Sender)) raw.reset();
    CHECK((raw.message(reference.compressed_bytes()) == payload));

    std::string heard;
    bool ended = false;
    for (std::size_t at = 0; at < wire.size();) {
      const std::size_t size = std::min(wire.size() - at, 1 + below(below(1) == 0 ? 10 : 3000));
      const auto in_place = shared_guarded().place(std::string_view(wire).substr(at, size), flush::back);
      std::span<input_of<other(Sender)>> in = in_place;
      while (const auto event = without_allocation([&] { return receiver.ws.next(in); })) {
        CHECK(event->kind != weft::kind::violation);
        if (event->kind == weft::kind::ping) continue;
        heard += event->text();
        ended = event->fin == fin::yes;
      }
      at += size;
    }
    CHECK(ended);
    CHECK((heard == payload));
    said += payload.size();
  }
  return said;
}

}  // namespace

TEST_CASE("7692 7 C-14: client and server, zlib and the reference read each other, whatever was agreed") {
  std::mt19937 random(7692);
  std::size_t connections = 0;
  std::size_t bytes = 0;
  for (unsigned server = 9; server <= 15; ++server) {
    for (unsigned client = 9; client <= 15; ++client) {
      for (unsigned takeovers = 0; takeovers < 4; ++takeovers) {
        if ((server + client + takeovers) % 3 != 0) continue;
        CAPTURE(server);
        CAPTURE(client);
        CAPTURE(takeovers);
        const weft::deflate_parameters parameters{.server_no_context_takeover = (takeovers & 1) != 0,
                                                  .client_no_context_takeover = (takeovers & 2) != 0,
                                                  .server_max_window_bits = static_cast<std::uint8_t>(server),
                                                  .client_max_window_bits = static_cast<std::uint8_t>(client)};
        constexpr std::size_t spans[]{1, 16, 31, 512, 16384};
        bytes += talk<role::server>(parameters, spans[connections % 5], random);
        bytes += talk<role::client>(parameters, spans[(connections + 2) % 5], random);
        connections += 2;
      }
    }
  }
  std::printf("deflate: %zu connections said %zu bytes, read by weft, zlib and the reference\n", connections, bytes);
}

TEST_CASE("7692 7: what zlib compresses with other settings is read, with every window from 256 bytes on") {
  std::size_t messages = 0;
  for (unsigned bits = 8; bits <= 15; ++bits) {
    for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED}) {
      for (const int level : {0, 1, 6, 9}) {
        // zlib has no window of 256 bytes, but short messages that it compresses alone stay within one
        raw_deflater raw({.window_bits = static_cast<int>(std::max(bits, 9U)), .level = level, .strategy = strategy});
        talker<role::server> server(agreed(bits), level == 1 ? 7 : 4096);
        for (unsigned kind = 0; kind < 5; ++kind) {
          const std::string payload = payload_of(kind, bits == 8 ? 250 : 3000, bits);
          if (bits == 8) raw.reset();
          std::string body;  // flushed in every way
          std::string_view rest = payload;
          for (const int flush : {Z_NO_FLUSH, Z_BLOCK, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH}) {
            const auto piece = rest.substr(0, payload.size() / 6);
            rest.remove_prefix(piece.size());
            body += raw.piece(piece, flush);
          }
          body = less_tail(body + raw.piece(rest));
          if (kind == 4) {  // as several compressed alone, each ended by a final block
            raw.reset();
            body.clear();
            for (std::size_t at = 0; at < payload.size(); at += 100) {
              body += raw.piece(std::string_view(payload).substr(at, 100), Z_FINISH);
              raw.reset();
            }
            body += '\0';
          }
          std::string wire;
          for (const auto& one : in_frames(2, body, 700)) wire += frame(one.first, one.payload);
          CHECK(server.hear(wire) == "binary " + shown(payload) + " fin");
          ++messages;
        }
      }
    }
  }
  std::printf("deflate: %zu messages by zlib's strategies and flushes\n", messages);
}

TEST_CASE("7692 7.2.2 C-05 C-10 PD-35 PD-36: of any bytes weft says what the reference says") {
  std::mt19937 random(1951);
  const auto below = [&](std::size_t most) { return static_cast<std::size_t>(random() % (most + 1)); };
  std::size_t good = 0;
  std::size_t bad = 0;
  std::vector<std::string> seeds{hello,
                                 hex("f3 48 cd c9 c9 07 00 00"),
                                 deflated(records(400)),
                                 deflated(random_bytes(60)),
                                 deflated(text_in(scripts[1], 300), {.level = 9}),
                                 blocks().stored("abc").fixed().match(5, 2).end().stored("", true).message(true),
                                 deflated(records(150), {.strategy = Z_FIXED})};
  for (const std::size_t span : sizes{1, 16, 4096}) {
    guarded_pool engines(span);
    for (int run = 0; run < 8000; ++run) {
      reference_inflater reference;
      std::string expected, wire;
      for (int n = 0; n < 3; ++n) {
        std::string body = seeds[below(seeds.size() - 1)];
        for (std::size_t faults = below(3); faults-- > 0;) {
          const std::size_t at = below(body.size());
          switch (below(4)) {
            case 0: body.resize(at); break;
            case 1: body.insert(at, 1, static_cast<char>(below(255))); break;
            case 2: body += seeds[below(seeds.size() - 1)].substr(0, below(10)); break;
            default:
              if (at < body.size()) body[at] = static_cast<char>(body[at] ^ 1 << below(7));
          }
        }
        const std::size_t begins = wire.size() + frame(0, body).size() - body.size();
        wire += frame(rsv1 | 0x82, body);
        const auto told = reference.inflate(body);
        if (!expected.empty()) expected += "; ";
        if (told.broken == weft::rule::none) {
          expected += "binary" + std::string(told.payload.empty() ? "" : " ") + shown(told.payload) + " fin";
          ++good;
          continue;
        }
        if (!told.payload.empty()) expected += "binary " + shown(told.payload) + "; ";
        expected +=
            "violation " + std::string(weft::name(told.broken)) + " at " + std::to_string(begins) + " close 1007";
        ++bad;
        break;
      }
      recorder<role::server, deflate_server> receiver({}, agreed(), engines.pool);
      feed(wire, {1 + below(below(1) == 0 ? 5 : 500)}, flush::back,
           [&](std::span<std::byte> in) { receiver.take(in); });
      ++cuts_run;
      std::string seen = receiver.transcript();
      if (reference.has_empty_code()) {
        const auto late = seen.find("truncated_deflate");
        if (late != seen.npos) seen.replace(late, 9, "invalid");
      }
      CHECK(seen == expected);
    }
  }
  CHECK(good > 10000);
  CHECK(bad > 10000);
  std::printf("deflate: %zu good messages and %zu bad ones as the reference has them\n", good, bad);
}

// Prepared messages

TEST_CASE(
    "7692 6.1 PD-20 PD-21 PD-30: a prepared message, compressed for those who can read it, and what comes after it") {
  guarded_pool making(4096, 50);
  const std::string payload = records(3000);
  const std::string others = records(2000, 2);
  auto message = weft::prepared_message<std::string>::text(payload);
  REQUIRE(making.pool.prepare(message, {9, 12, 15}));
  auto unmade = weft::prepared_message<std::string>::binary(payload);
  const auto& shared = message;
  for (unsigned bits = 8; bits <= 15; ++bits) {
    for (const bool takeover : {true, false}) {
      CAPTURE(bits);
      CAPTURE(takeover);
      talker<role::server> server(agreed(bits, takeover));
      reading_peer peer(role::server, agreed(bits, takeover));
      for (int round = 0; round < 3; ++round) {
        const told sent = peer.only(server.bytes_of(server.ws.send(shared)));
        CHECK(sent == told{1, bits >= 9, 1, payload});
        CHECK(peer.only(server.say_text(others)) == told{1, bits >= 9, 1, others});
        CHECK(peer.only(server.say_text(payload)).payload == payload);
        CHECK(peer.only(server.say_text(others)).payload == others);
        CHECK(peer.only(server.bytes_of(server.ws.send(unmade))) == told{2, false, 1, payload});
        CHECK(peer.only(joined({server.bytes_of(server.text(payload.substr(0, 50), fin::no)),
                                server.bytes_of(server.text(payload.substr(50)))}))
                  .payload == payload);
      }
    }
  }
  talker<role::server> plain(std::nullopt);
  CHECK(plain.bytes_of(plain.ws.send(shared)) == from_server::text(payload));
  weft::server without;
  CHECK(plain.bytes_of(without.send(shared)) == from_server::text(payload));
}

TEST_CASE(
    "7692 6.1: who says nothing of it sends a whole message, text that is UTF-8, compressed where that is shorter") {
  const std::string even(300, 'x');
  const auto check = [&](auto& side, reading_peer peer, auto&... keys) {
    CHECK(peer.only(side.bytes_of(side.ws.text(keys..., even))) == told{1, true, 1, even});
    CHECK(peer.only(side.bytes_of(side.ws.binary(keys..., even))) == told{2, true, 1, even});
    CHECK(peer.only(side.bytes_of(side.ws.text(keys..., "x"))) == told{1, false, 1, "x"});
    CHECK(peer.only(side.bytes_of(side.ws.binary(keys..., "\xff"))) == told{2, false, 1, "\xff"});
    CHECK(side.ws.text(keys..., "\xff").refusal() == weft::refusal::invalid_utf8);
    CHECK(peer.only(side.bytes_of(side.ws.binary(keys..., "\xff", fin::yes, weft::compression::yes))).payload ==
          "\xff");
  };
  auto keys = counted_keys();
  talker<role::server> server;
  check(server, {role::server, agreed()});
  talker<role::client> client;
  check(client, {role::client, agreed()}, keys);
}

TEST_CASE("7692 6.1: when a prepared message is refused, and when it is not compressed") {
  using weft::refusal;
  const std::string payload = random_bytes(300), even(300, 'x');
  guarded_pool making(16, 16);
  auto message = weft::prepared_message<std::string>::binary(even);
  REQUIRE(making.pool.prepare(message));
  talker<role::server> server(agreed(), 16);
  reading_peer peer(role::server, agreed());
  auto frames = server.binary(payload);
  CHECK(server.ws.send(message).refusal() == refusal::piece_unfinished);
  std::string wire;
  weft::append(wire, *frames.next());
  CHECK(server.ws.send(message).refusal() == refusal::piece_unfinished);
  wire += server.bytes_of(frames);
  CHECK(peer.only(wire).payload == payload);
  wire = server.bytes_of(server.binary("a", fin::no));
  CHECK(server.ws.send(message).refusal() == refusal::other_message_unfinished);
  wire += server.bytes_of(server.binary("b"));
  CHECK(peer.only(wire).payload == "ab");
  CHECK(peer.only(server.bytes_of(server.ws.send(message))) == told{2, true, 1, even});
  (void)server.close();
  CHECK(server.ws.send(message).refusal() == refusal::closed);

  const auto bad = weft::prepared_message<std::string>::text("\xff");
  talker<role::server> other_server;
  CHECK(other_server.ws.send(bad).refusal() == refusal::invalid_utf8);

  // without memory, or a window that the engine has, it is not prepared for those, and goes as it is
  auto unmade = weft::prepared_message<std::string>::binary(even);
  guarded_pool empty(16);
  empty.memory.fails_from = 0;
  CHECK_FALSE(empty.pool.prepare(unmade));
  CHECK_FALSE(making.pool.prepare(unmade, {8}));
  CHECK_FALSE(making.pool.prepare(unmade, {10, 8, 15}));
  reading_peer reader(role::server, agreed());
  CHECK(reader.only(other_server.bytes_of(other_server.ws.send(unmade))) == told{2, true, 1, even});
  talker<role::server> small(agreed(9));
  reading_peer small_reader(role::server, agreed(9));
  CHECK(small_reader.only(small.bytes_of(small.ws.send(unmade))) == told{2, false, 1, even});
  auto nothing = weft::prepared_message<std::string>::text("");
  REQUIRE(making.pool.prepare(nothing));
  CHECK(reader.only(other_server.bytes_of(other_server.ws.send(nothing))) == told{1, false, 1, ""});
  auto random = weft::prepared_message<std::string>::binary(payload);
  REQUIRE(making.pool.prepare(random));  // the compressed form is longer, and is not kept
  CHECK(reader.only(other_server.bytes_of(other_server.ws.send(random))) == told{2, false, 1, payload});
}
