// SPDX-License-Identifier: MIT
//
// frames.hpp: a message, or a piece of one, as the frames that it becomes where it may be compressed. RFC 7692 section
// 6.1. A frame's header tells its length, so a frame can hold no more than what was compressed before it was begun.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <weft/connection/outgoing.hpp>
#include <weft/detail/isa.hpp>
#include <weft/error.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// Each is made when it is asked for, and sent before the next: most often there is one, and several where a compressed
/// message is larger than the pool's span. Take all of them, by `for (const auto& frame : ws.text(piece))` or append(),
/// before anything else of a message is sent; control frames may stand between. Who takes none has said nothing; who
/// takes some and not all can only close. `Extension` makes them, and `Keys` has a masking key for each where the
/// sender is a client.
template <role Role, class Extension, class Keys>
class [[nodiscard]] outgoing_frames {
 public:
  outgoing_frames(Extension& from, Keys keys, opcode type, bytes piece, fin last, weft::refusal refused) noexcept
      : from_(&from),
        keys_(keys),
        rest_(piece.span()),
        number_(from.piece_),
        type_(type),
        last_(last),
        refusal_(refused) {}
  outgoing_frames(const outgoing_frames&) = delete;
  outgoing_frames& operator=(const outgoing_frames&) = delete;
  ~outgoing_frames() {
    if (!begun_ && refusal_ == refusal::none && is_current()) from_->withdraw_piece();
  }

  /// The next of them. Nothing behind the last, and where the connection can say no more.
  std::optional<outgoing<Role>> next() noexcept(noexcept(std::declval<Keys&>()())) {
    if (refusal_ != refusal::none || !is_current()) return {};
    refusal_ = from_->refuses(type_);
    if (refusal_ != refusal::none) return {};
    const auto key = keys_();
    begun_ = true;
    return from_->next_frame(key, type_, rest_, last_);
  }

  /// Why there are none, or no more.
  [[nodiscard]] weft::refusal refusal() const noexcept { return refusal_; }

  struct sentinel {};
  class iterator {
   public:
    using value_type = outgoing<Role>;
    using difference_type = std::ptrdiff_t;

    explicit iterator(outgoing_frames& frames) : frames_(&frames), frame_(frames.next()) {}
    const value_type& operator*() const noexcept { return *frame_; }
    const value_type* operator->() const noexcept { return &*frame_; }
    iterator& operator++() {
      frame_ = frames_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(sentinel) const noexcept { return !frame_; }

   private:
    outgoing_frames* frames_;
    std::optional<value_type> frame_;
  };

  [[nodiscard]] iterator begin() { return iterator(*this); }
  [[nodiscard]] sentinel end() const noexcept { return {}; }

 private:
  [[nodiscard]] bool is_current() const noexcept { return from_->in_piece_ && from_->piece_ == number_; }

  Extension* from_;
  Keys keys_;
  std::span<const std::byte> rest_;
  std::uint32_t number_;  ///< of the piece
  opcode type_;
  fin last_;
  bool begun_ = false;
  weft::refusal refusal_;
};

}  // namespace weft::inline WEFT_ISA
