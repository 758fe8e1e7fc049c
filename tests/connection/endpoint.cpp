// SPDX-License-Identifier: MIT
//
// endpoint.cpp: what both roles share. Their own calls are in server.cpp and client.cpp.
#include <weft/connection/endpoint.hpp>

#include <type_traits>

#include <doctest/doctest.h>

using weft::endpoint;
using weft::role;

TEST_CASE("either side is a value of 160 bytes, open from its first moment") {
  CHECK(sizeof(endpoint<role::server>) == 160);
  CHECK(sizeof(endpoint<role::client>) == 160);
  static_assert(std::is_trivially_copyable_v<endpoint<role::server>> && std::is_trivially_copyable_v<endpoint<role::client>>);
  CHECK(endpoint<role::server>().state() == weft::state::open);
  CHECK(endpoint<role::client>().state() == weft::state::open);
}

// A server writes to its input, a client does not.
template <class Endpoint, class Byte>
concept reads = requires(Endpoint ws, std::span<Byte> in) { ws.next(in); };
static_assert(reads<endpoint<role::server>, std::byte> && !reads<endpoint<role::server>, const std::byte>);
static_assert(reads<endpoint<role::client>, char> && reads<endpoint<role::client>, const char>);
