// SPDX-License-Identifier: MIT
//
// client.cpp: the client's side, where it differs from the server's, and what must not differ once more.
#include <weft/connection/client.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <weft/connection/server.hpp>
#include <weft/sendable.hpp>

#include "support/constant.hpp"
#include "support/cuts.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::client;
using weft::close_code;
using weft::kind;
using weft::masking_key;
using weft::refusal;
using weft::role;
using weft::state;
using weft::utf8;

namespace {

constexpr masking_key key = recorder_key;  // 37 fa 21 3d, as in RFC 6455 section 5.7

constexpr auto lengths = {0,  1,   2,   3,   4,   5,   7,   8,   9,     15,    16,
                          17, 124, 125, 126, 127, 128, 255, 256, 65535, 65536, 65537};

std::string bytes_of(const client::frame& frame) {
  std::string bytes(frame.size(), '\0');
  (void)frame.copy_to(bytes);
  return bytes;
}

/// Bytes of each value, so that none is where it was when the key slips.
std::string pattern(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 31 + 7);
  return bytes;
}

/// A client that has read these bytes, and its last event.
struct after {
  explicit after(const std::string& wire, const weft::limits& limits = {}) {
    std::span in(wire);
    while (const auto event = ws.next(in, limits)) last = *event;
    last.payload = {};
  }
  client ws;
  weft::event last;
};

}  // namespace

// Receiving: a server's frames are not masked

TEST_CASE("5.1 5.7 FR-24 MK-03: the RFC's unmasked examples, as they stand there") {
  check_every_cut<role::client>(hex("81 05 48 65 6c 6c 6f"), "text Hello fin");
  check_every_cut<role::client>(hex("01 03 48 65 6c  80 02 6c 6f"), "text Hello fin");
  check_every_cut<role::client>(hex("89 05 48 65 6c 6c 6f"), "ping Hello");
  const std::string small(256, 'b'), large(65536, 'b');
  check_every_cut<role::client>(hex("82 7e 0100") + small, "binary " + shown(small) + " fin");
  check_every_cut<role::client>(hex("82 7f 0000000000010000") + large, "binary " + shown(large) + " fin");
}

TEST_CASE("5.1 MK-04 E-06: a masked frame ends it at its second byte, and none of its bytes is told") {
  check_every_cut<role::client>(hex("81 85 37fa213d 7f9f4d5158"), "violation unexpected_mask at 1 close 1002");
  check_every_cut<role::client>(from_server::text("ok") + frame(0x89, "", {}),
                                "text ok fin; violation unexpected_mask at 5 close 1002");
  for (const unsigned first : {0x81U, 0x82U, 0x01U, 0x88U, 0x89U, 0x8AU}) {
    for (const auto& zero_or_not : {std::array<unsigned char, 4>{0, 0, 0, 0}, example_key}) {
      const auto failed = after(frame(first, "", zero_or_not));
      CHECK(failed.last.violation == weft::violation{weft::rule::unexpected_mask, 1});
      CHECK(failed.last.code == close_code::protocol_error);
      CHECK(failed.ws.state() == state::failed);
    }
  }
}

TEST_CASE("6.2 E-08: input that cannot be written is read all the same, however it is cut") {
  const std::string wire = from_server::text("Hel", fin::no) + from_server::ping("beat") +
                           from_server::continuation("l\xc3\xb6", fin::yes) + from_server::binary(pattern(130)) +
                           from_server::pong() + from_server::text("bad \xc3(");
  const std::string expected = "text Hel; ping beat; text l\\xc3\\xb6 fin; binary " + shown(pattern(130)) +
                               " fin; pong; text bad \\xc3; violation invalid_utf8 at 159 close 1007";
  for (const cut& pieces : cuts_of(wire.size())) {
    for (const flush side : {flush::back, flush::front}) {
      recorder<role::client> ws;
      for (std::size_t at = 0, i = 0; at < wire.size(); ++i) {
        const std::string piece = wire.substr(at, i < pieces.size() ? pieces[i] : pieces.back());
        guarded memory(4096);
        const auto in = memory.place(piece, side);
        memory.make_read_only();
        ws.take(in);
        at += piece.size();
      }
      ++cuts_run;
      CHECK(ws.transcript() == expected);
    }
  }
}

TEST_CASE("5.4 FG-01 FG-03 FG-04 FG-05: messages in fragments, also without bytes, and control frames between them") {
  check_every_cut<role::client>(
      from_server::text("Hel", fin::no) + from_server::ping("beat") + from_server::continuation("lo", fin::yes),
      "text Hel; ping beat; text lo fin");
  check_every_cut<role::client>(from_server::text("", fin::no) + from_server::continuation("", fin::no) +
                                    from_server::pong() + from_server::continuation("", fin::yes),
                                "pong; text fin");
  check_every_cut<role::client>(from_server::binary("a", fin::no) + from_server::binary("b"),
                                "binary a; violation interleaved_message at 3 close 1002");
  check_every_cut<role::client>(from_server::continuation("a", fin::yes),
                                "violation stray_continuation at 0 close 1002");
}

TEST_CASE("5.2 FR-11: each opcode without bytes is two bytes") {
  check_every_cut<role::client>(hex("81 00  82 00  01 00  80 00  89 00  8a 00  88 00"),
                                "text fin; binary fin; text fin; ping; pong; close 1005");
}

TEST_CASE("6.2 FR-15 FR-16: many messages in one read") {
  std::string wire, seen;
  for (int i = 0; i < 100; ++i) {
    wire += from_server::text(std::to_string(i));
    seen += (i == 0 ? "text " : "; text ") + std::to_string(i) + " fin";
  }
  check_every_cut<role::client>(wire, seen);
}

TEST_CASE("5.2 FR-05: payloads at each border of the length's forms") {
  for (const std::size_t size : sizes{125, 126, 127, 65535, 65536, 65537}) {
    const std::string payload = pattern(size);
    check_every_cut<role::client>(from_server::binary(payload), "binary " + shown(payload) + " fin");
  }
}

TEST_CASE("5.2 FR-06 FR-07: every 16-bit length, of which 65,410 are in their shortest form") {
  int accepted = 0;
  for (unsigned length = 0; length < 65536; ++length) {
    const auto seen = after(hex("82 7e") + network(length, 2));
    const bool minimal = length >= 126;
    const auto expected = minimal ? weft::violation{} : weft::violation{weft::rule::length_not_minimal, 3};
    if (seen.last.violation != expected || (seen.ws.state() == state::open) != minimal) FAIL_CHECK("length " << length);
    accepted += seen.ws.state() == state::open ? 1 : 0;
  }
  CHECK(accepted == 65410);
}

TEST_CASE("5.2 FR-06 FR-07 FR-19: 64-bit lengths at every power of two") {
  constexpr weft::limits none{.max_message_bytes = weft::unlimited};
  for (int k = 0; k < 64; ++k) {
    for (const std::int64_t offset : {-1, 0, 1}) {
      const std::uint64_t length = (std::uint64_t{1} << k) + static_cast<std::uint64_t>(offset);
      CAPTURE(length);
      const auto expected = length >= std::uint64_t{1} << 63 ? weft::violation{weft::rule::length_out_of_range, 2}
                            : length < 65536                 ? weft::violation{weft::rule::length_not_minimal, 7}
                                                             : weft::violation{};
      CHECK(after(hex("82 7f") + network(length, 8), none).last.violation == expected);
    }
  }
}

TEST_CASE("10.4 FR-18 SE-02 B-01: a length beyond the limit is refused with the last byte of the length") {
  constexpr weft::limits limits{.max_message_bytes = 70000};
  check_every_cut<role::client>(hex("82 7f 0000000000011171"), "violation message_too_long at 9 close 1009", limits);
  check_every_cut<role::client>(hex("82 7e 0101"), "violation message_too_long at 3 close 1009",
                                {.max_message_bytes = 256});
  check_every_cut<role::client>(hex("82 06"), "violation message_too_long at 1 close 1009", {.max_message_bytes = 5});
  check_every_cut<role::client>(hex("82 06"), "violation frame_too_long at 1 close 1009", {.max_frame_bytes = 5});
  check_every_cut<role::client>(from_server::text("123", fin::no) + from_server::continuation("456", fin::yes),
                                "text 123; violation message_too_long at 6 close 1009", {.max_message_bytes = 5});
  check_every_cut<role::client>(from_server::text("123", fin::no) + from_server::continuation("45", fin::yes),
                                "text 12345 fin", {.max_message_bytes = 5});
}

TEST_CASE("5.6 UT-01 UT-02 UT-04 UT-05 UT-08: text is UTF-8 over fragments and reads, binary is not looked at") {
  const std::string words = "\xce\xba\xe1\xbd\xb9 \xf0\x9f\x98\x80";
  std::string wire = from_server::text("", fin::no);
  for (const char c : words) wire += from_server::continuation(std::string(1, c), fin::no);
  check_every_cut<role::client>(wire + from_server::continuation("", fin::yes), "text " + shown(words) + " fin");
  check_every_cut<role::client>(from_server::text("abc\xff xyz"), "text abc; violation invalid_utf8 at 5 close 1007");
  check_every_cut<role::client>(from_server::text("a\xe2\x82"),
                                "text a\\xe2\\x82; violation truncated_utf8 at 5 close 1007");
  check_every_cut<role::client>(from_server::binary("\xff\xfe"), "binary \\xff\\xfe fin");
}

TEST_CASE("5.4 UT-10 G-03: a ping inside a character does not disturb it") {
  check_every_cut<role::client>(
      from_server::text("\xe2\x82", fin::no) + from_server::ping("\xff") + from_server::continuation("\xac", fin::yes),
      "text \\xe2\\x82; ping \\xff; text \\xac fin");
}

TEST_CASE("5.2 5.5 FR-02 FR-04 CT-01 CT-02 CT-11 CL-02 F-01: the rules of every frame hold for a server's") {
  for (const unsigned bit : {0x40U, 0x20U, 0x10U})
    check_every_cut<role::client>(unmasked(0x81 | bit, "x"), "violation reserved_bit at 0 close 1002");
  for (const unsigned code : {3U, 7U, 11U, 15U})
    check_every_cut<role::client>(unmasked(0x80 | code, "x"), "violation reserved_opcode at 0 close 1002");
  check_every_cut<role::client>(hex("09 00"), "violation fragmented_control at 0 close 1002");
  check_every_cut<role::client>(hex("89 7e 007e"), "violation control_too_long at 1 close 1002");
  check_every_cut<role::client>(hex("88 01 03"), "violation close_of_one_byte at 1 close 1002");
}

TEST_CASE("C-02 FR-23 CL-20: after a violation silence") {
  check_every_cut<role::client>(hex("ff 00") + from_server::text("Hello") + from_server::close_frame(1000),
                                "violation reserved_bit at 0 close 1002");
}

TEST_CASE("the payload lies in the caller's buffer, which is as it was") {
  client ws;
  const std::string wire = from_server::text("Hello") + from_server::ping("beat");
  std::span in(wire);
  CHECK(ws.next(in)->text().data() == wire.data() + 2);
  CHECK(ws.next(in)->text().data() == wire.data() + 7 + 2);
  CHECK(wire == hex("81 05") + "Hello" + hex("89 04") + "beat");
}

TEST_CASE("buffers of char, unsigned char and std::byte are taken without a cast, const or not") {
  const std::string wire = from_server::text("Hello");
  std::vector<char> chars(wire.begin(), wire.end());
  std::vector<unsigned char> numbers(wire.begin(), wire.end());
  std::vector<std::byte> bytes;
  for (const char c : wire) bytes.push_back(static_cast<std::byte>(c));
  const auto reads_hello = [](auto& buffer) {
    client ws;
    std::span in(buffer);
    const auto event = ws.next(in);
    return event && event->text() == "Hello" && in.empty();
  };
  const auto reads_both = [&](auto& buffer) { return reads_hello(buffer) && reads_hello(std::as_const(buffer)); };
  CHECK(reads_both(chars));
  CHECK(reads_both(numbers));
  CHECK(reads_both(bytes));
}

// Receiving: control frames, and what answers them

TEST_CASE("5.5.2 CT-03 CT-05 CT-07 MK-01: a ping is answered by its payload, masked; a pong by nothing") {
  for (const std::size_t size : sizes{0, 1, 2, 3, 4, 5, 124, 125}) {
    const std::string payload = pattern(size);
    for_every_cut<role::client>(
        from_server::ping(payload) + from_server::pong(payload),
        [&](const std::string&, const std::string& answers) { CHECK(answers == pong(payload)); });
  }
}

TEST_CASE("5.7 FR-24: the RFC's unmasked ping is answered by its masked pong, byte by byte") {
  for_every_cut<role::client>(hex("89 05 48 65 6c 6c 6f"), [](const std::string& seen, const std::string& answers) {
    CHECK(seen == "ping Hello");
    CHECK(answers == hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"));
  });
}

TEST_CASE("5.5.1 CL-01 CL-10 CL-11 CL-16 CL-17 CL-25: a Close is answered by the same, masked") {
  for_every_cut<role::client>(from_server::close_frame(1000, "bye"),
                              [](const std::string& seen, const std::string& answers) {
                                CHECK(seen == "close 1000 bye");
                                CHECK(answers == hex("88 85 37fa213d 3412 4344 52"));
                              });
  for_every_cut<role::client>(from_server::close_frame(4999, std::string(123, 'r')),
                              [](const std::string& seen, const std::string& answers) {
                                CHECK(seen == "close 4999 " + std::string(123, 'r'));
                                CHECK(answers == close_frame(4999, std::string(123, 'r')));
                              });
}

TEST_CASE("5.5.1 CL-11 CL-16 CL-25: a Close without a code is answered without one, and yet with a key") {
  for_every_cut<role::client>(from_server::close_frame(), [](const std::string& seen, const std::string& answers) {
    CHECK(seen == "close 1005");
    CHECK(answers == hex("88 80 37fa213d"));
  });
}

TEST_CASE("7.1.7 CL-19 CL-25: a violation is answered by a masked Close with its code and words") {
  for_every_cut<role::client>(from_server::text("Hello") + from_server::text("\xff"),
                              [](const std::string& seen, const std::string& answers) {
                                CHECK(seen == "text Hello fin; violation invalid_utf8 at 9 close 1007");
                                CHECK(answers == close_frame(1007, weft::words(weft::rule::invalid_utf8)));
                              });
  auto failed = after(hex("ff"));
  CHECK(failed.ws.text(key, "x").refusal() == refusal::closed);
  CHECK(bytes_of(failed.ws.answer(key, failed.last)) == close_frame(1002, weft::words(weft::rule::reserved_bit)));
  CHECK(failed.ws.answer(key, failed.last).empty());
  CHECK(failed.ws.state() == state::closed);
}

TEST_CASE(
    "7.4 CL-01 CL-03 CL-06 CL-11 F-05: of all codes 2,012 are received, with and without a reason, and answered "
    "by the same") {
  for (const std::size_t size : sizes{0, 1, 2, 123}) {
    int received = 0;
    for (unsigned number = 0; number < 65536; ++number) {
      const bool valid = (number >= 1000 && number <= 1003) || (number >= 1007 && number <= 1014) ||
                         (number >= 3000 && number <= 4999);
      auto seen = after(from_server::close_frame(number, std::string(size, 'r')));
      const bool as_sent =
          seen.last.kind == kind::close && seen.last.code == close_code{static_cast<std::uint16_t>(number)};
      const bool refused = seen.last.violation == weft::violation{weft::rule::invalid_close_code, 3};
      if (valid ? !as_sent : !refused) FAIL_CHECK("code " << number);
      if (valid && bytes_of(seen.ws.answer(key, seen.last)) != close_frame(number)) FAIL_CHECK("answer to " << number);
      received += as_sent ? 1 : 0;
    }
    CHECK(received == 2012);
  }
  check_every_cut<role::client>(hex("88 7e"), "violation control_too_long at 1 close 1002");  // a reason of 124 bytes
}

TEST_CASE("5.5.1 CL-07 UT-06 F-09: a reason that is not UTF-8") {
  check_every_cut<role::client>(from_server::close_frame(1000, "ab\xc3("), "violation invalid_utf8 at 7 close 1007");
  check_every_cut<role::client>(from_server::close_frame(1000, "ab\xe2\x82"),
                                "violation truncated_utf8 at 8 close 1007");
}

TEST_CASE("5.5.1 CL-27 CL-28 CL-30 F-08 F-11: a Close, also in the middle of a message, and nothing behind it") {
  check_every_cut<role::client>(from_server::text("begun", fin::no) + from_server::close_frame(1000) +
                                    from_server::continuation("late", fin::yes) + hex("ff ff") +
                                    from_server::close_frame(1001),
                                "text begun; close 1000");
}

// The end of the transport

TEST_CASE("7.1.5 CL-16 CL-18 CL-26: an end without a Close is 1006, and not clean") {
  recorder<role::client> ended;
  ended.end();
  CHECK(ended.transcript() == "close 1006");
  CHECK(ended.answers().empty());
  CHECK(ended.endpoint().state() == state::closed);
  auto middle = after(from_server::text("Hello").substr(0, 4));
  CHECK(middle.ws.end()->code == close_code::abnormal);
  client unanswered;
  (void)unanswered.close(key);
  CHECK(unanswered.end()->code == close_code::abnormal);
}

TEST_CASE("7.1.1 7.1.5 CL-12 CL-13 CL-18: the server hangs up after both Closes, and that is a clean end") {
  auto closed = after(from_server::close_frame(1000));
  CHECK(closed.ws.state() == state::close_received);
  (void)closed.ws.answer(key, closed.last);
  CHECK(closed.ws.state() == state::closed);
  CHECK(!closed.ws.end().has_value());

  auto failed = after(hex("ff"));
  CHECK(!failed.ws.end().has_value());
  CHECK(failed.ws.state() == state::closed);
  CHECK(failed.ws.answer(key, failed.last).empty());
}

// Sending: every frame is masked with the key it was given

TEST_CASE("5.7 FR-24: the RFC's masked examples, made by the client") {
  client ws;
  CHECK(bytes_of(ws.text(key, "Hello")) == hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
  CHECK(bytes_of(ws.pong(key, "Hello")) == hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"));
}

TEST_CASE("5.1 5.3 FR-14 MK-01 MK-08 MK-12 E-01 E-09: each call, of each size, has the mask bit and its own key") {
  int frames = 0;
  const std::array<unsigned char, 4> keys[] = {example_key, {0, 0, 0, 0}, {255, 255, 255, 255}, {1, 0, 0, 0}};
  for (const auto& k : keys) {
    const masking_key own{{std::byte{k[0]}, std::byte{k[1]}, std::byte{k[2]}, std::byte{k[3]}}};
    for (const auto length : lengths) {
      const auto size = static_cast<std::size_t>(length);
      const std::string payload = pattern(size), ascii(size, 'a');
      client ws;
      const auto check = [&](const client::frame& made, unsigned first, const std::string& content) {
        ++frames;
        CHECK(bytes_of(made) == frame(first, content, k));
        CHECK(made.size() == frame(first, content, k).size());
      };
      check(ws.text(own, ascii), 0x81, ascii);
      check(ws.binary(own, payload, fin::no), 0x02, payload);
      check(ws.binary(own, payload, fin::no), 0x00, payload);
      check(ws.binary(own, payload), 0x80, payload);
      check(ws.text(own, payload, fin::no, utf8::unchecked), 0x01, payload);
      check(ws.text(own, payload, fin::yes, utf8::unchecked), 0x80, payload);
      if (size > 125) continue;
      check(ws.ping(own, payload), 0x89, payload);
      check(ws.pong(own, payload), 0x8A, payload);
      check(ws.answer(own, {.kind = kind::ping, .payload = weft::bytes(payload).span()}), 0x8A, payload);
      if (size <= 123) check(ws.close(own, close_code::normal, ascii), 0x88, hex("03e8") + ascii);
    }
  }
  CHECK(frames == 4 * (22 * 6 + 14 * 3 + 12));
}

TEST_CASE("5.3 MK-05: the next frame has the next key, whose first byte meets the first byte of that frame") {
  client ws;
  const masking_key other{constant("\x01\x02\x03\x04")};
  CHECK(bytes_of(ws.binary(key, "abc", fin::no)) == frame(0x02, "abc"));
  CHECK(bytes_of(ws.binary(other, "defgh", fin::no)) == frame(0x00, "defgh", {1, 2, 3, 4}));
  CHECK(bytes_of(ws.ping(other, "p")) == frame(0x89, "p", {1, 2, 3, 4}));
  CHECK(bytes_of(ws.binary(key, "ijk")) == frame(0x80, "ijk"));
}

TEST_CASE(
    "5.5.1 CL-25: of a Close the code lies under the first two bytes of the key, the reason goes on at the third") {
  client ws;
  const auto close = ws.close(key, close_code::normal, "bye");
  CHECK(bytes_of(close) == hex("88 85 37fa213d 3412 434452"));  // 03^37 e8^fa, 'b'^21 'y'^3d, 'e'^37
  CHECK(close.size() == 11);
  CHECK(equal(close.header(), constant("\x88\x85\x37\xfa\x21\x3d\x34\x12")));
  std::string reason(3, '\0');
  CHECK(close.copy_payload_to(reason).size() == 3);
  CHECK(reason == hex("434452"));
  client other;
  CHECK(bytes_of(other.close(key)) == hex("88 82 37fa213d 3412"));
}

TEST_CASE("5.4 FG-07 FG-11 FR-13: pieces become fragments, pings go between, messages are not interleaved") {
  client ws;
  CHECK(bytes_of(ws.text(key, "a", fin::no)) == frame(0x01, "a"));
  CHECK(bytes_of(ws.text(key, "", fin::no)) == frame(0x00, ""));
  CHECK(ws.binary(key, "b").refusal() == refusal::other_message_unfinished);
  CHECK(bytes_of(ws.ping(key, "p")) == frame(0x89, "p"));
  CHECK(bytes_of(ws.text(key, "c")) == frame(0x80, "c"));
  CHECK(bytes_of(ws.binary(key, "b")) == frame(0x82, "b"));
}

TEST_CASE("5.6 UT-09: text that is sent is UTF-8, also over pieces, unless the caller knows it is") {
  client ws;
  CHECK(ws.text(key, "\xff").refusal() == refusal::invalid_utf8);
  CHECK(ws.text(key, "\xe2\x82").refusal() == refusal::invalid_utf8);
  CHECK(bytes_of(ws.text(key, "\xe2\x82", fin::no)) == frame(0x01, "\xe2\x82"));
  CHECK(ws.text(key, "x", fin::no).refusal() == refusal::invalid_utf8);
  CHECK(ws.text(key, "", fin::yes).refusal() == refusal::invalid_utf8);
  CHECK(bytes_of(ws.text(key, "\xac")) == frame(0x80, "\xac"));
  CHECK(bytes_of(ws.text(key, "\xff", fin::yes, utf8::unchecked)) == frame(0x81, "\xff"));
}

TEST_CASE("5.5 CT-01 CT-08: pings and pongs up to 125 bytes") {
  client ws;
  CHECK(ws.ping(key, std::string(125, 'p')).size() == 2 + 4 + 125);
  CHECK(ws.ping(key, std::string(126, 'p')).refusal() == refusal::control_too_long);
  CHECK(ws.pong(key, std::string(126, 'p')).refusal() == refusal::control_too_long);
}

TEST_CASE("7.4 CL-04 CL-05 CL-06 CL-22 F-10: of all codes a client sends 2,012, among them 1010") {
  for (const std::size_t size : sizes{0, 1, 2, 123, 124}) {
    int sent = 0;
    for (unsigned number = 0; number < 65536; ++number) {
      const bool valid = (number >= 1000 && number <= 1003) || (number >= 1007 && number <= 1014) ||
                         (number >= 3000 && number <= 4999);
      const std::string reason(size, 'r');
      client ws;
      const auto close = ws.close(key, close_code{static_cast<std::uint16_t>(number)}, reason);
      if (valid && size <= 123) {
        ++sent;
        if (bytes_of(close) != close_frame(number, reason) || ws.state() != state::close_sent)
          FAIL_CHECK("code " << number);
      } else {
        const auto why = valid ? refusal::control_too_long : refusal::unsendable_close_code;
        if (!close.empty() || close.refusal() != why || ws.state() != state::open) FAIL_CHECK("code " << number);
      }
    }
    CHECK(sent == (size <= 123 ? 2012 : 0));
  }
  client ws;
  CHECK(bytes_of(ws.close(key, close_code::mandatory_extension, "x-needed")) == close_frame(1010, "x-needed"));
}

TEST_CASE("5.5.1 CL-07 CL-24 F-09: a refused reason leaves the connection as it was") {
  client ws;
  CHECK(ws.close(key, close_code::normal, "\xc3(").refusal() == refusal::invalid_utf8);
  CHECK(ws.close(key, close_code::normal, "\xc3").refusal() == refusal::invalid_utf8);
  std::string accents;
  for (int i = 0; i < 62; ++i) accents += "\xc3\xa9";
  CHECK(ws.close(key, close_code::normal, accents).refusal() == refusal::control_too_long);
  CHECK(ws.state() == state::open);
}

TEST_CASE("5.5.1 CT-09 CT-12 CL-09: after our Close the server's frames are told, and nothing is sent") {
  client ws;
  (void)ws.close(key, close_code::going_away);
  const std::string wire = from_server::text("late") + from_server::ping() + from_server::close_frame(1000);
  std::span in(wire);
  CHECK(ws.next(in)->text() == "late");
  const auto beat = ws.next(in);
  CHECK(beat->kind == kind::ping);
  CHECK(ws.answer(key, *beat).empty());
  const auto goodbye = ws.next(in);
  CHECK(goodbye->kind == kind::close);
  CHECK(ws.answer(key, *goodbye).empty());
  CHECK(ws.state() == state::closed);
}

TEST_CASE("5.5.1 FG-12: after the server's Close a message that is begun may be finished, and none begun") {
  client ws;
  (void)ws.text(key, "Hel", fin::no);
  const std::string wire = from_server::close_frame(1000);
  std::span in(wire);
  const auto goodbye = ws.next(in);
  CHECK(ws.ping(key).refusal() == refusal::closed);
  CHECK(ws.binary(key, "x").refusal() == refusal::other_message_unfinished);
  CHECK(bytes_of(ws.text(key, "lo")) == frame(0x80, "lo"));
  CHECK(ws.text(key, "more").refusal() == refusal::closed);
  CHECK(bytes_of(ws.answer(key, *goodbye)) == close_frame(1000));
  CHECK(ws.state() == state::closed);
}

TEST_CASE("every sending call in every state: a frame where it may be, else no byte and a reason") {
  const auto in_state = [](state wanted) {
    client ws;
    const std::string wire = wanted == state::failed ? hex("ff") : from_server::close_frame(1000);
    std::span in(wire);
    if (wanted == state::close_sent) (void)ws.close(key);
    if (wanted == state::close_received || wanted == state::failed) (void)ws.next(in);
    if (wanted == state::closed) (void)ws.end();
    REQUIRE(ws.state() == wanted);
    return ws;
  };
  int calls = 0;
  for (const state now : {state::open, state::close_sent, state::close_received, state::failed, state::closed}) {
    CAPTURE(static_cast<int>(now));
    const auto check = [&](auto call, bool allowed) {
      client ws = in_state(now);
      const client::frame frame = call(ws);
      ++calls;
      CHECK(frame.empty() == !allowed);
      CHECK((frame.refusal() == refusal::none) == allowed);
      std::string room(200, '.');
      CHECK(frame.copy_to(room).empty() == !allowed);
      CHECK((room == std::string(200, '.')) == !allowed);
      if (!allowed) CHECK(ws.state() == now);
    };
    const auto check_answer = [&](const weft::event& event, bool allowed) {
      client ws = in_state(now);
      ++calls;
      CHECK(ws.answer(key, event).empty() == !allowed);
      if (!allowed) CHECK(ws.state() == now);
    };
    const bool open = now == state::open;
    const bool may_close = open || now == state::close_received || now == state::failed;
    check([](client& ws) { return ws.text(key, "x"); }, open);
    check([](client& ws) { return ws.text(key, "x", fin::no); }, open);
    check([](client& ws) { return ws.text(key, "x", fin::yes, utf8::unchecked); }, open);
    check([](client& ws) { return ws.binary(key, "x"); }, open);
    check([](client& ws) { return ws.binary(key, "x", fin::no); }, open);
    check([](client& ws) { return ws.ping(key); }, open);
    check([](client& ws) { return ws.pong(key, "x"); }, open);
    check([](client& ws) { return ws.close(key); }, may_close);
    check([](client& ws) { return ws.close(key, close_code{3000}, "why"); }, may_close);
    check_answer({.kind = kind::text}, false);
    check_answer({.kind = kind::binary}, false);
    check_answer({.kind = kind::ping}, open);
    check_answer({.kind = kind::pong}, false);
    check_answer({.kind = kind::close, .code = close_code::normal}, may_close);
    check_answer({.kind = kind::violation, .code = close_code::protocol_error}, may_close);
  }
  CHECK(calls == 5 * 15);
}

// The three ways of a masked frame to the wire. The bytes that it was made of stay as they are, but in the last.

TEST_CASE("5.3 MK-10 E-07 E-08: contiguous: masked while it is copied, from memory that cannot be written") {
  guarded source(65537);
  source.place(pattern(source.capacity()), flush::front);
  source.make_read_only();
  guarded target(65537 + 14);
  for (const auto length : lengths) {
    const auto size = static_cast<std::size_t>(length);
    const auto payload = source.span(source.capacity(), flush::front).last(size);
    const std::string content(reinterpret_cast<const char*>(payload.data()), size);
    for (const flush side : {flush::back, flush::front}) {
      client ws;
      const auto frame = ws.binary(key, payload);
      const auto room = target.span(frame.size(), side);
      const auto written = without_allocation([&] { return frame.copy_to(room); });
      CHECK(written.data() == room.data());
      CHECK(std::string(reinterpret_cast<const char*>(written.data()), written.size()) == binary(content));
      CHECK(bytes_of(frame) == binary(content));  // and once more, as for a retry
    }
  }
}

TEST_CASE("5.3 MK-10 E-07: what was copied does not change with the bytes it was copied from") {
  client ws;
  std::string payload = "Hello";
  const std::string sent = bytes_of(ws.text(key, payload));
  payload = "later";
  CHECK(sent == text("Hello"));
}

TEST_CASE("5.3: writev(): the header, and the payload masked into a buffer of its own") {
  guarded target(65537);
  for (const auto length : lengths) {
    const auto size = static_cast<std::size_t>(length);
    const std::string content = pattern(size);
    for (const flush side : {flush::back, flush::front}) {
      client ws;
      const auto frame = ws.binary(key, content);
      const std::string header(reinterpret_cast<const char*>(frame.header().data()), frame.header().size());
      const auto written = without_allocation([&] { return frame.copy_payload_to(target.span(size, side)); });
      CHECK(header + std::string(reinterpret_cast<const char*>(written.data()), written.size()) == binary(content));
      CHECK(content == pattern(size));
    }
  }
}

TEST_CASE("5.3: writev(): the header, and the payload masked where it lies") {
  guarded memory(65537);
  for (const auto length : lengths) {
    const auto size = static_cast<std::size_t>(length);
    for (const flush side : {flush::back, flush::front}) {
      const auto payload = memory.place(pattern(size), side);
      client ws;
      const auto frame = ws.binary(key, payload);
      const auto written = without_allocation([&] { return frame.copy_payload_to(payload); });
      CHECK(written.data() == payload.data());
      CHECK(std::string(reinterpret_cast<const char*>(frame.header().data()), frame.header().size()) +
                std::string(reinterpret_cast<const char*>(written.data()), written.size()) ==
            binary(pattern(size)));
    }
  }
}

TEST_CASE("5.3: in place: 14 bytes of headroom and the payload become one contiguous frame") {
  guarded memory(65537 + 14);
  for (const auto length : lengths) {
    const auto size = static_cast<std::size_t>(length);
    for (const flush side : {flush::back, flush::front}) {
      const auto room = memory.place(std::string(14, '.') + pattern(size), side);
      const auto payload = room.subspan(14);
      client ws;
      const auto frame = ws.binary(key, payload);
      const auto header = without_allocation([&] {
        (void)frame.copy_payload_to(payload);
        return frame.copy_header_before(room.first(14));
      });
      CHECK(header.data() + header.size() == payload.data());
      CHECK(std::string(reinterpret_cast<const char*>(header.data()), frame.size()) == binary(pattern(size)));
      const auto before = room.first(14 - header.size());
      CHECK(std::string(reinterpret_cast<const char*>(before.data()), before.size()) ==
            std::string(before.size(), '.'));
    }
  }
}

TEST_CASE("5.3: the same ways for a Close, whose code is in the header") {
  std::string buffer = "..............bye";
  client ws;
  const auto close = ws.close(key, close_code::normal, std::string_view(buffer).substr(14));
  CHECK(close.copy_payload_to(std::span(buffer).last(3)).size() == 3);
  CHECK(close.copy_header_before(std::span(buffer).first(14)).size() == 8);
  CHECK(buffer == "......" + close_frame(1000, "bye"));
}

TEST_CASE("where there is too little room nothing is written") {
  client ws;
  const auto frame = ws.text(key, "Hello");
  std::string room(10, '.');
  CHECK(frame.copy_to(room).empty());
  CHECK(frame.copy_payload_to(std::span(room).first(4)).empty());
  CHECK(frame.copy_header_before(std::span(room).first(5)).empty());
  CHECK(room == "..........");
  std::string larger(12, '.');
  CHECK(frame.copy_to(larger).size() == 11);
  CHECK(larger == text("Hello") + ".");
  CHECK(frame.copy_payload_to(larger).size() == 5);
  CHECK(larger == hex("7f9f4d5158") + text("Hello").substr(5) + ".");
}

TEST_CASE("no frame: no byte of it in any way") {
  client ws;
  (void)ws.close(key);
  const auto none = ws.text(key, "Hello");
  std::string room(20, '.');
  CHECK(none.header().empty());
  CHECK(none.copy_to(room).empty());
  CHECK(none.copy_payload_to(room).empty());
  CHECK(none.copy_header_before(room).empty());
  CHECK(room == std::string(20, '.'));
}

// What does not compile

// MK-01 E-01 E-03: no call of a client sends without a key.
template <class T>
concept sends_without_key = requires(T ws, weft::event event) {
  ws.text("x");
}
|| requires(T ws) {
  ws.binary("x");
}
|| requires(T ws) {
  ws.ping();
}
|| requires(T ws) {
  ws.ping("x");
}
|| requires(T ws) {
  ws.pong();
}
|| requires(T ws) {
  ws.close();
}
|| requires(T ws) {
  ws.close(close_code::normal, "x");
}
|| requires(T ws, weft::event event) {
  ws.answer(event);
};
static_assert(!sends_without_key<client>);

// MK-03: no call of a server takes one.
template <class T>
concept sends_with_key = requires(T ws) {
  ws.text(key, "x");
}
|| requires(T ws) {
  ws.binary(key, "x");
}
|| requires(T ws) {
  ws.ping(key);
}
|| requires(T ws) {
  ws.pong(key, "x");
}
|| requires(T ws) {
  ws.close(key);
}
|| requires(T ws, weft::event event) {
  ws.answer(key, event);
};
static_assert(sends_with_key<client> && !sends_with_key<weft::server> && sends_without_key<weft::server>);

// A client's payload is not offered as it is, for it is not what goes on the wire; a server's is not masked.
template <class T>
concept offers_payload = requires(const T& frame) {
  frame.payload();
};
template <class T>
concept offers_masking = requires(const T& frame, std::span<std::byte> to) {
  frame.copy_payload_to(to);
};
static_assert(!offers_payload<client::frame> && offers_payload<weft::server::frame>);
static_assert(offers_masking<client::frame> && !offers_masking<weft::server::frame>);
static_assert(weft::sendable<client::frame>);

// No frame goes to memory that is const.
template <class To>
concept copies_to = requires(const client::frame& frame, To to) {
  frame.copy_to(to);
}
|| requires(const client::frame& frame, To to) {
  frame.copy_payload_to(to);
}
|| requires(const client::frame& frame, To to) {
  frame.copy_header_before(to);
};
static_assert(copies_to<std::span<std::byte>> && copies_to<std::string&> && !copies_to<std::span<const std::byte>>);

static_assert(noexcept(std::declval<client&>().next(std::declval<std::span<const char>&>())));
static_assert(noexcept(std::declval<client&>().text(key, "x")) && noexcept(std::declval<client&>().answer(key, {})));
static_assert(sizeof(client) == 160 && std::is_trivially_copyable_v<client>);

// At compile time

static_assert([] {
  constexpr auto wire = constant("\x81\x05Hello\x89\x00\x81\x85");
  client ws;
  std::span<const std::byte> in(wire);
  const auto hello = ws.next(in);
  if (!hello || hello->kind != kind::text || !hello->whole() || !equal(hello->payload, constant("Hello"))) return false;
  const auto echo = ws.text(key, hello->payload);
  std::array<std::byte, 11> sent{};
  if (!equal(echo.copy_to(sent), constant("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"))) return false;
  const auto beat = ws.next(in);
  if (!beat || !equal(ws.answer(key, *beat).header(), constant("\x8a\x80\x37\xfa\x21\x3d"))) return false;
  const auto broken = ws.next(in);
  if (!broken || broken->violation != weft::violation{weft::rule::unexpected_mask, 10}) return false;
  if (!equal(ws.answer(key, *broken).header().subspan(6), constant("\x34\x10"))) return false;  // 1002 under the key
  return !ws.next(in) && in.empty() && ws.state() == state::closed;
}());

// Bytewise; in place.
static_assert([] {
  constexpr auto wire = constant("\x01\x03Hel\x89\x01q\x80\x02lo");
  client ws;
  int events = 0;
  for (const std::byte& byte : wire) {
    std::span<const std::byte> in(&byte, 1);
    while (ws.next(in)) ++events;
  }
  auto buffer = constant("..............bye");
  const std::span all(buffer);
  const auto close = ws.close(key, close_code::normal, all.last(3));
  (void)close.copy_payload_to(all.last(3));
  const auto header = close.copy_header_before(all.first(14));
  return events == 6 && equal(header, constant("\x88\x85\x37\xfa\x21\x3d\x34\x12")) &&
         equal(all.last(3), constant("\x43\x44\x52"));
}());

// E-03 MK-06: no key can be had by leaving it out, nor by writing {}.
template <class Client>
concept keyed_by_nothing = requires(Client ws) {
  ws.text({}, "x");
};
static_assert(!keyed_by_nothing<weft::client>);

TEST_CASE("5.3 MK: a frame may be copied onto the very bytes that it is made of") {
  for (const std::size_t size : {0U, 1U, 5U, 10U, 125U, 126U, 300U, 70000U}) {
    CAPTURE(size);
    std::string payload(size, 'a');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + i % 26);
    const auto in_place = [&](std::size_t header, auto make) {
      std::string buffer = std::string(header, '.') + payload;
      return std::string(
          std::string_view(make(std::string_view(buffer).substr(header)).copy_to(buffer).data(), buffer.size()));
    };
    const std::size_t length = size < 126 ? 2 : size <= 0xFFFF ? 4 : 10;
    weft::server ours;
    CHECK(in_place(length, [&](std::string_view own) { return ours.binary(own); }) == from_server::binary(payload));
    weft::client theirs;
    CHECK(in_place(length + 4, [&](std::string_view own) { return theirs.binary(key, own); }) == binary(payload));
  }
}
