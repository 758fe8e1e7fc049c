// SPDX-License-Identifier: MIT
//
// prefixes.cpp: all 65,536 first two bytes of a frame, for either role and in each state, against an oracle that is
// written from RFC 6455 section 5.2 (and 5.1, 5.4, 5.5 for what depends on role and state) alone.
#include <cstdio>
#include <string>

#include <doctest/doctest.h>

#include "support/cuts.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::role;

namespace {

bool may_begin_a_frame(role sender, unsigned first, unsigned second, bool in_message) {
  const bool final = (first >> 7 & 1) == 1;
  const unsigned reserved = first >> 4 & 7;
  const unsigned opcode = first & 15;
  const bool masked = (second >> 7 & 1) == 1;
  const unsigned length = second & 127;

  if (reserved != 0) return false;                       // no extension is agreed
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

/// Feeds the two bytes to an endpoint that has seen the begin of a message and a Close, or not, and counts what it
/// accepts; -1 where the oracle differs.
template <role Receiver>
int accepted(message begun, close closing) {
  constexpr role peer = Receiver == role::server ? role::client : role::server;
  const bool in_message = begun == message::begun;
  int count = 0;
  for (unsigned prefix = 0; prefix < 65536; ++prefix) {
    endpoint_of<Receiver> ws;
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
    const bool broken = event && event->kind == weft::kind::violation;
    if (broken == may_begin_a_frame(peer, prefix >> 8, prefix & 255, in_message)) return -1;
    count += broken ? 0 : 1;
  }
  return count;
}

}  // namespace

TEST_CASE("5.2 T-02: of all 65,536 prefixes 889 begin a frame between messages, for either role") {
  CHECK(accepted<role::server>(message::none, close::none) == 889);
  CHECK(accepted<role::client>(message::none, close::none) == 889);
}
TEST_CASE("5.4 T-02: of all 65,536 prefixes 633 begin a frame inside a message, for either role") {
  CHECK(accepted<role::server>(message::begun, close::none) == 633);
  CHECK(accepted<role::client>(message::begun, close::none) == 633);
}
TEST_CASE("5.5.1 T-02: of all 65,536 prefixes none is told after the peer's Close, to either role") {
  for (const message begun : {message::none, message::begun}) {
    CHECK(accepted<role::server>(begun, close::received) == 0);
    CHECK(accepted<role::client>(begun, close::received) == 0);
  }
}
TEST_CASE("5.5.1 T-02: after our Close the peer's frames obey the same rules, for either role") {
  CHECK(accepted<role::server>(message::none, close::sent) == 889);
  CHECK(accepted<role::client>(message::none, close::sent) == 889);
  CHECK(accepted<role::server>(message::begun, close::sent) == 633);
  CHECK(accepted<role::client>(message::begun, close::sent) == 633);
  std::printf("prefixes: 65536 in each of 6 states, for 2 roles\n");
}
