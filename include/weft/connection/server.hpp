// SPDX-License-Identifier: MIT
//
// server.hpp: the server's side of an open connection, from behind its handshake on. RFC 6455 sections 5 to 7.
#pragma once

#include <weft/connection/endpoint.hpp>
#include <weft/connection/event.hpp>
#include <weft/connection/outgoing.hpp>
#include <weft/connection/prepared.hpp>
#include <weft/detail/isa.hpp>
#include <weft/protocol.hpp>
#include <weft/sendable.hpp>

namespace weft::inline WEFT_ISA {

/// What a server says beside its messages, whatever else the endpoint does.
template <class Endpoint>
class server_controls : public Endpoint {
 public:
  using Endpoint::Endpoint;
  using frame = outgoing<role::server>;

  /// Up to 125 bytes, at any time, also between two fragments. Refused: closed, control_too_long.
  /// RFC 6455 sections 5.5.2 and 5.5.3.
  constexpr frame ping(bytes payload = {}) const noexcept { return this->control_frame({}, opcode::ping, payload); }
  constexpr frame pong(bytes payload = {}) const noexcept { return this->control_frame({}, opcode::pong, payload); }

  /// Starts the closing handshake or answers the peer's, also in the middle of a message, which is then abandoned.
  /// The reason has up to 123 bytes. After it nothing can be sent. Refused: closed, unsendable_close_code,
  /// control_too_long, invalid_utf8; a refused Close leaves the connection as it was. RFC 6455 sections 5.5.1
  /// and 7.1.2.
  constexpr frame close(close_code code = close_code::normal, bytes reason = {}) noexcept {
    return this->close_frame({}, code, reason);
  }

  /// What the RFC wants said to an event: to a Ping its Pong, to a Close the same Close, to a violation a Close with
  /// its code and words; to anything else, and where it is too late, nothing. Pong and Close refer to the event's
  /// payload. RFC 6455 sections 5.5.1, 5.5.3 and 7.1.7.
  constexpr frame answer(const event& event) noexcept { return this->answer_frame({}, event); }
};

/// Events by next(); each sending call makes one frame, which is then the caller's to send. 160 bytes.
class server : public server_controls<endpoint<role::server>> {
 public:
  /// A message, or a piece of one: fin::no where more pieces follow, each by the same call. Pieces become fragments.
  /// Refused: closed, other_message_unfinished, and invalid_utf8 of checked text, whose pieces may end inside a
  /// character but not the last. A refused piece leaves the message as it was. RFC 6455 sections 5.4, 5.6 and 6.1.
  constexpr frame text(bytes piece, fin last = fin::yes, utf8 validity = utf8::checked) noexcept {
    return text_frame({}, piece, last, validity);
  }
  constexpr frame binary(bytes piece, fin last = fin::yes) noexcept { return binary_frame({}, piece, last); }

  /// A message that was prepared for many. Refused: closed, other_message_unfinished, invalid_utf8.
  template <byte_container Container>
  constexpr frame send(const prepared_message<Container>& message) noexcept {
    return prepared_frame(message);
  }
};

static_assert(sizeof(server) <= 160 && std::is_trivially_copyable_v<server>);

}  // namespace weft::inline WEFT_ISA
