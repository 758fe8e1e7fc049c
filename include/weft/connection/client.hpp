// SPDX-License-Identifier: MIT
//
// client.hpp: the client's side of an open connection, from behind its handshake on. RFC 6455 sections 5 to 7.
// It masks every frame (section 5.1) with a key that the caller gives: a fresh one for each frame, which nobody who
// chooses a payload can foresee (section 10.3). key_source.hpp hands them out.
#pragma once

#include <weft/connection/endpoint.hpp>
#include <weft/connection/event.hpp>
#include <weft/connection/outgoing.hpp>
#include <weft/detail/isa.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// What a client says beside its messages, whatever else the endpoint does.
template <class Endpoint>
class client_controls : public Endpoint {
 public:
  using Endpoint::Endpoint;
  using frame = outgoing<role::client>;

  /// Up to 125 bytes, at any time, also between two fragments. RFC 6455 sections 5.5.2 and 5.5.3.
  constexpr frame ping(masking_key key, bytes payload = {}) const noexcept {
    return this->control_frame(key, opcode::ping, payload);
  }
  constexpr frame pong(masking_key key, bytes payload = {}) const noexcept {
    return this->control_frame(key, opcode::pong, payload);
  }

  /// Starts the closing handshake or answers the peer's. RFC 6455 sections 5.5.1 and 7.1.2.
  constexpr frame close(masking_key key, close_code code = close_code::normal, bytes reason = {}) noexcept {
    return this->close_frame(key, code, reason);
  }

  /// What the RFC wants said to an event, or nothing: the key then goes unused, and may be used for the next frame.
  /// RFC 6455 sections 5.5.1, 5.5.3 and 7.1.7.
  constexpr frame answer(masking_key key, const event& event) noexcept { return this->answer_frame(key, event); }
};

/// Events by next(), whose input may be const; each sending call makes one masked frame, which is then the caller's to
/// send. What is refused, and when, is as it is for weft::server, but a client may close with 1010. 160 bytes.
class client : public client_controls<endpoint<role::client>> {
 public:
  /// A message, or a piece of one. RFC 6455 sections 5.4, 5.6 and 6.1.
  constexpr frame text(masking_key key, bytes piece, fin last = fin::yes, utf8 validity = utf8::checked) noexcept {
    return text_frame(key, piece, last, validity);
  }
  constexpr frame binary(masking_key key, bytes piece, fin last = fin::yes) noexcept {
    return binary_frame(key, piece, last);
  }
};

static_assert(sizeof(client) <= 160 && std::is_trivially_copyable_v<client>);

}  // namespace weft::inline WEFT_ISA
