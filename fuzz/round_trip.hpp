// SPDX-License-Identifier: MIT
//
// round_trip.hpp: what one side sends, by each way of copying a frame, is on the wire as RFC 6455 section 5.2 has it,
// and is what the other side is told. Text that is refused is no UTF-8, other messages are not refused.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "support/texts.hpp"
#include "support/wire.hpp"

namespace fuzz {

/// The same frame, copied in another way.
template <role Role>
void check_copies(const weft::outgoing<Role>& frame, std::string_view expected) {
  std::string appended = "before";
  weft::append(appended, frame);
  same("append()", expected, std::string_view(appended).substr(6));

  std::string room(expected.size() + 3, '.');
  const auto filled = without_allocation([&] { return frame.copy_to(room); });
  same("copy_to()", expected, {filled.data(), filled.size()});
  same("what is behind copy_to()", "...", std::string_view(room).substr(expected.size()));
  if (!expected.empty())
    require(frame.copy_to(std::span(room).first(expected.size() - 1)).empty(), "a frame half sent");

  const std::string_view payload = expected.substr(frame.header().size());
  same("header()", expected.substr(0, frame.header().size()), view_of(frame.header()));
  std::string contiguous(weft::max_frame_header + payload.size(), '.');
  const std::span all(contiguous);
  if constexpr (Role == role::client) {
    const auto copied = frame.copy_payload_to(all.subspan(weft::max_frame_header));
    same("copy_payload_to()", payload, {copied.data(), copied.size()});
  } else {
    same("payload()", payload, view_of(frame.payload()));
    std::copy(payload.begin(), payload.end(), contiguous.begin() + weft::max_frame_header);
  }
  const auto header = frame.copy_header_before(all.first(weft::max_frame_header));
  same("copy_header_before()", expected, std::string_view(contiguous).substr(weft::max_frame_header - header.size()));
}

template <role Role>
void round_trip_from(source from) {
  constexpr role peer = other(Role);
  constexpr std::size_t sizes[] = {0,     1, 7, 15, 16, 31, 64, 124, 125, 126, 127, 128, 129, 1000, 65535, 65536,
                                   65537, 2, 3, 4,  5,  8,  17, 30,  32,  33,  63,  65,  100, 130,  200,   255};
  std::conditional_t<Role == role::server, weft::server, weft::client> ws;
  support::transcript said;
  std::string wire;
  unsigned begun = 0;
  std::string sent_text;  // of the message that is begun
  for (std::size_t count = from.below(8); count > 0; --count) {
    const std::size_t what = from.below(8);  // mostly data
    const auto last = weft::fin{from.flag()};
    const weft::masking_key key({std::byte{from.byte()}, std::byte{from.byte()}, std::byte{from.byte()}, std::byte{1}});
    std::string payload(view_of(from.front(from.any_of<std::size_t>({0, 1, 3, 8, 30, 125, 300}))));
    if (from.flag()) {
      std::size_t size = from.any_of(sizes);
      if (what < 2) size = std::min(size, weft::max_control_payload);
      payload = payload.empty() ? std::string(size, '.') : support::text_in(payload, size);
    }
    const bool control = what < 2;
    const unsigned opcode = control      ? 9 + static_cast<unsigned>(what)
                            : begun != 0 ? begun
                                         : 1 + static_cast<unsigned>(what % 2);
    if (control) payload.resize(std::min(payload.size(), weft::max_control_payload));

    bool good = true;
    if (opcode == 1) {
      const auto reach = support::reach_of(sent_text + payload);
      good = reach.valid == sent_text.size() + payload.size() && (reach.whole || last == weft::fin::no);
    }
    const auto send = [&](auto... keys) {
      if (opcode == 9) return ws.ping(keys..., payload);
      if (opcode == 10) return ws.pong(keys..., payload);
      return opcode == 1 ? ws.text(keys..., payload, last) : ws.binary(keys..., payload, last);
    };
    const auto frame = without_allocation([&] {
      if constexpr (Role == role::client) {
        return send(key);
      } else {
        return send();
      }
    });
    equal("a frame is made", good, frame.refusal() == weft::refusal::none, payload);
    equal("of text that is none the reason is told", good, frame.refusal() != weft::refusal::invalid_utf8, payload);
    if (!good) {
      require(frame.empty(), "a refused frame has bytes", payload);
      continue;
    }
    if (opcode == 1) sent_text = last == weft::fin::yes ? "" : sent_text + payload;

    std::array<unsigned char, 4> bytes{};
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = std::to_integer<unsigned char>(key.bytes[i]);
    const unsigned on_wire = control || begun == 0 ? opcode : 0;
    const std::string expected =
        support::frame_from(Role, support::first_byte(on_wire, control ? weft::fin::yes : last), payload, bytes);
    check_copies<Role>(frame, expected);
    wire += expected;
    if (control) {
      said.entry((opcode == 9 ? "ping" : "pong") + (payload.empty() ? "" : " " + support::shown(payload)));
    } else {
      begun = last == weft::fin::yes ? 0 : opcode;
      const bool told = !payload.empty() || last == weft::fin::yes;
      if (told) said.data(opcode == 1 ? "text" : "binary", payload, last == weft::fin::yes);
    }
  }
  const cutter cut(from);
  receiver<peer> ws_of_peer({});
  ws_of_peer.take(std::as_bytes(std::span(wire)), cut);
  same_transcript("what was said is told", said.text(), ws_of_peer.transcript());
}

inline void round_trip(std::span<const std::byte> input) {
  source from(input);
  from.flag() ? round_trip_from<role::client>(from) : round_trip_from<role::server>(from);
}

}  // namespace fuzz
