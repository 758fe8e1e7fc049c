// SPDX-License-Identifier: MIT
//
// prefixes.cpp: all 65,536 first two bytes of a frame, in each state, against an oracle that is written from RFC 6455
// section 5.2 (and 5.4, 5.5 for what depends on the state) alone.
#include <string>

#include <doctest/doctest.h>

#include <weft/connection/endpoint.hpp>

#include "support/wire.hpp"

using namespace support;

namespace {

bool may_begin_a_frame(unsigned first, unsigned second, bool in_message) {
  const bool final = (first >> 7 & 1) == 1;
  const unsigned reserved = first >> 4 & 7;
  const unsigned opcode = first & 15;
  const bool masked = (second >> 7 & 1) == 1;
  const unsigned length = second & 127;

  if (reserved != 0) return false;  // no extension is agreed
  if (!masked) return false;        // all frames of a client are masked
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

enum class before { nothing, message_begun, close_received, close_sent };

/// Feeds the two bytes to a server that has seen `before`, and counts what it accepts; -1 where the oracle differs.
int accepted(before state) {
  int count = 0;
  for (unsigned prefix = 0; prefix < 65536; ++prefix) {
    weft::server ws;
    std::string wire = state == before::message_begun    ? text("x", fin::no)
                       : state == before::close_received ? close_frame()
                                                         : "";
    std::span begin(wire);
    while (ws.next(begin)) {
    }
    if (state == before::close_sent) (void)ws.close();

    std::string bytes = network(prefix, 2);
    std::span in(bytes);
    const auto event = ws.next(in);
    if (state == before::close_received) {
      if (event || !in.empty()) return -1;
      continue;
    }
    const bool broken = event && event->kind == weft::kind::violation;
    if (broken == may_begin_a_frame(prefix >> 8, prefix & 255, state == before::message_begun)) return -1;
    count += broken ? 0 : 1;
  }
  return count;
}

}  // namespace

TEST_CASE("5.2 T-02: of all 65,536 prefixes 889 begin a frame between messages") {
  CHECK(accepted(before::nothing) == 889);
}
TEST_CASE("5.4 T-02: of all 65,536 prefixes 633 begin a frame inside a message") {
  CHECK(accepted(before::message_begun) == 633);
}
TEST_CASE("5.5.1 T-02: of all 65,536 prefixes none is told after the peer's Close") {
  CHECK(accepted(before::close_received) == 0);
}
TEST_CASE("5.5.1 T-02: after our Close the peer's frames obey the same rules") {
  CHECK(accepted(before::close_sent) == 889);
}
