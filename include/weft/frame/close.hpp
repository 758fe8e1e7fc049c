// SPDX-License-Identifier: MIT
//
// close.hpp: the payload of a Close frame <-> code and reason. RFC 6455 sections 5.5.1 and 7.4.
// It is empty, or two bytes of code in network order and up to 123 bytes of reason in UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/error.hpp>
#include <weft/frame/utf8.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// Whether a peer may send this code: 1000 to 1003, 1007 to 1014 and 3000 to 4999. Of these 1012 to 1014 are in
/// IANA's registry and not in RFC 6455 section 7.4.
[[nodiscard]] constexpr bool may_be_received(close_code code) noexcept {
  const auto number = static_cast<std::uint16_t>(code);
  return (number >= 1000 && number <= 1003) || (number >= 1007 && number <= 1014) || (number >= 3000 && number <= 4999);
}

/// Whether an endpoint of this role may start a closing handshake with this code: the same, but 1010 is a client's.
[[nodiscard]] constexpr bool may_be_sent(close_code code, role sender) noexcept {
  return may_be_received(code) && (code != close_code::mandatory_extension || sender == role::client);
}

/// What read_close() found.
struct close_result {
  weft::rule rule = rule::none;  ///< none, close_of_one_byte, invalid_close_code, invalid_utf8, truncated_utf8
  std::uint8_t at = 0;           ///< where the deciding byte lies in the payload, or lacks behind it
  close_code code = close_code::no_status;  ///< no_status where the payload is empty
  std::span<const std::byte> reason{};      ///< in the payload
};

/// Reads the unmasked payload, 0 to 125 bytes, of a Close frame.
[[nodiscard]] constexpr close_result read_close(std::span<const std::byte> payload) noexcept {
  if (payload.empty()) return {};
  if (payload.size() == 1) return {.rule = rule::close_of_one_byte};
  const auto code = static_cast<close_code>(detail::load_network(payload.data(), 2));
  if (!may_be_received(code)) return {.rule = rule::invalid_close_code, .at = 1};
  const auto reason = payload.subspan(2);
  utf8_validator utf8;
  const std::size_t valid = utf8.read(reason);
  if (valid < reason.size()) return {.rule = rule::invalid_utf8, .at = static_cast<std::uint8_t>(2 + valid)};
  if (!utf8.at_boundary()) return {.rule = rule::truncated_utf8, .at = static_cast<std::uint8_t>(2 + valid)};
  return {.code = code, .reason = reason};
}

}  // namespace weft::inline WEFT_ISA
