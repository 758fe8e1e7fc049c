// SPDX-License-Identifier: MIT
//
// frames.hpp: the body of server_frames and client_frames. Any bytes, whole, cut at will and bytewise, are told as the
// slow decoder of tests/support/reference.hpp tells them; and whole messages are what their pieces make.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "support/reference.hpp"

namespace fuzz {

/// All that message_reader tells, in which a message is one entry.
template <role Role>
std::string messages_in(std::span<const std::byte> input, const cutter& cut, const weft::limits& limits) {
  std::conditional_t<Role == role::server, weft::server, weft::client> ws;
  weft::message_reader<std::string> reader;
  support::transcript seen;
  cut(input, [&](std::span<const std::byte> piece) {
    std::span<std::byte> in = placed(piece, support::flush::back);
    while (const auto event = reader.next(ws, in, limits)) {
      if (event->kind == weft::kind::text || event->kind == weft::kind::binary) {
        require(event->whole(), "message_reader told half a message");
        seen.data(name_of(event->kind), event->text(), true);
      } else {
        seen.entry(name_of(event->kind));
      }
    }
    require(in.empty(), "message_reader left bytes that it had not taken");
    return true;
  });
  return seen.text();
}

/// The same, of pieces.
template <role Role>
std::string gathered_in(std::span<const std::byte> input, const weft::limits& limits) {
  std::conditional_t<Role == role::server, weft::server, weft::client> ws;
  support::transcript seen;
  std::string message;
  std::span<std::byte> in = placed(input, support::flush::back);
  while (const auto event = ws.next(in, limits)) {
    if (event->kind == weft::kind::text || event->kind == weft::kind::binary) {
      message += event->text();
      if (event->fin == weft::fin::yes) seen.data(name_of(event->kind), std::exchange(message, {}), true);
    } else {
      seen.entry(name_of(event->kind));
    }
  }
  return seen.text();
}

template <role Role>
void frames(std::span<const std::byte> input) {
  source from(input);
  const weft::limits limits = some_limits(from);
  const cutter cut(from);

  support::reference_decoder reference(Role, limits);
  reference.feed(from.text());
  const std::string expected = reference.transcript();
  const auto check = [&](const cutter& pieces, std::string_view what) {
    receiver<Role> ws(limits);
    ws.take(from.rest(), pieces);
    same_transcript(what, expected, ws.transcript());
    ws.end();
  };
  check(cutter({}), "frames, whole");
  check(cut, "frames, cut");
  check(cutter({1}), "frames, bytewise");
  same_transcript("whole messages", gathered_in<Role>(from.rest(), limits),
                  messages_in<Role>(from.rest(), cut, limits));
}

}  // namespace fuzz
