// SPDX-License-Identifier: MIT
//
// calls.hpp: any calls of the sending API, between any frames of the peer, against a small model of RFC 6455 sections
// 5.4, 5.5.1, 5.6 and 7: what is refused and why, what is on the wire, in which state that leaves the connection;
// and nothing is sent behind a Close.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/check.hpp"
#include "fuzz/close_payload.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "support/reference.hpp"
#include "support/texts.hpp"
#include "support/wire.hpp"

namespace fuzz {

template <role Role>
class conversation {
 public:
  explicit conversation(source from) : from_(from) {}

  void run() {
    while (!from_.rest().empty()) {
      step();
      same("the state", name_of(expected_state()), name_of(ws_.state()));
      equal("sending()", begun_ != 0, ws_.sending());
    }
    check_wire();
  }

 private:
  static std::string_view name_of(weft::state state) {
    static constexpr std::string_view names[] = {"open", "close_sent", "close_received", "failed", "closed"};
    return names[static_cast<std::size_t>(state)];
  }

  // The model: who said what.
  bool close_sent_ = false, close_received_ = false, failed_ = false, ended_ = false;
  unsigned begun_ = 0;  ///< the opcode of the message that is being sent
  std::string text_;    ///< what of it could still be cut inside a character

  [[nodiscard]] weft::state expected_state() const {
    if (ended_ || (close_sent_ && (close_received_ || failed_))) return weft::state::closed;
    if (close_sent_) return weft::state::close_sent;
    if (close_received_) return weft::state::close_received;
    return failed_ ? weft::state::failed : weft::state::open;
  }
  [[nodiscard]] bool is_open() const { return expected_state() == weft::state::open; }
  [[nodiscard]] bool may_close() const { return !close_sent_ && !ended_; }

  template <class Call>
  auto keyed(Call&& call) {
    return without_allocation([&] {
      if constexpr (Role == role::client) {
        return call(client_key);
      } else {
        return call();
      }
    });
  }

  /// A frame that must be this one, or that must be refused so.
  void sent(const weft::outgoing<Role>& frame, weft::refusal refusal, unsigned first, std::string_view payload) {
    same("why it is refused", weft::words(refusal), weft::words(frame.refusal()));
    std::string bytes;
    weft::append(bytes, frame);
    same("a frame", refusal == weft::refusal::none ? support::frame_from(Role, first, payload) : "", bytes);
    wire_ += bytes;
  }

  void step() {
    const std::uint8_t what = from_.byte();
    const auto last = weft::fin{(what & 0x10) != 0};
    std::string payload(view_of(from_.front((what & 0x20) != 0 ? from_.byte() : what >> 6)));
    switch (what % 16) {
      case 0:
      case 1: return say(1, payload, last, weft::utf8::checked);
      case 2:
      case 3: return say(2, payload, last, weft::utf8::checked);
      case 4: return say(1, payload, last, weft::utf8::unchecked);
      case 5: return say_control(9, payload);
      case 6: return say_control(10, payload);
      case 7: return say_close(payload);
      case 8: return send_prepared(payload, last);
      case 9:
        if (what >= 0xF0) end();
        return;
      default: return hear(what % 16, last, payload);
    }
  }

  void say(unsigned opcode, std::string_view piece, weft::fin last, weft::utf8 validity) {
    auto why = weft::refusal::none;
    const auto reach = support::reach_of(text_ + std::string(piece));
    const bool is_utf8 = reach.valid == text_.size() + piece.size() && (reach.whole || last == weft::fin::no);
    const bool checked = opcode == 1 && validity == weft::utf8::checked;
    if (checked && !is_utf8) why = weft::refusal::invalid_utf8;
    if (begun_ != 0 && begun_ != opcode) why = weft::refusal::other_message_unfinished;
    const bool finishes = close_received_ && may_close() && begun_ != 0;  // 5.5.1
    if (!is_open() && !finishes) why = weft::refusal::closed;
    const auto frame = keyed([&](auto... key) {
      return opcode == 1 ? ws_.text(key..., piece, last, validity) : ws_.binary(key..., piece, last);
    });
    sent(frame, why, support::first_byte(begun_ == 0 ? opcode : 0, last), piece);
    if (why != weft::refusal::none) return;
    begun_ = last == weft::fin::yes ? 0 : opcode;
    text_ = begun_ == 1 && checked ? text_ + std::string(piece) : "";
  }

  void say_control(unsigned opcode, std::string_view payload) {
    auto why = weft::refusal::none;
    if (payload.size() > 125) why = weft::refusal::control_too_long;
    if (!is_open()) why = weft::refusal::closed;
    const auto frame =
        keyed([&](auto... key) { return opcode == 9 ? ws_.ping(key..., payload) : ws_.pong(key..., payload); });
    sent(frame, why, 0x80 | opcode, payload);
  }

  void say_close(std::string_view reason) {
    const std::size_t small = 990 + from_.below(40);
    const auto code = static_cast<std::uint16_t>(from_.flag() ? small + 2500 : small);
    auto why = weft::refusal::none;
    if (support::reach_of(reason) != support::reach{reason.size(), true}) why = weft::refusal::invalid_utf8;
    if (reason.size() > 123) why = weft::refusal::control_too_long;
    if (!is_code(code) || (code == 1010 && Role == role::server)) why = weft::refusal::unsendable_close_code;
    if (!may_close()) why = weft::refusal::closed;
    const auto frame = keyed([&](auto... key) { return ws_.close(key..., weft::close_code{code}, reason); });
    sent(frame, why, 0x88, support::network(code, 2) + std::string(reason));
    close_sent_ = close_sent_ || why == weft::refusal::none;
  }

  void send_prepared(const std::string& payload, weft::fin as_text) {
    if constexpr (Role == role::server) {
      const bool text = as_text == weft::fin::yes;
      const auto message = text ? weft::prepared_message<std::string>::text(payload)
                                : weft::prepared_message<std::string>::binary(payload);
      auto why = weft::refusal::none;
      if (begun_ != 0) why = weft::refusal::other_message_unfinished;
      if (!is_open() && begun_ == 0) why = weft::refusal::closed;
      if (text && support::reach_of(payload) != support::reach{payload.size(), true}) why = weft::refusal::invalid_utf8;
      sent(without_allocation([&] { return ws_.send(message); }), why, text ? 0x81 : 0x82, payload);
    }
  }

  void end() {
    const bool told = without_allocation([&] { return ws_.end(); }).has_value();
    equal("whether an end is told", !close_received_ && !failed_ && !ended_, told);
    ended_ = true;
  }

  /// The peer says something, perhaps what it may not, and is perhaps answered.
  void hear(unsigned what, weft::fin last, const std::string& payload) {
    static constexpr unsigned opcodes[] = {1, 2, 0, 8, 9, 10};
    const unsigned first = what == 15 ? from_.byte() : support::first_byte(opcodes[what - 10], last);
    std::string body = payload;
    if (first == 0x88 && from_.flag()) body = "\x03\xe8" + payload;
    const bool answers = from_.flag();
    const std::string bytes = support::frame_from(other(Role), first, body);
    std::span<std::byte> in = placed(std::as_bytes(std::span(bytes)), support::flush::back);
    const bool heard = !close_received_ && !failed_ && !ended_;
    reference_.feed(heard ? bytes : "");
    while (const auto event = without_allocation([&] { return ws_.next(in); })) {
      require(heard, "an event behind the last one");
      tell(*event);
      close_received_ = close_received_ || event->kind == weft::kind::close;
      failed_ = failed_ || event->kind == weft::kind::violation;
      if (answers) answer(*event);
    }
    require(in.empty(), "next() left bytes that it had not taken");
  }

  void tell(const weft::event& event) {
    if (event.kind == weft::kind::text || event.kind == weft::kind::binary) {
      require(heard_.is_next(event), "`first` or the kind of a piece is wrong");
      return told_.data(fuzz::name_of(event.kind), event.text(), event.fin == weft::fin::yes);
    }
    std::string words(fuzz::name_of(event.kind));
    if (event.kind == weft::kind::violation)
      words += " " + std::string(weft::name(event.violation.rule)) + " at " + std::to_string(event.violation.offset) +
               " close";
    if (event.kind == weft::kind::close || event.kind == weft::kind::violation)
      words += " " + std::to_string(static_cast<unsigned>(event.code));
    told_.entry(words + (event.payload.empty() ? "" : " " + support::shown(event.text())));
  }

  void answer(const weft::event& event) {
    const auto frame = keyed([&](auto... key) { return ws_.answer(key..., event); });
    if (event.kind == weft::kind::ping)
      return sent(frame, is_open() ? weft::refusal::none : weft::refusal::closed, 0x8A, event.text());
    if (event.kind != weft::kind::close && event.kind != weft::kind::violation)
      return require(frame.empty() && frame.refusal() == weft::refusal::none, "an answer to nothing");
    const auto code = static_cast<unsigned>(event.code);
    const bool violation = event.kind == weft::kind::violation;
    std::string payload = support::network(code, 2);
    payload += violation ? weft::words(event.violation.rule) : event.text();
    if (code == 1005) payload.clear();
    const bool may = may_close();
    sent(frame, may ? weft::refusal::none : weft::refusal::closed, 0x88, payload);
    close_sent_ = close_sent_ || may;
  }

  /// What both sides said, as others read it.
  void check_wire() {
    same_transcript("what was heard", reference_.transcript(), told_.text());
    bool closed = false, begun = false;
    for (const auto& frame : support::frames_in(wire_)) {
      require(!closed, "a frame behind a Close");
      closed = frame.opcode() == 8;
      if (frame.is_control()) continue;
      require((frame.opcode() == 0) == begun, "a fragment out of order");
      begun = !frame.is_last();
    }
    equal("whether a Close was sent", close_sent_, closed);
  }

  source from_;
  std::conditional_t<Role == role::server, weft::server, weft::client> ws_;
  support::reference_decoder reference_{Role};
  support::transcript told_;
  pieces heard_;
  std::string wire_;
};

inline void calls(std::span<const std::byte> input) {
  source from(input);
  from.flag() ? conversation<role::client>(from).run() : conversation<role::server>(from).run();
}

}  // namespace fuzz
