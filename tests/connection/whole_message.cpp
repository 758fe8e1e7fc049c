// SPDX-License-Identifier: MIT
//
// What the straight way takes, and that it leaves all else as it was: what the endpoint then makes of it is tested with
// it.
#include <weft/connection/whole_message.hpp>

#include <string>

#include <doctest/doctest.h>

#include "support/guarded.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::detail::read_whole_message;
using weft::detail::whole_message;

namespace {

/// What it says of a frame at the front of bytes against an unmapped page, and what these bytes are afterwards.
template <weft::role Role>
std::pair<whole_message, std::string> read(const std::string& wire, const weft::limits& allowed = {}) {
  auto in = shared_guarded().place(wire, flush::back);
  const auto found = read_whole_message<Role>(in, allowed);
  return {found, {reinterpret_cast<const char*>(in.data()), in.size()}};
}

void check_left_alone(const std::string& wire, const weft::limits& allowed = {}) {
  CAPTURE(wire);
  const auto [found, after] = read<weft::role::server>(wire, allowed);
  CHECK(found.header == 0);
  CHECK(found.length == 0);
  CHECK(after == wire);
}

std::string payload_of(std::size_t size) {
  std::string payload;
  for (std::size_t i = 0; i < size; ++i) payload += static_cast<char>('a' + i % 26);
  return payload;
}

}  // namespace

TEST_CASE("5.2 FR: a whole message is taken, of every length in one byte or three, and unmasked") {
  for (const std::size_t size :
       {0U, 1U, 2U, 3U, 4U, 7U, 8U, 15U, 16U, 31U, 32U, 33U, 64U, 125U, 126U, 127U, 128U, 129U, 300U, 4096U, 65535U}) {
    CAPTURE(size);
    const std::string payload = payload_of(size);
    for (const bool is_text : {true, false}) {
      const std::string wire = is_text ? text(payload) : binary(payload);
      for (const std::string behind : {"", "\x81"}) {
        const auto [found, after] = read<weft::role::server>(wire + behind);
        REQUIRE(found.header == wire.size() - size);
        CHECK(found.length == size);
        CHECK(found.kind == (is_text ? weft::kind::text : weft::kind::binary));
        CHECK(after == wire.substr(0, found.header) + payload + behind);
      }
      const std::string bare = is_text ? from_server::text(payload) : from_server::binary(payload);
      const auto [found, after] = read<weft::role::client>(bare);
      CHECK(found.header == bare.size() - size);
      CHECK(after == bare);
    }
  }
}

TEST_CASE("5.2 FR: what is not whole, not a message or breaks a rule is left as it was") {
  const std::string wire = text("Hello, all of you");
  for (std::size_t size = 0; size < wire.size(); ++size) check_left_alone(wire.substr(0, size));
  check_left_alone(text("Hel", weft::fin::no));
  check_left_alone(continuation("lo", weft::fin::yes));
  check_left_alone(ping("Hello"));
  check_left_alone(from_server::text("Hello"));                             // 5.1: not masked
  check_left_alone("\xC1" + wire.substr(1));                                // a reserved bit
  check_left_alone("\x83" + wire.substr(1));                                // a reserved opcode
  check_left_alone(std::string("\x81\xFE\x00\x05", 4) + "keys" + "Hello");  // a length that is not minimal
  check_left_alone(std::string("\x81\xFF\0\0\0\0\0\1\0\0", 10) + "keys" + std::string(65536, 'a'));

  weft::limits allowed;
  allowed.max_message_bytes = 16;
  check_left_alone(wire, allowed);
  allowed = {.max_frame_bytes = 16};
  check_left_alone(wire, allowed);
  allowed = {.max_fragments = 0};
  check_left_alone(wire, allowed);
}

TEST_CASE("8.1 UT: text that is not UTF-8, or ends inside a character, stays masked") {
  for (const std::size_t before : {0U, 1U, 15U, 31U, 60U, 124U, 200U, 3000U}) {
    for (const std::string bad : {"\xFF", "\xC3", "\xE2\x82", "\xED\xA0\x80", "\xC0\xAF", "\xF4\x90\x80\x80"}) {
      check_left_alone(text(payload_of(before) + bad));
      check_left_alone(text(payload_of(before) + bad + payload_of(200)));
    }
    const auto [found, after] = read<weft::role::server>(text(payload_of(before) + "\xE2\x82\xAC"));
    CHECK(found.length == before + 3);
  }
}

TEST_CASE("5.2 FR-19: a length of 64 bits whose first two bytes could be one of 16 is not taken for one") {
  for (const char* length : {"007e000000000000", "00ff000000000000", "0100000000000000"})
    check_left_alone(hex("82 ff") + hex(length) + std::string(600, 'x'));
}

TEST_CASE("10.4 the straight way takes what is as long as a limit") {
  for (const std::size_t size : {0U, 10U, 125U, 126U, 300U}) {
    const auto found = [&](const weft::limits& allowed) {
      return read<weft::role::server>(binary(payload_of(size)), allowed).first.header != 0;
    };
    CHECK(found({.max_message_bytes = size}));
    CHECK(found({.max_frame_bytes = size}));
    CHECK(found({.max_fragments = 1}));
  }
}
