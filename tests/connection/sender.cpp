// SPDX-License-Identifier: MIT
//
// sender.cpp: the sending half by itself. What the calls make of it is in server.cpp and client.cpp.
#include <weft/connection/sender.hpp>

#include <doctest/doctest.h>

TEST_CASE("a sender begins open, with no message begun, and can be copied as bytes") {
  const weft::sender<weft::role::server> server;
  CHECK(server.state() == weft::state::open);
  CHECK_FALSE(server.sending());
  static_assert(std::is_trivially_copyable_v<weft::sender<weft::role::client>>);
}
