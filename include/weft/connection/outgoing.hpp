// SPDX-License-Identifier: MIT
//
// outgoing.hpp: what leaves a connection, one frame as a value: its header inside, its payload where the caller has it.
// Nothing is sent by making one; a frame that is made and not sent is lost to the peer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/error.hpp>
#include <weft/frame/header.hpp>
#include <weft/frame/mask.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

template <role Role>
class sender;

/// A frame ready to send, or none with the reason why. The payload is not copied: it stays valid as long as the
/// caller's bytes it was made of, or the event that it answers. A client's frame has its masking key, and its payload
/// is masked on the way out: the bytes that it was made of stay as they are, unless it is copied onto them.
template <role Sender>
class [[nodiscard]] outgoing {
 public:
  /// No frame.
  constexpr outgoing(weft::refusal refusal = refusal::none) noexcept : refusal_(refusal) {}
  /// What goes first, for writev() and its kin.
  [[nodiscard]] constexpr std::span<const std::byte> header() const noexcept { return header_.span(); }
  /// What goes behind it. A client's is not to be sent as it is: see copy_payload_to().
  [[nodiscard]] constexpr std::span<const std::byte> payload() const noexcept requires(Sender == role::server) {
    return payload_;
  }

  /// Bytes of both. Zero is no frame: nothing is to be sent.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return header_.size() + payload_.size(); }
  [[nodiscard]] constexpr bool empty() const noexcept { return size() == 0; }

  /// Why there is no frame; none also where there is nothing to say.
  [[nodiscard]] constexpr weft::refusal refusal() const noexcept { return refusal_; }

  /// Copies both to the front of `range` and returns the part that they fill; nothing where they do not fit.
  template <writable_range Range>
  [[nodiscard]] constexpr auto copy_to(Range&& range) const noexcept {
    const std::span to(std::data(range), std::size(range));
    if (to.size() < size()) return to.first(0);
    write_payload(to.data() + header_.size());
    if (!empty()) header_.copy_to(detail::bytes_at(to.data()));
    return to.first(size());
  }

  /// Copies the payload alone, masked, to the front of `range` and returns the part that it fills; nothing where it
  /// does not fit. Where `range` begins with the very bytes that the frame was made of, they are masked in place.
  template <writable_range Range>
  [[nodiscard]] constexpr auto copy_payload_to(Range&& range) const noexcept requires(Sender == role::client) {
    const std::span to(std::data(range), std::size(range));
    if (to.size() < payload_.size()) return to.first(0);
    write_payload(to.data());
    return to.first(payload_.size());
  }

  /// Copies the header to the end of `headroom`, which lies right before the payload in the caller's memory, and
  /// returns the part that it fills: from there on the frame is contiguous. 14 bytes are always enough, 10 for a
  /// server.
  template <writable_range Range>
  [[nodiscard]] constexpr auto copy_header_before(Range&& headroom) const noexcept {
    const std::span before(std::data(headroom), std::size(headroom));
    if (before.size() < header_.size()) return before.first(0);
    const auto end = before.last(header_.size());
    detail::copy(end.data(), header_.span().data(), header_.size());
    return end;
  }

 private:
  friend class sender<Sender>;

  // The header has a key if, and only if, the sender is a client, and tells the payload's length.
  constexpr outgoing(const frame_header& header, std::span<const std::byte> payload) noexcept
      : header_(header), payload_(payload) {
    if (Sender == role::client) key_ = *header.key;
  }

  // The code of a Close counts to the header here, so that it needs no other memory.
  static constexpr outgoing close(close_code code, std::span<const std::byte> reason,
                                  std::optional<masking_key> key) noexcept {
    outgoing frame({.opcode = opcode::close, .length = 2 + reason.size(), .key = key}, reason);
    std::array<std::byte, 2> number{};
    detail::store_network(number.data(), static_cast<std::uint16_t>(code), 2);
    frame.key_ = mask(number, frame.key_);
    frame.header_.append(number);
    return frame;
  }

  template <writable_byte Byte>
  constexpr void write_payload(Byte* to) const noexcept {
    if constexpr (Sender == role::server) {
      if (detail::bytes_at(to) != payload_.data()) detail::copy(to, payload_.data(), payload_.size());
    } else {
      mask({detail::bytes_at(to), payload_.size()}, payload_, key_);
    }
  }

  frame_header_bytes header_{};
  masking_key key_{};  ///< as the first byte of payload_ meets it
  weft::refusal refusal_ = refusal::none;
  std::span<const std::byte> payload_;
};

}  // namespace weft::inline WEFT_ISA
