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
#include "support/texts.hpp"
#include "support/transcript.hpp"

namespace fuzz {

/// What is told at one place: the name is that of a message or a control frame, `close CODE`, `violation CODE`, of weft
/// `violation CODE RULE`, with `in a Close` for a payload where it is there; or `nothing`, where one waits for more.
struct entry {
  std::string name;
  std::string payload{};
  bool operator==(const entry&) const = default;

  [[nodiscard]] int code() const { return std::atoi(name.c_str() + name.find(' ') + 1); }
};
using entries = std::vector<entry>;

inline bool is_cut_off(const entry& text) {
  return support::reach_of(text.payload) == support::reach{text.payload.size(), false};
}

/// Whether the byte at `offset` lies in a Close, by the headers before it, in which no rule is broken.
inline bool in_a_close(std::span<const std::byte> input, std::uint64_t offset) {
  for (std::size_t begin = 0; begin + 1 < input.size();) {
    const auto at = [&](std::size_t i) {
      return begin + i < input.size() ? std::to_integer<unsigned>(input[begin + i]) : 0;
    };
    std::uint64_t length = at(1) & 127;
    const std::size_t form = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (form != 0) length = 0;
    for (std::size_t i = 0; i < form; ++i) length = length << 8 | at(2 + i);
    const std::size_t payload = begin + 2 + form + ((at(1) & 128) != 0 ? 4 : 0);
    if (length >= input.size() || offset < payload + length) return (at(0) & 15) == 8;
    begin = payload + static_cast<std::size_t>(length);
  }
  return false;
}

inline bool ours_in_a_close(const entry& ours, const entry&) {
  return ours.payload == "in a Close";
}

/// A difference at the first entry that is not the same: how weft's begins, how the peer's does, and why that is well.
struct explanation {
  std::string_view name;
  std::string_view peer;
  std::string_view ours;
  std::string_view theirs;
  std::string_view reason;
  bool (*holds)(const entry& ours, const entry& theirs) = [](const entry&, const entry&) { return true; };
  /// Only while the input is cut, or not at its end: of the whole with zeros behind it both tell the same, or what
  /// another line explains.
  bool passes = false;
};

// clang-format off
inline constexpr explanation explanations[] = {
    {"sooner", "", "violation", "nothing", "weft tells a broken rule at the byte that makes it certain; others wait for the whole header or frame",
     [](const entry&, const entry&) { return true; }, true},
    {"huge", "beast websocketpp", "violation 1002 length_out_of_range", "violation 1009", "2^63 bytes and more are no length (5.2); to others they are only too many"},
    {"huge_text", "websocketpp", "violation 1002 length_out_of_range", "violation 1007", "the same behind another fragment: WebSocket++ adds such a length to what it has, and the sum wraps to a small one"},
    {"huge_wraps", "websocketpp", "violation 1002 length_out_of_range", "nothing", "and of what is UTF-8 it waits for all those bytes"},
    {"code_above_4999", "beast", "violation 1002 invalid_close_code", "close ", "Beast takes every code from 5000 up (7.4.2)",
     [](const entry&, const entry& theirs) { return theirs.code() >= 5000; }},
    {"code_1012_to_1014", "wslay", "close ", "violation 1002", "registered at IANA since: wslay knows none of them",
     [](const entry& ours, const entry&) { return ours.code() >= 1012 && ours.code() <= 1014; }},
    {"code_1014", "beast", "close 1014", "violation 1002", "nor does Beast know the last"},
    {"reason_1002", "beast", "violation 1007", "violation 1002", "a reason that is no UTF-8 is bad text to weft (8.1), a bad Close to Beast", ours_in_a_close},
    {"code_before_reason", "wslay", "violation 1007", "violation 1002", "a code that wslay does not know, see above, with a reason that is no UTF-8", ours_in_a_close},
    {"unfinished_text", "beast", "violation 1007 truncated_utf8", "text", "Beast does not look for the end of a character where a text's last frame is empty (8.1)",
     [](const entry&, const entry& theirs) { return is_cut_off(theirs); }},
    {"length_1011", "websocketpp", "violation 1002 length_not_minimal", "violation 1011", "WebSocket++ has no code of its own for a length that is too long"},
    {"unfinished_text", "websocketpp", "violation 1007 truncated_utf8", "text", "WebSocket++ looks for the end of a character only where a text's last frame is its first (8.1)",
     [](const entry&, const entry& theirs) { return is_cut_off(theirs); }},
    {"no_code", "wslay", "violation 1002", "violation 1005", "what wslay's parser of headers refuses it answers by a Close without a code",
     [](const entry& ours, const entry&) { return !ours.name.ends_with("_close_code"); }},
    {"half_a_code", "wslay", "violation 1002 close_of_one_byte", "close 1005", "wslay takes half a code for none (5.5.1)"},
    {"reason_sooner", "wslay", "nothing", "violation 1007", "wslay looks at a reason as it comes, weft when its frame is whole",
     [](const entry&, const entry&) { return true; }, true},
    {"reason_before_code", "wslay", "violation 1002 invalid_close_code", "violation 1007", "and so before the code"},
    {"reason_refused", "wslay", "close ", "violation 1007", "of each piece of a Close wslay takes the first two bytes for the code: a character that is cut there lacks them",
     [](const entry&, const entry&) { return true; }, true},
    {"reason_unchecked", "wslay", "violation 1007", "close ", "and bad bytes that lie there pass (8.1)", ours_in_a_close, true},
};
// clang-format on

inline constexpr std::size_t most_message_bytes = 1024 * 1024;

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
      if (event->kind == weft::kind::violation) {
        const auto [rule, offset] = event->violation;
        name += " " + std::string(weft::name(rule));
        const bool behind = rule == weft::rule::truncated_utf8;  // is told where the next byte should be
        all.push_back({name, in_a_close(input, behind ? offset - 1 : offset) ? "in a Close" : ""});
      } else {
        all.push_back({name, std::string(event->text())});
      }
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
  /// Whether all is alike, or differs by what lasts.
  bool compare(std::string_view peer, const entries& ours, const entries& theirs, bool lasting) {
    const auto at = [](const entries& of, std::size_t i) { return i < of.size() ? of[i] : entry{"nothing"}; };
    for (std::size_t i = 0; i < ours.size() || i < theirs.size(); ++i) {
      const entry a = at(ours, i);
      const entry b = at(theirs, i);
      if (a == b || (b.name.starts_with("violation") && a.name.starts_with(b.name))) continue;
      for (std::size_t n = 0; n < std::size(explanations); ++n) {
        const auto& one = explanations[n];
        if ((one.peer.find(peer) == one.peer.npos && !one.peer.empty()) || (one.passes && lasting)) continue;
        if (!a.name.starts_with(one.ours) || !b.name.starts_with(one.theirs) || !one.holds(a, b)) continue;
        ++met_[n];
        return !one.passes;
      }
      std::fprintf(stderr, "DIFFERENT from %.*s, unexplained%s: weft tells \"%s %s\", it \"%s %s\"\n",
                   static_cast<int>(peer.size()), peer.data(), lasting ? " when it is whole" : "", a.name.c_str(),
                   support::shown(a.payload).c_str(), b.name.c_str(), support::shown(b.payload).c_str());
      std::abort();
    }
    if (!lasting) ++alike_;
    return true;
  }
  void count() { ++inputs_; }

 private:
  std::array<std::uint64_t, std::size(explanations)> met_{};
  std::uint64_t inputs_ = 0, alike_ = 0;
};

/// The peer is given pieces until it says that it is done, and tells what it makes of them.
template <role Role, class Peer>
void compare_with(std::string_view name, source from) {
  const cutter cut(from);
  const auto alike = [&](std::string_view text, const cutter& pieces, bool lasting) {
    const auto input = std::as_bytes(std::span(text));
    Peer peer;
    pieces(input, [&](std::span<const std::byte> piece) { return peer.take(piece); });
    return counts::all().compare(name, told_by_weft<Role>(input, pieces), peer.told(), lasting);
  };
  counts::all().count();
  if (alike(from.text(), cut, false)) return;
  alike(std::string(from.text()) + std::string(256, '\0'), cutter({}), true);
}

}  // namespace fuzz
