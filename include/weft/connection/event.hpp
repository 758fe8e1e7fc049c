// SPDX-License-Identifier: MIT
//
// event.hpp: what arrives on a connection, one plain value for all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <weft/detail/isa.hpp>
#include <weft/error.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// What an event is about. A peer that said goodbye and a peer that broke a rule are different facts.
enum class kind : std::uint8_t { text, binary, ping, pong, close, violation };

/// One thing that the peer did. A connection ends with exactly one `close` or `violation`.
struct event {
  weft::kind kind = kind::violation;

  /// text, binary: whether this piece begins its message, and whether it ends it. A message that lies whole in one
  /// read is one event with both; pieces of a larger one come as their bytes do and say nothing of frames.
  bool first = false;
  weft::fin fin = fin::no;

  /// violation: the rule, and the offset in the bytes behind the head at which it was broken for certain.
  weft::violation violation{};

  /// close: the peer's code, no_status where it gave none, abnormal where the transport ended without a Close.
  /// violation: the code of the Close that answers it. RFC 6455 section 7.1.5.
  close_code code = close_code::no_status;

  /// text, binary: the piece, unmasked; text may begin and end inside a character, and is UTF-8 as far as it goes.
  /// ping, pong: up to 125 bytes. close: the reason, up to 123 bytes of UTF-8.
  /// In the caller's buffer or the endpoint's own memory: valid until the next call of next(), or until either goes.
  /// A piece of a compressed message lies in its pool's span: valid until next() is called for any of the pool's.
  std::span<const std::byte> payload{};

  /// The payload as text.
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(payload.data()), payload.size()};
  }

  /// Whether a piece is a whole message.
  [[nodiscard]] constexpr bool whole() const noexcept { return first && fin == fin::yes; }
};

}  // namespace weft::inline WEFT_ISA
