// SPDX-License-Identifier: MIT
//
// bombs.cpp: small messages that become large ones, or make much work: limits that count inflated bytes, in memory that
// does not grow with them.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "support/cuts.hpp"
#include "support/deflated.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::role;
using weft::rule;

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

/// A message of so many MiB of zeros. Behind the first of them each is compressed to the same bytes.
std::string zeros(std::size_t times, int window_bits) {
  raw_deflater engine({.window_bits = std::max(window_bits, 9)});  // they refer to the byte before
  const std::string one(mib, '\0');
  std::string body = engine.piece(one);
  (void)engine.piece(one);
  const std::string again = engine.piece(one);
  REQUIRE(engine.piece(one) == again);
  for (std::size_t i = 1; i < times; ++i) body += again;
  return less_tail(body);
}

/// What became of a message that was fed to a server frame by frame.
struct outcome {
  std::uint64_t delivered = 0;  ///< bytes of messages
  std::size_t messages = 0;
  std::size_t events = 0;
  bool all_zero = true;
  weft::violation broken;
  weft::close_code code{};
  std::size_t most_memory = 0;  ///< of the memory source
  std::size_t events_behind = 0;
};

constexpr std::size_t span_of_bombs = 8 * kib;

outcome explode(std::string_view body, unsigned window_bits, const weft::limits& limits, std::size_t frame_bytes = 1000,
                std::size_t piece = 100000, std::size_t span = span_of_bombs) {
  guarded_pool engines(span);
  outcome seen;
  deflate_server ws(agreed(window_bits), engines.pool);
  for (const sent_frame& one : in_frames(2, body, frame_bytes)) {
    std::string wire = frame(one.first, one.payload);
    for (std::size_t at = 0; at < wire.size(); at += piece) {
      std::span in(wire.data() + at, std::min(piece, wire.size() - at));
      while (const auto event = without_allocation([&] { return ws.next(in, limits); })) {
        ++seen.events;
        if (seen.broken.rule != rule::none) ++seen.events_behind;
        if (event->kind == weft::kind::violation) {
          seen.broken = event->violation;
          seen.code = event->code;
          continue;
        }
        seen.delivered += event->payload.size();
        seen.messages += event->fin == fin::yes ? 1U : 0U;
        const std::string_view text = event->text();
        seen.all_zero = seen.all_zero && text.find_first_not_of('\0') == text.npos;
      }
      CHECK(in.empty());
    }
  }
  seen.most_memory = engines.memory.most;
  return seen;
}

}  // namespace

TEST_CASE("7692 10.4 C-01 CVE-2018-1000518 CVE-2016-10544 CVE-2026-1526 PD-38: bombs burn down to the limit") {
  std::size_t bombs = 0;
  std::size_t most_memory = 0;  // beyond the window
  std::uint64_t inflated = 0;
  for (unsigned bits = 8; bits <= 15; ++bits) {
    for (const std::size_t size : sizes{16, 1024}) {
      const std::string body = zeros(size, static_cast<int>(bits));
      for (const std::size_t limit : sizes{kib, 64 * kib, mib, 64 * mib}) {
        if (limit == 64 * mib && bits != 8 && bits != 15) continue;
        CAPTURE(bits);
        CAPTURE(size);
        CAPTURE(limit);
        const auto seen = explode(body, bits, {.max_message_bytes = limit});
        CHECK(seen.all_zero);
        CHECK(seen.events_behind == 0);
        CHECK(seen.most_memory + span_of_bombs <= (std::size_t{1} << bits) + 16 * kib);
        if (size * mib <= limit) {
          CHECK(seen.delivered == size * mib);
          CHECK(seen.messages == 1);
          CHECK(seen.broken.rule == rule::none);
        } else {
          CHECK(seen.delivered == limit);
          CHECK(seen.messages == 0);
          CHECK(seen.broken == weft::violation{rule::message_too_long, 8});
          CHECK(seen.code == weft::close_code::message_too_big);
        }
        most_memory = std::max(most_memory, seen.most_memory - (std::size_t{1} << bits));
        inflated += seen.delivered;
        ++bombs;
      }
    }
  }
  std::printf(
      "deflate: %zu bombs of 16 MiB and 1 GiB, %llu MiB of them inflated; memory at most the window, %zu bytes and the "
      "span of %zu\n",
      bombs, static_cast<unsigned long long>(inflated / mib), most_memory, span_of_bombs);
}

TEST_CASE("7692 10.4 C-01 PD-38: a bomb in a bomb is inflated once") {
  const std::string inner = zeros(16, 15);
  const std::string body = deflated(inner);
  CHECK(body.size() < 200);
  const weft::limits limits{.max_message_bytes = inner.size()};
  check_every_cut_inflated<role::server>(frame(rsv1 | 0x82, body), "binary " + shown(inner) + " fin",
                                         {.limits = limits, .spans = {64, 4096}});
  check_every_cut_inflated<role::server>(
      frame(rsv1 | 0x82, body),
      "binary " + shown(inner.substr(0, inner.size() - 1)) + "; violation message_too_long at 6 close 1009",
      {.limits = {.max_message_bytes = inner.size() - 1}, .spans = {64, 4096}});
}

TEST_CASE("7692 10.4 C-01 PD-38: the limit is exact, whatever the cuts and the span") {
  const std::string text = records(200);
  const std::string body = deflated(text);
  for (const std::size_t limit : sizes{0, 1, 2, 63, 64, 65, 199}) {
    const weft::limits limits{.max_message_bytes = limit};
    const std::string told = limit == 0 ? "" : "binary " + shown(text.substr(0, limit)) + "; ";
    check_deflated({{rsv1 | 0x82, body}}, told + "violation message_too_long at @0 close 1009",
                   {.limits = limits, .spans = {1, 64, 4096}});
    check_deflated(in_frames(2, body, body.size() / 2 + 1), told + "violation message_too_long at @0 close 1009",
                   {.limits = limits, .spans = {1, 64}});
  }
  for (const std::size_t limit : sizes{200, 201}) {
    check_deflated({{rsv1 | 0x82, body}, {rsv1 | 0x82, body}, {0x82, text}},
                   "binary " + shown(text) + " fin; binary " + shown(text) + " fin; binary " + shown(text) + " fin",
                   {.agreed = agreed(15, false), .limits = {.max_message_bytes = limit}, .spans = {7, 64}});
  }
  // blocks that hold nothing may follow the last byte that is allowed; one byte may not
  blocks made;
  made.fixed().literals("abc").match(3, 3).end().stored("");
  const receiving six{.limits = {.max_message_bytes = 6}};
  check_deflated({{rsv1 | 0x81, made.message()}}, "text abcabc fin", six);
  check_deflated({{rsv1 | 0x81, made.fixed().literals("x").end().message()}},
                 "text abcabc; violation message_too_long at @0 close 1009", six);
  check_deflated({{rsv1 | 0x81, hex("00")}}, "text fin", {.limits = {.max_message_bytes = 0}});
  check_deflated({{rsv1 | 0x81, blocks().stored("a").message()}}, "violation message_too_long at @0 close 1009",
                 {.limits = {.max_message_bytes = 0}});
}

TEST_CASE("7692 10.4 C-02 CVE-2026-85024 PD-38: behind the limit nothing is told, whatever follows, byte by byte") {
  const std::string bomb = zeros(1, 15) + hex("06");
  const weft::limits limits{.max_message_bytes = 64 * kib};
  for (const std::size_t span : sizes{1, 4096, 8192}) {
    const auto seen = explode(bomb + std::string(500, '\x06'), 15, limits, 4096, 1, span);
    CHECK(seen.delivered == 64 * kib);
    CHECK(seen.broken.rule == rule::message_too_long);
    CHECK(seen.events_behind == 0);
  }
  const std::vector<sent_frame> frames{{rsv1 | 0x82, deflated(std::string(500, 'x'))}, {0x89, "ping"}, {0x88, ""}};
  check_deflated(frames, "binary " + shown(std::string(100, 'x')) + "; violation message_too_long at @0 close 1009",
                 {.limits = {.max_message_bytes = 100}, .spans = {1, 3, 64}});
}

TEST_CASE("7692 10.4 C-01 PD-38: inflated bytes for each byte announced") {
  const std::string text(100, 'x');
  for (const std::size_t stored : sizes{0, 20}) {
    blocks made;
    for (std::size_t i = 0; i < stored; ++i) made.stored("");
    made.fixed().literals("x");
    for (int i = 0; i < 11; ++i) made.match(9, 1);
    const std::string body = made.end().message();
    const std::size_t ratio = 100 / body.size();
    const std::size_t most = ratio * body.size();
    CAPTURE(ratio);
    const auto limits = [](std::size_t inflation) {
      weft::limits made_of;
      made_of.max_inflation = static_cast<std::uint32_t>(inflation);
      return made_of;
    };
    if (most < 100) {
      const std::string told = most == 0 ? "" : "text " + shown(text.substr(0, most)) + "; ";
      check_deflated({{rsv1 | 0x81, body}}, told + "violation inflated_too_far at @0 close 1009",
                     {.limits = limits(ratio), .spans = {1, 7, 64, 4096}});
    }
    check_deflated({{rsv1 | 0x81, body}}, "text " + shown(text) + " fin",
                   {.limits = limits(ratio + 1), .spans = {1, 7, 64, 4096}});
  }
  // a fragment counts as a whole once its header is there, and those before it; what it has too much shows where there
  // is a byte behind it
  const std::string body = blocks().fixed().literals("x").match(10, 1).match(10, 1).end().message();
  const auto held_by = [&](std::size_t bytes) {
    return reference_inflater().inflate(body.substr(0, bytes)).payload.size();
  };
  weft::limits twice;
  twice.max_inflation = 2;
  for (std::size_t at = 1; at < body.size(); ++at) {
    const bool too_much = held_by(at) > 2 * at;
    if (too_much && held_by(at - 1) <= 2 * at) continue;
    const std::size_t one = std::min(held_by(at), 2 * at);
    const std::size_t both = std::min(held_by(body.size()), 2 * body.size());
    std::string expected = one == 0 ? "" : "text " + std::string(one, 'x') + "; ";
    if (!too_much) expected += "ping; ";
    if (!too_much && both > one) expected += "text " + std::string(both - one, 'x') + "; ";
    check_deflated({{rsv1 | 1, body.substr(0, at)}, {0x89, ""}, {0x80, body.substr(at)}},
                   expected + "violation inflated_too_far at @0 close 1009", {.limits = twice, .spans = {1, 2, 64}});
  }
  // which of two limits is met is told, and a message's own comes first where they are the same
  weft::limits both{.max_message_bytes = 10};
  both.max_inflation = 1;
  check_deflated({{rsv1 | 0x81, std::string(body)}},
                 "text " + std::string(body.size(), 'x') + "; violation inflated_too_far at @0 close 1009",
                 {.limits = both, .spans = {1, 64}});
  both.max_message_bytes = body.size();
  check_deflated({{rsv1 | 0x81, std::string(body)}},
                 "text " + std::string(body.size(), 'x') + "; violation message_too_long at @0 close 1009",
                 {.limits = both, .spans = {1, 64}});
  // what is not compressed is not meant
  weft::limits none;
  none.max_inflation = 0;
  check_deflated({{0x81, "Hello"}, {rsv1 | 0x81, hex("00")}}, "text Hello fin; text fin",
                 {.limits = none, .spans = {1}});
}

TEST_CASE("7692 10.4 C-16 PD-26: a message of nothing but blocks is one event, and a byte of it one step") {
  std::string empty;
  while (empty.size() < mib) empty += hex("00 00 00 ff ff");
  // blocks whose codes have one symbol, the end: 13 bytes each make two tables
  blocks coded;
  for (int i = 0; i < 8; ++i) {
    coded.number(0, 1).number(2, 2).number(0, 5).number(0, 5).number(14, 4);
    for (const unsigned length : {0U, 0U, 1U, 2U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U, 2U})
      coded.number(length, 3);
    // 18 is 0, 0 is 10, 1 is 11
    coded.code(0, 1).number(138 - 11, 7).code(0, 1).number(118 - 11, 7).code(3, 2).code(2, 2).code(0, 1);
  }
  REQUIRE(coded.used_bits() == 8);
  CHECK(reference_inflater().inflate(coded.bytes() + hex("00")).broken == rule::none);
  std::string tables;
  while (tables.size() < mib) tables += coded.bytes();
  const weft::limits limits{.max_message_bytes = 2 * mib};
  for (const std::string& body : {empty, tables}) {
    for (const std::size_t piece : sizes{1, 100000}) {
      const auto seen = explode(body + hex("00"), 15, limits, mib / 2, piece);
      CHECK(seen.delivered == 0);
      CHECK(seen.messages == 1);
      CHECK(seen.events == 1);
      CHECK(seen.broken.rule == rule::none);
    }
  }
}
