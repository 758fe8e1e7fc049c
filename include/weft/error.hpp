// SPDX-License-Identifier: MIT
//
// error.hpp: every rule that a peer can break, in one table: its name, what was wrong, where it is
// written, and the answer it gets (a Close code once the connection is open, an HTTP status before).
// What the caller itself asks for and cannot have is a `refusal`: a different fact, so a different type.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <weft/detail/isa.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// A rule that the peer broke, or that we could not keep. The order is that of the table in detail::rules.
enum class rule : std::uint8_t {
  none,
  // Frames
  reserved_bit,
  reserved_opcode,
  fragmented_control,
  stray_continuation,
  interleaved_message,
  too_many_fragments,
  too_many_control_frames,
  missing_mask,
  unexpected_mask,
  control_too_long,
  close_of_one_byte,
  length_out_of_range,
  length_not_minimal,
  frame_too_long,
  message_too_long,
  invalid_utf8,
  truncated_utf8,
  invalid_close_code,
  invalid_deflate,
  truncated_deflate,
  inflated_too_far,
  out_of_memory,
  // Heads
  bare_line_end,
  control_character,
  malformed_request_line,
  malformed_target,
  target_too_long,
  unsupported_http_version,
  unknown_method,
  method_not_allowed,
  head_too_long,
  too_many_fields,
  malformed_field,
  space_before_field,
  space_before_colon,
  folded_field,
  malformed_content_length,
  unexpected_content,
  // The opening handshake
  missing_host,
  repeated_host,
  malformed_host,
  missing_upgrade,
  missing_connection_upgrade,
  missing_version,
  repeated_version,
  unsupported_version,
  missing_key,
  repeated_key,
  malformed_key,
  repeated_origin,
  malformed_subprotocol,
  repeated_subprotocol,
  too_many_subprotocols,
  malformed_extension,
  // Its response
  malformed_status_line,
  not_switched,
  too_many_interim_responses,
  truncated_head,
  wrong_upgrade,
  missing_accept,
  repeated_accept,
  wrong_accept,
  repeated_choice_of_subprotocol,
  unoffered_subprotocol,
  unoffered_extension,
  unacceptable_extension,
  repeated_extension,
  too_many_extensions,
};

namespace detail {

struct rule_row {
  rule broken;
  std::string_view name;
  std::string_view words;
  std::string_view section;
  std::uint16_t answer;  ///< a Close code from 1000 up, an HTTP status below; 0 where nothing is to be said
};

// clang-format off
inline constexpr auto rules = std::array{
    rule_row{rule::none, "none", "no rule is broken", "", 0},
    rule_row{rule::reserved_bit, "reserved_bit", "a reserved bit is set that no extension uses", "RFC 6455 5.2", 1002},
    rule_row{rule::reserved_opcode, "reserved_opcode", "the opcode is reserved", "RFC 6455 5.2", 1002},
    rule_row{rule::fragmented_control, "fragmented_control", "a control frame is fragmented", "RFC 6455 5.5", 1002},
    rule_row{rule::stray_continuation, "stray_continuation", "a continuation frame without a message to continue", "RFC 6455 5.4", 1002},
    rule_row{rule::interleaved_message, "interleaved_message", "a new message inside a fragmented one", "RFC 6455 5.4", 1002},
    rule_row{rule::too_many_fragments, "too_many_fragments", "a message of more frames than the limit", "RFC 6455 10.4", 1008},
    rule_row{rule::too_many_control_frames, "too_many_control_frames", "more control frames without data than the limit", "RFC 6455 10.4", 1008},
    rule_row{rule::missing_mask, "missing_mask", "a client's frame is not masked", "RFC 6455 5.1", 1002},
    rule_row{rule::unexpected_mask, "unexpected_mask", "a server's frame is masked", "RFC 6455 5.1", 1002},
    rule_row{rule::control_too_long, "control_too_long", "a control frame of more than 125 bytes", "RFC 6455 5.5", 1002},
    rule_row{rule::close_of_one_byte, "close_of_one_byte", "a Close frame of one byte, half a code", "RFC 6455 5.5.1", 1002},
    rule_row{rule::length_out_of_range, "length_out_of_range", "a length of 2^63 or more", "RFC 6455 5.2", 1002},
    rule_row{rule::length_not_minimal, "length_not_minimal", "a length that is not in its shortest form", "RFC 6455 5.2", 1002},
    rule_row{rule::frame_too_long, "frame_too_long", "a frame longer than the limit", "RFC 6455 10.4", 1009},
    rule_row{rule::message_too_long, "message_too_long", "a message longer than the limit", "RFC 6455 10.4", 1009},
    rule_row{rule::invalid_utf8, "invalid_utf8", "text that is not UTF-8", "RFC 6455 8.1", 1007},
    rule_row{rule::truncated_utf8, "truncated_utf8", "text that ends inside a character", "RFC 6455 8.1", 1007},
    rule_row{rule::invalid_close_code, "invalid_close_code", "a close code that may not be sent", "RFC 6455 7.4", 1002},
    rule_row{rule::invalid_deflate, "invalid_deflate", "compressed data that is not DEFLATE", "RFC 7692 7.2.2", 1007},
    rule_row{rule::truncated_deflate, "truncated_deflate", "a compressed message that does not end with a block", "RFC 7692 7.2.2", 1007},
    rule_row{rule::inflated_too_far, "inflated_too_far", "a message that inflates further than the limit", "RFC 6455 10.4", 1009},
    rule_row{rule::out_of_memory, "out_of_memory", "no memory to inflate with", "RFC 6455 7.4.1", 1011},

    rule_row{rule::bare_line_end, "bare_line_end", "a line that ends in CR or LF alone", "RFC 9112 2.2", 400},
    rule_row{rule::control_character, "control_character", "a control character in the head", "RFC 9110 5.5", 400},
    rule_row{rule::malformed_request_line, "malformed_request_line", "a request line that is not one", "RFC 9112 3", 400},
    rule_row{rule::malformed_target, "malformed_target", "a request-target that is not one", "RFC 9112 3.2", 400},
    rule_row{rule::target_too_long, "target_too_long", "a request-target longer than the limit", "RFC 9112 3", 414},
    rule_row{rule::unsupported_http_version, "unsupported_http_version", "a version of HTTP other than 1.1", "RFC 6455 4.2.1", 505},
    rule_row{rule::unknown_method, "unknown_method", "a method that HTTP does not know", "RFC 9112 3", 501},
    rule_row{rule::method_not_allowed, "method_not_allowed", "a method other than GET", "RFC 6455 4.2.1", 405},
    rule_row{rule::head_too_long, "head_too_long", "a head longer than the limit", "RFC 9110 5.4", 431},
    rule_row{rule::too_many_fields, "too_many_fields", "more fields than the limit", "RFC 9110 5.4", 431},
    rule_row{rule::malformed_field, "malformed_field", "a field line that is not one", "RFC 9112 5", 400},
    rule_row{rule::space_before_field, "space_before_field", "white space before the first field", "RFC 9112 2.2", 400},
    rule_row{rule::space_before_colon, "space_before_colon", "white space between a field's name and its colon", "RFC 9112 5.1", 400},
    rule_row{rule::folded_field, "folded_field", "a field that is continued on the next line", "RFC 9112 5.2", 400},
    rule_row{rule::malformed_content_length, "malformed_content_length", "a Content-Length that is not one number", "RFC 9112 6.3", 400},
    rule_row{rule::unexpected_content, "unexpected_content", "content behind the head of an upgrade", "RFC 9112 6", 400},

    rule_row{rule::missing_host, "missing_host", "no Host", "RFC 9112 3.2", 400},
    rule_row{rule::repeated_host, "repeated_host", "more than one Host", "RFC 9112 3.2", 400},
    rule_row{rule::malformed_host, "malformed_host", "a Host that is not one", "RFC 9112 3.2", 400},
    rule_row{rule::missing_upgrade, "missing_upgrade", "no Upgrade to websocket", "RFC 6455 4.1, 4.2.1", 426},
    rule_row{rule::missing_connection_upgrade, "missing_connection_upgrade", "no Upgrade in Connection", "RFC 6455 4.1, 4.2.1", 400},
    rule_row{rule::missing_version, "missing_version", "no Sec-WebSocket-Version", "RFC 6455 4.2.1", 426},
    rule_row{rule::repeated_version, "repeated_version", "more than one Sec-WebSocket-Version", "RFC 6455 11.3.5", 400},
    rule_row{rule::unsupported_version, "unsupported_version", "a Sec-WebSocket-Version other than 13", "RFC 6455 4.4", 426},
    rule_row{rule::missing_key, "missing_key", "no Sec-WebSocket-Key", "RFC 6455 4.2.1", 400},
    rule_row{rule::repeated_key, "repeated_key", "more than one Sec-WebSocket-Key", "RFC 6455 11.3.1", 400},
    rule_row{rule::malformed_key, "malformed_key", "a Sec-WebSocket-Key that is not 16 bytes in base64", "RFC 6455 4.2.1", 400},
    rule_row{rule::repeated_origin, "repeated_origin", "more than one Origin", "RFC 6454 7.3", 400},
    rule_row{rule::malformed_subprotocol, "malformed_subprotocol", "a Sec-WebSocket-Protocol that is not a list of tokens", "RFC 6455 4.1", 400},
    rule_row{rule::repeated_subprotocol, "repeated_subprotocol", "a subprotocol offered twice", "RFC 6455 4.1", 400},
    rule_row{rule::too_many_subprotocols, "too_many_subprotocols", "more subprotocols than the limit", "RFC 6455 10.4", 400},
    rule_row{rule::malformed_extension, "malformed_extension", "a Sec-WebSocket-Extensions that breaks its grammar", "RFC 6455 9.1", 400},

    rule_row{rule::malformed_status_line, "malformed_status_line", "a status line that is not one", "RFC 9112 4", 0},
    rule_row{rule::not_switched, "not_switched", "a status other than 101", "RFC 6455 4.1", 0},
    rule_row{rule::too_many_interim_responses, "too_many_interim_responses", "more interim responses than the limit", "RFC 9110 15.2", 0},
    rule_row{rule::truncated_head, "truncated_head", "the transport ended inside the head", "RFC 6455 7.2.1", 0},
    rule_row{rule::wrong_upgrade, "wrong_upgrade", "an Upgrade to something else than websocket alone", "RFC 6455 4.1", 0},
    rule_row{rule::missing_accept, "missing_accept", "no Sec-WebSocket-Accept", "RFC 6455 4.1", 0},
    rule_row{rule::repeated_accept, "repeated_accept", "more than one Sec-WebSocket-Accept", "RFC 6455 11.3.3", 0},
    rule_row{rule::wrong_accept, "wrong_accept", "a Sec-WebSocket-Accept that does not answer the key", "RFC 6455 4.1", 0},
    rule_row{rule::repeated_choice_of_subprotocol, "repeated_choice_of_subprotocol", "more than one Sec-WebSocket-Protocol", "RFC 6455 11.3.4", 0},
    rule_row{rule::unoffered_subprotocol, "unoffered_subprotocol", "a subprotocol that was not offered", "RFC 6455 4.1", 0},
    rule_row{rule::unoffered_extension, "unoffered_extension", "an extension that was not offered", "RFC 6455 4.1", 0},
    rule_row{rule::unacceptable_extension, "unacceptable_extension", "an extension with parameters that were not offered or cannot be", "RFC 7692 7.1", 0},
    rule_row{rule::repeated_extension, "repeated_extension", "an extension agreed to twice", "RFC 7692 5", 0},
    rule_row{rule::too_many_extensions, "too_many_extensions", "more extensions than the limit", "RFC 6455 10.4", 0},
};
// clang-format on

static_assert([] {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (static_cast<std::size_t>(rules[i].broken) != i) return false;
  }
  return true;
}());

[[nodiscard]] constexpr const rule_row& row(rule broken) noexcept {
  return rules[static_cast<std::size_t>(broken)];
}

/// The words once more as the bytes of a Close reason, which a constant expression cannot make of characters.
inline constexpr auto words_in_bytes = [] {
  std::array<std::array<std::byte, 64>, rules.size()> all{};
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (std::size_t j = 0; j < rules[i].words.size(); ++j) all[i][j] = static_cast<std::byte>(rules[i].words[j]);
  }
  return all;
}();

[[nodiscard]] constexpr std::span<const std::byte> words_as_bytes(rule broken) noexcept {
  return std::span(words_in_bytes[static_cast<std::size_t>(broken)]).first(row(broken).words.size());
}

}  // namespace detail

/// The rule's enumerator as text, for logs.
[[nodiscard]] constexpr std::string_view name(rule broken) noexcept {
  return detail::row(broken).name;
}

/// What was wrong, in a few words of ASCII that hold nothing the peer sent.
[[nodiscard]] constexpr std::string_view words(rule broken) noexcept {
  return detail::row(broken).words;
}

/// Where the rule is written, such as "RFC 6455 5.2".
[[nodiscard]] constexpr std::string_view section(rule broken) noexcept {
  return detail::row(broken).section;
}

/// The code of the Close that answers it; no_status for the rules of the opening handshake, which has no Close.
[[nodiscard]] constexpr close_code close_code_for(rule broken) noexcept {
  const std::uint16_t answer = detail::row(broken).answer;
  return answer >= 1000 ? close_code{answer} : close_code::no_status;
}

/// The HTTP status with which a server answers it; 0 for the rules of frames and for those that only a response can
/// break. A client answers nothing.
[[nodiscard]] constexpr std::uint16_t http_status_for(rule broken) noexcept {
  const std::uint16_t answer = detail::row(broken).answer;
  return answer < 1000 ? answer : std::uint16_t{0};
}

/// A rule that the peer broke, and the byte with which it was certain: counted from 0 at the start of the head, or
/// at the first byte behind it for a frame. RFC 6455 section 7.1.7.
struct violation {
  weft::rule rule = rule::none;
  std::uint64_t offset = 0;
  bool operator==(const violation&) const = default;
};

/// Why nothing was made of what the caller asked for.
enum class refusal : std::uint8_t {
  none,
  closed,  ///< our Close is sent, the peer's has come, or the connection failed; RFC 6455 section 5.5.1
  other_message_unfinished,  ///< another message is being sent; section 5.4
  piece_unfinished,          ///< frames of the piece before are not all taken
  control_too_long,          ///< a Ping or Pong of more than 125 bytes, or a reason of more than 123; section 5.5
  unsendable_close_code,     ///< section 7.4
  invalid_utf8,              ///< in text or in a reason; sections 5.6 and 5.5.1
  handshake_not_complete,    ///< accept() of a request that is not valid; section 4.2.2
  subprotocol_not_offered,   ///< section 4.2.2
  extension_not_offered,     ///< section 9.1; RFC 7692 section 5
  malformed_field,    ///< a name that is no token, or a CR, LF, NUL or other control in a value; RFC 9110 section 5.5
  reserved_field,     ///< a field that weft itself writes, or that must not be there
  unsendable_status,  ///< an HTTP status that cannot end a handshake
  malformed_subprotocol,  ///< a subprotocol that is no token, or is offered twice; section 4.1
  malformed_extension,    ///< an extension that breaks its grammar, or a window that cannot be; section 9.1
  unknown_scheme,         ///< a URI of neither ws nor wss; section 3
  userinfo_in_uri,        ///< RFC 9110 section 4.2.4
  malformed_host,         ///< RFC 3986 section 3.2.2
  malformed_port,         ///< not 1 to 65535
  malformed_resource,     ///< a character that may not stand in a path or query
  fragment_in_uri,        ///< section 3
};

/// Why, in a few words.
[[nodiscard]] constexpr std::string_view words(refusal why) noexcept {
  switch (why) {
    case refusal::none: return "nothing is refused";
    case refusal::closed: return "the connection is closed or closing";
    case refusal::other_message_unfinished: return "another message is unfinished";
    case refusal::piece_unfinished: return "frames of the piece before are not all taken";
    case refusal::control_too_long: return "a control frame would be too long";
    case refusal::unsendable_close_code: return "a close code that may not be sent";
    case refusal::invalid_utf8: return "text that is not UTF-8";
    case refusal::handshake_not_complete: return "the handshake is not complete and valid";
    case refusal::subprotocol_not_offered: return "a subprotocol that was not offered";
    case refusal::extension_not_offered: return "an extension that was not offered so";
    case refusal::malformed_field: return "a malformed field";
    case refusal::reserved_field: return "a field that weft itself writes, or that must not be there";
    case refusal::unsendable_status: return "a status that cannot end a handshake";
    case refusal::malformed_subprotocol: return "a malformed or repeated subprotocol";
    case refusal::malformed_extension: return "a malformed extension";
    case refusal::unknown_scheme: return "a URI of neither ws nor wss";
    case refusal::userinfo_in_uri: return "a URI with userinfo";
    case refusal::malformed_host: return "a malformed host";
    case refusal::malformed_port: return "a port that is not 1 to 65535";
    case refusal::malformed_resource: return "a malformed path or query";
    case refusal::fragment_in_uri: return "a URI with a fragment";
  }
  return "";
}

}  // namespace weft::inline WEFT_ISA
