// SPDX-License-Identifier: MIT
//
// deflate.hpp: both sides of an open connection with permessage-deflate, RFC 7692. They are used as weft::server and
// weft::client are, but text() and binary() make frames instead of one, and a client's ask a source of keys for each.
// One that was made without an agreement does all that those do.
#pragma once

#include <optional>

#include <weft/connection/client.hpp>
#include <weft/connection/endpoint.hpp>
#include <weft/connection/prepared.hpp>
#include <weft/connection/server.hpp>
#include <weft/deflate/engine.hpp>
#include <weft/deflate/extension.hpp>
#include <weft/deflate/frames.hpp>
#include <weft/deflate/pool.hpp>
#include <weft/detail/isa.hpp>
#include <weft/frame/key_source.hpp>
#include <weft/protocol.hpp>
#include <weft/sendable.hpp>

namespace weft::inline WEFT_ISA {

/// A server. Pieces of compressed messages that next() tells lie in the pool's span: valid until next() is called for
/// any of the pool's connections. next() may have unmasked more of `in` than it took, so what is left is not to be
/// replaced by other bytes.
template <engine Engine>
class deflate_server : public server_controls<endpoint<role::server, deflate_extension<role::server, Engine>>> {
  using base = server_controls<endpoint<role::server, deflate_extension<role::server, Engine>>>;
  struct no_keys {
    constexpr std::optional<masking_key> operator()() const noexcept { return {}; }
  };

 public:
  using base::base;
  using frames = outgoing_frames<role::server, deflate_extension<role::server, Engine>, no_keys>;

  /// A message, or a piece of one, as weft::server::text() and binary() have it. `how` counts with the first piece, and
  /// is for the whole message. Refused also: piece_unfinished. The piece stays as it is, and the connection where it
  /// is, until the frames are taken: `for (const auto& frame : ws.text(made()))` is wrong, for there what made() made
  /// is gone before the loop begins. A frame's payload lies in the pool's other span: valid until the next frame of any
  /// of the pool's connections. With context takeover a frame that is taken and not sent leaves the peer unable to read
  /// on: close the connection.
  frames text(bytes piece, fin last = fin::yes, utf8 validity = utf8::checked,
              compression how = compression::worthwhile) noexcept {
    return make(opcode::text, piece, last, validity, how);
  }
  frames binary(bytes piece, fin last = fin::yes, compression how = compression::worthwhile) noexcept {
    return make(opcode::binary, piece, last, utf8::unchecked, how);
  }

  /// A message that was prepared, compressed where that was agreed and prepared. With context takeover the next
  /// message then starts with an empty window. Refused: closed, other_message_unfinished, piece_unfinished,
  /// invalid_utf8.
  template <byte_container Container>
  outgoing<role::server> send(const prepared_message<Container>& message) noexcept {
    return this->prepared_frame(message);
  }

 private:
  frames make(opcode type, bytes piece, fin last, utf8 validity, compression how) noexcept {
    return {*this, no_keys{}, type, piece, last, this->begin_piece(type, piece, last, validity, how)};
  }
};

/// A client. `keys` is asked for the key of each frame, and stays until they are taken.
template <engine Engine>
class deflate_client : public client_controls<endpoint<role::client, deflate_extension<role::client, Engine>>> {
  using base = client_controls<endpoint<role::client, deflate_extension<role::client, Engine>>>;

 public:
  using base::base;

  /// A message, or a piece of one, as deflate_server::text() and binary() have it.
  template <key_giver Keys>
  auto text(Keys& keys, bytes piece, fin last = fin::yes, utf8 validity = utf8::checked,
            compression how = compression::worthwhile) noexcept {
    return make(keys, opcode::text, piece, last, validity, how);
  }
  template <key_giver Keys>
  auto binary(Keys& keys, bytes piece, fin last = fin::yes, compression how = compression::worthwhile) noexcept {
    return make(keys, opcode::binary, piece, last, utf8::unchecked, how);
  }

 private:
  template <class Keys>
  auto make(Keys& keys, opcode type, bytes piece, fin last, utf8 validity, compression how) noexcept {
    const auto next_key = [&keys]() noexcept(noexcept(keys())) -> std::optional<masking_key> { return keys(); };
    using frames = outgoing_frames<role::client, deflate_extension<role::client, Engine>, decltype(next_key)>;
    return frames(*this, next_key, type, piece, last, this->begin_piece(type, piece, last, validity, how));
  }
};

}  // namespace weft::inline WEFT_ISA
