// SPDX-License-Identifier: MIT
//
// vectors.hpp: inputs and what RFC 6455, and those it builds on, say of them, as tables; and for each table one
// function that says whether weft says the same. A constant expression has no undefined behaviour, so where the
// compiler evaluates it the function proves that too; at run time the same function runs over the same table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <weft/weft.hpp>

#include "support/constant.hpp"
#include "vulnerabilities.hpp"

namespace support {

// What a constant expression needs

/// Bytes written in hexadecimal, with or without spaces: at most 160.
struct constant_bytes {
  std::array<std::byte, 160> data{};
  std::size_t size = 0;
  constexpr explicit constant_bytes(std::string_view digits) {
    int high = -1;
    for (const char c : digits) {
      if (c == ' ') continue;
      const int nibble = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
      if (high >= 0) data[size++] = static_cast<std::byte>(high * 16 + nibble);
      high = high < 0 ? nibble : -1;
    }
  }
  [[nodiscard]] constexpr std::span<std::byte> span() { return std::span(data).first(size); }
  [[nodiscard]] constexpr std::span<const std::byte> span() const { return std::span(data).first(size); }
};

/// What an endpoint tells, in the words of support/transcript.hpp, which allocates. No text is shortened.
class constant_transcript {
 public:
  constexpr void add(const weft::event& event) {
    const bool data = event.kind == weft::kind::text || event.kind == weft::kind::binary;
    if (!data || !in_piece_) begin_entry(event.kind);
    if (event.kind == weft::kind::violation) {
      append(" ");
      append(weft::name(event.violation.rule));
      append(" at ");
      append(event.violation.offset);
      append(" close");
    }
    if (event.kind == weft::kind::close || event.kind == weft::kind::violation) {
      append(" ");
      append(static_cast<std::uint64_t>(event.code));
    }
    const bool piece_goes_on = data && in_piece_;
    if (!event.payload.empty() && !piece_goes_on) append(" ");
    for (const std::byte byte : event.payload) append(byte);
    in_piece_ = data && event.fin == weft::fin::no;
    if (data && !in_piece_) append(" fin");
  }
  [[nodiscard]] constexpr std::string_view text() const { return {text_.data(), size_}; }

 private:
  constexpr void begin_entry(weft::kind kind) {
    constexpr std::array<std::string_view, 6> names{"text", "binary", "ping", "pong", "close", "violation"};
    if (size_ != 0) append("; ");
    append(names[static_cast<std::size_t>(kind)]);
  }
  constexpr void append(std::string_view words) {
    for (const char c : words) text_[size_++] = c;
  }
  constexpr void append(std::uint64_t number) {
    if (number >= 10) append(number / 10);
    text_[size_++] = static_cast<char>('0' + number % 10);
  }
  constexpr void append(std::byte byte) {
    const auto c = static_cast<char>(byte);
    if (c >= ' ' && c <= '~' && c != '\\') {
      text_[size_++] = c;
      return;
    }
    append("\\x");
    for (const int shift : {4, 0}) text_[size_++] = "0123456789abcdef"[std::to_integer<int>(byte) >> shift & 15];
  }

  std::array<char, 800> text_{};
  std::size_t size_ = 0;
  bool in_piece_ = false;
};

// Headers: RFC 6455 section 5.2

struct good_header {
  std::string_view input;
  weft::role sender;
  weft::fin fin;
  weft::opcode opcode;
  std::uint64_t length;
};

/// The header is read to these fields, each shorter part of it is partial, and the fields are written to the header.
constexpr bool holds(const good_header& vector) {
  const constant_bytes bytes(vector.input);
  const auto read = weft::read_frame_header(bytes.span(), vector.sender);
  if (read.status != weft::status::complete || read.size != bytes.size || read.header.fin != vector.fin ||
      read.header.opcode != vector.opcode || read.header.length != vector.length ||
      read.header.key.has_value() != (vector.sender == weft::role::client)) {
    return false;
  }
  if (read.header.key && !equal(read.header.key->bytes, bytes.span().last(4))) return false;
  for (std::size_t size = 0; size < bytes.size; ++size) {
    if (weft::read_frame_header(bytes.span().first(size), vector.sender).status != weft::status::partial) return false;
  }
  return equal(weft::write_frame_header(read.header).span(), bytes.span());
}

struct bad_header {
  std::string_view input;
  weft::role sender;
  weft::rule broken;
  std::size_t at;
};

/// The rule is broken with that byte: not before it, and whatever follows.
constexpr bool holds(const bad_header& vector) {
  const constant_bytes bytes(vector.input);
  for (std::size_t size = 0; size <= bytes.size; ++size) {
    const auto read = weft::read_frame_header(bytes.span().first(size), vector.sender);
    if (size <= vector.at && read.status != weft::status::partial) return false;
    const bool found = read.status == weft::status::invalid && read.rule == vector.broken && read.at == vector.at;
    if (size > vector.at && !found) return false;
  }
  return bytes.size > vector.at;
}

// clang-format off
inline constexpr good_header good_headers[] = {
    // The examples of RFC 6455 section 5.7.
    {"81 05", weft::role::server, fin::yes, weft::opcode::text, 5},
    {"81 85 37fa213d", weft::role::client, fin::yes, weft::opcode::text, 5},
    {"01 03", weft::role::server, fin::no, weft::opcode::text, 3},
    {"80 02", weft::role::server, fin::yes, weft::opcode::continuation, 2},
    {"89 05", weft::role::server, fin::yes, weft::opcode::ping, 5},
    {"8a 85 37fa213d", weft::role::client, fin::yes, weft::opcode::pong, 5},
    {"82 7e 0100", weft::role::server, fin::yes, weft::opcode::binary, 256},
    {"82 7f 0000000000010000", weft::role::server, fin::yes, weft::opcode::binary, 65536},
    // Every opcode, with FIN and without where it may be.
    {"00 00", weft::role::server, fin::no, weft::opcode::continuation, 0},
    {"80 00", weft::role::server, fin::yes, weft::opcode::continuation, 0},
    {"01 00", weft::role::server, fin::no, weft::opcode::text, 0},
    {"81 00", weft::role::server, fin::yes, weft::opcode::text, 0},
    {"02 00", weft::role::server, fin::no, weft::opcode::binary, 0},
    {"82 00", weft::role::server, fin::yes, weft::opcode::binary, 0},
    {"88 00", weft::role::server, fin::yes, weft::opcode::close, 0},
    {"89 00", weft::role::server, fin::yes, weft::opcode::ping, 0},
    {"8a 00", weft::role::server, fin::yes, weft::opcode::pong, 0},
    {"00 80 00000000", weft::role::client, fin::no, weft::opcode::continuation, 0},
    {"80 80 00000000", weft::role::client, fin::yes, weft::opcode::continuation, 0},
    {"01 80 ffffffff", weft::role::client, fin::no, weft::opcode::text, 0},
    {"81 80 ffffffff", weft::role::client, fin::yes, weft::opcode::text, 0},
    {"02 80 01020304", weft::role::client, fin::no, weft::opcode::binary, 0},
    {"82 80 01020304", weft::role::client, fin::yes, weft::opcode::binary, 0},
    {"88 80 80000001", weft::role::client, fin::yes, weft::opcode::close, 0},
    {"89 80 80000001", weft::role::client, fin::yes, weft::opcode::ping, 0},
    {"8a 80 80000001", weft::role::client, fin::yes, weft::opcode::pong, 0},
    // The borders of the length's three forms.
    {"82 01", weft::role::server, fin::yes, weft::opcode::binary, 1},
    {"82 7d", weft::role::server, fin::yes, weft::opcode::binary, 125},
    {"82 7e 007e", weft::role::server, fin::yes, weft::opcode::binary, 126},
    {"82 7e 007f", weft::role::server, fin::yes, weft::opcode::binary, 127},
    {"82 7e 00ff", weft::role::server, fin::yes, weft::opcode::binary, 255},
    {"82 7e ffff", weft::role::server, fin::yes, weft::opcode::binary, 65535},
    {"82 7f 0000000000010001", weft::role::server, fin::yes, weft::opcode::binary, 65537},
    {"82 7f 00000000ffffffff", weft::role::server, fin::yes, weft::opcode::binary, 0xffffffff},
    {"82 7f 0000000100000000", weft::role::server, fin::yes, weft::opcode::binary, 0x100000000},
    {"82 7f 0102030405060708", weft::role::server, fin::yes, weft::opcode::binary, 0x0102030405060708},
    {"82 7f 7fffffffffffffff", weft::role::server, fin::yes, weft::opcode::binary, 0x7fffffffffffffff},
    {"82 81 37fa213d", weft::role::client, fin::yes, weft::opcode::binary, 1},
    {"82 fd 37fa213d", weft::role::client, fin::yes, weft::opcode::binary, 125},
    {"82 fe 007e 37fa213d", weft::role::client, fin::yes, weft::opcode::binary, 126},
    {"82 fe 0100 37fa213d", weft::role::client, fin::yes, weft::opcode::binary, 256},
    {"82 fe ffff 37fa213d", weft::role::client, fin::yes, weft::opcode::binary, 65535},
    {"82 ff 0000000000010000 37fa213d", weft::role::client, fin::yes, weft::opcode::binary, 65536},
    {"82 ff 0000010000000000 37fa213d", weft::role::client, fin::yes, weft::opcode::binary, 0x10000000000},
    {"82 ff 7fffffffffffffff 37fa213d", weft::role::client, fin::yes, weft::opcode::binary, 0x7fffffffffffffff},
    // The longest control frames.
    {"88 7d", weft::role::server, fin::yes, weft::opcode::close, 125},
    {"89 7d", weft::role::server, fin::yes, weft::opcode::ping, 125},
    {"8a fd 00000000", weft::role::client, fin::yes, weft::opcode::pong, 125},
    {"88 02", weft::role::server, fin::yes, weft::opcode::close, 2},
};

inline constexpr bad_header bad_headers[] = {
    {"c1 00", weft::role::server, weft::rule::reserved_bit, 0},
    {"a1 00", weft::role::server, weft::rule::reserved_bit, 0},
    {"91 00", weft::role::server, weft::rule::reserved_bit, 0},
    {"f1 80 00000000", weft::role::client, weft::rule::reserved_bit, 0},
    {"c0 80 00000000", weft::role::client, weft::rule::reserved_bit, 0},
    {"98 80 00000000", weft::role::client, weft::rule::reserved_bit, 0},
    {"41 80 00000000", weft::role::client, weft::rule::reserved_bit, 0},
    {"ff ff ffffffffffffffff", weft::role::client, weft::rule::reserved_bit, 0},
    {"83 80 00000000", weft::role::client, weft::rule::reserved_opcode, 0},
    {"84 80 00000000", weft::role::client, weft::rule::reserved_opcode, 0},
    {"85 80 00000000", weft::role::client, weft::rule::reserved_opcode, 0},
    {"86 80 00000000", weft::role::client, weft::rule::reserved_opcode, 0},
    {"07 80 00000000", weft::role::client, weft::rule::reserved_opcode, 0},
    {"8b 00", weft::role::server, weft::rule::reserved_opcode, 0},
    {"8c 00", weft::role::server, weft::rule::reserved_opcode, 0},
    {"8d 00", weft::role::server, weft::rule::reserved_opcode, 0},
    {"8e 00", weft::role::server, weft::rule::reserved_opcode, 0},
    {"8f 00", weft::role::server, weft::rule::reserved_opcode, 0},
    {"0b 00", weft::role::server, weft::rule::reserved_opcode, 0},
    {"08 80 00000000", weft::role::client, weft::rule::fragmented_control, 0},
    {"09 80 00000000", weft::role::client, weft::rule::fragmented_control, 0},
    {"0a 80 00000000", weft::role::client, weft::rule::fragmented_control, 0},
    {"08 00", weft::role::server, weft::rule::fragmented_control, 0},
    {"09 00", weft::role::server, weft::rule::fragmented_control, 0},
    {"0a 00", weft::role::server, weft::rule::fragmented_control, 0},
    {"81 05 48656c6c6f", weft::role::client, weft::rule::missing_mask, 1},
    {"82 7e 0100", weft::role::client, weft::rule::missing_mask, 1},
    {"88 00", weft::role::client, weft::rule::missing_mask, 1},
    {"89 7e 007e", weft::role::client, weft::rule::missing_mask, 1},
    {"81 85 37fa213d 7f9f4d5158", weft::role::server, weft::rule::unexpected_mask, 1},
    {"82 fe 0100 00000000", weft::role::server, weft::rule::unexpected_mask, 1},
    {"88 80 00000000", weft::role::server, weft::rule::unexpected_mask, 1},
    {"88 fe 007e 00000000", weft::role::client, weft::rule::control_too_long, 1},
    {"89 fe 007e 00000000", weft::role::client, weft::rule::control_too_long, 1},
    {"8a ff 0000000000010000 00000000", weft::role::client, weft::rule::control_too_long, 1},
    {"88 7e 007e", weft::role::server, weft::rule::control_too_long, 1},
    {"89 7f 0000000000010000", weft::role::server, weft::rule::control_too_long, 1},
    {"8a 7e 0005", weft::role::server, weft::rule::control_too_long, 1},
    {"88 81 00000000 03", weft::role::client, weft::rule::close_of_one_byte, 1},
    {"88 01 03", weft::role::server, weft::rule::close_of_one_byte, 1},
    {"82 ff 8000000000000000 00000000", weft::role::client, weft::rule::length_out_of_range, 2},
    {"82 ff ffffffffffffffff 00000000", weft::role::client, weft::rule::length_out_of_range, 2},
    {"82 7f 8000000000000000", weft::role::server, weft::rule::length_out_of_range, 2},
    {"81 7f ffffffffffffffff", weft::role::server, weft::rule::length_out_of_range, 2},
    {"82 fe 0000 00000000", weft::role::client, weft::rule::length_not_minimal, 3},
    {"82 fe 0001 00000000", weft::role::client, weft::rule::length_not_minimal, 3},
    {"82 fe 007d 00000000", weft::role::client, weft::rule::length_not_minimal, 3},
    {"82 7e 0000", weft::role::server, weft::rule::length_not_minimal, 3},
    {"82 7e 007d", weft::role::server, weft::rule::length_not_minimal, 3},
    {"82 ff 0000000000000000 00000000", weft::role::client, weft::rule::length_not_minimal, 7},
    {"82 ff 000000000000007d 00000000", weft::role::client, weft::rule::length_not_minimal, 7},
    {"82 ff 000000000000ffff 00000000", weft::role::client, weft::rule::length_not_minimal, 7},
    {"82 7f 0000000000000000", weft::role::server, weft::rule::length_not_minimal, 7},
    {"82 7f 000000000000ffff", weft::role::server, weft::rule::length_not_minimal, 7},
};
// clang-format on

// Masking: section 5.3

struct masking {
  std::string_view input;
  std::string_view key;
  std::string_view masked;
};

/// Masked in any two pieces it is that, and masked again it is as it was.
constexpr bool holds(const masking& vector) {
  const constant_bytes payload(vector.input), masked(vector.masked), key_bytes(vector.key);
  weft::masking_key masking_key;
  for (std::size_t i = 0; i < 4; ++i) masking_key.bytes[i] = key_bytes.data[i];
  for (std::size_t cut = 0; cut <= payload.size; ++cut) {
    constant_bytes bytes = payload;
    const auto rest = weft::mask(bytes.span().first(cut), masking_key);
    weft::mask(bytes.span().subspan(cut), rest);
    if (!equal(bytes.span(), masked.span())) return false;
    constant_bytes copy(std::string_view{});
    copy.size = payload.size;
    weft::mask(copy.span(), bytes.span(), masking_key);
    if (!equal(copy.span(), payload.span())) return false;
  }
  return true;
}

inline constexpr masking maskings[] = {
    {"48656c6c6f", "37fa213d", "7f9f4d5158"},  // section 5.7
    {"", "37fa213d", ""},
    {"00", "37fa213d", "37"},
    {"0000", "37fa213d", "37fa"},
    {"000000", "37fa213d", "37fa21"},
    {"00000000", "37fa213d", "37fa213d"},
    {"000000000000000000", "37fa213d", "37fa213d37fa213d37"},
    {"37fa213d37fa213d37fa213d37fa213d37", "37fa213d", "0000000000000000000000000000000000"},
    {"000102030405060708090a0b0c0d0e0f", "00000000", "000102030405060708090a0b0c0d0e0f"},
    {"000102030405060708090a0b0c0d0e0f", "ffffffff", "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0"},
    {"ffffffffffffffffffff", "01020408", "fefdfbf7fefdfbf7fefd"},
    {"80000000000000008000000000000000", "80000001", "00000001800000010000000180000001"},
};

// UTF-8: RFC 3629 section 4, RFC 6455 section 8.1

struct utf8_text {
  std::string_view input;
  std::size_t valid;  ///< bytes before the first with which it can no longer be UTF-8
  bool whole;         ///< whether it is UTF-8, and ends with a whole character
};

/// So it is read in any two pieces and byte by byte.
constexpr bool holds(const utf8_text& vector) {
  const constant_bytes text(vector.input);
  const auto as_expected = [&](std::size_t valid, const weft::utf8_validator& validator) {
    return valid == vector.valid && (valid == text.size && validator.at_boundary()) == vector.whole;
  };
  for (std::size_t cut = 0; cut <= text.size; ++cut) {
    weft::utf8_validator validator;
    std::size_t valid = validator.read(text.span().first(cut));
    if (valid == cut) valid += validator.read(text.span().subspan(cut));
    if (!as_expected(valid, validator)) return false;
  }
  weft::utf8_validator validator;
  std::size_t valid = 0;
  while (valid < text.size && validator.read(text.span().subspan(valid, 1)) == 1) ++valid;
  return as_expected(valid, validator) && weft::is_utf8(text.span()) == vector.whole;
}

inline constexpr utf8_text utf8_texts[] = {
    {"", 0, true},
    {"00", 1, true},
    {"48656c6c6f", 5, true},
    {"7f", 1, true},
    {"48656c6c6f20776f726c642c2068656c6c6f20776f726c64", 24, true},
    // The first and the last character of each length, and both sides of the surrogates.
    {"c280", 2, true},
    {"dfbf", 2, true},
    {"e0a080", 3, true},
    {"ed9fbf", 3, true},
    {"ee8080", 3, true},
    {"efbfbf", 3, true},
    {"f0908080", 4, true},
    {"f3bfbfbf", 4, true},
    {"f48fbfbf", 4, true},
    {"efbbbf", 3, true},  // a byte order mark is a character
    {"efbfbe", 3, true},  // as is U+FFFE
    {"ceba e1bdb9 cf83 cebc ceb5", 11, true},
    {"e282ac f09f9880 c3a9 41", 10, true},
    {"4142434445464748 c3a9", 10, true},
    {"41424344454647 c3a9 41", 10, true},
    // Bytes that begin no character.
    {"80", 0, false},
    {"bf", 0, false},
    {"c0", 0, false},
    {"c1", 0, false},
    {"f5", 0, false},
    {"f8", 0, false},
    {"fc", 0, false},
    {"fe", 0, false},
    {"ff", 0, false},
    {"4180", 1, false},
    {"414243444546474880", 8, false},
    {"4142434445464748ff", 8, false},
    // Overlong forms.
    {"c080", 0, false},
    {"c1bf", 0, false},
    {"e08080", 1, false},
    {"e09fbf", 1, false},
    {"f0808080", 1, false},
    {"f08fbfbf", 1, false},
    // Surrogates.
    {"eda080", 1, false},
    {"edadbf", 1, false},
    {"edb080", 1, false},
    {"edbfbf", 1, false},
    {"eda080edb080", 1, false},
    // Above U+10FFFF.
    {"f4908080", 1, false},
    {"f4bfbfbf", 1, false},
    {"f7bfbfbf", 0, false},
    {"f888808080", 0, false},
    {"fc8480808080", 0, false},
    // Ends inside of a character.
    {"c2", 1, false},
    {"df", 1, false},
    {"e0", 1, false},
    {"e0a0", 2, false},
    {"ed9f", 2, false},
    {"ef", 1, false},
    {"efbf", 2, false},
    {"f0", 1, false},
    {"f090", 2, false},
    {"f09080", 3, false},
    {"f4", 1, false},
    {"f48f", 2, false},
    {"f48fbf", 3, false},
    {"41e282", 3, false},
    // A character that is broken off.
    {"c241", 1, false},
    {"c2c2", 1, false},
    {"e0a041", 2, false},
    {"e28228", 2, false},
    {"e2c3a9", 1, false},
    {"f0908041", 3, false},
    {"f09f98f0", 3, false},
    {"f090c280", 2, false},
    {"c3a9 e282 c3a9", 4, false},
    {"cebae1bdb9cf83cebcceb5 eda080 656469746564", 12, false},  // Autobahn 6.3.1
    {"cebae1bdb9cf83cebcceb5 f4908080 656469746564", 12, false},
};

// Close payloads: RFC 6455 sections 5.5.1 and 7.4

struct close_payload {
  std::string_view input;
  weft::rule broken;
  std::size_t at;  ///< which byte decided, or lacks
  unsigned code;   ///< 1005 where there is none
};

constexpr bool holds(const close_payload& vector) {
  const constant_bytes payload(vector.input);
  const auto read = weft::read_close(payload.span());
  if (read.rule != vector.broken) return false;
  if (read.rule != weft::rule::none) return read.at == vector.at;
  const std::size_t reason = payload.size < 2 ? 0 : payload.size - 2;
  return static_cast<unsigned>(read.code) == vector.code && equal(read.reason, payload.span().last(reason));
}

inline constexpr close_payload close_payloads[] = {
    {"", weft::rule::none, 0, 1005},
    {"03e8", weft::rule::none, 0, 1000},
    {"03e9", weft::rule::none, 0, 1001},
    {"03ea", weft::rule::none, 0, 1002},
    {"03eb", weft::rule::none, 0, 1003},
    {"03ef", weft::rule::none, 0, 1007},
    {"03f0", weft::rule::none, 0, 1008},
    {"03f1", weft::rule::none, 0, 1009},
    {"03f2", weft::rule::none, 0, 1010},
    {"03f3", weft::rule::none, 0, 1011},
    {"03f4", weft::rule::none, 0, 1012},
    {"03f5", weft::rule::none, 0, 1013},
    {"03f6", weft::rule::none, 0, 1014},
    {"0bb8", weft::rule::none, 0, 3000},
    {"0f9f", weft::rule::none, 0, 3999},
    {"0fa0", weft::rule::none, 0, 4000},
    {"1387", weft::rule::none, 0, 4999},
    {"03e8 627965", weft::rule::none, 0, 1000},
    {"03e8 e282ac", weft::rule::none, 0, 1000},
    {"1387 00", weft::rule::none, 0, 4999},
    {"0000", weft::rule::invalid_close_code, 1, 0},
    {"0001", weft::rule::invalid_close_code, 1, 0},
    {"03e7", weft::rule::invalid_close_code, 1, 0},
    {"03ec", weft::rule::invalid_close_code, 1, 0},
    {"03ed", weft::rule::invalid_close_code, 1, 0},
    {"03ee", weft::rule::invalid_close_code, 1, 0},
    {"03f7", weft::rule::invalid_close_code, 1, 0},
    {"03f8", weft::rule::invalid_close_code, 1, 0},
    {"044c", weft::rule::invalid_close_code, 1, 0},
    {"07d0", weft::rule::invalid_close_code, 1, 0},
    {"0bb7", weft::rule::invalid_close_code, 1, 0},
    {"1388", weft::rule::invalid_close_code, 1, 0},
    {"ffff", weft::rule::invalid_close_code, 1, 0},
    {"03ed ff", weft::rule::invalid_close_code, 1, 0},
    {"e803 627965", weft::rule::invalid_close_code, 1, 0},
    {"03", weft::rule::close_of_one_byte, 0, 0},
    {"03e8 ff", weft::rule::invalid_utf8, 2, 0},
    {"03e8 61c328", weft::rule::invalid_utf8, 4, 0},
    {"03e8 eda080", weft::rule::invalid_utf8, 3, 0},
    {"03e8 e282", weft::rule::truncated_utf8, 4, 0},
    {"03e8 61c3", weft::rule::truncated_utf8, 4, 0},
};

// Keys: sections 1.3 and 4.2.2. What is not from the RFC was made by Python's hashlib and base64.

struct accepted_key {
  std::string_view input;
  std::string_view accept;  ///< empty: it is no key
};

constexpr bool holds(const accepted_key& vector) {
  if (weft::is_key(vector.input) == vector.accept.empty()) return false;
  const auto accept = weft::accept_key(vector.input);
  return vector.accept.empty() || std::string_view(accept.data(), accept.size()) == vector.accept;
}

inline constexpr accepted_key accepted_keys[] = {
    {"dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
    {"AQIDBAUGBwgJCgsMDQ4PEC==", "OfS0wDaT5NoxF2gqm7Zj2YtetzM="},  // unused bits are set: erratum 3150
    {"AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI="},
    {"/////////////////////w==", "XXpj4jYzLM2yUE0C7TIgMwTQh2g="},
    {"AAECAwQFBgcICQoLDA0ODw==", "Bz3qJYTGdOe8gUSpLosEdiLKDrk="},
    {"EBESExQVFhcYGRobHB0eHw==", "cW0HMpChSOllUrDZnf5AIF3ENuY="},
    {"d2Vic29ja2V0IGNsaWVudA==", "8HHLs2FNroFUx4rtiWnmsIkKw4A="},
    {"MDEyMzQ1Njc4OWFiY2RlZg==", "BACScCJPNqyz+UBoqMH89VmURoA="},
    {"3q2+796tvu/erb7v3q2+7w==", "h9yq4gn87/GqeXw1nnmiUxgtUCU="},
    {"AP8A/wD/AP8A/wD/AP8A/w==", "I3jdVAeuD7L3iH+MccBlY8OQlDA="},
    {"8OHSw7Sllod4aVpLPC0eDw==", "pQ7mOu73OjJfJQslgG085UJmcmI="},
    {"++++++//////0000000000==", "NO0wm6PBr/9lhv8wBwlVDfO7gUM="},
    {"", ""},
    {"==", ""},
    {"dGhlIHNhbXBsZSBub25jZQ=", ""},
    {"dGhlIHNhbXBsZSBub25jZQ===", ""},
    {"dGhlIHNhbXBsZSBub25jZ===", ""},
    {"dGhlIHNhbXBsZSBub25jZQAA", ""},
    {"dGhlIHNhbXBs-SBub25jZQ==", ""},
    {"dGhlIHNhbXBs_SBub25jZQ==", ""},
    {"dGhlIHNhbXBs SBub25jZQ==", ""},
    {" dGhlIHNhbXBsZSBub25jZQ=", ""},
    {"=GhlIHNhbXBsZSBub25jZQ==", ""},
};

// What is in fields: RFC 9110 section 5.6, RFC 6455 section 9.1, RFC 6265

enum class grammar { token, field_value, extension, host };
struct word {
  std::string_view input;
  support::grammar grammar;
  bool matches;
};

constexpr bool holds(const word& vector) {
  switch (vector.grammar) {
    case grammar::token: return weft::is_token(vector.input) == vector.matches;
    case grammar::field_value: return weft::is_field_value(vector.input) == vector.matches;
    case grammar::extension: return weft::is_extension(vector.input) == vector.matches;
    case grammar::host: return weft::is_host(vector.input) == vector.matches;
  }
  return false;
}

inline constexpr word words_of_fields[] = {
    {"chat", grammar::token, true},
    {"!#$%&'*+-.^_`|~09azAZ", grammar::token, true},
    {"", grammar::token, false},
    {"a b", grammar::token, false},
    {"a,b", grammar::token, false},
    {"\"a\"", grammar::token, false},
    {"caf\xc3\xa9", grammar::token, false},
    {"a\0"sv, grammar::token, false},
    {"a\x7f", grammar::token, false},
    {"", grammar::field_value, true},
    {"a b\tc", grammar::field_value, true},
    {"caf\xc3\xa9", grammar::field_value, true},
    {"a\rb", grammar::field_value, false},
    {"a\nb", grammar::field_value, false},
    {"a\0b"sv, grammar::field_value, false},
    {"a\x7f", grammar::field_value, false},
    {"permessage-deflate", grammar::extension, true},
    {"permessage-deflate; client_max_window_bits", grammar::extension, true},
    {"permessage-deflate;server_max_window_bits=10;client_no_context_takeover", grammar::extension, true},
    {"a ; b = \"c\"", grammar::extension, true},
    {"a;b=\"1\\0\"", grammar::extension, true},
    {"", grammar::extension, false},
    {";", grammar::extension, false},
    {"a;", grammar::extension, false},
    {"a;=b", grammar::extension, false},
    {"a;b=", grammar::extension, false},
    {"a;b=\"", grammar::extension, false},
    {"a;b=\"\"", grammar::extension, false},
    {"a;b=\"\\", grammar::extension, false},
    {"a;b=\"\\\"\"", grammar::extension, false},
    {"a;b=\"c d\"", grammar::extension, false},
    {"a;b=\"c\"d", grammar::extension, false},
    {"a=b", grammar::extension, false},
    {"a b", grammar::extension, false},
    {"a;;b", grammar::extension, false},
    {"example.com", grammar::host, true},
    {"example.com:80", grammar::host, true},
    {"example.com:", grammar::host, true},
    {"127.0.0.1:65535", grammar::host, true},
    {"[::1]", grammar::host, true},
    {"[2001:db8::1]:8080", grammar::host, true},
    {"a%2fb", grammar::host, true},
    {"", grammar::host, false},
    {":80", grammar::host, false},
    {"a:65536", grammar::host, false},
    {"a:99999999999999999999", grammar::host, false},
    {"a:b", grammar::host, false},
    {"a b", grammar::host, false},
    {"a/b", grammar::host, false},
    {"u@a", grammar::host, false},
    {"a%2", grammar::host, false},
    {"[::1", grammar::host, false},
    {"[]", grammar::host, false},
    {"a\r\n", grammar::host, false},
};

struct list {
  std::string_view input;
  std::string_view elements;  ///< parted by "|"
};

constexpr bool holds(const list& vector) {
  std::string_view expected = vector.elements;
  for (weft::list_reader reader(vector.input); const auto element = reader.next();) {
    if (element->empty() || expected.substr(0, expected.find('|')) != *element) return false;
    expected.remove_prefix(element->size() == expected.size() ? element->size() : element->size() + 1);
    if (!weft::contains_token(vector.input, *element)) return false;
  }
  return expected.empty() && !weft::contains_token(vector.input, "no such element");
}

inline constexpr list lists[] = {
    {"", ""},
    {" \t ", ""},
    {",,, ,", ""},
    {"a", "a"},
    {"chat, superchat", "chat|superchat"},
    {", chat,, superchat ,", "chat|superchat"},
    {"keep-alive\t,\tUpgrade", "keep-alive|Upgrade"},
    {"a;b=\"x,y\", c", "a;b=\"x,y\"|c"},
    {"a;b=\"\\\",\", c", "a;b=\"\\\",\"|c"},
    {"a;b=\"open, c", "a;b=\"open, c"},
    {"a;b=\"\\", "a;b=\"\\"},
};

struct cookie {
  std::string_view input;
  std::string_view name;
  std::optional<std::string_view> value;
};

constexpr bool holds(const cookie& vector) {
  return weft::find_cookie(vector.input, vector.name) == vector.value;
}

inline constexpr cookie cookies[] = {
    {"", "a", {}},  {"a=1", "a", "1"}, {"a=1; b=2; c=3", "b", "2"}, {"a=1;b=2", "b", "2"},  {"a=", "a", ""},
    {"a", "a", {}}, {"A=1", "a", {}},  {"ab=1; b=x=y", "b", "x=y"}, {"a=1; a=2", "a", "1"}, {";; ; a=1", "a", "1"},
};

struct request_target {
  std::string_view input;
  std::optional<std::string_view> authority;  ///< none: it is malformed
  std::string_view resource;
};

constexpr bool holds(const request_target& vector) {
  const auto parts = weft::parse_target(vector.input);
  if (parts.valid != vector.authority.has_value()) return false;
  return !parts.valid || (parts.authority == *vector.authority && parts.resource == vector.resource);
}

inline constexpr request_target request_targets[] = {
    {"/", "", "/"},
    {"/chat?a=b/?", "", "/chat?a=b/?"},
    {"//a//b", "", "//a//b"},
    {"http://example.com/chat", "example.com", "/chat"},
    {"HTTPS://example.com:443", "example.com:443", "/"},
    {"ws://[::1]:80/x?y", "[::1]:80", "/x?y"},
    {"wss://a?b", "a", "?b"},
    {"", {}, ""},
    {"chat", {}, ""},
    {"*", {}, ""},
    {"/a#b", {}, ""},
    {"/a b", {}, ""},
    {"/caf\xc3\xa9", {}, ""},
    {"/\r", {}, ""},
    {"http://", {}, ""},
    {"http:///chat", {}, ""},
    {"http://u@h/", {}, ""},
    {"ftp://a/", {}, ""},
    {"http://a/#b", {}, ""},
};

struct websocket_uri {
  std::string_view input;
  weft::refusal refusal;
  bool secure = false;
  std::string_view host{};
  std::uint16_t port = 0;
  std::string_view resource{};
};

constexpr bool holds(const websocket_uri& vector) {
  const auto uri = weft::parse_uri(vector.input);
  if (uri.refusal != vector.refusal) return false;
  return uri.refusal != weft::refusal::none || (uri.secure == vector.secure && uri.host == vector.host &&
                                                uri.port == vector.port && uri.resource == vector.resource);
}

inline constexpr websocket_uri websocket_uris[] = {
    {"ws://example.com", weft::refusal::none, false, "example.com", 80, ""},
    {"ws://example.com/", weft::refusal::none, false, "example.com", 80, "/"},
    {"wss://example.com/chat?a=b", weft::refusal::none, true, "example.com", 443, "/chat?a=b"},
    {"WSS://Example.com:8443/x", weft::refusal::none, true, "Example.com", 8443, "/x"},
    {"ws://example.com:/x", weft::refusal::none, false, "example.com", 80, "/x"},
    {"ws://[::1]:9000", weft::refusal::none, false, "[::1]", 9000, ""},
    {"ws://example.com?q", weft::refusal::none, false, "example.com", 80, "?q"},
    {"", weft::refusal::unknown_scheme},
    {"http://example.com", weft::refusal::unknown_scheme},
    {"ws:/example.com", weft::refusal::unknown_scheme},
    {"ws://example.com/#x", weft::refusal::fragment_in_uri},
    {"ws://example.com#x", weft::refusal::fragment_in_uri},
    {"ws://u:p@example.com/", weft::refusal::userinfo_in_uri},
    {"ws://", weft::refusal::malformed_host},
    {"ws:///chat", weft::refusal::malformed_host},
    {"ws://a b/", weft::refusal::malformed_host},
    {"ws://a\r\nb/", weft::refusal::malformed_host},
    {"ws://a:0/", weft::refusal::malformed_port},
    {"ws://a:65536/", weft::refusal::malformed_port},
    {"ws://a:x/", weft::refusal::malformed_port},
    {"ws://a/b c", weft::refusal::malformed_resource},
    {"ws://a/\r\nX: y", weft::refusal::malformed_resource},
};

// Whole heads

struct request_head {
  std::string_view input;
  std::string_view expected;  ///< the rule that is broken, or "accepted"
  unsigned status = 0;        ///< of the answer; 0: any
};

/// So it is read at once and byte by byte, and the answer says so.
constexpr bool holds(const request_head& vector) {
  for (const std::size_t piece : {vector.input.size(), std::size_t{1}}) {
    std::array<char, 1024> storage{};
    weft::request_reader reader(storage);
    std::string_view rest = vector.input;
    auto reached = weft::status::partial;
    while (reached == weft::status::partial && !rest.empty()) {
      std::string_view in = rest.substr(0, piece);
      const std::size_t offered = in.size();
      reached = reader.read(in).status;
      rest.remove_prefix(offered - in.size());
    }
    std::string_view nothing;
    const auto& request = reader.read(nothing);
    const bool accepted = vector.expected == "accepted";
    if (request.status != (accepted ? weft::status::complete : weft::status::invalid)) return false;
    if (weft::name(request.error.rule) != (accepted ? "none" : vector.expected)) return false;

    std::array<char, 512> room{};
    const auto answer = accepted ? weft::accept(request).copy_to(room) : weft::reject(request).copy_to(room);
    const std::string_view text(answer.data(), answer.size());
    if (!text.starts_with(accepted ? "HTTP/1.1 101 " : "HTTP/1.1 ") || text.find("\r\n\r\n") == text.npos) return false;
    const auto digit = [&](std::size_t i) { return static_cast<unsigned>(text[i] - '0'); };
    if (vector.status != 0 && digit(9) * 100 + digit(10) * 10 + digit(11) != vector.status) return false;
  }
  return true;
}

// clang-format off
inline constexpr request_head request_heads[] = {
    {"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n", "accepted", 101},
    {request_and<>, "accepted", 101},
    {request_but<"Host", "host:a">, "accepted", 101},
    {request_but<"Upgrade", "UPGRADE:\t WebSocket \t">, "accepted", 101},
    {request_but<"Upgrade", "Upgrade: h2c", "Upgrade: websocket">, "accepted", 101},
    {request_but<"Connection", "Connection: keep-alive, Upgrade">, "accepted", 101},
    {request_and<"Sec-WebSocket-Protocol: chat, Chat">, "accepted", 101},
    {request_and<"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits">, "accepted", 101},
    {request_and<"X-Empty:">, "accepted", 101},
    {request_and<"Content-Length: 0">, "accepted", 101},
    {request_of<"GET http://example.com/chat?x HTTP/1.1">, "accepted", 101},
    {request_of<"GET / HTTP/1.2">, "accepted", 101},
    {request_of<"\r\nGET / HTTP/1.1">, "accepted", 101},
    {"\x16\x03\x01\x02"sv, "control_character", 400},
    {"GET / HTTP/1.1\n", "bare_line_end", 400},
    {"SSH-2.0-OpenSSH_9.2\r\n", "malformed_request_line", 400},
    {"PRI * HTTP/2.0\r\n", "unsupported_http_version", 505},
    {request_of<"GET  / HTTP/1.1">, "malformed_request_line", 400},
    {request_of<"GET / HTTP/1.1 ">, "malformed_request_line", 400},
    {request_of<"GET /">, "malformed_request_line", 400},
    {request_of<"GET / http/1.1">, "malformed_request_line", 400},
    {request_of<"GET chat HTTP/1.1">, "malformed_target", 400},
    {request_of<"HEAD / HTTP/1.1">, "method_not_allowed", 405},
    {request_of<"get / HTTP/1.1">, "unknown_method", 501},
    {request_and<": x">, "malformed_field", 400},
    {request_and<"no colon">, "malformed_field", 400},
    {request_and<"A\tB: c">, "malformed_field", 400},
    {request_but<"Host">, "missing_host", 400},
    {request_and<"Host: b">, "repeated_host", 400},
    {request_but<"Host", "Host:">, "malformed_host", 400},
    {request_but<"Upgrade">, "missing_upgrade", 426},
    {request_but<"Connection", "Connection: close">, "missing_connection_upgrade", 400},
    {request_but<"Sec-WebSocket-Version">, "missing_version", 426},
    {request_but<"Sec-WebSocket-Version", "Sec-WebSocket-Version: 8">, "unsupported_version", 426},
    {request_and<"Sec-WebSocket-Version: 13">, "repeated_version", 400},
    {request_but<"Sec-WebSocket-Key">, "missing_key", 400},
    {request_but<"Sec-WebSocket-Key", "Sec-WebSocket-Key: x">, "malformed_key", 400},
    {request_and<"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==">, "repeated_key", 400},
    {request_and<"Origin: a", "Origin: a">, "repeated_origin", 400},
    {request_and<"Sec-WebSocket-Protocol: a b">, "malformed_subprotocol", 400},
    {request_and<"Sec-WebSocket-Protocol: ,">, "malformed_subprotocol", 400},
    {request_and<"Sec-WebSocket-Protocol: a, b", "Sec-WebSocket-Protocol: a">, "repeated_subprotocol", 400},
    {request_and<"Sec-WebSocket-Extensions: ;">, "malformed_extension", 400},
    {request_and<"Content-Length: -1">, "malformed_content_length", 400},
    {request_and<"Content-Length: 1">, "unexpected_content", 400},
    {request_and<"Transfer-Encoding: chunked">, "unexpected_content", 400},
};
// clang-format on

struct response_head {
  std::string_view input;
  std::string_view expected;  ///< the rule that is broken, or "accepted"
};

constexpr bool holds(const response_head& vector) {
  const weft::opening asked = example_opening();
  for (const std::size_t piece : {vector.input.size(), std::size_t{1}}) {
    std::array<char, 1024> storage{};
    weft::response_reader reader(storage, asked);
    std::string_view rest = vector.input;
    auto reached = weft::status::partial;
    while (reached == weft::status::partial && !rest.empty()) {
      std::string_view in = rest.substr(0, piece);
      const std::size_t offered = in.size();
      reached = reader.read(in).status;
      rest.remove_prefix(offered - in.size());
    }
    std::string_view nothing;
    const auto& reply = reader.read(nothing);
    const bool accepted = vector.expected == "accepted";
    if (reply.status != (accepted ? weft::status::complete : weft::status::invalid)) return false;
    if (weft::name(reply.error.rule) != (accepted ? "none" : vector.expected)) return false;
  }
  return true;
}

// clang-format off
inline constexpr response_head more_response_heads[] = {
    {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", "accepted"},
    {response_but<"Upgrade", "upgrade:WebSocket">, "accepted"},
    {response_of<"HTTP/1.1 101 ">, "accepted"},
    {response_of<"HTTP/1.1 403 Forbidden">, "not_switched"},
    {response_of<"HTTP/2.0 101 ">, "unsupported_http_version"},
    {response_but<"Upgrade", "Upgrade: h2c">, "wrong_upgrade"},
    {response_but<"Connection">, "missing_connection_upgrade"},
    {response_and<"Sec-WebSocket-Protocol: chat">, "unoffered_subprotocol"},
};
// clang-format on

// Whole streams

/// What an endpoint of that role tells of these bytes, at most 64, as a transcript.
struct stream {
  std::string_view input;
  weft::role receiver;
  std::string_view expected;
  weft::limits limits{};
};

template <weft::role Receiver>
constexpr bool is_told(const stream& vector, std::size_t piece) {
  using input = std::conditional_t<Receiver == weft::role::server, std::byte, const std::byte>;
  constant_bytes bytes(vector.input);
  std::conditional_t<Receiver == weft::role::server, weft::server, weft::client> ws;
  constant_transcript seen;
  auto last = weft::state::open;
  for (std::size_t at = 0; at < bytes.size; at += piece) {
    std::span<input> in = bytes.span().subspan(at, piece < bytes.size - at ? piece : bytes.size - at);
    while (const auto event = ws.next(in, vector.limits)) {
      seen.add(*event);
      last = ws.state();
      if (event->kind == weft::kind::text || event->kind == weft::kind::binary || event->kind == weft::kind::pong)
        continue;
      // 5.5.1, 5.5.3, 7.1.7: a Ping gets its Pong, a Close a Close, a violation a Close.
      std::array<std::byte, 131> room{};
      const auto answer = [&] {
        if constexpr (Receiver == weft::role::server) {
          return ws.answer(*event).copy_to(room);
        } else {
          return ws.answer(weft::masking_key{}, *event).copy_to(room);
        }
      }();
      const bool ping = event->kind == weft::kind::ping;
      if (answer.size() < 2 || answer[0] != (ping ? std::byte{0x8A} : std::byte{0x88})) return false;
      if (ping && !equal(answer.last(event->payload.size()), event->payload)) return false;
      if (!ping && ws.state() != weft::state::closed) return false;
    }
    if (!in.empty()) return false;
  }
  const bool failed = vector.expected.find("violation ") != vector.expected.npos;
  const bool closed = vector.expected.find("close ") != vector.expected.npos && !failed;
  const auto expected = failed ? weft::state::failed : closed ? weft::state::close_received : weft::state::open;
  return seen.text() == vector.expected && last == expected;
}

/// Told at once and byte by byte.
constexpr bool holds(const stream& vector) {
  const constant_bytes bytes(vector.input);
  if (bytes.size > 64) return false;
  const auto told = [&](std::size_t piece) {
    return vector.receiver == weft::role::server ? is_told<weft::role::server>(vector, piece)
                                                 : is_told<weft::role::client>(vector, piece);
  };
  return told(65) && told(1);
}

// clang-format off
inline constexpr stream streams[] = {
    // RFC 6455 section 5.7.
    {"81 85 37fa213d 7f9f4d5158", weft::role::server, "text Hello fin"},
    {"81 05 48656c6c6f", weft::role::client, "text Hello fin"},
    {"01 03 48656c 80 02 6c6f", weft::role::client, "text Hello fin"},
    {"89 05 48656c6c6f", weft::role::client, "ping Hello"},
    {"8a 85 37fa213d 7f9f4d5158", weft::role::server, "pong Hello"},
    // Messages, whole and in fragments.
    {"", weft::role::server, ""},
    {"81 80 00000000", weft::role::server, "text fin"},
    {"82 80 00000000", weft::role::server, "binary fin"},
    {"82 00", weft::role::client, "binary fin"},
    {"82 83 01020304 fefdfc", weft::role::server, "binary \\xff\\xff\\xff fin"},
    {"01 80 00000000 00 80 00000000 80 80 00000000", weft::role::server, "text fin"},
    {"01 81 00000000 61 00 81 00000000 62 80 81 00000000 63", weft::role::server, "text abc fin"},
    {"02 00 00 01 61 80 00", weft::role::client, "binary a fin"},
    {"81 81 00000000 61 82 81 00000000 62 81 81 00000000 63", weft::role::server, "text a fin; binary b fin; text c fin"},
    {"81 01 61 82 01 62 01 01 63", weft::role::client, "text a fin; binary b fin; text c"},
    // Control frames between.
    {"01 83 37fa213d 7f9f4d 89 82 00000000 6869 80 82 37fa213d 5b95", weft::role::server, "text Hel; ping hi; text lo fin"},
    {"01 03 48656c 89 02 6869 80 02 6c6f", weft::role::client, "text Hel; ping hi; text lo fin"},
    {"89 00 8a 00 89 01 78 8a 01 79", weft::role::client, "ping; pong; ping x; pong y"},
    {"02 01 61 8a 00 00 01 62 89 00 80 01 63", weft::role::client, "binary a; pong; binary b; ping; binary c fin"},
    // Parts of frames.
    {"81", weft::role::server, ""},
    {"81 85", weft::role::server, ""},
    {"81 85 37fa21", weft::role::server, ""},
    {"81 85 37fa213d 7f", weft::role::server, "text H"},
    {"82 7f 00000000", weft::role::client, ""},
    {"89 02 68", weft::role::client, ""},
    // UTF-8.
    {"81 03 e282ac", weft::role::client, "text \\xe2\\x82\\xac fin"},
    {"01 02 e282 80 01 ac", weft::role::client, "text \\xe2\\x82\\xac fin"},
    {"01 01 f0 00 01 9f 00 01 98 80 01 80", weft::role::client, "text \\xf0\\x9f\\x98\\x80 fin"},
    {"81 02 61ff", weft::role::client, "text a; violation invalid_utf8 at 3 close 1007"},
    {"81 82 37fa213d c8c8", weft::role::server, "violation invalid_utf8 at 6 close 1007"},
    {"81 8a 00000000 6162 c328", weft::role::server, "text ab\\xc3; violation invalid_utf8 at 9 close 1007"},
    {"01 01 c3 80 01 28", weft::role::client, "text \\xc3; violation invalid_utf8 at 5 close 1007"},
    {"81 01 c3", weft::role::client, "text \\xc3; violation truncated_utf8 at 3 close 1007"},
    {"01 01 c3 80 00", weft::role::client, "text \\xc3; violation truncated_utf8 at 5 close 1007"},
    {"82 02 c3ff", weft::role::client, "binary \\xc3\\xff fin"},
    // Closes.
    {"88 80 00000000", weft::role::server, "close 1005"},
    {"88 02 03e8", weft::role::client, "close 1000"},
    {"88 05 03e9 627965", weft::role::client, "close 1001 bye"},
    {"88 85 37fa213d 34124344 52", weft::role::server, "close 1000 bye"},
    {"88 82 00000000 03f2", weft::role::server, "close 1010"},
    {"88 02 1387 88 02 03e8", weft::role::client, "close 4999"},
    {"01 01 61 88 00 80 01 62", weft::role::client, "text a; close 1005"},
    {"88 02 03ed", weft::role::client, "violation invalid_close_code at 3 close 1002"},
    {"88 03 03e8 ff", weft::role::client, "violation invalid_utf8 at 4 close 1007"},
    // Broken rules: the sequence of frames.
    {"80 00", weft::role::client, "violation stray_continuation at 0 close 1002"},
    {"00 81 00000000 61", weft::role::server, "violation stray_continuation at 0 close 1002"},
    {"81 01 61 80 01 62", weft::role::client, "text a fin; violation stray_continuation at 3 close 1002"},
    {"01 01 61 81 01 62", weft::role::client, "text a; violation interleaved_message at 3 close 1002"},
    {"02 01 61 02 01 62", weft::role::client, "binary a; violation interleaved_message at 3 close 1002"},
    {"01 00 89 00 02 00", weft::role::client, "ping; violation interleaved_message at 4 close 1002"},
    {"01 80 00000000 80 80 00000000 80 80 00000000", weft::role::server, "text fin; violation stray_continuation at 12 close 1002"},
    // Broken rules: headers, and silence behind them.
    {"81 00 81 80 00000000 81 00", weft::role::client, "text fin; violation unexpected_mask at 3 close 1002"},
    {"81 80 00000000 81 00 81 80 00000000", weft::role::server, "text fin; violation missing_mask at 7 close 1002"},
    {"89 00 c1 00 88 00", weft::role::client, "ping; violation reserved_bit at 2 close 1002"},
    {"83 00 81 01 61", weft::role::client, "violation reserved_opcode at 0 close 1002"},
    {"09 00", weft::role::client, "violation fragmented_control at 0 close 1002"},
    {"81 01 61 82 7e 0001 61", weft::role::client, "text a fin; violation length_not_minimal at 6 close 1002"},
    // Limits.
    {"82 03 616263", weft::role::client, "binary abc fin", message_limit(3)},
    {"82 04 61626364", weft::role::client, "violation message_too_long at 1 close 1009", message_limit(3)},
    {"02 02 6162 80 01 63", weft::role::client, "binary abc fin", message_limit(3)},
    {"02 02 6162 80 02 6364", weft::role::client, "binary ab; violation message_too_long at 5 close 1009", message_limit(3)},
    {"82 02 6162 82 02 6364", weft::role::client, "binary ab fin; binary cd fin", message_limit(3)},
    {"02 02 6162 80 02 6364", weft::role::client, "binary abcd fin", {.max_frame_bytes = 2}},
    {"02 02 6162 80 03 636465", weft::role::client, "binary ab; violation frame_too_long at 5 close 1009", {.max_frame_bytes = 2}},
    {"01 00 00 00 80 00 81 00", weft::role::client, "text fin; text fin", fragment_limit(3)},
    {"01 00 00 00 00 00 80 00", weft::role::client, "violation too_many_fragments at 6 close 1008", fragment_limit(3)},
    {"89 00 8a 00 82 01 61 89 00 8a 00 89 00", weft::role::client, "ping; pong; binary a fin; ping; pong; violation too_many_control_frames at 11 close 1008", {.max_control_frames = 2}},
};
// clang-format on

/// The entry of a table of vulnerabilities as a vector, where it is one: no head, and at most 64 bytes.
constexpr std::optional<stream> stream_of(const vulnerability& entry) {
  const bool frames = entry.target == target::server || entry.target == target::client;
  std::size_t digits = 0;
  for (const char c : entry.bytes) digits += c == ' ' ? 0U : 1U;
  if (!frames || entry.times != 0 || !entry.rest.empty() || digits > 128) return {};
  const auto receiver = entry.target == target::server ? weft::role::server : weft::role::client;
  return stream{entry.bytes, receiver, entry.expected, entry.limits};
}

/// True too of an entry that is no vector.
constexpr bool holds(const vulnerability& entry) {
  if (const auto vector = stream_of(entry)) return holds(*vector);
  if (entry.times != 0) return true;
  if (entry.target == target::request_reader) return holds(request_head{entry.bytes, entry.expected});
  if (entry.target == target::response_reader) return holds(response_head{entry.bytes, entry.expected});
  return true;
}

/// So it is refused, and nothing is made of it.
constexpr bool holds(const injection& entry) {
  return with_injection(entry, [&](const weft::opening& opening) {
    const auto request = weft::upgrade(opening);
    return request.refusal() == entry.expected && request.size() == 0;
  });
}

/// Whether an entry is a vector.
constexpr bool is_vector(const vulnerability& entry) {
  return entry.times == 0 &&
         (stream_of(entry) || entry.target == target::request_reader || entry.target == target::response_reader);
}

// Proofs

template <const auto& Table, std::size_t Index>
struct proof {
  static_assert(holds(Table[Index]));
  static constexpr bool value = true;
};

/// True if each vector of the table holds: one constant expression for each, and an error that names its index.
template <const auto& Table>
inline constexpr bool proven = []<std::size_t... Index>(std::index_sequence<Index...>) {
  return (proof<Table, Index>::value && ...);
}
(std::make_index_sequence<std::size(Table)>{});

}  // namespace support
