// SPDX-License-Identifier: MIT
//
// prefixes.cpp: all 65,536 first two bytes of a frame, for either role and in each state, against an oracle that is
// written from RFC 6455 section 5.2 (and 5.1, 5.4, 5.5 for what depends on role and state) and RFC 7692 section 6
// alone.
#include <cstdio>
#include <string>

#include <doctest/doctest.h>

#include "support/cuts.hpp"
#include "support/wire.hpp"

#include <weft/deflate/deflate.hpp>
#include <weft/deflate/zlib.hpp>

using namespace support;
using weft::role;

namespace {

enum class deflate { no, agreed };

bool may_begin_a_frame(role sender, unsigned first, unsigned second, bool in_message, deflate deflate) {
  const bool final = (first >> 7 & 1) == 1;
  const unsigned reserved = first >> 4 & 7;
  const unsigned opcode = first & 15;
  const bool masked = (second >> 7 & 1) == 1;
  const unsigned length = second & 127;

  // RSV1 says that a message begins which is compressed, where that was agreed.
  const bool compressed = reserved == 4 && deflate == deflate::agreed && (opcode == 1 || opcode == 2);
  if (reserved != 0 && !compressed) return false;
  if (masked != (sender == role::client)) return false;  // all frames of a client are masked, and none of a server
  switch (opcode) {
    case 0: return in_message;
    case 1:
    case 2: return !in_message;
    case 8: return final && length <= 125 && length != 1;
    case 9:
    case 10: return final && length <= 125;
    default: return false;
  }
}

enum class message { none, begun };
enum class close { none, received, sent };

/// What an endpoint is made of, in either way.
template <role Receiver, deflate Deflate>
auto made() {
  if constexpr (Deflate == deflate::no) {
    return endpoint_of<Receiver>();
  } else {
    static std::byte room[32];
    static weft::engine_pool<weft::zlib> engines(weft::heap, std::span(room).first(16), std::span(room).last(16));
    using server = weft::deflate_server<weft::zlib>;
    using client = weft::deflate_client<weft::zlib>;
    return std::conditional_t<Receiver == role::server, server, client>(weft::deflate_parameters{}, engines);
  }
}

/// Feeds the two bytes to an endpoint that has seen the begin of a message and a Close, or not, and counts what it
/// accepts; -1 where the oracle differs.
template <role Receiver, deflate Deflate = deflate::no>
int accepted(message begun, close closing) {
  constexpr role peer = Receiver == role::server ? role::client : role::server;
  const bool in_message = begun == message::begun;
  int count = 0;
  for (unsigned prefix = 0; prefix < 65536; ++prefix) {
    auto ws = made<Receiver, Deflate>();
    std::string wire = in_message ? frame_from(peer, 0x01, "x") : "";
    if (closing == close::received) wire += frame_from(peer, 0x88, "");
    std::span begin(wire);
    while (ws.next(begin)) {
    }
    if (closing == close::sent) {
      if constexpr (Receiver == role::client) {
        (void)ws.close(recorder_key);
      } else {
        (void)ws.close();
      }
    }

    std::string bytes = network(prefix, 2);
    std::span in(bytes);
    const auto event = ws.next(in);
    if (closing == close::received) {
      if (event || !in.empty()) return -1;
      continue;
    }
    // A compressed message without a byte is a frame that may be, and is wrong for what it has not inside.
    const bool broken =
        event && event->kind == weft::kind::violation && event->violation.rule != weft::rule::truncated_deflate;
    if (broken == may_begin_a_frame(peer, prefix >> 8, prefix & 255, in_message, Deflate)) return -1;
    count += broken ? 0 : 1;
  }
  return count;
}

}  // namespace

TEST_CASE("5.2: of all 65,536 prefixes 889 begin a frame between messages, for either role") {
  CHECK(accepted<role::server>(message::none, close::none) == 889);
  CHECK(accepted<role::client>(message::none, close::none) == 889);
}
TEST_CASE("5.4: of all 65,536 prefixes 633 begin a frame inside a message, for either role") {
  CHECK(accepted<role::server>(message::begun, close::none) == 633);
  CHECK(accepted<role::client>(message::begun, close::none) == 633);
}
TEST_CASE("5.5.1: of all 65,536 prefixes none is told after the peer's Close, to either role") {
  for (const message begun : {message::none, message::begun}) {
    CHECK(accepted<role::server>(begun, close::received) == 0);
    CHECK(accepted<role::client>(begun, close::received) == 0);
  }
}
TEST_CASE("5.5.1: after our Close the peer's frames obey the same rules, for either role") {
  CHECK(accepted<role::server>(message::none, close::sent) == 889);
  CHECK(accepted<role::client>(message::none, close::sent) == 889);
  CHECK(accepted<role::server>(message::begun, close::sent) == 633);
  CHECK(accepted<role::client>(message::begun, close::sent) == 633);
}
TEST_CASE(
    "7692 6.1 PD-22: with compression 512 more begin a frame between messages, and none inside, for either role") {
  for (const auto closing : {close::none, close::sent}) {
    CHECK(accepted<role::server, deflate::agreed>(message::none, closing) == 1401);
    CHECK(accepted<role::client, deflate::agreed>(message::none, closing) == 1401);
    CHECK(accepted<role::server, deflate::agreed>(message::begun, closing) == 633);
    CHECK(accepted<role::client, deflate::agreed>(message::begun, closing) == 633);
  }
  for (const message begun : {message::none, message::begun}) {
    CHECK(accepted<role::server, deflate::agreed>(begun, close::received) == 0);
    CHECK(accepted<role::client, deflate::agreed>(begun, close::received) == 0);
  }
  std::printf("prefixes: 65536 in each of 6 states, for 2 roles, with and without compression\n");
}
