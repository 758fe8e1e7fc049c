// SPDX-License-Identifier: MIT
//
// message.hpp: pieces gathered into whole messages, in the caller's container. RFC 6455 section 5.4.
// A message that lies whole in the receive buffer is not copied. The container grows with the bytes that have come and
// never with those that were announced. What it throws, where it cannot grow, goes through to the caller, and the
// message that did not fit is not told: who goes on after it gets the next.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <weft/connection/endpoint.hpp>
#include <weft/connection/event.hpp>
#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/protocol.hpp>
#include <weft/sendable.hpp>

namespace weft::inline WEFT_ISA {

/// Stands between an endpoint and its caller: the same events, but text and binary only as whole messages.
template <byte_container Container>
class message_reader {
 public:
  constexpr message_reader() = default;
  /// Gathers in this container, so that its capacity may be reserved or its memory be a pool's.
  constexpr explicit message_reader(Container container) : message_(std::move(container)) {}

  /// As endpoint::next(). The payload of a message lies where event::payload says or in the container: valid
  /// until the next call.
  template <role Role, class Sender, byte_like Byte>
  requires(Role == role::client || writable_byte<Byte>)
      [[nodiscard]] constexpr std::optional<event> next(endpoint<Role, Sender>& ws, std::span<Byte>& in,
                                                        const limits& allowed = default_limits) {
    auto event = ws.next(in, allowed);
    if (event && is_piece(*event)) gather(ws, in, allowed, event);
    return event;
  }

 private:
  [[nodiscard]] static constexpr bool is_piece(const event& event) noexcept {
    return (event.kind == kind::text || event.kind == kind::binary) && !event.whole();
  }

  /// Takes events until one can be told.
  template <class Endpoint, class Byte>
  constexpr void gather(Endpoint& ws, std::span<Byte>& in, const limits& allowed, std::optional<event>& event) {
    if (completes(*event)) return;
    event.reset();
    while (auto next = ws.next(in, allowed)) {
      if (is_piece(*next) && !completes(*next)) continue;
      event = next;
      return;
    }
  }

  /// Gathers a piece, and says whether the message is whole: then it is in the event.
  constexpr bool completes(event& event) {
    if (event.first) {
      message_.resize(0);
      incomplete_ = false;
    }
    if (incomplete_) return false;
    incomplete_ = true;
    append(event.payload);
    incomplete_ = false;
    if (event.fin == fin::no) return false;
    event.first = true;
    event.payload = bytes(message_).span();
    return true;
  }

  /// By what the container has of its own, which need not fill with zeros first what is then written.
  constexpr void append(std::span<const std::byte> piece) {
    using element = std::remove_pointer_t<decltype(message_.data())>;
    if (!std::is_constant_evaluated() && !std::is_same_v<element, decltype(u8'c')>) {
      const auto* const first = reinterpret_cast<const element*>(piece.data());
      if constexpr (requires { message_.append(first, piece.size()); }) {
        message_.append(first, piece.size());
        return;
      } else if constexpr (requires { message_.insert(message_.end(), first, first + piece.size()); }) {
        message_.insert(message_.end(), first, first + piece.size());
        return;
      }
    }
    const std::size_t size = message_.size();
    message_.resize(size + piece.size());
    detail::copy(message_.data() + size, piece.data(), piece.size());
  }

  Container message_{};
  bool incomplete_ = false;  ///< whether the container threw at a piece of this message
};

}  // namespace weft::inline WEFT_ISA
