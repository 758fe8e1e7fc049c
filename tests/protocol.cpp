// SPDX-License-Identifier: MIT
#include <weft/protocol.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <weft/handshake/extensions.hpp>

#include "support/constant.hpp"
#include "support/guarded.hpp"

using support::constant;
using support::equal;

TEST_CASE("bytes: every kind of byte buffer becomes a view without a cast") {
  const std::string text = "beat";
  const std::vector<unsigned char> numbers{'b', 'e', 'a', 't'};
  const std::vector<std::byte> plain{std::byte{'b'}, std::byte{'e'}, std::byte{'a'}, std::byte{'t'}};
  const std::array<char, 4> fixed{'b', 'e', 'a', 't'};
  const std::byte array[] = {std::byte{'b'}, std::byte{'e'}, std::byte{'a'}, std::byte{'t'}};
  const auto expected = constant("beat");
  const auto same = [&](weft::bytes view) { return equal(view.span(), expected); };
  CHECK(same(text));
  CHECK(same(std::string_view(text)));
  CHECK(same("beat"));
  CHECK(same(numbers));
  CHECK(same(plain));
  CHECK(same(std::span(plain)));
  CHECK(same(fixed));
  CHECK(same(array));
  CHECK(same(u8"beat"));
  CHECK(same(std::u8string(u8"beat")));
  CHECK(same(text.c_str()));
  CHECK(weft::bytes(text).span().data() == reinterpret_cast<const std::byte*>(text.data()));
  CHECK(weft::bytes().size() == 0);
}

TEST_CASE("bytes: a literal counts up to its terminating zero, a container whole") {
  CHECK(weft::bytes("ab").size() == 2);
  CHECK(weft::bytes("").size() == 0);
  CHECK(weft::bytes(std::string("a\0b", 3)).size() == 3);
  char buffer[8] = "ab";
  CHECK(weft::bytes(buffer).size() == 2);
}

TEST_CASE("bytes: a literal of char8_t is a text as well, an array of unsigned char is none") {
  const char8_t text[] = u8"Hello";
  const unsigned char numbers[] = {'H', 'i', 0};
  CHECK(weft::bytes(text).size() == 5);
  CHECK(weft::bytes(numbers).size() == 3);
}

TEST_CASE("bytes: an array of char without a terminating zero counts whole, and nothing behind it") {
  const auto room = support::shared_guarded().place("abcd", support::flush::back);
  const auto& array = reinterpret_cast<const char(&)[4]>(*room.data());
  CHECK(weft::bytes(array).size() == 4);
  const unsigned char numbers[4] = {'a', 0, 'c', 0};
  CHECK(weft::bytes(numbers).size() == 4);
}

// Neither a null pointer nor a number is bytes.
static_assert(!std::is_constructible_v<weft::bytes, std::nullptr_t> && !std::is_constructible_v<weft::bytes, int>);
static_assert(weft::byte_range<std::string> && weft::byte_range<std::span<const std::byte>>);
static_assert(!weft::byte_range<std::vector<int>> && !weft::byte_range<int>);
static_assert(weft::writable_range<std::string> && weft::writable_range<std::span<char>> &&
              weft::writable_range<char[8]>);
static_assert(!weft::writable_range<const std::string> && !weft::writable_range<std::string_view>);
static_assert(weft::is_control(weft::opcode::close) && weft::is_control(weft::opcode::pong) &&
              !weft::is_control(weft::opcode::binary));

TEST_CASE("5.2: a frame is a control frame where the highest bit of its opcode is set") {
  for (unsigned code = 0; code < 16; ++code)
    CHECK(weft::is_control(static_cast<weft::opcode>(code)) == ((code & 8) != 0));
}

TEST_CASE("7.4.1: Close codes are those that are registered") {
  using enum weft::close_code;
  int number = 1000;
  for (const auto code : {normal, going_away, protocol_error, unsupported_data})
    CHECK(static_cast<int>(code) == number++);
  number = 1005;
  for (const auto code : {no_status, abnormal, invalid_payload, policy_violation, message_too_big, mandatory_extension,
                          internal_error, service_restart, try_again_later, bad_gateway})
    CHECK(static_cast<int>(code) == number++);
}

TEST_CASE("5.2 5.5: the longest header has 14 bytes, and a control frame 125 of payload") {
  CHECK(weft::max_frame_header == 2 + 8 + 4);
  CHECK(weft::max_control_payload == 125);
  CHECK(weft::max_close_reason == weft::max_control_payload - 2);
}

TEST_CASE("5.3: a masking key is its four bytes") {
  const weft::masking_key key(constant("\x37\xfa\x21\x3d"));
  CHECK(equal(key.bytes, constant("\x37\xfa\x21\x3d")));
  CHECK(key == weft::masking_key(constant("\x37\xfa\x21\x3d")));
  CHECK(key != weft::masking_key());
}

TEST_CASE("10.4 SE-01: the default limits are the documented ones") {
  constexpr weft::limits limits;
  CHECK(limits.max_message_bytes == 1048576);
  CHECK(limits.max_frame_bytes == weft::unlimited);
  CHECK(limits.max_fragments == 4096);
  CHECK(limits.max_control_frames == 1048576);
  CHECK(limits.max_inflation == UINT32_MAX);
  constexpr weft::head_limits head;
  CHECK(head.max_target_bytes == 4096);
  CHECK(head.max_fields == 64);
  CHECK(weft::max_subprotocols == 32);
  CHECK(weft::max_extensions == 16);
  CHECK(weft::max_interim_responses == 16);
}
