// SPDX-License-Identifier: MIT
//
// extension.cpp: what is sent compressed, and what is not; what happens where memory is short.
#include <weft/deflate/extension.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <weft/handshake/extensions.hpp>

#include "support/cuts.hpp"
#include "support/deflated.hpp"
#include "support/wire.hpp"

using namespace support;
using how = weft::compression;
using weft::refusal;
using weft::role;
using weft::utf8;

namespace {

const std::string tail("\0\0\xff\xff", 4);

constexpr unsigned text_code = 1;
constexpr unsigned binary_code = 2;

told whole(unsigned opcode, std::string_view payload, bool compressed, std::size_t frames = 1) {
  return {opcode, compressed, frames, std::string(payload)};
}

}  // namespace

TEST_CASE("7692 7.2.1 7.2.3 PD-21 PD-24: what is sent is what the RFC shows") {
  talker<role::server> server;
  CHECK(server.say_text("Hello") == hex("c1 07 f2 48 cd c9 c9 07 00"));
  CHECK(server.say_text("Hello") == hex("c1 05 f2 00 11 00 00"));
  CHECK(server.say_text("") == hex("c1 01 00"));
  talker<role::server> forgetful(agreed(15, false));
  CHECK(forgetful.say_text("Hello") == hex("c1 07 f2 48 cd c9 c9 07 00"));
  CHECK(forgetful.say_text("Hello") == hex("c1 07 f2 48 cd c9 c9 07 00"));
  talker<role::client> client;
  CHECK(client.say_binary("Hello") == frame(0xC2, hex("f2 48 cd c9 c9 07 00"), {1, 0, 0, 0xA5}));
}

TEST_CASE("7692 6 EX-06 PD-23: which messages are compressed") {
  static_assert(weft::min_compressed_bytes == 64);  // as documented
  const std::string long_text(64, 'x');
  const std::string short_text = long_text.substr(1);
  for_both_roles([&]<role Role>() {
    talker<Role> one;
    reading_peer peer(Role, agreed());
    CHECK(peer.only(one.say_text(long_text, how::worthwhile)) == whole(text_code, long_text, true));
    CHECK(peer.only(one.say_text(short_text, how::worthwhile)) == whole(text_code, short_text, false));
    CHECK(peer.only(one.say_text("", how::worthwhile)) == whole(text_code, "", false));
    CHECK(peer.only(one.say_binary(short_text, how::yes)) == whole(binary_code, short_text, true));
    CHECK(peer.only(one.say_binary(long_text, how::no)) == whole(binary_code, long_text, false));
    CHECK(peer.only(joined({one.bytes_of(one.text("a", fin::no, how::worthwhile)), one.bytes_of(one.text("b"))})) ==
          whole(text_code, "ab", true, 2));
    CHECK(peer.only(joined({one.bytes_of(one.text("a", fin::no, how::no)), one.bytes_of(one.text(long_text))})) ==
          whole(text_code, "a" + long_text, false, 2));
    // what the first piece said holds for the message
    CHECK(peer.only(joined({one.bytes_of(one.text("a", fin::no, how::yes)),
                            one.bytes_of(one.text("b", fin::yes, how::no))})) == whole(text_code, "ab", true, 2));
    CHECK(peer.only(one.say_text(long_text, how::worthwhile)) == whole(text_code, long_text, true));

    talker<Role> plain(std::nullopt);
    reading_peer plain_peer(Role, agreed());
    for (const how each : {how::worthwhile, how::yes, how::no})
      CHECK(plain_peer.only(plain.say_text(long_text, each)) == whole(text_code, long_text, false));
    CHECK(plain_peer.only(joined({plain.bytes_of(plain.text("a", fin::no)), plain.bytes_of(plain.text("b"))})) ==
          whole(text_code, "ab", false, 2));
    CHECK(plain.engines.memory.calls == 0);
    CHECK_FALSE(plain.ws.agreed().has_value());

    talker<Role> cramped(agreed(), weft::min_deflated_bytes - 1);
    reading_peer cramped_peer(Role, agreed());
    CHECK(cramped_peer.only(cramped.say_text(long_text)) == whole(text_code, long_text, false));
  });
}

TEST_CASE("7692 8 C-17 PD-40: a message with a secret is sent without compression, between others") {
  const std::string secret = "token=0123456789abcdef; ";
  for_both_roles([&]<role Role>() {
    talker<Role> one;
    reading_peer peer(Role, agreed());
    const std::string guess = secret + std::string(100, 'x');
    CHECK(peer.only(one.say_text(guess)).payload == guess);
    const std::string sent = one.say_text(secret, how::no);
    CHECK(peer.only(sent) == whole(text_code, secret, false));
    // its length says nothing of what was guessed, and it leaves the windows of both as they are
    talker<Role> other;
    (void)other.say_text(std::string(124, 'y'));
    CHECK(other.say_text(secret, how::no).size() == sent.size());
    CHECK(peer.only(one.say_text(guess)) == whole(text_code, guess, true));
    CHECK(peer.compressed_bytes().size() < 20);
  });
}

TEST_CASE("7692 7.2.1 C-04 C-14 PD-20 PD-21 PD-24 PD-30: all sizes, windows and spans, with takeover and without") {
  std::size_t messages = 0;
  std::size_t farthest = 0;  // in percent of the window
  for_both_roles([&]<role Role>() {
    for (unsigned bits = 9; bits <= 15; ++bits) {
      for (const bool takeover : {true, false}) {
        for (const std::size_t span : sizes{16, 17, 100, 4096}) {
          CAPTURE(bits);
          CAPTURE(takeover);
          CAPTURE(span);
          talker<Role> one(agreed(bits, takeover), span);
          reading_peer peer(Role, agreed(bits, takeover));
          // with a period a little under and over each window
          std::string periodic = random_bytes((std::size_t{1} << bits) - 300, bits);
          periodic += periodic.substr(0, 500) + random_bytes(600, bits + 1);
          periodic += periodic;
          std::vector<std::string> payloads{periodic.substr(0, 30000), records(3000, bits)};
          for (const std::size_t size : sizes{0, 1, 2, 63, 64, 65, 300}) payloads.push_back(random_bytes(size));
          for (const std::size_t size : sizes{1, 2, 63, 64, 65, 300}) payloads.push_back(records(size));
          payloads.push_back(payloads[0]);
          if (span == 4096 && bits % 3 == 0) {
            for (const std::size_t size : sizes{65535, 65536}) {
              payloads.push_back(random_bytes(size, bits));
              payloads.push_back(records(size, bits));
            }
          }
          for (const auto& payload : payloads) {
            const std::string wire = one.say_binary(payload);
            const told message = peer.only(wire);
            CHECK(message.payload == payload);
            CHECK(message.compressed);
            CHECK(message.opcode == binary_code);
            CHECK(message.frames <= peer.compressed_bytes().size() / (span - 4) + 2);
            CHECK_FALSE(peer.compressed_bytes().ends_with(tail));
            ++messages;
          }
          farthest = std::max(farthest, peer.inflater().greatest_distance() * 100 >> bits);
          if (!takeover) {  // each may be read by who knows nothing of the others
            reading_peer stranger(Role, agreed(bits, false));
            CHECK(stranger.only(one.say_binary(payloads[0])).payload == payloads[0]);
          }
        }
      }
    }
  });
  CHECK(farthest > 45);  // so that the windows were put to the test
  CHECK(farthest <= 100);
  std::printf("deflate: %zu messages sent and read by the reference, references up to %zu %% of the window\n", messages,
              farthest);
}

TEST_CASE("7692 7.2.1 C-14 PD-24: a mebibyte that cannot be compressed, and one that can") {
  for_both_roles([&]<role Role>() {
    for (const bool takeover : {true, false}) {
      talker<Role> one(agreed(15, takeover), 16384);
      reading_peer peer(Role, agreed(15, takeover));
      for (const std::string& payload :
           {random_bytes(1 << 20), records(1 << 20), std::string(1 << 20, '\0'), random_bytes(100)}) {
        CHECK((peer.only(one.say_binary(payload)).payload == payload));
        CHECK(peer.compressed_bytes().size() < payload.size() + payload.size() / 1000 + 20);
      }
    }
  });
}

TEST_CASE("7692 7.2.1 C-14 C-15 PD-24 PD-25: pieces, each of which the peer can read as it comes") {
  for_both_roles([&]<role Role>() {
    for (const bool takeover : {true, false}) {
      for (const std::size_t span : sizes{16, 17, 18, 19, 20, 21, 22, 23, 24, 40, 4096}) {
        CAPTURE(span);
        talker<Role> one(agreed(15, takeover), span);
        reading_peer peer(Role, agreed(15, takeover));
        for (unsigned seed = 1; seed <= 3; ++seed) {
          reference_inflater sofar = peer.inflater();
          std::string wire, said, payload;
          for (const std::string& piece :
               {std::string("a"), records(200, seed), std::string(), random_bytes(70, seed), std::string(500, 'x')}) {
            const std::string bytes = one.bytes_of(one.binary(piece, fin::no));
            wire += bytes;
            said += piece;
            for (const auto& each : frames_in(bytes)) payload += each.payload;
            CHECK((payload.ends_with(tail) || said.empty()));
            CHECK(reference_inflater(sofar).inflate(less_tail(payload)).payload == said);
            CHECK(one.ws.sending());
          }
          const std::string last = seed == 1 ? "" : seed == 2 ? "z" : records(100);
          wire += one.bytes_of(one.binary(last, fin::yes));
          const told message = peer.only(wire);
          CHECK(message.payload == said + last);
          CHECK_FALSE(peer.compressed_bytes().ends_with(tail));
          CHECK_FALSE(one.ws.sending());
        }
        // pieces of nothing
        CHECK(peer.only(joined({one.bytes_of(one.text("", fin::no)), one.bytes_of(one.text("", fin::no)),
                                one.bytes_of(one.text("", fin::yes))})) == whole(text_code, "", true, 3));
      }
    }
  });
}

TEST_CASE("7692 7.2.1 C-04 zlib#171 PD-20: a window that the engine does not have is not used") {
  for_both_roles([&]<role Role>() {
    const std::string payload = records(4096);
    talker<Role> one(agreed(8));
    reading_peer peer(Role, agreed(8));
    for (int i = 0; i < 3; ++i) CHECK(peer.only(one.say_text(payload)) == whole(text_code, payload, false));
    CHECK(one.engines.memory.in_use == 0);
    // the other side's window of 256 bytes is read
    const auto wire = frame_from(other(Role), rsv1 | 0x82,
                                 blocks().stored(payload.substr(0, 256)).fixed().match(3, 256).end().message());
    CHECK(one.hear(wire) == "binary " + shown(payload.substr(0, 256) + payload.substr(0, 3)) + " fin");
  });
}

TEST_CASE("7692 7.2.1 C-04 PD-20: a period of 300 with windows from 512 bytes on") {
  for_both_roles([&]<role Role>() {
    std::string payload;
    while (payload.size() < 4096) payload += random_bytes(300);
    for (unsigned bits = 9; bits <= 15; ++bits) {
      talker<Role> one(agreed(bits));
      reading_peer peer(Role, agreed(bits));
      CHECK(peer.only(one.say_binary(payload)).payload == payload);
      CHECK(peer.inflater().greatest_distance() <= std::size_t{1} << bits);
      if (bits > 9) CHECK(peer.inflater().greatest_distance() % 300 == 0);
    }
  });
}

TEST_CASE("7692 7.1 C-04 PD-20: each side keeps to its own window and its own promise") {
  weft::deflate_parameters mixed{
      .server_no_context_takeover = true, .server_max_window_bits = 9, .client_max_window_bits = 12};
  for (int i = 0; i < 2; ++i) {
    for_both_roles([&]<role Role>() {
      talker<Role> one(mixed);
      reading_peer peer(Role, mixed);
      const std::string payload = random_bytes(200) + records(5000) + random_bytes(200);
      for (int k = 0; k < 3; ++k) CHECK(peer.only(one.say_binary(payload)).payload == payload);
      CHECK(one.ws.agreed() == mixed);
    });
    mixed = {.client_no_context_takeover = true, .server_max_window_bits = 13, .client_max_window_bits = 10};
  }
}

// Refusals

TEST_CASE("7692 6.1 5.4: what is refused in the middle of a piece, and of a message") {
  for_both_roles([&]<role Role>() {
    const std::string payload = random_bytes(100);
    talker<Role> one(agreed(), 16);
    reading_peer peer(Role, agreed());
    auto frames = one.binary(payload);
    CHECK(frames.refusal() == refusal::none);
    CHECK(one.text("x").refusal() == refusal::piece_unfinished);
    std::string wire;
    weft::append(wire, *frames.next());
    CHECK(one.ws.sending());
    CHECK(one.text("x").refusal() == refusal::piece_unfinished);
    CHECK(one.binary("x").refusal() == refusal::piece_unfinished);
    CHECK(one.bytes_of(one.binary("x")).empty());
    wire += one.ping("between");
    wire += one.bytes_of(frames);
    CHECK(frames.refusal() == refusal::none);
    CHECK(peer.only(wire).payload == payload);
    CHECK(peer.controls.size() == 1);

    wire = one.bytes_of(one.binary("a", fin::no));
    CHECK(one.text("x").refusal() == refusal::other_message_unfinished);
    CHECK(one.bytes_of(one.text("x")).empty());
    wire += one.bytes_of(one.binary("b", fin::no));
    CHECK(one.text("x").refusal() == refusal::other_message_unfinished);
    wire += one.ping();
    wire += one.bytes_of(one.binary("c"));
    CHECK(peer.only(wire) == whole(binary_code, "abc", true, peer.only(one.say_binary("")).frames + 2));
  });
}

TEST_CASE("7692 6.1 5.5.1: a Close stops a message between its frames") {
  for_both_roles([&]<role Role>() {
    const std::string payload = random_bytes(100);
    talker<Role> one(agreed(), 16);
    auto frames = one.binary(payload);
    CHECK(frames.next().has_value());
    CHECK_FALSE(one.close().empty());
    CHECK_FALSE(frames.next().has_value());
    CHECK(frames.refusal() == refusal::closed);
    CHECK_FALSE(frames.next().has_value());
    CHECK(one.bytes_of(one.text("x")).empty());

    talker<Role> early(agreed(), 16);
    auto untaken = early.binary(payload);
    (void)early.close();
    CHECK_FALSE(untaken.next().has_value());
    CHECK(untaken.refusal() == refusal::closed);

    talker<Role> closed;
    (void)closed.close();
    CHECK(closed.text("x").refusal() == refusal::closed);
    CHECK(closed.binary("x", fin::no).refusal() == refusal::closed);
    CHECK(closed.engines.memory.calls == 0);

    // 5.5.1: who has received a Close may end what it has begun
    talker<Role> told_to(agreed(), 16);
    reading_peer peer(Role, agreed());
    auto begun = told_to.binary(payload);
    std::string wire;
    weft::append(wire, *begun.next());
    CHECK(told_to.hear(frame_from(other(Role), 0x88, hex("03e8"))) == "close");
    wire += told_to.bytes_of(begun);
    CHECK(peer.only(wire).payload == payload);
    CHECK(told_to.text("x").refusal() == refusal::closed);

    talker<Role> failed;
    CHECK(failed.hear(frame_from(other(Role), rsv1 | 0x81, "")) == "violation truncated_deflate");
    CHECK(failed.text("x").refusal() == refusal::closed);
  });
}

TEST_CASE("7692 6.1 8.1 PD-34: text that is refused leaves all as it was") {
  for_both_roles([&]<role Role>() {
    talker<Role> one;
    reading_peer peer(Role, agreed());
    CHECK(one.text("\xff").refusal() == refusal::invalid_utf8);
    CHECK(one.text("Hell\xc3").refusal() == refusal::invalid_utf8);
    CHECK(one.bytes_of(one.text("Hell\xc3")).empty());
    CHECK_FALSE(one.ws.sending());
    CHECK(one.engines.memory.calls == 0);
    std::string wire = one.bytes_of(one.text("caf\xc3", fin::no));
    CHECK(one.text("x", fin::no).refusal() == refusal::invalid_utf8);
    CHECK(one.text("", fin::yes).refusal() == refusal::invalid_utf8);
    wire += one.bytes_of(one.text("\xa9 ", fin::no));
    CHECK(one.text("\xa9").refusal() == refusal::invalid_utf8);
    wire += one.bytes_of(one.text("au lait"));
    CHECK(peer.only(wire) == whole(text_code, "caf\xc3\xa9 au lait", true, 3));
    CHECK(peer.only(one.bytes_of(one.text("\xff", fin::yes, how::yes, utf8::unchecked))) ==
          whole(text_code, "\xff", true));
  });
}

TEST_CASE("7692 6.1 7.2.2 8.1 10.4 PD-34 PD-35 PD-38: what is wrong with a message that is heard") {
  const auto hears = [](const std::string& body, const std::string& expected, const weft::limits& allowed = {}) {
    for_both_roles([&]<role Role>() {
      CHECK(talker<Role>().hear(frame_from(other(Role), rsv1 | 0x81, body), allowed) == expected);
    });
  };
  hears(deflated("a\xff"), "text a; violation invalid_utf8");
  hears(deflated("a\xc3"), "text a\\xc3; violation truncated_utf8");
  hears(hex("06 00"), "violation invalid_deflate");
  hears(deflated("a").substr(0, 1), "violation truncated_deflate");
  const std::string many(1000, 'a');
  weft::limits allowed{.max_message_bytes = 999};
  hears(deflated(many), "text " + shown(many.substr(1)) + "; violation message_too_long", allowed);
  allowed = {};
  allowed.max_inflation = 2;
  const std::string body = deflated(many);
  hears(body, "text " + shown(many.substr(0, 2 * body.size())) + "; violation inflated_too_far", allowed);
}

TEST_CASE(
    "7692 7.1.1 8: a message that was prepared leaves compressed where it was agreed, and between messages only") {
  const std::string payload = records(500);
  auto message = weft::prepared_message<std::string>::text(payload);
  talker<role::server> one, plain(std::nullopt);
  reading_peer peer(role::server, agreed());
  const auto said = [&] { return one.bytes_of(one.ws.send(message)); };
  CHECK(peer.only(said()) == whole(text_code, payload, false));
  REQUIRE(one.engines.pool.prepare(message));
  CHECK(peer.only(said()) == whole(text_code, payload, true));
  CHECK(frames_in(plain.bytes_of(plain.ws.send(message)))[0].payload == payload);
  CHECK(peer.only(one.say_text(payload)) == whole(text_code, payload, true));
  CHECK(peer.only(said() + one.ping()) == whole(text_code, payload, true));
  {
    const auto frames = one.text("x");
    CHECK(one.ws.send(message).refusal() == refusal::piece_unfinished);
  }
  (void)one.bytes_of(one.text("x", fin::no));
  CHECK(one.ws.send(message).refusal() == refusal::other_message_unfinished);
}

// Memory

TEST_CASE("7692 10.4 C-01 PD-38: memory that fails at any call of a message received is a violation, and no more") {
  const std::string body = deflated(records(2000));
  for_both_roles([&]<role Role>() {
    const std::string wire = frame_from(other(Role), rsv1 | 0x82, body);
    const std::string at = std::to_string(wire.size() - body.size());
    std::size_t calls = 0;
    {
      talker<Role> good;
      CHECK(good.hear(wire) == "binary " + shown(records(2000)) + " fin");
      calls = good.engines.memory.calls;
    }
    REQUIRE(calls >= 3);
    for (std::size_t k = 0; k < calls; ++k) {
      CAPTURE(k);
      guarded_pool engines(64);
      engines.memory.fails_from = k;
      recorder<Role, deflate_endpoint<Role>> receiver({}, agreed(), engines.pool);
      feed(wire + frame_from(other(Role), 0x89, ""), {7}, flush::back,
           [&](std::span<std::byte> in) { receiver.take(in); });
      const std::string seen = receiver.transcript();
      CHECK(seen.ends_with("violation out_of_memory at " + at + " close 1011"));
      CHECK(seen.find("ping") == seen.npos);
      const auto answers = frames_in(receiver.answers());
      REQUIRE(answers.size() == 1);
      CHECK(answers[0].payload.starts_with(hex("03f3")));
    }
    // one that has an engine needs no more memory
    talker<Role> again;
    CHECK(again.hear(wire) == "binary " + shown(records(2000)) + " fin");
    again.engines.memory.fails_from = 0;
    CHECK(again.hear(frame_from(other(Role), rsv1 | 0x82, hex("00"))) == "binary fin");
  });
}

TEST_CASE(
    "7692 10.4 C-01 PD-38: where memory fails at any call a message leaves without compression, and the next with it") {
  for_both_roles([&]<role Role>() {
    const std::string payload = records(500);
    std::size_t calls = 0;
    {
      talker<Role> good;
      (void)good.say_text(payload);
      calls = good.engines.memory.calls;
    }
    REQUIRE(calls >= 3);
    for (std::size_t k = 0; k < calls; ++k) {
      talker<Role> one;
      reading_peer peer(Role, agreed());
      one.engines.memory.fails_from = k;
      one.engines.memory.fails_to = k + 1;
      CHECK(peer.only(one.say_text(payload)) == whole(text_code, payload, false));
      CHECK(one.engines.memory.in_use == 0);
      CHECK(peer.only(one.say_text(payload)) == whole(text_code, payload, true));
      one.engines.memory.fails_from = 0;
      one.engines.memory.fails_to = SIZE_MAX;
      CHECK(peer.only(one.say_text(payload)) == whole(text_code, payload, true));
    }
    talker<Role> never;
    never.engines.memory.fails_from = 0;
    reading_peer peer(Role, agreed());
    CHECK(peer.only(joined({never.bytes_of(never.text("a", fin::no)), never.bytes_of(never.text("b"))})) ==
          whole(text_code, "ab", false, 2));
  });
}

TEST_CASE("7692 10.4 PD-38: where the pool has no room for what is inflated, that is as if it had no memory") {
  for_both_roles([&]<role Role>() {
    talker<Role> one(agreed(), 0);
    CHECK(one.hear(frame_from(other(Role), rsv1 | 0x81, deflated("Hello"))) == "violation out_of_memory");
  });
}

TEST_CASE("7692 10.4 C-01 PD-38: a frame that announces more than can be counted is as far from its limit as can be") {
  weft::limits allowed{.max_message_bytes = weft::unlimited, .max_frame_bytes = weft::unlimited};
  for (const std::uint32_t ratio : {1U, 4U, UINT32_MAX}) {  // four times 2^62 is 2^64
    allowed.max_inflation = ratio;
    CAPTURE(ratio);
    const std::string announced = hex("40 00 00 00 00 00 00 00"), body = deflated("Hello");
    CHECK(talker<role::client>().hear(hex("41 7f") + announced + body, allowed) == "text Hello");
    CHECK(talker<role::server>().hear(hex("41 ff") + announced + std::string(4, '\0') + body, allowed) == "text Hello");
  }
}

TEST_CASE("7692 7.1.1: who withdraws a message gives its deflater back, unless the window is kept") {
  for_both_roles([&]<role Role>() {
    for (const bool takeover : {true, false}) {
      CAPTURE(takeover);
      talker<Role> one(agreed(15, takeover));
      const auto holds_engine = [&] {
        one.engines.pool.trim();
        return one.engines.memory.in_use != 0;
      };
      { const auto dropped = one.text("a", fin::yes, how::no); }
      CHECK_FALSE(holds_engine());
      {
        const auto dropped = one.text(records(500));
        CHECK(holds_engine());
      }
      CHECK(holds_engine() == takeover);
      // one that is begun goes on
      reading_peer peer(Role, agreed(15, takeover));
      std::string wire = one.bytes_of(one.text("a", fin::no));
      { const auto dropped = one.text("b"); }
      CHECK(holds_engine());
      wire += one.bytes_of(one.text("c"));
      CHECK(peer.only(wire).payload == "ac");
      CHECK(holds_engine() == takeover);
    }
  });
}

// The handshake

TEST_CASE("7692 7.1.2 C-03 CVE-2026-2229: sizes of windows that are none") {
  for (const std::string value :
       {"7", "16", "08", "015", "999", "18446744073709551624", "+9", " 9x", "\"\"", "-9", "9.0", ""}) {
    CAPTURE(value);
    for (const std::string name : {"server_max_window_bits", "client_max_window_bits"}) {
      const std::string element = "permessage-deflate; " + name + "=" + value;
      CHECK_FALSE(weft::parse_deflate_offer(element).has_value());
      CHECK_FALSE(weft::parse_deflate_answer(element).has_value());
    }
  }
  CHECK_FALSE(weft::parse_deflate_offer("permessage-deflate; server_max_window_bits").has_value());
  CHECK_FALSE(weft::parse_deflate_answer("permessage-deflate; client_max_window_bits").has_value());
  CHECK(weft::parse_deflate_answer("permessage-deflate; client_max_window_bits=\"10\"")->client_max_window_bits == 10);
}

TEST_CASE("7692 7.1.1: what is withdrawn gives its engine back where messages stand alone, and only there") {
  for_both_roles([&]<role Role>() {
    for (const bool takeover : {false, true}) {
      guarded_pool engines(64);
      deflate_endpoint<Role> ws(agreed(15, takeover), engines.pool);
      static auto keys = counted_keys();
      const std::string payload(1000, 'x');
      if constexpr (Role == role::client) (void)ws.text(keys, payload);
      if constexpr (Role == role::server) (void)ws.text(payload);
      engines.pool.trim();
      CHECK((engines.memory.in_use > 0) == takeover);
    }
  });
}

TEST_CASE("10.4 C-01 PD-38: a limit on inflation does not overflow with the length that is announced") {
  guarded_pool engines(64);
  weft::limits allowed;
  allowed.max_message_bytes = allowed.max_frame_bytes = weft::unlimited;
  for (const std::uint32_t ratio : {std::uint32_t{1} << 31, UINT32_MAX}) {
    allowed.max_inflation = ratio;
    deflate_server ws(agreed(), engines.pool);
    std::string wire = hex("42 ff 0000000200000000 00000000 f2 48 cd c9 c9 07 00");
    std::span<char> in(wire);
    const auto event = ws.next(in, allowed);
    REQUIRE(event.has_value());
    CHECK(event->kind == weft::kind::binary);
    CHECK(event->text() == "Hello");
  }
}

TEST_CASE("10.4 PD-38: compressed data makes control frames count anew, and an empty fragment does not") {
  for_both_roles([&]<role Role>() {
    guarded_pool engines(64);
    weft::limits allowed;
    allowed.max_control_frames = 2;
    const auto told = [&](std::initializer_list<sent_frame> frames) {
      deflate_endpoint<Role> ws(agreed(), engines.pool);
      std::string wire = wire_of(other(Role), frames);
      std::span<char> in(wire);
      std::string all;
      while (const auto event = ws.next(in, allowed)) {
        if (event->kind == weft::kind::violation) all += weft::name(event->violation.rule);
      }
      return all;
    };
    const std::string hello = hex("f2 48 cd c9 c9 07 00");
    CHECK(told({{0x89, ""}, {0x89, ""}, {0xC1, hello}, {0x89, ""}, {0x89, ""}}) == "");
    CHECK(told({{0x89, ""}, {0xC1, hello}, {0x89, ""}, {0x89, ""}, {0x89, ""}}) == "too_many_control_frames");
    CHECK(told({{0x89, ""}, {0x89, ""}, {0x41, ""}, {0x89, ""}}) == "too_many_control_frames");
  });
}

TEST_CASE("10.4 PD-38: a compressed message leaves no allowance for one that is not") {
  guarded_pool engines(64);
  weft::limits allowed;
  allowed.max_message_bytes = 10;
  deflate_server ws(agreed(), engines.pool);
  std::string wire = wire_of(role::client, {{0xC1, hex("f2 48 cd c9 c9 07 00")}, {0x82, std::string(11, 'x')}});
  std::span<char> in(wire);
  std::string all;
  while (const auto event = ws.next(in, allowed)) {
    all += event->kind == weft::kind::violation ? weft::name(event->violation.rule) : event->text();
  }
  CHECK(all == "Hellomessage_too_long");
}
