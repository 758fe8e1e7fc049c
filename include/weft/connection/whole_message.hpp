// SPDX-License-Identifier: MIT
//
// whole_message.hpp: the straight way for what is most common: a message in one frame, all of which is there.
// Rule: it knows nothing of the connection, and what is anything else, or breaks a rule, it leaves as it was for the
// endpoint to judge. So every line here only says "yes" sooner. RFC 6455 sections 5.2 and 5.3.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <weft/connection/event.hpp>
#include <weft/detail/isa.hpp>
#include <weft/detail/kernels.hpp>
#include <weft/detail/memory.hpp>
#include <weft/detail/small.hpp>
#include <weft/detail/text.hpp>
#include <weft/frame/mask.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA::detail {

/// Bytes that one side receives: a server unmasks them where they lie.
template <role Role>
using received_byte = std::conditional_t<Role == role::server, std::byte, const std::byte>;

struct whole_message {
  std::size_t header = 0;  ///< bytes before the payload; 0 where there is no such message
  std::size_t length = 0;  ///< bytes of the payload
  weft::kind kind{};
};

/// Text or binary, unmasked. Text that is not UTF-8 stays as it is.
template <role Role>
constexpr bool take_payload(std::span<received_byte<Role>> payload, bool text, std::uint32_t key) noexcept {
  std::byte* to = nullptr;
  if constexpr (Role == role::server) to = payload.data();
  std::size_t valid = payload.size();
  if (text) {
    text_reader reader;
    valid = reader.take(to, payload.data(), payload.size(), key);
    if (valid == payload.size() && reader.at_boundary()) return true;
  }
  if constexpr (Role == role::server) weft::mask(payload.first(valid), std::bit_cast<masking_key>(key));
  return !text;
}

/// Reads a message that lies whole at the front of `in`.
template <role Role>
WEFT_INLINE constexpr whole_message read_whole_message(std::span<received_byte<Role>> in,
                                                       const limits& allowed) noexcept {
  constexpr std::size_t key_size = Role == role::server ? 4 : 0;
  constexpr unsigned mask_bit = Role == role::server ? 0x80 : 0;
  if (in.size() < 2 + key_size) return {};
  const bool text = in[0] == std::byte{0x81};
  if (!text && in[0] != std::byte{0x82}) return {};
  std::size_t header = 2 + key_size;
  std::size_t length = std::to_integer<unsigned>(in[1]) ^ mask_bit;
  if (length >= 126) {
    header += 2;
    if (length > 126 || in.size() < header) return {};
    length = static_cast<std::size_t>(load_network(&in[2], 2));
    if (length < 126) return {};
  }
  if (in.size() - header < length || length > allowed.max_frame_bytes || length > allowed.max_message_bytes ||
      allowed.max_fragments == 0)
    return {};

  const auto payload = in.subspan(header, length);
  std::byte* to = nullptr;
  std::uint32_t key = 0;
  if constexpr (Role == role::server) {
    to = payload.data();
    key = load<std::uint32_t>(payload.data() - 4);
  }
  const whole_message found{header, length, text ? kind::text : kind::binary};
  if (!std::is_constant_evaluated() && length <= max_small &&
      mask_small(to, payload.data(), length, key, text ? accept::ascii : accept::any))
    return found;
  return take_payload<Role>(payload, text, key) ? found : whole_message{};
}

}  // namespace weft::inline WEFT_ISA::detail
