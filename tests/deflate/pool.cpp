// SPDX-License-Identifier: MIT
//
// pool.cpp: engines on loan: who holds memory, how much, and when it goes back.
#include <weft/deflate/pool.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/deflated.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::role;

static_assert(weft::engine_bytes{}.idle == 0 && weft::engine_bytes{}.busy == 0);

namespace {

constexpr std::size_t span_size = 4096;

/// A connection of many in a pool.
template <role Role>
deflate_endpoint<Role> connection(guarded_pool& engines, const weft::deflate_parameters& parameters) {
  return {parameters, engines.pool};
}

template <role Role>
std::string said(deflate_endpoint<Role>& ws, const std::string& payload, fin last = fin::yes) {
  static auto keys = counted_keys();
  std::string bytes;
  if constexpr (Role == role::client) weft::append(bytes, ws.text(keys, payload, last));
  if constexpr (Role == role::server) weft::append(bytes, ws.text(payload, last));
  return bytes;
}

std::string heard(auto& ws, std::string wire) {
  std::string all;
  std::span in(wire);
  while (const auto event = ws.next(in)) {
    all += event->kind == weft::kind::violation ? "!" + std::string(weft::name(event->violation.rule)) : event->text();
  }
  return all;
}

double percent_off(std::size_t measured, std::size_t foretold) {
  if (measured == foretold) return 0;
  const double off = 100.0 * (static_cast<double>(measured) - static_cast<double>(foretold));
  return off < 0 ? -off / static_cast<double>(measured) : off / static_cast<double>(measured);
}

}  // namespace

TEST_CASE("7692 7.1.1: a thousand idle connections hold no engine where messages stand alone") {
  for_both_roles([&]<role Role>() {
    guarded_pool engines(span_size);
    const auto parameters = agreed(15, false);
    const std::string payload = records(2000);
    const std::string wire = frame_from(other(Role), rsv1 | 0x81, deflated(payload));
    std::vector<deflate_endpoint<Role>> connections;
    for (int i = 0; i < 1000; ++i) connections.push_back(connection<Role>(engines, parameters));
    CHECK(engines.memory.calls == 0);
    for (auto& ws : connections) {
      CHECK(heard(ws, wire) == payload);
      CHECK_FALSE(said<Role>(ws, payload).empty());
    }
    // they took turns with one inflater and one deflater
    CHECK(engines.memory.most <= weft::bytes_required<weft::zlib>(parameters, Role).busy * 105 / 100);
    CHECK(engines.memory.in_use == engines.memory.most);
    engines.pool.trim();
    CHECK(engines.memory.in_use == 0);
    CHECK(weft::bytes_required<weft::zlib>(parameters, Role).idle == 0);
    for (auto& ws : connections) CHECK(heard(ws, wire) == payload);
  });
}

TEST_CASE("7692 7.1.1: with takeover a thousand connections hold what was foretold, once they have talked") {
  for_both_roles([&]<role Role>() {
    guarded_pool engines(span_size);
    const auto parameters = agreed(10);
    const std::string payload = records(2000);
    const std::string wire = frame_from(other(Role), rsv1 | 0x81, deflated(payload, {.window_bits = 10}));
    std::vector<deflate_endpoint<Role>> connections;
    for (int i = 0; i < 1000; ++i) connections.push_back(connection<Role>(engines, parameters));
    CHECK(engines.memory.calls == 0);
    for (auto& ws : connections) {
      CHECK(heard(ws, wire) == payload);
      CHECK_FALSE(said<Role>(ws, payload).empty());
    }
    engines.pool.trim();
    const std::size_t foretold = 1000 * weft::bytes_required<weft::zlib>(parameters, Role).idle;
    CHECK(percent_off(engines.memory.in_use, foretold) <= 5);
    std::printf("deflate: 1000 %s with takeover and windows of 1 KiB hold %zu bytes each\n",
                Role == role::server ? "servers" : "clients", engines.memory.in_use / 1000);
    connections.clear();
    engines.pool.trim();
    CHECK(engines.memory.in_use == 0);
  });
}

TEST_CASE("7692 7.1.1: what is held is what bytes_required() says, for all windows and levels of memory") {
  double worst = 0;
  std::size_t settings_tried = 0;
  for_both_roles([&]<role Role>() {
    const std::string payload = records(3000);
    for (unsigned theirs = 8; theirs <= 15; ++theirs) {
      for (unsigned ours = 9; ours <= 15; ++ours) {
        for (int memory_level = 1; memory_level <= 9; ++memory_level) {
          if (memory_level != 8 && (theirs + ours) % 3 != 0) continue;
          for (unsigned takeovers = 0; takeovers < 4; ++takeovers) {
            weft::deflate_parameters parameters{.server_no_context_takeover = (takeovers & 1) != 0,
                                                .client_no_context_takeover = (takeovers & 2) != 0};
            parameters.server_max_window_bits = static_cast<std::uint8_t>(Role == role::server ? ours : theirs);
            parameters.client_max_window_bits = static_cast<std::uint8_t>(Role == role::server ? theirs : ours);
            const weft::zlib::settings with{.memory_level = memory_level};
            guarded_pool engines(span_size, span_size, with);
            auto ws = connection<Role>(engines, parameters);
            const auto foretold = weft::bytes_required<weft::zlib>(parameters, Role, with);
            const std::string message = blocks().stored(payload).message();
            CHECK(heard(ws, frame_from(other(Role), rsv1 | 1, message)) == payload);
            (void)said<Role>(ws, payload, fin::no);
            const std::size_t busy = engines.memory.in_use;
            CHECK(heard(ws, frame_from(other(Role), 0x80, hex("00"))) == "!truncated_deflate");
            worst = std::max(worst, percent_off(busy, foretold.busy));
            ++settings_tried;

            auto second = connection<Role>(engines, parameters);
            CHECK(heard(second, frame_from(other(Role), rsv1 | 0x81, message)) == payload);
            CHECK_FALSE(said<Role>(second, payload).empty());
            { const auto ended = std::move(ws); }
            engines.pool.trim();
            worst = std::max(worst, percent_off(engines.memory.in_use, foretold.idle));
          }
        }
      }
    }
  });
  CHECK(worst <= 5);
  std::printf("deflate: bytes_required() is at most %.1f %% off, in %zu settings\n", worst, settings_tried);
}

TEST_CASE("7692 7.1.1: bytes_required() is what is documented") {
  const auto bytes = [](std::uint8_t bits, int level) {
    const weft::deflate_parameters both{.server_max_window_bits = bits, .client_max_window_bits = bits};
    return weft::bytes_required<weft::zlib>(both, role::server, {.memory_level = level}).idle;
  };
  if (sizeof(long) != 8) return;  // as it is here: zlib's own structures have some
  CHECK(bytes(15, 8) == 308312);
  CHECK(bytes(15, 5) == 193624);
  CHECK(bytes(12, 5) == 50264);
  CHECK(bytes(9, 1) == 16984);
}

TEST_CASE("7692 7.1.1: a connection may be moved between any two pieces of a message") {
  for_both_roles([&]<role Role>() {
    const std::string payload = records(1500);
    const std::string body = deflated(payload);
    for (const bool takeover : {true, false}) {
      guarded_pool engines(100);
      reading_peer peer(Role, agreed(15, takeover));
      std::string wire, seen;
      auto first = connection<Role>(engines, agreed(15, takeover));
      auto last = connection<Role>(engines, agreed(15, takeover));
      (void)said<Role>(last, payload, fin::no);  // it has engines of its own when it is moved onto
      (void)heard(last, frame_from(other(Role), rsv1 | 1, body.substr(0, 50)));
      auto* ws = &first;
      auto* spare = &last;
      for (std::size_t at = 0; at < body.size(); at += 40) {
        const bool whole = at + 40 >= body.size();
        const unsigned head = (whole ? 0x80U : 0U) | (at == 0 ? rsv1 | 1U : 0U);
        seen += heard(*ws, frame_from(other(Role), head, body.substr(at, 40)));
        wire += said<Role>(*ws, payload.substr(at, 40), fin{whole});
        *spare = std::move(*ws);
        std::swap(ws, spare);
      }
      CHECK(seen == payload);
      CHECK(peer.only(wire).compressed);
      auto moved = std::move(*ws);
      CHECK(heard(moved, frame_from(other(Role), rsv1 | 0x81, body)) == payload);
    }
  });
}

TEST_CASE("7692 7.1.1: engines go back with their connection, in the middle of a message too, and are clean") {
  for_both_roles([&]<role Role>() {
    const std::string payload = records(1500);
    const std::string body = deflated(payload);
    guarded_pool engines(100);
    std::size_t held = 0;
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
      CAPTURE(cut);
      {
        auto ws = connection<Role>(engines, agreed());
        (void)heard(ws, frame_from(other(Role), rsv1 | 1, body.substr(0, cut)));
        (void)said<Role>(ws, payload.substr(0, cut), fin::no);
      }
      auto next = connection<Role>(engines, agreed());
      reading_peer peer(Role, agreed());
      CHECK(heard(next, frame_from(other(Role), rsv1 | 0x81, body)) == payload);
      CHECK(peer.only(said<Role>(next, payload)).payload == payload);
      if (cut == 0) held = engines.memory.in_use;
      CHECK(engines.memory.in_use == held);  // one pair served them all
    }
    // and behind messages that were broken in some way; an engine keeps nothing that can be referred to
    const std::string into_the_past = blocks().fixed().match(3, 100).end().message();
    for (const std::string& bad : {body.substr(0, 30), hex("06"), body + hex("06"), hex("f2 48 cd"), hex("f3 ff")}) {
      auto ws = connection<Role>(engines, agreed());
      CHECK(heard(ws, frame_from(other(Role), rsv1 | 0x81, bad)).find("_deflate") != std::string::npos);
      auto next = connection<Role>(engines, agreed());
      CHECK(heard(next, frame_from(other(Role), rsv1 | 0x82, into_the_past)) == "!invalid_deflate");
      auto another = connection<Role>(engines, agreed());
      CHECK(heard(another, frame_from(other(Role), rsv1 | 0x81, body)) == payload);
    }
  });
}

TEST_CASE("7692 7.1.1: frames that are not taken keep their engine until the connection goes") {
  for_both_roles([&]<role Role>() {
    guarded_pool engines(100, 16);
    {
      auto ws = connection<Role>(engines, agreed(15, false));
      static auto keys = counted_keys();
      const std::string payload = records(1000);
      if constexpr (Role == role::client) (void)ws.text(keys, payload).next();
      if constexpr (Role == role::server) (void)ws.text(payload).next();
      engines.pool.trim();
      CHECK(engines.memory.in_use > 0);
    }
    engines.pool.trim();
    CHECK(engines.memory.in_use == 0);
    auto next = connection<Role>(engines, agreed(15, false));
    reading_peer peer(Role, agreed(15, false));
    CHECK(peer.only(said<Role>(next, records(1000))).payload == records(1000));
  });
}

TEST_CASE("7692 7.1.2: engines of one window do not serve another") {
  guarded_pool engines(100);
  for (int round = 0; round < 2; ++round) {
    for (unsigned bits = 9; bits <= 15; ++bits) {
      auto ws = connection<role::server>(engines, agreed(bits, false));
      reading_peer peer(role::server, agreed(bits, false));
      const std::string payload = records(90000 >> (15 - bits));
      CHECK(peer.only(said<role::server>(ws, payload)).payload == payload);
      const std::string far = blocks().stored(random_bytes(std::size_t{1} << bits)).message();
      CHECK(heard(ws, frame(rsv1 | 2, far.substr(0, far.size() - 1))).size() == std::size_t{1} << bits);
    }
    CHECK(engines.memory.blocks <= 7 * 10);
  }
}

TEST_CASE("7692 7.1.1: an engine that has not all of its memory holds none") {
  for_both_roles([&]<role Role>() {
    talker<Role> one;
    one.engines.memory.fails_from = 1;
    CHECK(frames_in(one.say_text(records(500)))[0].first == 0x81);
    CHECK(one.engines.memory.in_use == 0);
  });
}

TEST_CASE("7692 7.1.2: a message is prepared for windows that are, and by an engine that has them") {
  guarded_pool engines(16);
  for (unsigned bits = 0; bits <= 255; ++bits) {
    CAPTURE(bits);
    const auto window = static_cast<std::uint8_t>(bits);
    auto message = weft::prepared_message<std::string>::text(records(500));
    const bool possible = bits >= 9 && bits <= 15;
    CHECK(engines.pool.prepare(message, {window}) == possible);
    CHECK(message.deflated(window).has_value() == possible);
  }
  weft::detail::idle_engines<weft::zlib::inflater> idle(weft::heap);
  for (unsigned bits = 0; bits <= 255; ++bits)
    CHECK(bool(idle.borrow(static_cast<std::uint8_t>(bits))) == (bits >= 8 && bits <= 15));
}

TEST_CASE("7692 7.1.2: what cannot have been agreed counts as nothing agreed") {
  guarded_pool pool(16);
  for (const std::uint8_t bits : std::initializer_list<std::uint8_t>{1, 7, 16, 20, 255}) {
    CHECK_FALSE(
        deflate_server(weft::deflate_parameters{.server_max_window_bits = bits}, pool.pool).agreed().has_value());
    CHECK_FALSE(
        deflate_server(weft::deflate_parameters{.client_max_window_bits = bits}, pool.pool).agreed().has_value());
  }
}

TEST_CASE("7692 5 PD-04: the choice of what an engine can do") {
  const weft::fields offers(
      "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8, "
      "permessage-deflate; server_max_window_bits=10, permessage-deflate\r\n");
  const weft::field_list list(offers, "Sec-WebSocket-Extensions");
  CHECK(weft::choose_deflate<weft::zlib>(list) == weft::deflate_parameters{.server_max_window_bits = 10});
  CHECK(weft::choose_deflate<weft::zlib>(list, {.server_no_context_takeover = true}) ==
        weft::deflate_parameters{.server_no_context_takeover = true, .server_max_window_bits = 10});
}

TEST_CASE("7692 7.1.1: a connection that has ended holds no engine") {
  guarded_pool pool(16);
  deflate_server ws(agreed(), pool.pool);
  std::string out;
  weft::append(out, ws.text(std::string(100, 'x')));
  std::string wire = frame(0x41, hex("f2 48"));  // a message is begun, and another has been sent
  std::span<char> in(wire);
  while (ws.next(in)) {
  }
  pool.pool.trim();
  const auto held = pool.memory.in_use;
  CHECK(held > 100000);
  wire = frame(0x83, "");
  in = wire;
  const auto event = ws.next(in);
  REQUIRE(event.has_value());
  CHECK(event->kind == weft::kind::violation);
  pool.pool.trim();
  CHECK(pool.memory.in_use == 0);
}

TEST_CASE("7692 7.1.1: with the peer's Close goes the engine that inflates, and with the transport the other") {
  for_both_roles([&]<role Role>() {
    guarded_pool engines(64);
    auto ws = connection<Role>(engines, agreed());
    const auto held = [&] {
      engines.pool.trim();
      return engines.memory.in_use;
    };
    (void)said<Role>(ws, records(1000));
    const auto by_one = held();
    CHECK(by_one > 0);
    (void)heard(ws, frame_from(other(Role), rsv1 | 0x01, hex("f2 48")));
    CHECK(held() > by_one);
    (void)heard(ws, frame_from(other(Role), 0x88, ""));
    CHECK(held() == by_one);
    CHECK_FALSE(ws.end().has_value());
    CHECK(held() == 0);
  });
}

TEST_CASE("7692 7.1.2: no message is prepared for a window that cannot be") {
  guarded_pool engines(16);
  auto message = weft::prepared_message<std::string>::text(std::string(100, 'x'));
  for (const std::uint8_t bits : std::initializer_list<std::uint8_t>{0, 7, 8, 16, 17, 255}) {
    CHECK_FALSE(engines.pool.prepare(message, {bits}));
    CHECK_FALSE(message.deflated(255).has_value());
  }
  CHECK(engines.pool.prepare(message, {15}));
}
