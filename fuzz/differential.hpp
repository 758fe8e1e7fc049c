// SPDX-License-Identifier: MIT
//
// differential.hpp: the same bytes to weft and to another implementation, and the differences that are explained. One
// that is not aborts. How often each was met is printed at the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "support/transcript.hpp"

namespace fuzz {

/// A difference at the first entry that is not the same: how weft's begins, how the peer's does, and why that is well.
/// An entry is a whole message, a control frame, `close CODE REASON`, `violation CODE`, and of weft `violation CODE
/// RULE`; `nothing` is where one of them waits for more.
struct explanation {
  std::string_view name;
  std::string_view peer;
  std::string_view ours;
  std::string_view theirs;
  std::string_view reason;
};

// clang-format off
inline constexpr explanation explanations[] = {
    {"sooner", "", "violation", "nothing", "weft tells a broken rule at the byte that makes it certain; others wait for the whole header or frame"},
    {"huge", "beast websocketpp", "violation 1002 length_out_of_range", "violation 1009", "2^63 bytes and more are no length (5.2); to others they are only too many"},
    {"huge_text", "websocketpp", "violation 1002 length_out_of_range", "violation 1007", "the same behind another fragment: WebSocket++ adds such a length to what it has, and the sum wraps to a small one"},
    {"code_above_4999", "beast", "violation 1002 invalid_close_code", "close ", "Beast takes every code from 5000 up (7.4.2)"},
    {"code_1012_to_1014", "beast wslay", "close 101", "violation 100", "registered at IANA since; Beast does not know 1014, wslay none of them"},
    {"reason_1002", "beast", "violation 1007", "violation 1002", "a reason that is no UTF-8 is bad text to weft (8.1), a bad Close to Beast"},
    {"code_before_reason", "wslay", "violation 1007", "violation 1002", "a code that wslay does not know, see above, with a reason that is no UTF-8"},
    {"unfinished_text", "beast", "violation 1007 truncated_utf8", "text", "Beast does not look for the end of a character where a text's last frame is empty (8.1)"},
    {"length_1011", "websocketpp", "violation 1002 length_not_minimal", "violation 1011", "WebSocket++ has no code of its own for a length that is too long"},
    {"unfinished_text", "websocketpp", "violation 1007 truncated_utf8", "text", "WebSocket++ looks for the end of a character only where a text's last frame is its first (8.1)"},
    {"no_code", "wslay", "violation 1002", "violation 1005", "what wslay's parser of headers refuses it answers by a Close without a code"},
    {"half_a_code", "wslay", "violation 1002 close_of_one_byte", "close 1005", "wslay takes half a code for none (5.5.1)"},
    {"reason_sooner", "wslay", "nothing", "violation 1007", "wslay looks at a reason as it comes, weft when its frame is whole"},
    {"reason_before_code", "wslay", "violation 1002 invalid_close_code", "violation 1007", "and so before the code"},
    {"reason_refused", "wslay", "close ", "violation 1007", "of each piece of a Close wslay takes the first two bytes for the code: a character that is cut there lacks them"},
    {"reason_unchecked", "wslay", "violation 1007", "close ", "and bad bytes that lie there pass (8.1)"},
};
// clang-format on

inline constexpr std::size_t most_message_bytes = 1024 * 1024;

using entries = std::vector<std::string>;

inline std::string entry_of(std::string_view name, std::string_view payload) {
  return std::string(name) + (payload.empty() ? "" : " " + support::shown(payload));
}

/// What weft tells of whole messages.
template <role Role>
entries told_by_weft(std::span<const std::byte> input, const cutter& cut) {
  std::conditional_t<Role == role::server, weft::server, weft::client> ws;
  weft::message_reader<std::string> reader;
  const weft::limits limits{
      .max_message_bytes = most_message_bytes, .max_fragments = UINT32_MAX, .max_control_frames = UINT32_MAX};
  entries all;
  cut(input, [&](std::span<const std::byte> piece) {
    std::span<std::byte> in = placed(piece, support::flush::back);
    while (const auto event = reader.next(ws, in, limits)) {
      std::string name(name_of(event->kind));
      const bool ends = event->kind == weft::kind::close || event->kind == weft::kind::violation;
      if (ends) name += " " + std::to_string(static_cast<unsigned>(event->code));
      if (event->kind == weft::kind::violation) name += " " + std::string(weft::name(event->violation.rule));
      all.push_back(entry_of(name, event->text()));
    }
    return true;
  });
  return all;
}

/// How often each explanation was needed.
class counts {
 public:
  static counts& all() {
    static counts one;
    return one;
  }
  ~counts() {
    std::fprintf(stderr, "differential: %llu inputs, %llu told alike\n", static_cast<unsigned long long>(inputs_),
                 static_cast<unsigned long long>(alike_));
    for (std::size_t i = 0; i < met_.size(); ++i) {
      if (met_[i] == 0) continue;
      const auto& one = explanations[i];
      std::fprintf(stderr, "differential: %llu %.*s: %.*s\n", static_cast<unsigned long long>(met_[i]),
                   static_cast<int>(one.name.size()), one.name.data(), static_cast<int>(one.reason.size()),
                   one.reason.data());
    }
  }
  void compare(std::string_view peer, const entries& ours, const entries& theirs) {
    ++inputs_;
    const auto at = [](const entries& of, std::size_t i) { return i < of.size() ? of[i] : std::string("nothing"); };
    for (std::size_t i = 0; i < ours.size() || i < theirs.size(); ++i) {
      const std::string a = at(ours, i);
      const std::string b = at(theirs, i);
      if (a == b || (b.starts_with("violation") && a.starts_with(b))) continue;
      for (std::size_t n = 0; n < std::size(explanations); ++n) {
        const auto& one = explanations[n];
        if (one.peer.find(peer) == one.peer.npos && !one.peer.empty()) continue;
        if (!a.starts_with(one.ours) || !b.starts_with(one.theirs)) continue;
        ++met_[n];
        return;
      }
      std::fprintf(stderr, "DIFFERENT from %.*s, unexplained: weft tells \"%s\", it \"%s\"\n",
                   static_cast<int>(peer.size()), peer.data(), a.c_str(), b.c_str());
      std::abort();
    }
    ++alike_;
  }

 private:
  std::array<std::uint64_t, std::size(explanations)> met_{};
  std::uint64_t inputs_ = 0, alike_ = 0;
};

/// `peer` tells what it makes of pieces that are given to it, until it returns that it is done.
template <role Role, class Peer>
void compare_with(std::string_view name, source from) {
  const cutter cut(from);
  Peer peer;
  cut(from.rest(), [&](std::span<const std::byte> piece) { return peer.take(piece); });
  counts::all().compare(name, told_by_weft<Role>(from.rest(), cut), peer.told());
}

}  // namespace fuzz
