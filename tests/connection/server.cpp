// SPDX-License-Identifier: MIT
#include <weft/connection/server.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/constant.hpp"
#include "support/cuts.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::close_code;
using weft::kind;
using weft::refusal;
using weft::server;
using weft::state;
using weft::utf8;

namespace {

std::string bytes_of(const weft::server::frame& frame) {
  std::string bytes(frame.size(), '\0');
  (void)frame.copy_to(bytes);
  return bytes;
}

/// A server that has read these bytes, and its last event.
struct after {
  explicit after(std::string wire, const weft::limits& limits = {}) {
    std::span in(wire);
    while (const auto event = ws.next(in, limits)) last = *event;
    last.payload = {};
  }
  server ws;
  weft::event last;
};

}  // namespace

// Receiving: data

TEST_CASE("5.7 FR-24 FG-01: an unfragmented message") {
  check_every_cut(text("Hello"), "text Hello fin");
}

TEST_CASE("5.7 FR-24: the RFC's masked Hello, as it stands there") {
  check_every_cut(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), "text Hello fin");
}

TEST_CASE("5.4 FG-01 FG-08: a fragmented message") {
  check_every_cut(text("Hel", fin::no) + continuation("lo", fin::yes), "text Hello fin");
}

TEST_CASE("5.4 FG-04: a ping may arrive between two fragments") {
  check_every_cut(text("Hel", fin::no) + ping("beat") + continuation("lo", fin::yes),
                  "text Hel; ping beat; text lo fin");
}

TEST_CASE("5.4 FG-04 CT-13: all control frames but Close between fragments") {
  check_every_cut(
      binary("a", fin::no) + pong() + ping() + continuation("b", fin::no) + pong("x") + continuation("c", fin::yes),
      "binary a; pong; ping; binary b; pong x; binary c fin");
}

TEST_CASE("5.4 FG-05 FR-11: fragments and messages without bytes") {
  check_every_cut(text(""), "text fin");
  check_every_cut(binary(""), "binary fin");
  check_every_cut(text("", fin::no) + continuation("", fin::no) + continuation("", fin::yes), "text fin");
  check_every_cut(text("", fin::no) + continuation("a", fin::no) + continuation("", fin::yes), "text a fin");
  check_every_cut(ping() + pong() + close_frame(), "ping; pong; close 1005");
}

TEST_CASE("6.2 FR-15 FR-16: many messages in one read") {
  std::string wire, seen;
  for (int i = 0; i < 100; ++i) {
    wire += text(std::to_string(i));
    seen += (i == 0 ? "text " : "; text ") + std::to_string(i) + " fin";
  }
  check_every_cut(wire, seen);
}

TEST_CASE("5.2 FR-05: payloads at each border of the length's forms") {
  for (const std::size_t size : sizes{125, 126, 127, 65535, 65536, 65537}) {
    const std::string payload(size, 'x');
    check_every_cut(binary(payload), "binary " + shown(payload) + " fin");
  }
}

TEST_CASE("5.3 6.2 MK-08 MK-09 MK-12: keys of all kinds, among them zero") {
  for (const auto& key : {std::array<unsigned char, 4>{0, 0, 0, 0}, {255, 255, 255, 255}, {1, 2, 3, 4}}) {
    check_every_cut(frame(0x82, "payload", key) + frame(0x81, "text", key), "binary payload fin; text text fin");
  }
}

TEST_CASE("5.6 UT-08: binary is not validated") {
  check_every_cut(binary("\xff\xfe"), "binary \\xff\\xfe fin");
}

TEST_CASE("5.6 FR-17: a piece comes as its bytes do, and says where its message begins and ends") {
  server ws;
  std::string wire = text("Hello");
  std::span first(wire.data(), 8);
  auto event = ws.next(first);
  REQUIRE(event.has_value());
  CHECK(event->text() == "He");
  CHECK(event->first);
  CHECK(event->fin == fin::no);
  CHECK(!ws.next(first).has_value());
  std::span second(wire.data() + 8, 3);
  event = ws.next(second);
  REQUIRE(event.has_value());
  CHECK(event->text() == "llo");
  CHECK(!event->first);
  CHECK(event->fin == fin::yes);
}

TEST_CASE("the payload lies in the caller's buffer, unmasked in place") {
  server ws;
  std::string wire = text("Hello") + ping("beat");
  std::span in(wire);
  const auto message = ws.next(in);
  CHECK(message->text().data() == wire.data() + 6);
  const auto control = ws.next(in);
  CHECK(control->text().data() == wire.data() + 11 + 6);
}

TEST_CASE("buffers of char, unsigned char and std::byte are taken without a cast") {
  const std::string wire = text("Hello");
  std::vector<char> chars(wire.begin(), wire.end());
  std::vector<unsigned char> numbers(wire.begin(), wire.end());
  std::vector<std::byte> bytes;
  for (const char c : wire) bytes.push_back(static_cast<std::byte>(c));
  const auto reads_hello = [](auto& buffer) {
    server ws;
    std::span in(buffer);
    const auto event = ws.next(in);
    return event && event->text() == "Hello" && in.empty();
  };
  CHECK(reads_hello(chars));
  CHECK(reads_hello(numbers));
  CHECK(reads_hello(bytes));
}

// Receiving: UTF-8

TEST_CASE("5.6 UT-01 UT-02: characters split over fragments and reads") {
  const std::string words = "\xce\xba\xe1\xbd\xb9 \xf0\x9f\x98\x80";
  check_every_cut(text(words), "text " + shown(words) + " fin");
  std::string wire = text("", fin::no);
  for (const char c : words) wire += continuation(std::string(1, c), fin::no);
  check_every_cut(wire + continuation("", fin::yes), "text " + shown(words) + " fin");
}

TEST_CASE("5.4 G-03 UT-10: a ping inside a character does not disturb it") {
  check_every_cut(text("\xe2\x82", fin::no) + ping("\xff") + continuation("\xac", fin::yes),
                  "text \\xe2\\x82; ping \\xff; text \\xac fin");
}

TEST_CASE("8.1 UT-04 G-01: bad text fails at the byte, before its frame ends, and what was good is told") {
  check_every_cut(text("abc\xff xyz"), "text abc; violation invalid_utf8 at 9 close 1007");
  check_every_cut(text("\xff"), "violation invalid_utf8 at 6 close 1007");
  const std::string unfinished = text("Hello\xe2\x28 and more").substr(0, 13);
  check_every_cut(unfinished, "text Hello\\xe2; violation invalid_utf8 at 12 close 1007");
}

TEST_CASE("8.1 UT-04: a bad byte in a later fragment") {
  check_every_cut(text("\xce", fin::no) + continuation("\xba\xce", fin::no) + continuation("x", fin::yes),
                  "text \\xce\\xba\\xce; violation invalid_utf8 at 21 close 1007");
}

TEST_CASE("8.1 UT-05: text that ends inside a character") {
  check_every_cut(text("a\xe2\x82"), "text a\\xe2\\x82; violation truncated_utf8 at 9 close 1007");
  check_every_cut(text("\xe2", fin::no) + continuation("", fin::yes),
                  "text \\xe2; violation truncated_utf8 at 13 close 1007");
}

TEST_CASE("8.1: the next text begins with a clean state") {
  check_every_cut(text("\xe2\x82\xac") + text("ok"), "text \\xe2\\x82\\xac fin; text ok fin");
}

// Receiving: rules

TEST_CASE("5.1 MK-02 E-04: an unmasked frame ends it, and none of its bytes is told") {
  check_every_cut(hex("81 05") + "Hello", "violation missing_mask at 1 close 1002");
}

TEST_CASE("5.2 5.8 FR-02 FR-03 FR-20 CT-10 C-11: reserved bits") {
  for (const unsigned bit : {0x40U, 0x20U, 0x10U}) {
    check_every_cut(frame(0x81 | bit, "x"), "violation reserved_bit at 0 close 1002");
    check_every_cut(frame(0x89 | bit, "x"), "violation reserved_bit at 0 close 1002");
  }
}

TEST_CASE("5.2 FR-04 A-09: reserved opcodes") {
  for (const unsigned code : {3U, 7U, 11U, 15U})
    check_every_cut(frame(0x80 | code, "x"), "violation reserved_opcode at 0 close 1002");
  check_every_cut(hex("80 ff ff ff ff ff ff ff ff ff ff ff"), "violation stray_continuation at 0 close 1002");
}

TEST_CASE("5.1 MK-02: where masking is not insisted on, unmasked frames are read too") {
  const weft::limits lenient{.strictness = {.masking = false}};
  check_every_cut(hex("81 05") + "Hello" + text("masked") + hex("01 01 61 89 00 80 7e 0080") + std::string(128, 'b'),
                  "text Hello fin; text masked fin; text a; ping; text " + std::string(128, 'b') + " fin", lenient);
  check_every_cut(hex("82 7f 0000000000100001"), "violation message_too_long at 9 close 1009", lenient);
  check_every_cut(hex("82 7d") + "\xff" + std::string(124, 'x'), "binary \\xff" + std::string(124, 'x') + " fin",
                  lenient);
}

TEST_CASE("5.2 FR-07: where shortest forms are not insisted on, longer ones are read too, and limits hold") {
  const weft::limits lenient{.strictness = {.minimal_lengths = false}};
  check_every_cut(hex("82 fe 0002 00000000") + "ab" + hex("82 ff 0000000000000001 00000000") + "c",
                  "binary ab fin; binary c fin", lenient);
  check_every_cut(hex("82 ff 8000000000000000"), "violation length_out_of_range at 2 close 1002", lenient);
  check_every_cut(hex("89 fe 0002 00000000"), "violation control_too_long at 1 close 1002", lenient);
}

TEST_CASE("5.4 FG-02: a continuation without a message") {
  check_every_cut(continuation("x", fin::yes), "violation stray_continuation at 0 close 1002");
  check_every_cut(text("a") + continuation("x", fin::no), "text a fin; violation stray_continuation at 7 close 1002");
}

TEST_CASE("5.4 FG-03: a message inside a message") {
  check_every_cut(text("a", fin::no) + text("b"), "text a; violation interleaved_message at 7 close 1002");
  check_every_cut(binary("a", fin::no) + ping() + binary("b", fin::no),
                  "binary a; ping; violation interleaved_message at 13 close 1002");
}

TEST_CASE("5.5 CT-01 CT-02: control frames are short and whole") {
  check_every_cut(hex("09 80 00000000"), "violation fragmented_control at 0 close 1002");
  check_every_cut(hex("89 fe 007e 00000000"), "violation control_too_long at 1 close 1002");
  check_every_cut(ping(std::string(125, 'p')), "ping " + std::string(125, 'p'));
}

TEST_CASE("5.2 FR-06 FR-07 A-16: lengths") {
  check_every_cut(hex("82 fe 007d 00000000"), "violation length_not_minimal at 3 close 1002");
  check_every_cut(hex("82 ff 000000000000ffff 00000000"), "violation length_not_minimal at 7 close 1002");
  check_every_cut(hex("82 ff 80"), "violation length_out_of_range at 2 close 1002");
}

TEST_CASE("A-12: with no limit at all lengths obey the same rules") {
  constexpr weft::limits none{
      .max_message_bytes = weft::unlimited, .max_fragments = UINT32_MAX, .max_control_frames = UINT32_MAX};
  check_every_cut(hex("82 ff ffffffffffffffff 00000000"), "violation length_out_of_range at 2 close 1002", none);
  check_every_cut(hex("82 fe 0005 00000000"), "violation length_not_minimal at 3 close 1002", none);
  check_every_cut(hex("82 ff 7fffffffffffffff 00000000") + "abc", "binary abc", none);
}

TEST_CASE("5.2 FR-22 A-01 A-08: lengths near 2^63 are not added to what came before") {
  constexpr weft::limits none{.max_message_bytes = weft::unlimited};
  constexpr weft::limits large{.max_message_bytes = UINT64_MAX / 2};
  const std::string wire = binary("a", fin::no) + hex("80 ff 7fffffffffffffff 00000000") + "bc";
  check_every_cut(wire, "binary abc", none);
  check_every_cut(wire, "binary a; violation message_too_long at 16 close 1009", large);
  check_every_cut(hex("02 ff 7fffffffffffffff"), "violation message_too_long at 9 close 1009");
}

TEST_CASE("10.4 SE-02 A-17 A-18 B-01 FR-18: a message up to its limit, refused by its header before any payload") {
  for (const std::uint64_t limit :
       {0ULL, 1ULL, 125ULL, 126ULL, 127ULL, 65535ULL, 65536ULL, 1ULL << 32, (1ULL << 32) + 5}) {
    CAPTURE(limit);
    const weft::limits limits{.max_message_bytes = limit};
    const auto header = [](std::uint64_t length) { return hex("82") + length_field(length) + hex("00000000"); };
    CHECK(after(header(limit), limits).last.kind != kind::close);
    CHECK(after(header(limit), limits).ws.state() == state::open);
    const auto over = after(header(limit + 1).substr(0, header(limit + 1).size() - 4), limits);
    CHECK(over.last.violation.rule == weft::rule::message_too_long);
    CHECK(over.last.code == close_code::message_too_big);
  }
}

TEST_CASE("10.4 FG-10 B-02: the limit counts the whole message") {
  constexpr weft::limits ten{.max_message_bytes = 10};
  const std::string wire = text("12345", fin::no) + continuation("678", fin::no);
  check_every_cut(wire + continuation("90", fin::yes) + text("again"), "text 1234567890 fin; text again fin", ten);
  check_every_cut(wire + continuation("901", fin::yes), "text 12345678; violation message_too_long at 21 close 1009",
                  ten);
}

TEST_CASE("10.4: limits may differ from call to call, also lower ones in the middle of a message") {
  const std::string wire = text("1234567890", fin::no);
  const std::string rest = continuation("", fin::yes);
  for (std::size_t first = 0; first <= rest.size(); ++first) {
    server ws;
    std::string begun = wire;
    std::span in(begun);
    while (ws.next(in, {.max_message_bytes = 10})) {
    }
    weft::event last;
    for (std::string piece : {rest.substr(0, first), rest.substr(first)}) {
      std::span more(piece);
      while (const auto event = ws.next(more, {.max_message_bytes = 5})) last = *event;
    }
    CHECK(last.violation == weft::violation{weft::rule::message_too_long, wire.size() + 1});
  }
  for (std::size_t first = 0; first <= 4; ++first) {
    server ws;
    std::string begun = wire;
    std::span in(begun);
    while (ws.next(in, {.max_message_bytes = 10})) {
    }
    weft::event last;
    const std::string bad = hex("80 fe 0005");
    for (std::string piece : {bad.substr(0, first), bad.substr(first)}) {
      std::span more(piece);
      while (const auto event = ws.next(more, {.max_message_bytes = 5})) last = *event;
    }
    CHECK(last.violation == weft::violation{weft::rule::length_not_minimal, wire.size() + 3});
  }
}

TEST_CASE("10.4 SE-02: the limit of a frame, for messages without end") {
  constexpr weft::limits four{.max_message_bytes = weft::unlimited, .max_frame_bytes = 4};
  check_every_cut(text("1234", fin::no) + continuation("5678", fin::yes), "text 12345678 fin", four);
  check_every_cut(text("12345"), "violation frame_too_long at 1 close 1009", four);
}

TEST_CASE("10.4 FG-10 B-03 B-04: the limit of fragments counts the empty ones") {
  constexpr weft::limits three{.max_fragments = 3};
  const std::string wire = text("", fin::no) + continuation("", fin::no);
  check_every_cut(wire + continuation("", fin::yes) + wire + continuation("a", fin::yes), "text fin; text a fin",
                  three);
  check_every_cut(wire + continuation("", fin::no) + continuation("", fin::yes),
                  "violation too_many_fragments at 18 close 1008", three);
}

TEST_CASE("10.4 B-03: the default stops the fragment 4097, whatever its size") {
  std::string wire = text("", fin::no);
  for (int i = 0; i < 4096; ++i) wire += continuation("", fin::no);
  CHECK(after(wire).last.violation == weft::violation{weft::rule::too_many_fragments, 6 * 4096});
}

TEST_CASE("10.4 SE-17 F-03: the limit of control frames counts those since data last came") {
  constexpr weft::limits two{.max_control_frames = 2};
  check_every_cut(ping() + pong() + text("a") + pong() + ping() + close_frame(),
                  "ping; pong; text a fin; pong; ping; close 1005", two);
  check_every_cut(ping() + ping() + text("") + ping(),
                  "ping; ping; text fin; violation too_many_control_frames at 18 close 1008", two);
}

TEST_CASE("C-02 FR-23 CL-20: after a violation silence") {
  check_every_cut(hex("ff 80 00000000") + text("Hello") + hex("ff") + close_frame(1000),
                  "violation reserved_bit at 0 close 1002");
}

TEST_CASE("a violation says rule, section, offset and Close code") {
  const auto event = after(text("ok") + hex("83")).last;
  CHECK(event.kind == kind::violation);
  CHECK(event.violation == weft::violation{weft::rule::reserved_opcode, 8});
  CHECK(event.code == close_code::protocol_error);
  CHECK(weft::section(event.violation.rule) == "RFC 6455 5.2");
}

// Receiving: control

TEST_CASE("5.5.2 CT-03 CT-05 CT-07: pings and pongs with every size of payload, and the pong that answers") {
  for (const std::size_t size : sizes{0, 1, 2, 124, 125}) {
    const std::string payload(size, '\xfe');
    for_every_cut(ping(payload) + pong(payload), [&](const std::string&, const std::string& answers) {
      CHECK(answers == std::string("\x8a") + static_cast<char>(size) + payload);
    });
  }
}

TEST_CASE("5.5.2 CT-04: a pong can go out as soon as its ping is read, also between two fragments of ours") {
  server ws;
  (void)ws.text("a", fin::no);
  std::string wire = ping("beat");
  std::span in(wire);
  const auto beat = ws.next(in);
  REQUIRE(beat.has_value());
  CHECK(bytes_of(ws.answer(*beat)) == hex("8a 04") + "beat");
  CHECK(bytes_of(ws.text("b")) == hex("80 01 62"));
}

TEST_CASE("5.5.3 CT-06: each ping has a pong of its own, and those of earlier pings may be left out") {
  for_every_cut(ping("1") + ping("2"),
                [](const std::string&, const std::string& answers) { CHECK(answers == hex("8a 01 31 8a 01 32")); });
  server ws;
  std::string wire = ping("1") + ping("2");
  std::span in(wire);
  (void)ws.next(in);
  const auto latest = ws.next(in);
  REQUIRE(latest.has_value());
  CHECK(bytes_of(ws.answer(*latest)) == hex("8a 01 32"));
  CHECK(ws.state() == state::open);
}

TEST_CASE("5.5.1 CL-01 CL-11 CL-16 CL-17: a Close with code and reason is answered by the same") {
  for_every_cut(close_frame(1000, "bye"), [](const std::string& seen, const std::string& answers) {
    CHECK(seen == "close 1000 bye");
    CHECK(answers == hex("88 05 03e8") + "bye");
  });
  for_every_cut(close_frame(4999), [](const std::string& seen, const std::string& answers) {
    CHECK(seen == "close 4999");
    CHECK(answers == hex("88 02 1387"));
  });
}

TEST_CASE("5.5.1 CL-11 CL-16: a Close without a code, answered without one") {
  for_every_cut(close_frame(), [](const std::string& seen, const std::string& answers) {
    CHECK(seen == "close 1005");
    CHECK(answers == hex("88 00"));
  });
}

TEST_CASE("7.4 CL-03: 1010 of a client is echoed, though a server may not begin with it") {
  for_every_cut(close_frame(1010),
                [](const std::string&, const std::string& answers) { CHECK(answers == hex("88 02 03f2")); });
}

TEST_CASE("5.5.1 CL-02 CL-03 CL-07 UT-06: bad Closes, each answered with its code and what was wrong") {
  for_every_cut(frame(0x88, "\x03"), [](const std::string& seen, const std::string& answers) {
    CHECK(seen == "violation close_of_one_byte at 1 close 1002");
    CHECK(answers == hex("88") +
                         std::string(1, static_cast<char>(2 + weft::words(weft::rule::close_of_one_byte).size())) +
                         hex("03ea") + std::string(weft::words(weft::rule::close_of_one_byte)));
  });
  check_every_cut(close_frame(1005), "violation invalid_close_code at 7 close 1002");
  check_every_cut(close_frame(1000, "ab\xff"), "violation invalid_utf8 at 10 close 1007");
  check_every_cut(close_frame(1000, "ab\xe2\x82"), "violation truncated_utf8 at 12 close 1007");
  check_every_cut(ping("x") + close_frame(999, "because"), "ping x; violation invalid_close_code at 14 close 1002");
}

TEST_CASE("5.5.1 CL-27 CL-30 F-08: nothing is told of what follows a Close") {
  check_every_cut(close_frame(1000) + text("late") + hex("ff ff") + close_frame(1001), "close 1000");
}

TEST_CASE("5.4 CL-28 F-11: a Close in the middle of a message") {
  check_every_cut(text("begun", fin::no) + close_frame(1000), "text begun; close 1000");
}

// The end of the transport

TEST_CASE("7.1.5 CL-16 CL-18 CL-26: an end without a Close is 1006, and not clean") {
  recorder ended;
  ended.end();
  CHECK(ended.transcript() == "close 1006");
  CHECK(ended.answers().empty());
  CHECK(ended.endpoint().state() == state::closed);
}

TEST_CASE("7.1.5 CL-26: an end in the middle of a frame, and when our Close was not answered") {
  auto middle = after(text("Hello").substr(0, 8));
  CHECK(middle.ws.end()->code == close_code::abnormal);
  server ws;
  (void)ws.close();
  CHECK(ws.end()->code == close_code::abnormal);
}

TEST_CASE("7.1.4 CL-18: closed after a violation is not clean, for no close was told") {
  auto failed = after(hex("ff"));
  (void)failed.ws.answer(failed.last);
  CHECK(failed.ws.state() == state::closed);
  CHECK(failed.last.kind == kind::violation);
  CHECK(!failed.ws.end().has_value());
}

TEST_CASE("7.1.5 7.1.7 CL-18 CL-21: an end after the peer's Close or a violation is told already") {
  auto closed = after(close_frame(1000));
  CHECK(closed.ws.state() == state::close_received);
  CHECK(!closed.ws.end().has_value());
  auto failed = after(hex("ff"));
  CHECK(failed.ws.state() == state::failed);
  CHECK(!failed.ws.end().has_value());
  CHECK(failed.ws.state() == state::closed);
  CHECK(!failed.ws.end().has_value());
}

// Sending

TEST_CASE("5.7 FR-24 MK-03: the RFC's unmasked examples, made by the server") {
  server ws;
  CHECK(bytes_of(ws.text("Hello")) == hex("81 05 48656c6c6f"));
  CHECK(bytes_of(ws.text("Hel", fin::no)) == hex("01 03 48656c"));
  CHECK(bytes_of(ws.text("lo")) == hex("80 02 6c6f"));
  CHECK(bytes_of(ws.ping("Hello")) == hex("89 05 48656c6c6f"));
  CHECK(bytes_of(ws.binary(std::string(256, 'x'))) == hex("82 7e 0100") + std::string(256, 'x'));
  CHECK(bytes_of(ws.binary(std::string(65536, 'x'))) == hex("82 7f 0000000000010000") + std::string(65536, 'x'));
}

TEST_CASE("5.4 FG-11 FR-13: pieces become fragments: the opcode, then continuations, then one with FIN") {
  server ws;
  CHECK(bytes_of(ws.binary("a", fin::no)) == hex("02 01 61"));
  CHECK(bytes_of(ws.binary("", fin::no)) == hex("00 00"));
  CHECK(bytes_of(ws.ping("p")) == hex("89 01 70"));
  CHECK(bytes_of(ws.binary("b", fin::yes)) == hex("80 01 62"));
  CHECK(bytes_of(ws.text("c")) == hex("81 01 63"));
}

TEST_CASE("5.4 FG-07: messages are not interleaved") {
  server ws;
  (void)ws.text("a", fin::no);
  CHECK(ws.binary("b").refusal() == refusal::other_message_unfinished);
  CHECK(ws.binary("b").empty());
  CHECK(bytes_of(ws.text("c")) == hex("80 01 63"));
  CHECK(bytes_of(ws.binary("b")) == hex("82 01 62"));
}

TEST_CASE("5.6 UT-09: text that is sent is UTF-8, also over pieces, unless the caller knows it is") {
  server ws;
  CHECK(ws.text("\xff").refusal() == refusal::invalid_utf8);
  CHECK(ws.text("\xe2\x82").refusal() == refusal::invalid_utf8);
  CHECK(bytes_of(ws.text("\xe2\x82", fin::no)) == hex("01 02 e282"));
  CHECK(ws.text("x", fin::no).refusal() == refusal::invalid_utf8);
  CHECK(ws.text("", fin::yes).refusal() == refusal::invalid_utf8);
  CHECK(bytes_of(ws.text("\xac", fin::yes)) == hex("80 01 ac"));
  CHECK(bytes_of(ws.text("\xe2", fin::no, utf8::unchecked)) == hex("01 01 e2"));
  CHECK(bytes_of(ws.text("\x82\xac", fin::yes, utf8::unchecked)) == hex("80 02 82ac"));
  CHECK(bytes_of(ws.text("hi")) == hex("81 02 6869"));
}

TEST_CASE("5.6 UT-09: an unchecked piece counts as whole characters for the checked ones beside it") {
  server ws;
  (void)ws.text("\xe2\x82", fin::no);
  CHECK(bytes_of(ws.text("\xac", fin::yes, utf8::unchecked)) == hex("80 01 ac"));
  CHECK(bytes_of(ws.text("hi")) == hex("81 02 6869"));
  (void)ws.text("\xe2", fin::no, utf8::unchecked);
  CHECK(ws.text("\x82\xac").refusal() == refusal::invalid_utf8);
  CHECK(bytes_of(ws.text("ok")) == hex("80 02 6f6b"));
}

TEST_CASE("5.4: whether a message is begun can be asked") {
  server ws;
  CHECK(!ws.sending());
  (void)ws.text("a", fin::no);
  CHECK(ws.sending());
  (void)ws.ping();
  CHECK(ws.sending());
  (void)ws.text("b");
  CHECK(!ws.sending());
}

TEST_CASE("5.5 CT-01 CT-08: pings and pongs up to 125 bytes") {
  server ws;
  CHECK(ws.ping(std::string(125, 'p')).size() == 127);
  CHECK(ws.ping(std::string(126, 'p')).refusal() == refusal::control_too_long);
  CHECK(ws.pong(std::string(126, 'p')).refusal() == refusal::control_too_long);
  CHECK(bytes_of(ws.pong()) == hex("8a 00"));
}

TEST_CASE("7.4 CL-04 CL-05 CL-22 CL-23 F-10: of all codes a server sends 2,011, and a refused Close changes nothing") {
  int sent = 0;
  for (unsigned number = 0; number < 65536; ++number) {
    server ws;
    const auto frame = ws.close(static_cast<close_code>(number));
    if (frame.empty()) {
      if (ws.state() != state::open || frame.refusal() != refusal::unsendable_close_code) FAIL_CHECK("code " << number);
    } else {
      ++sent;
      if (bytes_of(frame) != hex("88 02") + network(number, 2) || ws.state() != state::close_sent)
        FAIL_CHECK("code " << number);
    }
  }
  CHECK(sent == 2011);
}

TEST_CASE("5.5.1 CL-07 CL-24 F-09: a reason is UTF-8 of at most 123 bytes") {
  server ws;
  CHECK(ws.close(close_code::normal, std::string(124, 'r')).refusal() == refusal::control_too_long);
  CHECK(ws.close(close_code::normal, "\xc3(").refusal() == refusal::invalid_utf8);
  CHECK(ws.close(close_code::normal, "\xc3").refusal() == refusal::invalid_utf8);
  CHECK(ws.state() == state::open);
  CHECK(bytes_of(ws.close(close_code::normal, std::string(123, 'r'))) == hex("88 7d 03e8") + std::string(123, 'r'));
}

TEST_CASE("5.5.1 CL-09 CL-29 CT-09 FR-12: after our Close nothing is sent") {
  server ws;
  (void)ws.close(close_code::going_away);
  CHECK(ws.text("x").refusal() == refusal::closed);
  CHECK(ws.binary("x").refusal() == refusal::closed);
  CHECK(ws.ping().refusal() == refusal::closed);
  CHECK(ws.pong().refusal() == refusal::closed);
  CHECK(ws.close().refusal() == refusal::closed);
}

TEST_CASE("5.5.1 CT-12: after our Close the peer's messages are still told, and its pings not answered") {
  server ws;
  (void)ws.close();
  std::string wire = text("late") + ping() + close_frame(1000);
  std::span in(wire);
  CHECK(ws.next(in)->text() == "late");
  const auto beat = ws.next(in);
  CHECK(beat->kind == kind::ping);
  CHECK(ws.answer(*beat).empty());
  const auto goodbye = ws.next(in);
  CHECK(goodbye->kind == kind::close);
  CHECK(ws.answer(*goodbye).empty());
  CHECK(ws.state() == state::closed);
}

TEST_CASE("5.5.1 FG-12: after the peer's Close a message that is begun may be finished, and none begun") {
  auto begun = after("");
  (void)begun.ws.text("Hel", fin::no);
  std::string wire = close_frame(1000);
  std::span in(wire);
  const auto goodbye = begun.ws.next(in);
  CHECK(begun.ws.ping().refusal() == refusal::closed);
  CHECK(begun.ws.binary("x").refusal() == refusal::other_message_unfinished);
  CHECK(bytes_of(begun.ws.text("lo")) == hex("80 02 6c6f"));
  CHECK(begun.ws.text("more").refusal() == refusal::closed);
  CHECK(bytes_of(begun.ws.answer(*goodbye)) == hex("88 02 03e8"));
  CHECK(begun.ws.state() == state::closed);
}

TEST_CASE("5.5.1 FG-12: our Close in the middle of our message abandons it") {
  server ws;
  (void)ws.text("Hel", fin::no);
  CHECK(bytes_of(ws.close()) == hex("88 02 03e8"));
  CHECK(ws.text("lo").refusal() == refusal::closed);
}

TEST_CASE("7.1.3 CL-10 CL-12 CL-14 CL-15: the closing handshake, begun by us, by the peer, and by both at once") {
  const auto reads = [](server& ws, std::string wire) {
    std::span in(wire);
    auto event = ws.next(in).value();
    event.payload = {};
    return event;
  };
  server ours;
  (void)ours.close(close_code::going_away);
  CHECK(ours.state() == state::close_sent);
  CHECK(reads(ours, close_frame(1001)).kind == kind::close);
  CHECK(ours.state() == state::closed);

  server theirs;
  const auto goodbye = reads(theirs, close_frame(1001));
  CHECK(theirs.state() == state::close_received);
  CHECK(bytes_of(theirs.answer(goodbye)) == hex("88 02 03e9"));
  CHECK(theirs.state() == state::closed);

  server both;
  (void)both.close(close_code::going_away);
  const auto crossing = reads(both, close_frame(3000, "bye"));
  CHECK(crossing.code == close_code{3000});
  CHECK(both.state() == state::closed);
  CHECK(both.answer(crossing).empty());
}

TEST_CASE("7.1.7 10.7 CL-19 SE-04: a violation is answered once, and by nothing else than a Close") {
  auto failed = after(hex("ff"));
  CHECK(failed.ws.text("x").refusal() == refusal::closed);
  CHECK(failed.ws.ping().refusal() == refusal::closed);
  const auto answer = failed.ws.answer(failed.last);
  CHECK(bytes_of(answer).substr(2, 2) == network(1002, 2));
  CHECK(failed.ws.answer(failed.last).empty());
  CHECK(failed.ws.state() == state::closed);
}

TEST_CASE("7.4.1 CL-04: a code that is never on the wire is not put there by an answer") {
  for (const auto code : {close_code::no_status, close_code::abnormal, close_code{0}}) {
    server ws;
    CHECK(bytes_of(ws.answer({.kind = kind::close, .code = code})) == hex("88 00"));
    CHECK(ws.state() == state::close_sent);
  }
}

TEST_CASE("answers to what asks for none are empty") {
  server ws;
  for (const kind what : {kind::text, kind::binary, kind::pong}) CHECK(ws.answer({.kind = what}).empty());
  CHECK(ws.state() == state::open);
}

TEST_CASE("every sending call in every state: a frame where it may be, else nothing and a reason") {
  const auto in_state = [](state wanted) {
    server ws;
    std::string wire = wanted == state::failed ? hex("ff") : close_frame(1000);
    std::span in(wire);
    if (wanted == state::close_sent) (void)ws.close();
    if (wanted == state::close_received || wanted == state::failed) (void)ws.next(in);
    if (wanted == state::closed) (void)ws.end();
    REQUIRE(ws.state() == wanted);
    return ws;
  };
  int calls = 0;
  for (const state now : {state::open, state::close_sent, state::close_received, state::failed, state::closed}) {
    const auto check = [&](auto call, bool allowed) {
      server ws = in_state(now);
      const weft::server::frame frame = call(ws);
      ++calls;
      CHECK(frame.empty() == !allowed);
      CHECK((frame.refusal() == refusal::none) == allowed);
    };
    const bool open = now == state::open;
    const bool may_close = open || now == state::close_received || now == state::failed;
    check([](server& ws) { return ws.text("x"); }, open);
    check([](server& ws) { return ws.text("x", fin::no); }, open);
    check([](server& ws) { return ws.binary("x"); }, open);
    check([](server& ws) { return ws.binary("x", fin::no); }, open);
    check([](server& ws) { return ws.ping(); }, open);
    check([](server& ws) { return ws.pong("x"); }, open);
    check([](server& ws) { return ws.close(); }, may_close);
    check([](server& ws) { return ws.close(close_code{3000}, "why"); }, may_close);
  }
  CHECK(calls == 40);
}

// At compile time

static_assert([] {
  auto wire = constant("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x89\x80\x01\x02\x03\x04\x81\x05");
  server ws;
  std::span<std::byte> in(wire);
  const auto hello = ws.next(in);
  if (!hello || hello->kind != kind::text || !hello->whole() || !equal(hello->payload, constant("Hello"))) return false;
  const auto beat = ws.next(in);
  if (!beat || beat->kind != kind::ping || !equal(ws.answer(*beat).header(), constant("\x8a\x00"))) return false;
  const auto broken = ws.next(in);
  if (!broken || broken->violation != weft::violation{weft::rule::missing_mask, 18}) return false;
  if (!equal(ws.answer(*broken).header().subspan(2), constant("\x03\xea"))) return false;
  return !ws.next(in) && in.empty() && ws.state() == state::closed;
}());

static_assert([] {
  auto wire =
      constant("\x01\x83\x37\xfa\x21\x3d\x7f\x9f\x4d\x89\x81\x01\x02\x03\x04\x71\x80\x82\x37\xfa\x21\x3d\x5b\x95");
  server ws;
  int events = 0;
  for (std::byte& byte : wire) {
    std::span<std::byte> in(&byte, 1);
    while (ws.next(in)) ++events;
  }
  return events == 6 && ws.state() == state::open;
}());

TEST_CASE("a message that was prepared is sent as it would be by its own call") {
  weft::server ws;
  const auto bytes_of = [](const auto& frame) {
    std::string bytes;
    weft::append(bytes, frame);
    return bytes;
  };
  using message = weft::prepared_message<std::string>;
  CHECK(bytes_of(ws.send(message::text("Hello"))) == "\x81\x05Hello");
  CHECK(bytes_of(ws.send(message::binary("Hello"))) == "\x82\x05Hello");
}
