// SPDX-License-Identifier: MIT
//
// extension.hpp: permessage-deflate between the two halves of a connection: what is received is inflated on its way to
// the events, what is sent is deflated on its way to the frames. RFC 7692 sections 6 and 7.2.
// Rules: inflated bytes are counted before there are more of them, and text is judged as it appears. What is wrong with
// a compressed message is told at the byte where its payload begins: where an engine notices depends on the cuts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <weft/connection/lifecycle.hpp>
#include <weft/connection/outgoing.hpp>
#include <weft/connection/prepared.hpp>
#include <weft/connection/sender.hpp>
#include <weft/deflate/engine.hpp>
#include <weft/deflate/pool.hpp>
#include <weft/detail/isa.hpp>
#include <weft/error.hpp>
#include <weft/frame/utf8.hpp>
#include <weft/handshake/extensions.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// Which messages are compressed; the peer takes either kind. A message that has a secret and what others chose side by
/// side is sent with `no`. RFC 7692 sections 6 and 8.
enum class compression : std::uint8_t {
  worthwhile,  ///< those of min_compressed_bytes and more, and those that are sent in pieces
  no,
  yes,
};

/// Bytes of a message below which compression gains little or nothing.
inline constexpr std::size_t min_compressed_bytes = 64;

template <role Role, class Extension, class Keys>
class outgoing_frames;

/// The sending half, and an inflater for the receiving one. Without an agreement it does as weft::sender does.
template <role Role, engine Engine>
class deflate_extension : public sender<Role> {
 public:
  /// `agreed` is what choose_deflate() chose, or what reply::deflate says; what the engine cannot honour counts as no
  /// agreement, so that a compressed message is a reserved_bit. It may be moved, and holds engines of the pool, to
  /// which they return.
  deflate_extension(const std::optional<deflate_parameters>& agreed, engine_pool<Engine>& engines) noexcept
      : engines_(&engines) {
    if (agreed && can_honour<Engine>(*agreed, Role)) agreed_ = agreed;
  }

  [[nodiscard]] const std::optional<deflate_parameters>& agreed() const noexcept { return agreed_; }

 protected:
  template <role Sender, class Other, class Keys>
  friend class outgoing_frames;

  static constexpr bool inflates = true;
  static constexpr role peer = Role == role::server ? role::client : role::server;

  // Receiving: what the endpoint asks for.

  struct inflated_piece {
    violation broken{};
    std::size_t taken = 0;
    bool first = false;
    bool last = false;
    std::span<const std::byte> payload{};
  };

  [[nodiscard]] bool may_inflate() const noexcept { return agreed_.has_value(); }
  [[nodiscard]] bool inflating() const noexcept { return inflating_; }
  /// Whether there is something to tell before any further byte is taken.
  [[nodiscard]] bool has_more() const noexcept { return more_; }

  void begin_inflating(compressed is_compressed, std::uint64_t payload_at) noexcept {
    inflating_ = is_compressed == compressed::yes;
    message_at_ = payload_at;
    inflated_bytes_ = 0;
  }

  /// Inflates as much as the pool's span holds. `announced` are the bytes of payload of this message's frames so far,
  /// all of the last one included.
  inflated_piece inflate(std::span<const std::byte> in, fin last, opcode type, std::uint64_t announced,
                         const limits& allowed) noexcept {
    if (broken_ != rule::none) return fail(broken_);
    if (!inflater_) inflater_ = engines_->inflaters_.borrow(agreed_->window_bits(peer));
    if (!inflater_ || engines_->inflated_.empty()) return fail(rule::out_of_memory);

    const std::uint64_t ratio = allowed.max_inflation;
    const bool unbounded = ratio != 0 && announced > unlimited / ratio;
    const std::uint64_t most =
        unbounded ? allowed.max_message_bytes : (std::min)(allowed.max_message_bytes, announced * ratio);
    const std::uint64_t room = most - (std::min)(most, inflated_bytes_);
    const auto to = engines_->inflated_;
    const auto out = to.first(static_cast<std::size_t>((std::min<std::uint64_t>)(room, to.size())));
    const auto got = inflater_->inflate(in, out, last, room);

    const bool whole = got.progress == inflation::whole;
    const std::size_t good = type == opcode::text ? text_.read(out.first(got.made)) : got.made;
    if (good < got.made) {
      broken_ = rule::invalid_utf8;
    } else if (whole && !text_.at_boundary()) {
      broken_ = rule::truncated_utf8;
    } else if (got.progress == inflation::full && got.made == 0) {
      broken_ = most < allowed.max_message_bytes ? rule::inflated_too_far : rule::message_too_long;
    } else {
      broken_ = broken_by(got.progress);
    }
    more_ = broken_ != rule::none || got.progress == inflation::full;

    const bool first = inflated_bytes_ == 0;
    const bool ends = broken_ == rule::none && whole;
    inflated_bytes_ += good;
    if (ends && !agreed_->takeover(peer)) inflater_.end();
    return {.taken = got.taken, .first = first, .last = ends, .payload = out.first(good)};
  }

  std::size_t unmasked_ = 0;  ///< bytes that a server has unmasked and not taken

  /// Nothing more is received. Gives back what is of no more use: behind the peer's Close a message may be finished.
  void release_engines() noexcept {
    inflater_.end();
    if (this->state_ != state::close_received) deflater_.end();
  }

  // Sending

  /// Checks a piece, and decides at the first one of a message whether that is compressed.
  refusal begin_piece(opcode type, bytes piece, fin last, utf8 validity, compression how) noexcept {
    if (in_piece_ && this->refuses(type) != refusal::closed) return refusal::piece_unfinished;
    const auto before = this->sent_text_;
    const auto refused = type == opcode::text ? this->admit_text(piece, last, validity) : this->refuses(type);
    if (refused != refusal::none) return refused;
    if (!this->sending()) deflating_ = compresses(piece.size(), last, how);
    text_before_ = before;
    in_piece_ = true;
    ++piece_;
    return refusal::none;
  }

  /// As if the piece had not been begun, of which no frame was taken.
  void withdraw_piece() noexcept {
    this->sent_text_ = text_before_;
    in_piece_ = false;
    if (!this->sending() && deflater_ && !agreed_->takeover(Role)) deflater_.end();
  }

  /// The next frame of the piece of which `rest` is left.
  outgoing<Role> next_frame(std::optional<masking_key> key, opcode type, std::span<const std::byte>& rest,
                            fin last) noexcept {
    if (!deflating_) {
      in_piece_ = false;
      return this->data_frame(key, type, rest, last);
    }
    const auto got = deflater_->deflate(rest, engines_->deflated_, last);
    rest = rest.subspan(got.taken);
    in_piece_ = !got.done;
    const fin end = got.done ? last : fin::no;
    const compressed first{!this->sending()};
    if (end == fin::yes && !agreed_->takeover(Role)) deflater_.end();
    return this->data_frame(key, type, engines_->deflated_.first(got.made), end, first);
  }

  /// A message that was made before, compressed where it may be.
  template <class Container>
  outgoing<Role> prepared_frame(const prepared_message<Container>& message) noexcept {
    const auto refused = in_piece_ ? refusal::piece_unfinished : this->refuses_prepared(message);
    if (refused != refusal::none) return refused;
    const auto deflated = agreed_ ? message.deflated(agreed_->window_bits(Role)) : std::optional<bytes>();
    if (!deflated) return sender<Role>::prepared_frame(message);
    stale_ = bool(deflater_);  // it has not seen what the peer's window will hold
    return this->data_frame({}, message.type(), *deflated, fin::yes, compressed::yes);
  }

 private:
  [[nodiscard]] bool compresses(std::size_t size, fin last, compression how) noexcept {
    const bool worthwhile = last == fin::no || size >= min_compressed_bytes;
    if (!agreed_ || how == compression::no || (how == compression::worthwhile && !worthwhile)) return false;
    if (Engine::whole_messages && last == fin::no) return false;
    if (!deflater_) deflater_ = engines_->borrow_deflater(agreed_->window_bits(Role));
    if (std::exchange(stale_, false)) deflater_->reset();
    return bool(deflater_);
  }

  [[nodiscard]] inflated_piece fail(rule what) const noexcept { return {.broken = {what, message_at_}}; }

  static constexpr rule broken_by(inflation progress) noexcept {
    switch (progress) {
      case inflation::invalid: return rule::invalid_deflate;
      case inflation::truncated: return rule::truncated_deflate;
      case inflation::out_of_memory: return rule::out_of_memory;
      default: return rule::none;
    }
  }

  engine_pool<Engine>* engines_;
  typename detail::idle_engines<typename Engine::inflater>::loan inflater_;
  typename detail::idle_engines<typename Engine::deflater>::loan deflater_;
  std::uint64_t message_at_ = 0;      ///< where the payload of the message being received begins
  std::uint64_t inflated_bytes_ = 0;  ///< of the message being received, so far
  std::optional<deflate_parameters> agreed_;
  utf8_validator text_;       ///< of the message being received
  rule broken_ = rule::none;  ///< to be told once what is before it was
  bool inflating_ = false;    ///< whether the message being received is compressed
  bool more_ = false;
  bool deflating_ = false;      ///< whether the message being sent is compressed
  bool stale_ = false;          ///< whether the deflater's window is not the peer's
  utf8_validator text_before_;  ///< the text sent before the piece
  std::uint32_t piece_ = 0;     ///< counts the pieces, so that frames of an older one are none
  bool in_piece_ = false;       ///< whether frames of a piece are still to be taken
};

}  // namespace weft::inline WEFT_ISA
