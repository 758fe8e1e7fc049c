// SPDX-License-Identifier: MIT
//
// sender.hpp: the sending half of a connection: what may be sent, and as which frame. RFC 6455 sections 5.4 to 5.6.
// Rule: it knows nothing of what is received but the state that both halves share. endpoint.hpp adds the other half,
// server.hpp and client.hpp the calls by which it is used.
#pragma once

#include <cstdint>
#include <optional>

#include <weft/connection/event.hpp>
#include <weft/connection/lifecycle.hpp>
#include <weft/connection/outgoing.hpp>
#include <weft/connection/prepared.hpp>
#include <weft/connection/sequence.hpp>
#include <weft/detail/isa.hpp>
#include <weft/error.hpp>
#include <weft/frame/close.hpp>
#include <weft/frame/header.hpp>
#include <weft/frame/utf8.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// What one side says on a connection, and where the connection stands.
template <role Role>
class sender {
 public:
  /// Where the closing handshake stands.
  [[nodiscard]] constexpr weft::state state() const noexcept { return state_; }

  /// Whether a message that we send is begun and not finished: the next piece continues it.
  [[nodiscard]] constexpr bool sending() const noexcept { return sent_ != detail::sequence::none; }

 protected:
  static constexpr bool inflates = false;  // an extension's does

  constexpr void advance(detail::happening what) noexcept { state_ = detail::after(state_, what); }

  // What server and client offer under their own names: one frame each, masked with the key where there is one.

  constexpr outgoing<Role> text_frame(std::optional<masking_key> key, bytes piece, fin last, utf8 validity) noexcept {
    const auto refused = admit_text(piece, last, validity);
    if (refused != refusal::none) return refused;
    return data_frame(key, opcode::text, piece, last);
  }

  constexpr outgoing<Role> binary_frame(std::optional<masking_key> key, bytes piece, fin last) noexcept {
    const auto refused = refuses(opcode::binary);
    if (refused != refusal::none) return refused;
    return data_frame(key, opcode::binary, piece, last);
  }

  constexpr outgoing<Role> control_frame(std::optional<masking_key> key, opcode code, bytes payload) const noexcept {
    if (state_ != state::open) return refusal::closed;
    if (payload.size() > max_control_payload) return refusal::control_too_long;
    return {{.opcode = code, .length = payload.size(), .key = key}, payload.span()};
  }

  constexpr outgoing<Role> close_frame(std::optional<masking_key> key, close_code code, bytes reason) noexcept {
    if (!detail::possible(state_, detail::happening::send_close)) return refusal::closed;
    if (!may_be_sent(code, Role)) return refusal::unsendable_close_code;
    if (reason.size() > max_close_reason) return refusal::control_too_long;
    if (!is_utf8(reason.span())) return refusal::invalid_utf8;
    advance(detail::happening::send_close);
    return outgoing<Role>::close(code, reason.span(), key);
  }

  constexpr outgoing<Role> answer_frame(std::optional<masking_key> key, const event& event) noexcept {
    if (event.kind == kind::ping) return control_frame(key, opcode::pong, event.payload);
    if (event.kind != kind::close && event.kind != kind::violation) return {};
    if (!detail::possible(state_, detail::happening::send_close)) return refusal::closed;
    advance(detail::happening::send_close);
    if (!may_be_received(event.code)) return {{.opcode = opcode::close, .key = key}, {}};
    const bool violation = event.kind == kind::violation;
    return outgoing<Role>::close(event.code, violation ? detail::words_as_bytes(event.violation.rule) : event.payload,
                                 key);
  }

  /// Whether a piece of text, or of a binary message, may be sent now. Text that may is counted as sent.
  constexpr refusal admit_text(bytes piece, fin last, utf8 validity) noexcept {
    const auto refused = refuses(opcode::text);
    if (refused != refusal::none) return refused;
    utf8_validator text = sent_text_;
    if (validity == utf8::unchecked) {
      text = {};
    } else if (text.read(piece.span()) != piece.size() || (last == fin::yes && !text.at_boundary())) {
      return refusal::invalid_utf8;
    }
    sent_text_ = text;
    return refusal::none;
  }

  [[nodiscard]] constexpr refusal refuses(opcode type) const noexcept {
    if (state_ == state::open && !sending()) return refusal::none;
    // 5.5.1: who received a Close may finish the message it has begun, and begin none.
    const bool may_send = state_ == state::open || (state_ == state::close_received && sending());
    if (!may_send) return refusal::closed;
    return sent_ == detail::next_frame(detail::sequence::none, type).then ? refusal::none
                                                                          : refusal::other_message_unfinished;
  }

  constexpr outgoing<Role> data_frame(std::optional<masking_key> key, opcode type, bytes piece, fin last,
                                      compressed is_compressed = compressed::no) noexcept {
    const opcode code = sending() ? opcode::continuation : type;
    const bool whole = code == type && last == fin::yes;  // and changes nothing
    if (!whole) sent_ = detail::end_of_frame(detail::next_frame(sent_, code).then, last);
    return {{.fin = last, .opcode = code, .length = piece.size(), .key = key, .compressed = is_compressed},
            piece.span()};
  }

  /// A message that is whole, and was checked when it was made.
  template <class Container>
  [[nodiscard]] constexpr refusal refuses_prepared(const prepared_message<Container>& message) const noexcept {
    if (message.refusal() != refusal::none) return message.refusal();
    return sending() ? refusal::other_message_unfinished : refuses(message.type());
  }

  template <class Container>
  constexpr outgoing<Role> prepared_frame(const prepared_message<Container>& message) noexcept {
    const auto refused = refuses_prepared(message);
    if (refused != refusal::none) return refused;
    return data_frame({}, message.type(), message.payload(), fin::yes);
  }

  weft::state state_ : 4 = weft::state::open;

 private:
  detail::sequence sent_ : 4 = detail::sequence::none;

 protected:
  utf8_validator sent_text_;
};

}  // namespace weft::inline WEFT_ISA
