// SPDX-License-Identifier: MIT
//
// endpoint.cpp: what both roles share: the same frames are the same events to either, however they are cut. More of
// what one side hears, and its own calls, are in server.cpp and client.cpp.
#include <weft/connection/endpoint.hpp>

#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "support/cuts.hpp"
#include "support/deflated.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::endpoint;
using weft::role;

namespace {

/// What is expected may have "@n" and "#n" in it: where the payload of frame n begins, or the frame itself.
void check_both(const std::vector<sent_frame>& frames, const std::string& expected, const weft::limits& limits = {}) {
  check_every_cut<role::server>(wire_of(role::client, frames), with_offsets(expected, role::client, frames), limits);
  check_every_cut<role::client>(wire_of(role::server, frames), with_offsets(expected, role::server, frames), limits);
}

}  // namespace

TEST_CASE("either side is a value of 160 bytes, open from its first moment") {
  CHECK(sizeof(endpoint<role::server>) == 160);
  CHECK(sizeof(endpoint<role::client>) == 160);
  static_assert(std::is_trivially_copyable_v<endpoint<role::server>> &&
                std::is_trivially_copyable_v<endpoint<role::client>>);
  CHECK(endpoint<role::server>().state() == weft::state::open);
  CHECK(endpoint<role::client>().state() == weft::state::open);
}

// A server writes to its input, a client does not.
template <class Endpoint, class Byte>
concept reads = requires(Endpoint ws, std::span<Byte> in) {
  ws.next(in);
};
static_assert(reads<endpoint<role::server>, std::byte> && !reads<endpoint<role::server>, const std::byte>);
static_assert(reads<endpoint<role::client>, char> && reads<endpoint<role::client>, const char>);

TEST_CASE("5.4 5.5 5.6: messages whole and in fragments, with control frames between, up to a Close") {
  const std::string many(300, 'x');
  check_both({{0x81, "Hello"},
              {0x01, "Hel"},
              {0x89, "beat"},
              {0x00, ""},
              {0x80, "lo"},
              {0x8A, ""},
              {0x82, many},
              {0x88, hex("03e8") + "bye"},
              {0x81, "x"}},
             "text Hello fin; text Hel; ping beat; text lo fin; pong; binary " + shown(many) + " fin; close 1000 bye");
  check_both({{0x88, ""}}, "close 1005");
}

TEST_CASE("5.4 5.5 7.4 8.1: a broken rule is named at its byte, once, and nothing behind it is told") {
  check_both({{0x80, "x"}, {0x81, "y"}}, "violation stray_continuation at #0 close 1002");
  check_both({{0x01, "x"}, {0x81, "y"}}, "text x; violation interleaved_message at #1 close 1002");
  check_both({{0xC1, "x"}}, "violation reserved_bit at #0 close 1002");
  check_both({{0x81, "x"}, {0x83, "x"}}, "text x fin; violation reserved_opcode at #1 close 1002");
  check_both({{0x81, "\xff"}}, "violation invalid_utf8 at @0 close 1007");
  check_both({{0x81, "\xc3"}, {0x82, "x"}}, "text \\xc3; violation truncated_utf8 at #1 close 1007");
  check_every_cut<role::client>(frame_from(role::server, 0x88, hex("03ed")),
                                "violation invalid_close_code at 3 close 1002");
  check_every_cut<role::server>(frame_from(role::client, 0x88, hex("03ed")),
                                "violation invalid_close_code at 7 close 1002");
}

TEST_CASE("10.4: limits are met at the byte that goes beyond them") {
  check_both({{0x82, std::string(70000, 'x')}}, "binary " + shown(std::string(70000, 'x')) + " fin");
  check_both({{0x81, "Hello"}}, "violation message_too_long at 1 close 1009", {.max_message_bytes = 4});
  check_both({{0x81, "Hello"}}, "violation frame_too_long at 1 close 1009", {.max_frame_bytes = 4});
  check_both({{0x01, "a"}, {0x00, "b"}, {0x80, "c"}}, "text ab; violation too_many_fragments at #2 close 1008",
             {.max_fragments = 2});
  check_both({{0x89, ""}, {0x89, ""}, {0x89, ""}}, "ping; ping; violation too_many_control_frames at #2 close 1008",
             {.max_control_frames = 2});
}

TEST_CASE("7.1.4 7.1.5: an end of the transport is told once, where nothing else has told the end") {
  for_both_roles([]<role Role>() {
    recorder<Role> open, over;
    open.end();
    open.end();
    CHECK(open.transcript() == "close 1006");
    feed(frame_from(other(Role), 0x88, ""), {1}, flush::back, [&](auto in) { over.take(in); });
    over.end();
    CHECK(over.transcript() == "close 1005");
    guarded_pool engines(16);
    recorder<Role, deflate_endpoint<Role>> deflating({}, std::nullopt, engines.pool);
    deflating.end();
    CHECK(deflating.transcript() == "close 1006");
  });
}

TEST_CASE("RFC 7692 6.2: compressed messages are the same events, between others, and so is what is wrong with them") {
  const std::string body = deflated("Hello");
  const std::string begun = reference_inflater().inflate(body.substr(0, 3)).payload;
  check_deflated({{rsv1 | 0x81, body},
                  {0x82, "plain"},
                  {rsv1 | 2, body.substr(0, 3)},
                  {0x89, ""},
                  {0x00, ""},
                  {0x80, body.substr(3)},
                  {0x88, ""}},
                 "text Hello fin; binary plain fin; binary " + begun + "; ping; binary " +
                     std::string("Hello").substr(begun.size()) + " fin; close 1005",
                 {.agreed = agreed(15, false)});
  check_deflated({{rsv1 | 0x81, hex("06 00")}}, "violation invalid_deflate at @0 close 1007");
}
