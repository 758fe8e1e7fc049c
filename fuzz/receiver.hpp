// SPDX-License-Identifier: MIT
//
// receiver.hpp: an endpoint that is read from, with all that it tells and answers written down and checked against what
// the RFC wants answered. Each piece of its input lies against an unmapped page, and no call may allocate.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "support/allocation.hpp"
#include "support/guarded.hpp"
#include "support/transcript.hpp"
#include "support/wire.hpp"

#include <weft/connection/client.hpp>
#include <weft/connection/message.hpp>
#include <weft/connection/server.hpp>

namespace fuzz {

using support::without_allocation;
using weft::role;

constexpr role other(role one) {
  return one == role::server ? role::client : role::server;
}

inline std::string_view name_of(weft::kind kind) {
  static constexpr std::string_view names[] = {"text", "binary", "ping", "pong", "close", "violation"};
  return names[static_cast<std::size_t>(kind)];
}

inline std::string_view view_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The support's key, with which clients mask here.
inline constexpr weft::masking_key client_key{{std::byte{support::example_key[0]}, std::byte{support::example_key[1]},
                                               std::byte{support::example_key[2]}, std::byte{support::example_key[3]}}};

/// Puts a piece against an unmapped page, behind it or before it.
inline std::span<std::byte> placed(std::span<const std::byte> piece, support::flush side) {
  return support::shared_guarded().place(view_of(piece), side);
}

/// The pieces of messages: each of a message has the kind with which that began.
class pieces {
 public:
  bool is_next(const weft::event& event) {
    const bool good = event.first == !inside_ && (event.first || event.kind == kind_);
    inside_ = event.fin == weft::fin::no;
    kind_ = event.kind;
    return good;
  }

 private:
  bool inside_ = false;
  weft::kind kind_{};
};

template <role Role, class Endpoint = std::conditional_t<Role == role::server, weft::server, weft::client>>
class receiver {
 public:
  template <class... Made>
  explicit receiver(const weft::limits& limits, Made&&... made) : limits_(limits), ws_(made...) {}

  /// Takes a piece; nothing of it may be left.
  void take(std::span<const std::byte> piece, support::flush side = support::flush::back) {
    const auto all = placed(piece, side);
    std::span<std::conditional_t<Role == role::server, std::byte, const std::byte>> in = all;
    while (const auto event = without_allocation([&] { return ws_.next(in, limits_); })) record(*event);
    require(in.empty(), "next() left bytes that it had not taken");
    if (Role == role::client) same("a client's input", view_of(piece), view_of(all));
  }
  void take(std::span<const std::byte> input, const cutter& cut) {
    auto side = support::flush::back;
    cut(input, [&](std::span<const std::byte> piece) {
      take(piece, side);
      side = side == support::flush::back ? support::flush::front : support::flush::back;
      return true;
    });
  }
  void end() {
    if (const auto event = ws_.end()) record(*event);
  }

  [[nodiscard]] std::string transcript() { return seen_.text(); }
  Endpoint& endpoint() { return ws_; }

 private:
  void record(const weft::event& event) {
    require(!over_, "an event came after the last one");
    if (event.kind == weft::kind::text || event.kind == weft::kind::binary) {
      require(pieces_.is_next(event), "`first` or the kind of a piece is wrong");
      seen_.data(name_of(event.kind), event.text(), event.fin == weft::fin::yes);
      return;
    }
    std::string words(name_of(event.kind));
    const auto code = static_cast<unsigned>(event.code);
    if (event.kind == weft::kind::violation)
      words += " " + std::string(weft::name(event.violation.rule)) + " at " + std::to_string(event.violation.offset) +
               " close";
    if (event.kind == weft::kind::close || event.kind == weft::kind::violation) {
      words += " " + std::to_string(code);
      over_ = true;
    }
    if (!event.payload.empty()) words += " " + support::shown(event.text());
    seen_.entry(words);

    // 5.5.1, 5.5.3, 7.1.7: what is answered, as the peer reads it.
    std::string expected;
    const std::string payload(event.text());
    if (event.kind == weft::kind::ping) expected = support::frame_from(Role, 0x8A, payload);
    if (event.kind == weft::kind::close && code < 1007 && code > 1003) expected = support::frame_from(Role, 0x88, {});
    if (event.kind == weft::kind::close && expected.empty())
      expected = support::frame_from(Role, 0x88, support::network(code, 2) + payload);
    if (event.kind == weft::kind::violation)
      expected =
          support::frame_from(Role, 0x88, support::network(code, 2) + std::string(weft::words(event.violation.rule)));
    if (ws_.state() == weft::state::closed) expected.clear();
    const auto answer = without_allocation([&] {
      if constexpr (Role == role::client) {
        return ws_.answer(client_key, event);
      } else {
        return ws_.answer(event);
      }
    });
    std::string bytes(answer.size(), '\0');
    (void)answer.copy_to(bytes);
    same("the answer to " + words, expected, bytes);
    if (over_) require(ws_.state() == weft::state::closed, "what was answered is not closed");
  }

  weft::limits limits_;
  Endpoint ws_;
  support::transcript seen_;
  pieces pieces_;
  bool over_ = false;
};

/// Limits that are met, those that are there without asking, and a lenient reading.
inline weft::limits some_limits(source& from) {
  static constexpr weft::limits choices[] = {
      {},
      {.max_message_bytes = 400, .max_frame_bytes = 300, .max_fragments = 5, .max_control_frames = 3},
      {.max_message_bytes = 10, .max_fragments = 2},
      {.max_message_bytes = weft::unlimited, .max_fragments = UINT32_MAX, .max_control_frames = UINT32_MAX},
      {.max_message_bytes = 0, .max_control_frames = 0},
      {.max_frame_bytes = 0, .max_fragments = 0},
      {.max_message_bytes = 125, .max_frame_bytes = 125},
      {.max_message_bytes = 65535, .max_frame_bytes = 65536},
      {.strictness = {.masking = false}},
      {.max_message_bytes = 400, .strictness = {.masking = false, .minimal_lengths = false}}};
  return choices[from.below(std::size(choices))];
}

}  // namespace fuzz
