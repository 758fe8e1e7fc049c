// SPDX-License-Identifier: MIT
#include <weft/frame/header.hpp>

#include <string>

#include <doctest/doctest.h>

#include "support/constant.hpp"
#include "support/guarded.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::frame_header;
using weft::opcode;
using weft::read_frame_header;
using weft::role;
using weft::rule;
using weft::status;

namespace {

/// Reads what a client sent, from memory that ends where the bytes do.
weft::frame_header_result read(const std::string& wire, role sender = role::client) {
  return read_frame_header(shared_guarded().place(wire, flush::back), sender);
}

/// The rule that a header breaks, and the index of the byte that decides: reads each prefix and checks that none
/// shorter is judged and none longer is judged otherwise.
struct verdict {
  rule broken = rule::none;
  int at = -1;
  bool operator==(const verdict&) const = default;
};
verdict judge(const std::string& wire, role sender = role::client) {
  verdict first;
  for (std::size_t size = 0; size <= wire.size(); ++size) {
    const auto result = read(wire.substr(0, size), sender);
    if (result.status != status::invalid) {
      CHECK(first == verdict{});
      continue;
    }
    if (first == verdict{}) first = {result.rule, static_cast<int>(size) - 1};
    CHECK(first == verdict{result.rule, result.at});
  }
  return first;
}

std::string lengths(std::uint64_t value, int form_bytes) {
  return hex(form_bytes == 2 ? "82 fe" : "82 ff") + network(value, form_bytes) + hex("00000000");
}

}  // namespace

TEST_CASE("5.2: the bytes of a header are copied to the last one, and not a byte more") {
  CHECK(weft::frame_header_bytes().size() == 0);
  for (const std::uint64_t length : {0ULL, 125ULL, 126ULL, 65535ULL, 65536ULL}) {
    for (const bool masked : {false, true}) {
      frame_header header{.length = length};
      if (masked) header.key = weft::masking_key(constant("\x37\xfa\x21\x3d"));
      const auto bytes = weft::write_frame_header(header);
      CHECK(bytes.size() == 2U + (length < 126 ? 0U : length < 65536 ? 2U : 8U) + (masked ? 4U : 0U));
      const auto to = shared_guarded().span(bytes.size(), flush::back);
      bytes.copy_to(to.data());
      CHECK(equal(to, bytes.span()));
    }
  }
}

TEST_CASE("5.2 FR-01 FR-08: the fields of a masked header") {
  const auto result = read(hex("81 85 37fa213d"));
  CHECK(result.status == status::complete);
  CHECK(result.size == 6);
  CHECK(result.header.fin == fin::yes);
  CHECK(result.header.opcode == opcode::text);
  CHECK(result.header.length == 5);
  REQUIRE(result.header.key.has_value());
  CHECK(equal(result.header.key->bytes, constant("\x37\xfa\x21\x3d")));
}

TEST_CASE("5.2 FR-08: a server's header has no key") {
  const auto result = read(hex("02 03"), role::server);
  CHECK(result.status == status::complete);
  CHECK(result.size == 2);
  CHECK(result.header == frame_header{.fin = fin::no, .opcode = opcode::binary, .length = 3});
}

TEST_CASE("5.2: every prefix of a good header is partial and says how many bytes it needs") {
  for (const auto& [wire, size] :
       {std::pair{hex("81 fd 00000000"), 6}, {lengths(126, 2), 8}, {lengths(65536, 8), 14}}) {
    for (std::size_t have = 0; have < wire.size(); ++have) {
      CAPTURE(have);
      const auto result = read(wire.substr(0, have));
      CHECK(result.status == status::partial);
      CHECK(result.size == (have < 2 ? 2 : size));
    }
    CHECK(read(wire).status == status::complete);
    CHECK(read(wire).size == size);
    CHECK(read(wire + "and payload").size == size);
  }
}

TEST_CASE("5.2 5.8 FR-02 FR-03 FR-19 FR-20: a reserved bit is refused at the first byte") {
  for (const unsigned bit : {0x40U, 0x20U, 0x10U}) {
    CHECK(judge(std::string(1, static_cast<char>(0x81 | bit)) + hex("80 00000000")) == verdict{rule::reserved_bit, 0});
  }
}

TEST_CASE("5.2 FR-04 CT-11: reserved opcodes are refused at the first byte") {
  for (unsigned code = 0; code < 16; ++code) {
    CAPTURE(code);
    const bool reserved = (code >= 3 && code <= 7) || code >= 11;
    const auto expected = reserved ? verdict{rule::reserved_opcode, 0} : verdict{};
    CHECK(judge(std::string(1, static_cast<char>(0x80 | code)) + hex("80 00000000")) == expected);
  }
}

TEST_CASE("5.5 CT-02: a fragmented control frame is refused at the first byte") {
  for (const char* wire : {"08 80", "09 80", "0a 80"}) CHECK(judge(hex(wire)) == verdict{rule::fragmented_control, 0});
}

TEST_CASE("5.1 MK-02 E-04 E-05: an unmasked frame of a client is refused at the second byte") {
  CHECK(judge(hex("81 05 48656c6c6f")) == verdict{rule::missing_mask, 1});
  CHECK(judge(hex("88 00")) == verdict{rule::missing_mask, 1});
}

TEST_CASE("5.1 MK-04 E-06: a masked frame of a server is refused at the second byte") {
  CHECK(judge(hex("81 85 37fa213d 7f9f4d5158"), role::server) == verdict{rule::unexpected_mask, 1});
}

TEST_CASE("5.5 CT-01 F-01: a control frame of more than 125 bytes is refused at the second byte") {
  for (const char* wire : {"88 fe", "89 fe", "8a ff"}) CHECK(judge(hex(wire)) == verdict{rule::control_too_long, 1});
  for (const char* wire : {"88 fd", "89 fd", "8a fd"}) CHECK(judge(hex(wire)) == verdict{});
}

TEST_CASE("5.5.1 CL-02 F-04: a Close of one byte is refused at the second byte") {
  CHECK(judge(hex("88 81 00000000 03")) == verdict{rule::close_of_one_byte, 1});
  CHECK(judge(hex("89 81 00000000 03")) == verdict{});
}

TEST_CASE("5.2 FR-06 A-02 A-05: a length with its highest bit set is refused at the third byte") {
  for (const char* wire : {"82 ff 8000000000000000", "82 ff ffffffffffffffff", "82 ff fffffffffffffffc 00000000"}) {
    CHECK(judge(hex(wire)) == verdict{rule::length_out_of_range, 2});
  }
  CHECK(judge(hex("82 ff 7fffffffffffffff 00000000")) == verdict{});
  CHECK(read(hex("82 ff 7fffffffffffffff 00000000")).header.length == UINT64_MAX / 2);
}

TEST_CASE("5.2 FR-07 A-16: every 16-bit length, of which 65,410 are in their shortest form") {
  int accepted = 0;
  for (unsigned value = 0; value < 65536; ++value) {
    const auto result = read(lengths(value, 2));
    if (result.status == status::complete) {
      ++accepted;
      if (result.header.length != value || value < 126)
        FAIL_CHECK("length " << value << " read as " << result.header.length);
    } else if (value >= 126 || result.rule != rule::length_not_minimal || result.at != 3) {
      FAIL_CHECK("length " << value << " refused as " << weft::name(result.rule) << " at " << int{result.at});
    }
  }
  CHECK(accepted == 65410);
}

TEST_CASE("5.2 FR-07 FR-19: 64-bit lengths at every power of two") {
  for (int k = 0; k < 64; ++k) {
    for (const std::int64_t offset : {-1, 0, 1}) {
      const std::uint64_t value = (std::uint64_t{1} << k) + static_cast<std::uint64_t>(offset);
      CAPTURE(value);
      const auto expected = value < 65536            ? verdict{rule::length_not_minimal, 7}
                            : value > UINT64_MAX / 2 ? verdict{rule::length_out_of_range, 2}
                                                     : verdict{};
      CHECK(judge(lengths(value, 8)) == expected);
      if (expected == verdict{}) CHECK(read(lengths(value, 8)).header.length == value);
    }
  }
}

TEST_CASE("5.2 FR-09: when only the key lacks, the length is known") {
  const auto result = read(lengths(70000, 8).substr(0, 10));
  CHECK(result.status == status::partial);
  CHECK(result.header.length == 70000);
  CHECK(!result.header.key.has_value());
}

TEST_CASE("5.2 FR-05 FR-07: what is written is the shortest form and reads back the same") {
  for (const std::uint64_t length :
       {0ULL, 1ULL, 125ULL, 126ULL, 127ULL, 65535ULL, 65536ULL, 1ULL << 32, (1ULL << 63) - 1}) {
    for (const opcode code : {opcode::continuation, opcode::text, opcode::binary}) {
      for (const fin last : {fin::no, fin::yes}) {
        for (const bool masked : {false, true}) {
          frame_header header{.fin = last, .opcode = code, .length = length};
          if (masked) header.key = weft::masking_key{{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}}};
          const auto written = weft::write_frame_header(header);
          const std::size_t size = (length < 126 ? 2U : length < 65536 ? 4U : 10U) + (masked ? 4U : 0U);
          CHECK(written.span().size() == size);
          const auto result = read_frame_header(written.span(), masked ? role::client : role::server);
          CHECK(result.status == status::complete);
          CHECK(result.size == size);
          CHECK(result.header == header);
        }
      }
    }
  }
}

TEST_CASE("10.7 SE-03: a server's header is judged by the rules of a client's, but for the mask") {
  int accepted = 0;
  for (unsigned prefix = 0; prefix < 65536; ++prefix) {
    const auto of_client = read(network(prefix, 2));
    const auto of_server = read(network(prefix ^ 0x80, 2), role::server);
    const rule expected = of_client.rule == rule::missing_mask ? rule::unexpected_mask : of_client.rule;
    const bool invalid = of_server.status == status::invalid;
    const bool same_place = !invalid || of_server.at == of_client.at;
    if (of_server.rule != expected || invalid != (expected != rule::none) || !same_place)
      FAIL_CHECK("prefix " << prefix << ": " << weft::name(of_server.rule));
    accepted += invalid ? 0 : 1;
  }
  CHECK(accepted == 3 * 2 * 128 + 126 + 126 + 125);  // data; Ping, Pong and Close, which has one length less
  CHECK(judge(hex("82 7e 007d"), role::server) == verdict{rule::length_not_minimal, 3});
  CHECK(judge(hex("82 7f 000000000000ffff"), role::server) == verdict{rule::length_not_minimal, 7});
  CHECK(judge(hex("82 7f 8000000000010000"), role::server) == verdict{rule::length_out_of_range, 2});
}

namespace {

constexpr bool writes(const frame_header& header, std::span<const std::byte> expected) {
  return equal(weft::write_frame_header(header).span(), expected);
}

}  // namespace

// The examples of RFC 6455 section 5.7, header by header.
static_assert(weft::frame_header_result{}.at == 0);
static_assert(writes({.opcode = opcode::text, .length = 5}, constant("\x81\x05")));
static_assert(writes({.opcode = opcode::text, .length = 5, .key = weft::masking_key{constant("\x37\xfa\x21\x3d")}},
                     constant("\x81\x85\x37\xfa\x21\x3d")));
static_assert(writes({.fin = fin::no, .opcode = opcode::text, .length = 3}, constant("\x01\x03")));
static_assert(writes({.opcode = opcode::continuation, .length = 2}, constant("\x80\x02")));
static_assert(writes({.opcode = opcode::ping, .length = 5}, constant("\x89\x05")));
static_assert(writes({.opcode = opcode::pong, .length = 5, .key = weft::masking_key{constant("\x37\xfa\x21\x3d")}},
                     constant("\x8a\x85\x37\xfa\x21\x3d")));
static_assert(writes({.opcode = opcode::binary, .length = 256}, constant("\x82\x7e\x01\x00")));
static_assert(writes({.opcode = opcode::binary, .length = 65536},
                     constant("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00")));

namespace {

/// Checks the short way with headers against the long one, at each prefix of a header.
template <role Sender, weft::compressed Allowed>
void check_plain(const std::string& wire) {
  for (std::size_t size = 1; size <= wire.size(); ++size) {
    const auto in = shared_guarded().place(wire.substr(0, size), flush::back);
    const auto full = read_frame_header(in, Sender, {}, Allowed);
    const auto plain = weft::detail::read_plain_header<Sender, Allowed>(in);
    const int short_length = size < 2 ? 0 : wire[1] & 0x7F;
    bool good = (plain.size != 0) == (full.status != status::invalid && (wire[0] & 8) == 0 && short_length != 127);
    if (plain.size != 0) {
      const bool has_length = size >= (short_length == 126 ? 4U : 2U);
      good = good && plain.size == full.size && plain.fin == fin{(wire[0] & 0x80) != 0} &&
             static_cast<int>(plain.opcode) == (wire[0] & 0x0F) &&
             plain.compressed == weft::compressed{(wire[0] & 0x40) != 0} && plain.has_length(size) == has_length &&
             (!has_length || plain.length == full.header.length) && (size > 1 || plain.length == 0) &&
             plain.is_whole(size) == (full.status == status::complete);
    }
    if (!good) FAIL_CHECK("the first " << size << " bytes of " << int{wire[0]} << ", " << int{wire[1]} << " ...");
  }
}

}  // namespace

TEST_CASE("5.2: the short way says of a data frame's header as much as the long one, unless its length has 64 bits") {
  for (unsigned prefix = 0; prefix < 65536; ++prefix) {
    for (const char* length : {"007d", "007e", "1234"}) {
      const std::string wire = network(prefix, 2) + hex(length) + hex("01020304");
      check_plain<role::client, weft::compressed::no>(wire);
      check_plain<role::client, weft::compressed::yes>(wire);
      check_plain<role::server, weft::compressed::no>(wire);
      check_plain<role::server, weft::compressed::yes>(wire);
    }
  }
}

TEST_CASE("5.2: what is appended to a header lies behind it, and its place is told") {
  weft::frame_header_bytes written({.length = 2});
  const auto place = written.append(constant("\x03\xe8"));
  CHECK(place.data() == written.span().data() + 2);
  CHECK(equal(written.span(), constant("\x81\x02\x03\xe8")));
}
