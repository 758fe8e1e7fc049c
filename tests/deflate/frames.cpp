// SPDX-License-Identifier: MIT
//
// frames.cpp: pieces as frames.
#include <weft/deflate/frames.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "support/deflated.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::refusal;
using weft::role;

static_assert(weft::sendables<deflate_server::frames>);

TEST_CASE("7692 6.1 PD-21 PD-22: a message in frames as large as the span, RSV1 in the first of them") {
  for_both_roles([&]<role Role>() {
    const std::string payload = random_bytes(1000);
    for (const std::size_t span : sizes{16, 20, 125, 126, 130, 500, 1000, 1100}) {
      CAPTURE(span);
      talker<Role> one(agreed(), span);
      const auto frames = frames_in(one.say_text("") + one.say_binary(payload) + one.say_binary(payload));
      std::size_t begun = 0;
      std::size_t at = 1;  // behind the empty message
      CHECK(frames[0].first == (0x80U | rsv1 | 1));
      std::string all;
      for (; at < frames.size(); ++at) {
        const bool first = at == 1 || frames[at - 1].is_last();
        begun += first ? 1U : 0U;
        CHECK((frames[at].first & 0x7FU) == (first ? rsv1 | 2U : 0U));
        CHECK(frames[at].payload.size() <= span);
        if (!frames[at].is_last()) CHECK(frames[at].payload.size() >= span - 4);  // where four bytes may be the end's
      }
      CHECK(frames.back().is_last());
      CHECK(begun == 2);
    }
  });
}

TEST_CASE("7692 6.1: frames by a loop, by next() and by append() are the same") {
  for_both_roles([&]<role Role>() {
    const std::string payload = random_bytes(300);
    talker<Role> first(agreed(), 64), second(agreed(), 64), third(agreed(), 64);
    std::string looped, appended;
    std::size_t count = 0;
    for (const auto& frame : first.binary(payload)) {
      std::string bytes(frame.size(), '\0');
      (void)frame.copy_to(bytes);
      looped += bytes;
      ++count;
    }
    CHECK(count > 4);
    weft::append(appended, second.binary(payload));
    CHECK(looped == appended);
    auto frames = third.binary(payload);
    std::string asked = third.bytes_of(frames);
    CHECK(asked == looped);
    CHECK_FALSE(frames.next().has_value());  // there are no more, ask as often as you like
    CHECK_FALSE(frames.next().has_value());
    CHECK(frames.refusal() == refusal::none);
    auto at = frames.begin();
    CHECK(at == frames.end());

    auto more = first.text("abc");
    auto here = more.begin();
    CHECK(here != more.end());
    CHECK(here->size() > 0);
    here++;
    CHECK(here == more.end());
  });
}

TEST_CASE("7692 6.1 5.3: each frame of a client has the next key, and one that is not made uses none") {
  talker<role::client> client(agreed(), 16);
  reading_peer peer(role::client, agreed());
  const std::string payload = random_bytes(200);
  const std::string wire = client.say_binary(payload);
  const auto frames = frames_in(wire);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto number = static_cast<char>(i + 1);
    CHECK(frames[i].key == std::string{number, '\0', '\0', static_cast<char>(0xA5)});
  }
  CHECK(peer.only(wire).payload == payload);
  CHECK(client.bytes_of(client.text("\xff")).empty());
  const auto next = frames_in(client.say_text("x"));
  CHECK(static_cast<std::size_t>(next[0].key[0]) == frames.size() + 1);
}

TEST_CASE("7692 6.1 PD-22: pings stand between all frames of a message, and carry no RSV1") {
  for_both_roles([&]<role Role>() {
    talker<Role> one(agreed(), 32);
    reading_peer peer(Role, agreed());
    const std::string payload = random_bytes(500);
    std::string wire;
    auto frames = one.binary(payload);
    std::size_t count = 0;
    while (const auto frame = frames.next()) {
      weft::append(wire, *frame);
      wire += one.ping(std::to_string(count++));
    }
    CHECK(peer.only(wire).payload == payload);
    CHECK(peer.controls.size() == count);
    CHECK(one.hear(frame_from(other(Role), 0x8A, "0")) == "pong");
  });
}

TEST_CASE("7692 6: what is not compressed is one frame, whatever the span") {
  for_both_roles([&]<role Role>() {
    talker<Role> one(agreed(), 16);
    const std::string payload = random_bytes(1000);
    const auto frames = frames_in(one.say_binary(payload, weft::compression::no));
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].first == 0x82);
    CHECK(frames[0].payload == payload);
    // it is the caller's bytes that are sent
    auto ready = one.binary(payload, fin::yes, weft::compression::no);
    const auto frame = ready.next();
    REQUIRE(frame.has_value());
    if constexpr (Role == role::server) CHECK(frame->payload().data() == std::as_bytes(std::span(payload)).data());
  });
}

TEST_CASE("frames of which none is taken have said nothing, and a text that was cut inside a character goes on") {
  for_both_roles([&]<role Role>() {
    for (const std::optional<weft::deflate_parameters>& agreement :
         {std::optional<weft::deflate_parameters>(), std::optional(agreed())}) {
      talker<Role> one(agreement);
      reading_peer peer(Role, agreed());
      { const auto dropped = one.text("\xc3", fin::no); }
      { const auto dropped = one.text(std::string(100, 'x')); }
      CHECK_FALSE(one.ws.sending());
      std::string wire = one.bytes_of(one.text("\xc3", fin::no));
      { const auto dropped = one.text("\xa4"); }
      CHECK(one.ws.sending());
      wire += one.bytes_of(one.text("\xa4"));
      CHECK(peer.only(wire).payload == "\xc3\xa4");
    }
  });
}

TEST_CASE("frames of an older piece are none, and take nothing from a newer one") {
  for_both_roles([&]<role Role>() {
    talker<Role> one(agreed());
    reading_peer peer(Role, agreed());
    const std::string first(200, 'a'), second(200, 'b');
    auto older = one.text(first);
    const std::string said = one.bytes_of(older);
    CHECK(peer.only(said).payload == first);
    auto newer = one.text(second);
    CHECK_FALSE(older.next().has_value());
    CHECK(peer.only(one.bytes_of(newer)).payload == second);
  });
}

TEST_CASE("frames of which none is taken withdraw nothing from a connection in the place of theirs") {
  for_both_roles([&]<role Role>() {
    talker<Role> one(agreed());
    reading_peer peer(Role, agreed());
    std::string wire;
    {
      const auto dropped = one.text("x");
      one.ws = deflate_endpoint<Role>(agreed(), one.engines.pool);
      wire = one.bytes_of(one.text("\xc3", fin::no));
    }
    CHECK(peer.only(wire + one.bytes_of(one.text("\xa4"))).payload == "\xc3\xa4");
  });
}

TEST_CASE("frames that are not all taken leave nothing to say but Close") {
  talker<role::server> one(agreed(), 16);
  const std::string payload = random_bytes(100);
  {
    auto frames = one.binary(payload);
    CHECK(frames.next().has_value());
  }
  CHECK(one.text("x").refusal() == refusal::piece_unfinished);
  CHECK(one.ws.close().refusal() == refusal::none);
  CHECK(one.text("x").refusal() == refusal::closed);
}

// A key_source gives keys, and so does a function; a key does not.
static_assert(weft::key_giver<weft::masking_key (*)()> && !weft::key_giver<weft::masking_key>);
static_assert(!std::is_copy_constructible_v<deflate_server::frames>);
