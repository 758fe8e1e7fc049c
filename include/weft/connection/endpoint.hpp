// SPDX-License-Identifier: MIT
//
// endpoint.hpp: the receiving half of a connection: bytes in, events out. RFC 6455 sections 5 to 7.
// A value: trivially copyable, no pointer inside, the same whatever way its input was cut. server.hpp and client.hpp
// give it the calls that send; deflate/ puts itself between the two halves.
//
// Input is taken frame by frame: a header (gathered where it is cut), then its payload: data in pieces as they come,
// control frames whole (gathered where they are cut). A broken rule ends it, and so does the peer's Close.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include <weft/connection/event.hpp>
#include <weft/connection/lifecycle.hpp>
#include <weft/connection/sender.hpp>
#include <weft/connection/sequence.hpp>
#include <weft/connection/whole_message.hpp>
#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/error.hpp>
#include <weft/frame/close.hpp>
#include <weft/frame/header.hpp>
#include <weft/frame/mask.hpp>
#include <weft/frame/utf8.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// One side of an open connection: weft::server or weft::client, or theirs that deflate. `Sender` is the half that
/// sends, and what inflates where there is an extension.
template <role Role, class Sender = sender<Role>>
class endpoint : public Sender {
 public:
  using Sender::Sender;

  /// Takes the next event from the front of `in`, and what it took off `in`. Nothing means that all of `in` is taken
  /// and that no event is ready, so `while (auto event = ws.next(in))` leaves `in` empty and no tail to keep.
  /// A server unmasks payloads in place, so its input is writable; a client's may be const. The event's payload lies in
  /// `in` or in the endpoint. `allowed` bounds what the peer may send, and may differ from call to call.
  /// RFC 6455 section 6.2.
  template <byte_like Byte>
  requires(Role == role::client || writable_byte<Byte>) [[nodiscard]] WEFT_INLINE
      constexpr std::optional<event> next(std::span<Byte>& in, const limits& allowed = default_limits) noexcept {
    std::span<input> rest(detail::bytes_at(in.data()), in.size());
    auto event = take_next(rest, allowed);
    in = in.last(rest.size());
    return event;
  }

  /// The transport ended. Where neither a Close nor a violation told so before, this is the connection's last event:
  /// `close` with close_code::abnormal. The end was clean if a `close` was told before and state() was `closed`.
  /// RFC 6455 sections 7.1.4 and 7.1.5.
  constexpr std::optional<event> end() noexcept {
    const bool untold = receiving();
    this->advance(detail::happening::end_of_transport);
    if constexpr (inflates) this->release_engines();
    if (!untold) return {};
    return event{.kind = kind::close, .code = close_code::abnormal};
  }

 private:
  static constexpr role peer = Role == role::server ? role::client : role::server;
  using input = detail::received_byte<Role>;
  using Sender::inflates;
  using Sender::state_;

  /// Where in a frame the input stands.
  enum class phase : std::uint8_t { header, cut_header, fragment, last_fragment, control };

  /// A header or a control frame of which only a part has come.
  struct part {
    std::uint8_t size;    ///< what there is of it
    std::uint8_t length;  ///< of a control frame's payload
    opcode code;
    std::array<std::byte, max_control_payload> data;
  };

  union progress {
    constexpr progress() noexcept : part{} {}
    endpoint::part part;      ///< in phase cut_header and control
    std::uint64_t remaining;  ///< bytes of payload to come, in phase fragment and last_fragment
  };

  // Receiving

  [[nodiscard]] constexpr bool receiving() const noexcept {
    return detail::possible(state_, detail::happening::receive_close);
  }

  constexpr std::span<input> consume(std::span<input>& in, std::size_t size) noexcept {
    const auto front = in.first(size);
    in = in.subspan(size);
    offset_ += size;
    return front;
  }

  constexpr void broken(violation what, std::optional<event>& told) noexcept {
    this->advance(detail::happening::break_rule);
    if constexpr (inflates) this->release_engines();
    told.emplace(event{.kind = kind::violation, .violation = what, .code = close_code_for(what.rule)});
  }

  // Each event is made where it is returned: a copy would have to wait for what was just written.

  WEFT_INLINE constexpr std::optional<event> take_next(std::span<input>& in, const limits& allowed) noexcept {
    if (state_ == state::open && phase_ == phase::header && received_ == detail::sequence::none) {
      const auto message = detail::read_whole_message<Role>(in, allowed);
      if (message.header != 0) {
        if (message.length != 0) controls_ = 0;
        const auto payload = consume(in, message.header + message.length).subspan(message.header);
        return event{.kind = message.kind, .first = true, .fin = fin::yes, .payload = payload};
      }
    }
    return take(in, allowed);
  }

  constexpr std::optional<event> take(std::span<input>& in, const limits& allowed) noexcept {
    std::optional<event> told;
    while (!told && receiving()) {
      if (phase_ <= phase::cut_header && !take_header(in, allowed, told)) return told;
      if (phase_ == phase::control) {
        take_control(in, told);
        return told;
      }
      if constexpr (inflates) {
        if (this->inflating()) {
          if (in.empty() && progress_.remaining != 0 && !this->has_more()) return told;
          take_compressed(in, allowed, told);
          continue;
        }
      }
      if (in.empty() && progress_.remaining != 0) return told;
      take_data(in, told);
    }
    if (!told) consume(in, in.size());
    return told;
  }

  /// Takes a whole header off `in` and begins its payload, or gathers what there is of it, or tells what is wrong.
  constexpr bool take_header(std::span<input>& in, const limits& allowed, std::optional<event>& told) noexcept {
    if (in.empty()) return false;
    for (;;) {
      const bool cut = phase_ == phase::cut_header;
      const auto seen = cut ? std::span<const std::byte>(progress_.part.data).first(progress_.part.size) : in;
      const auto plain = detail::read_plain_header<peer, compressed{inflates}>(seen);
      std::size_t size = plain.size;
      const bool good =
          plain.size != 0 && detail::next_frame(received_, plain.opcode).broken == rule::none &&
          fragments_ < allowed.max_fragments && may_be(plain.compressed) &&
          (!plain.has_length(seen.size()) || exceeds(plain.length, plain.compressed, allowed) == rule::none);
      if (good) {  // the straight way through judge()
        if (plain.is_whole(seen.size())) {
          masking_key key;
          if constexpr (Role == role::server) detail::copy(key.bytes.data(), &seen[plain.before_key], 4);
          if (!cut) consume(in, size);
          begin_data(plain.opcode, plain.fin, plain.length, key, plain.compressed);
          return true;
        }
      } else {
        const auto header = judge(seen, allowed);
        if (header.status == status::invalid) {
          broken({header.rule, offset_ - (cut ? seen.size() : 0) + header.at}, told);
          return false;
        }
        size = header.size;
        if (header.status == status::complete) {
          if (!cut) consume(in, size);
          begin_payload(header.header);
          return true;
        }
      }
      if (in.empty()) return false;
      if (!cut) progress_.part.size = 0;
      phase_ = phase::cut_header;
      gather(in, size - progress_.part.size);
    }
  }

  /// Adds up to so many bytes to what is gathered.
  constexpr std::span<std::byte> gather(std::span<input>& in, std::size_t missing) noexcept {
    part& gathered = progress_.part;
    const auto more = consume(in, (std::min)(missing, in.size()));
    const auto to = std::span(gathered.data).subspan(gathered.size, more.size());
    detail::copy(to.data(), more.data(), more.size());
    gathered.size += static_cast<std::uint8_t>(more.size());
    return to;
  }

  /// The rules of the header itself and those that depend on what came before, in the order of the bytes that decide.
  [[nodiscard]] constexpr frame_header_result judge(std::span<const std::byte> in,
                                                    const limits& allowed) const noexcept {
    const auto header = read_frame_header(in, peer, allowed.strictness, compressed{may_be(compressed::yes)});
    if (header.status == status::invalid && header.at == 0) return header;
    const auto invalid = [](rule rule, std::size_t at) {
      return frame_header_result{.status = status::invalid, .rule = rule, .at = static_cast<std::uint8_t>(at)};
    };

    const auto code = static_cast<opcode>(in[0] & std::byte{0x0F});
    if (is_control(code)) {
      if (code != opcode::close && controls_ >= allowed.max_control_frames)
        return invalid(rule::too_many_control_frames, 0);
      return header;
    }
    const auto cell = detail::next_frame(received_, code);
    if (cell.broken != rule::none) return invalid(cell.broken, 0);
    if (fragments_ >= allowed.max_fragments) return invalid(rule::too_many_fragments, 0);
    if (header.before_key == 0) return header;
    const auto too_long = exceeds(header.header.length, header.header.compressed, allowed);
    return too_long == rule::none ? header : invalid(too_long, header.before_key - std::size_t{1});
  }

  [[nodiscard]] constexpr bool may_be(compressed is_compressed) const noexcept {
    if constexpr (inflates) return is_compressed == compressed::no || this->may_inflate();
    return is_compressed == compressed::no;
  }

  /// Whether a frame of that length is too much. Compressed is what begins so, or goes on so.
  [[nodiscard]] constexpr rule exceeds(std::uint64_t length, compressed begins, const limits& allowed) const noexcept {
    if (length > allowed.max_frame_bytes) return rule::frame_too_long;
    std::uint64_t most = allowed.max_message_bytes;
    if constexpr (inflates) {
      const bool goes_on = received_ != detail::sequence::none && this->inflating();
      const std::uint64_t flushes = std::uint64_t{8} * (fragments_ + std::uint64_t{1});
      if (goes_on || begins == compressed::yes) most += (std::min)(most / 8 + 1024 + flushes, unlimited - most);
    }
    return length > most || message_bytes_ > most - length ? rule::message_too_long : rule::none;
  }

  constexpr void begin_payload(const frame_header& header) noexcept {
    const auto key = header.key.value_or(masking_key{});
    if (!is_control(header.opcode)) return begin_data(header.opcode, header.fin, header.length, key, header.compressed);
    ++controls_;
    key_ = key;
    phase_ = phase::control;
    progress_.part.size = 0;
    progress_.part.length = static_cast<std::uint8_t>(header.length);
    progress_.part.code = header.opcode;
  }

  constexpr void begin_data(opcode code, fin last, std::uint64_t length, masking_key key,
                            compressed is_compressed) noexcept {
    if constexpr (inflates) {
      if (received_ == detail::sequence::none) this->begin_inflating(is_compressed, offset_);
    }
    ++fragments_;
    key_ = key;
    phase_ = last == fin::yes ? phase::last_fragment : phase::fragment;
    received_ = detail::next_frame(received_, code).then;
    progress_.remaining = length;
  }

  /// Unmasks it, and says how much of it is good.
  constexpr std::size_t take_payload(std::span<input> payload) noexcept {
    const bool text = received_ == detail::sequence::text;
    if constexpr (Role == role::client) return text ? received_text_.read(payload) : payload.size();
    if constexpr (Role == role::server) {
      std::size_t good = payload.size();
      if (text) good = received_text_.unmask(payload, key_);
      if (!text) mask(payload, key_);
      key_ = rotated(key_, good);
      return good;
    }
  }

  /// Tells the next piece of a data frame, or the end of one. Nothing at the end of a fragment without bytes.
  constexpr void take_data(std::span<input>& in, std::optional<event>& told) noexcept {
    const auto size = static_cast<std::size_t>((std::min<std::uint64_t>)(progress_.remaining, in.size()));
    const auto piece = in.first(size);
    // 8.1: what comes before a bad byte is told first, and the bad byte stays in `in`
    const std::size_t valid = take_payload(piece);
    if (valid == 0 && size != 0) return broken({rule::invalid_utf8, offset_}, told);
    consume(in, valid);
    progress_.remaining -= valid;
    if (valid != 0) controls_ = 0;

    const bool first = message_bytes_ == 0;
    const bool text = received_ == detail::sequence::text;
    message_bytes_ += valid;
    bool last = false;
    if (progress_.remaining == 0) {
      if (phase_ == phase::fragment) {
        phase_ = phase::header;
      } else if (received_text_.at_boundary()) {
        last = true;
        end_message();
      } else if (valid == 0) {
        return broken({rule::truncated_utf8, offset_}, told);
      }
    }
    if (valid == 0 && !last) return;
    told.emplace(event{
        .kind = text ? kind::text : kind::binary, .first = first, .fin = fin{last}, .payload = piece.first(valid)});
  }

  /// The same of a compressed message. What the inflater leaves of a piece is unmasked already when it comes again.
  constexpr void take_compressed(std::span<input>& in, const limits& allowed, std::optional<event>& told) noexcept {
    const auto piece = in.first(static_cast<std::size_t>((std::min<std::uint64_t>)(progress_.remaining, in.size())));
    if constexpr (Role == role::server) {
      const auto masked = piece.subspan((std::min)(piece.size(), this->unmasked_));
      key_ = mask(masked, key_);
      this->unmasked_ += masked.size();
    }
    const bool text = received_ == detail::sequence::text;
    const bool last = phase_ == phase::last_fragment && piece.size() == progress_.remaining;
    const auto got = this->inflate(piece, fin{last}, text ? opcode::text : opcode::binary,
                                   message_bytes_ + progress_.remaining, allowed);
    if (got.broken.rule != rule::none) return broken(got.broken, told);
    consume(in, got.taken);
    if constexpr (Role == role::server) this->unmasked_ -= got.taken;
    progress_.remaining -= got.taken;
    message_bytes_ += got.taken;
    if (got.taken != 0) controls_ = 0;
    if (got.last) {
      end_message();
    } else if (progress_.remaining == 0 && phase_ == phase::fragment && !this->has_more()) {
      phase_ = phase::header;
    }
    if (got.payload.empty() && !got.last) return;
    told.emplace(event{
        .kind = text ? kind::text : kind::binary, .first = got.first, .fin = fin{got.last}, .payload = got.payload});
  }

  constexpr void end_message() noexcept {
    phase_ = phase::header;
    received_ = detail::end_of_frame(received_, fin::yes);
    message_bytes_ = 0;
    fragments_ = 0;
  }

  /// Tells a control frame, once it is whole.
  constexpr void take_control(std::span<input>& in, std::optional<event>& told) noexcept {
    part& gathered = progress_.part;
    const std::size_t missing = gathered.length - gathered.size;
    std::span<const std::byte> payload;
    if (gathered.size == 0 && in.size() >= missing) {
      const auto whole = consume(in, missing);
      if constexpr (Role == role::server) mask(whole, key_);
      payload = whole;
    } else {
      const auto more = gather(in, missing);
      if constexpr (Role == role::server) key_ = mask(more, key_);
      if (gathered.size < gathered.length) return;
      payload = std::span(gathered.data).first(gathered.size);
    }
    phase_ = phase::header;
    if (gathered.code != opcode::close) {
      told.emplace(event{.kind = gathered.code == opcode::ping ? kind::ping : kind::pong, .payload = payload});
      return;
    }
    const auto close = read_close(payload);
    if (close.rule != rule::none) return broken({close.rule, offset_ - payload.size() + close.at}, told);
    this->advance(detail::happening::receive_close);
    if constexpr (inflates) this->release_engines();
    told.emplace(event{.kind = kind::close, .code = close.code, .payload = close.reason});
  }

  // What every frame touches comes first, behind two bytes of the sender: 40 bytes, to lie in one line of cache.
  phase phase_ : 4 = phase::header;
  detail::sequence received_ : 4 = detail::sequence::none;
  utf8_validator received_text_;
  masking_key key_;                  ///< as the next byte of payload meets it
  std::uint32_t fragments_ = 0;      ///< of the message being received, so far
  std::uint32_t controls_ = 0;       ///< since data last arrived
  std::uint64_t offset_ = 0;         ///< bytes taken
  std::uint64_t message_bytes_ = 0;  ///< of the message being received, so far
  progress progress_;
};

static_assert(sizeof(endpoint<role::server>) <= 160 && std::is_trivially_copyable_v<endpoint<role::server>>);

}  // namespace weft::inline WEFT_ISA
