// SPDX-License-Identifier: MIT
//
// outgoing.hpp: what leaves a connection, one frame as a value: its header inside, its payload where the caller has it.
// Nothing is sent by making one; a frame that is made and not sent is lost to the peer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <weft/detail/memory.hpp>
#include <weft/error.hpp>
#include <weft/frame/header.hpp>
#include <weft/protocol.hpp>

namespace weft {

/// A frame ready to send, or none with the reason why. The payload is not copied: it stays valid as long as the
/// caller's bytes it was made of, or the event that it answers.
class [[nodiscard]] outgoing {
 public:
  /// No frame.
  constexpr outgoing(weft::refusal refusal = refusal::none) noexcept : refusal_(refusal) {}
  /// A frame that is not masked. The code of a Close counts to its header here, so that it needs no other memory.
  constexpr outgoing(const frame_header& header, std::span<const std::byte> payload) noexcept
      : header_(write_frame_header(header)), payload_(payload) {}
  static constexpr outgoing close(close_code code, std::span<const std::byte> reason) noexcept {
    outgoing frame({.opcode = opcode::close, .length = 2 + reason.size()}, reason);
    detail::store_network(frame.header_.data.data() + frame.header_.size, static_cast<std::uint16_t>(code), 2);
    frame.header_.size += 2;
    return frame;
  }

  /// What goes first and what goes behind it: for writev() and its kin.
  [[nodiscard]] constexpr std::span<const std::byte> header() const noexcept { return header_.span(); }
  [[nodiscard]] constexpr std::span<const std::byte> payload() const noexcept { return payload_; }

  /// Bytes of both. Zero is no frame: nothing is to be sent.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return header_.size + payload_.size(); }
  [[nodiscard]] constexpr bool empty() const noexcept { return size() == 0; }

  /// Why there is no frame; none also where there is nothing to say.
  [[nodiscard]] constexpr weft::refusal refusal() const noexcept { return refusal_; }

  /// Copies both to the front of `to` and returns the part that they fill; nothing where they do not fit.
  template <writable_range Range>
  constexpr auto copy_to(Range&& range) const noexcept {
    const std::span to(std::data(range), std::size(range));
    if (to.size() < size()) return to.first(0);
    detail::copy(to.data(), header_.data.data(), header_.size);
    detail::copy(to.data() + header_.size, payload_.data(), payload_.size());
    return to.first(size());
  }

  /// Copies the header to the end of `headroom`, which lies right before the payload in the caller's memory, and
  /// returns the part that it fills: from there on the frame is contiguous. 10 bytes are always enough for a server.
  template <writable_range Range>
  constexpr auto copy_header_before(Range&& headroom) const noexcept {
    const std::span before(std::data(headroom), std::size(headroom));
    if (before.size() < header_.size) return before.first(0);
    const auto end = before.last(header_.size);
    detail::copy(end.data(), header_.data.data(), header_.size);
    return end;
  }

 private:
  frame_header_bytes header_{};
  weft::refusal refusal_ = refusal::none;
  std::span<const std::byte> payload_;
};

}  // namespace weft
