// SPDX-License-Identifier: MIT
//
// deflate_round_trip.hpp: what one side compresses, at any level, for any window, in any pieces and through spans of
// any size from 16 bytes up, is what the other side is told; and its frames are as RFC 7692 section 6.1 has them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/check.hpp"
#include "fuzz/deflating.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "support/texts.hpp"
#include "support/wire.hpp"

namespace fuzz {

/// 6.1: RSV1 on the first frame of a message that is compressed, one after the other, and on no other frame; 5.4:
/// control frames are not fragmented.
inline void check_frames(std::string_view wire, role sender, const std::vector<bool>& compressed) {
  bool begun = false;
  std::size_t message = 0;
  for (const auto& frame : support::frames_in(wire)) {
    const bool rsv1 = (frame.first & 0x40) != 0;
    require(frame.masked == (sender == role::client), "the mask of a frame");
    require((frame.first & 0x30) == 0, "a reserved bit is sent");
    if (frame.is_control()) {
      require(!rsv1 && frame.is_last() && frame.payload.size() <= 125, "a control frame that cannot be");
      continue;
    }
    require((frame.opcode() == 0) == begun, "a frame out of order");
    require(begun || message < compressed.size(), "a message too many");
    require(rsv1 == (!begun && compressed[message]), "RSV1 is wrong");
    if (!begun) ++message;
    begun = !frame.is_last();
  }
}

/// Bytes that compress more or less well, out of some that were given.
inline std::string stretched(std::span<const std::byte> some, std::size_t size, unsigned how) {
  if (how % 4 == 0 || some.empty()) return std::string(view_of(some));
  std::string all = support::text_in(view_of(some), size);
  std::uint32_t random = how;
  for (std::size_t i = 0; how % 4 == 3 && i < all.size(); ++i) {
    random = random * 1664525U + 1013904223U;
    all[i] = static_cast<char>(random >> 24);
  }
  return all;
}

template <role Sender>
void deflate_from(source from) {
  const std::uint8_t flags = from.byte();
  const auto bits = static_cast<std::uint8_t>(9 + from.below(7));
  const auto peer_bits = static_cast<std::uint8_t>(8 + from.below(8));
  const bool server = Sender == role::server;
  std::optional<weft::deflate_parameters> agreed =
      weft::deflate_parameters{.server_no_context_takeover = (flags & 1) != 0,
                               .client_no_context_takeover = (flags & 1) != 0,
                               .server_max_window_bits = server ? bits : peer_bits,
                               .client_max_window_bits = server ? peer_bits : bits};
  if ((flags & 0x78) == 0x78) agreed.reset();
  const weft::zlib::settings settings{.level = static_cast<int>(from.below(10)),
                                      .memory_level = 1 + static_cast<int>(from.below(9))};
  const std::size_t room = from.any_of<std::size_t>({16, 17, 19, 20, 31, 64, 300, 4096, 0});
  engines lent(from.any_of<std::size_t>({1, 2, 7, 64, 4096}), room, settings);
  engines lent_to_peer(from.any_of<std::size_t>({1, 2, 7, 64, 4096}), 0);

  deflate_endpoint<Sender> ws(agreed, lent.pool);
  auto keys = [n = 0U]() mutable { return weft::masking_key({std::byte(++n), std::byte(n >> 8), {}, std::byte{7}}); };
  support::transcript said;
  std::string wire;
  unsigned begun = 0;
  std::vector<bool> compressed;  // each message
  std::string text;              // of the message being sent
  for (std::size_t count = from.below(8); count > 0; --count) {
    const std::uint8_t what = from.byte();
    const auto last = weft::fin{(what & 1) != 0};
    const auto how = static_cast<weft::compression>((what >> 1) % 3);
    const unsigned opcode = begun != 0 ? begun : 1 + (what >> 3 & 1U);
    const std::size_t size = from.any_of<std::size_t>({0, 1, 5, 60, 64, 300, 2000, 40000});
    const std::string piece = stretched(from.front(from.below(200)), size, what >> 4);

    bool good = true;
    if (opcode == 1) {
      const auto reach = support::reach_of(text + piece);
      good = reach.valid == text.size() + piece.size() && (reach.whole || last == weft::fin::no);
    }
    const std::size_t frames_before = wire.size();
    const auto refusal = without_allocation([&] {
      auto frames = [&] {
        if constexpr (Sender == role::client) {
          return opcode == 1 ? ws.text(keys, piece, last, weft::utf8::checked, how) : ws.binary(keys, piece, last, how);
        } else {
          return opcode == 1 ? ws.text(piece, last, weft::utf8::checked, how) : ws.binary(piece, last, how);
        }
      }();
      for (const auto& frame : frames) {
        const int forbidden = std::exchange(support::allocations_forbidden, 0);
        weft::append(wire, frame);
        support::allocations_forbidden = forbidden;
      }
      return frames.refusal();
    });
    equal("what is sent is refused", good, refusal == weft::refusal::none, piece);
    if (!good) {
      equal("why text is refused", static_cast<int>(weft::refusal::invalid_utf8), static_cast<int>(refusal), piece);
      require(wire.size() == frames_before, "what is refused was sent");
      continue;
    }
    const bool worthwhile = last == weft::fin::no || piece.size() >= 64;
    if (begun == 0)
      compressed.push_back(agreed && room >= 16 && how != weft::compression::no &&
                           (how == weft::compression::yes || worthwhile));
    text = last == weft::fin::yes || opcode == 2 ? "" : text + piece;
    begun = last == weft::fin::yes ? 0 : opcode;
    if (!piece.empty() || begun == 0) said.data(opcode == 1 ? "text" : "binary", piece, begun == 0);
    if ((what & 0x20) != 0) {
      if constexpr (Sender == role::client) {
        weft::append(wire, ws.ping(keys(), "p"));
      } else {
        weft::append(wire, ws.ping("p"));
      }
      said.entry("ping p");
    }
  }
  check_frames(wire, Sender, compressed);
  const cutter cut(from);
  receiver<other(Sender), deflate_endpoint<other(Sender)>> peer({.max_fragments = UINT32_MAX}, agreed,
                                                                lent_to_peer.pool);
  peer.take(std::as_bytes(std::span(wire)), cut);
  same_transcript("what was compressed is told", said.text(), peer.transcript());
}

inline void deflate_round_trip(std::span<const std::byte> input) {
  source from(input);
  from.flag() ? deflate_from<role::client>(from) : deflate_from<role::server>(from);
}

}  // namespace fuzz
