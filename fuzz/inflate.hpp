// SPDX-License-Identifier: MIT
//
// inflate.hpp: compressed messages of any bytes, in any frames, at any cut and with spans of any size, are told as a
// slow inflater has them (tests/support/inflate.hpp), up to the limits and not a byte further, and as zlib by itself
// has them.
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
#include "support/inflate.hpp"
#include "support/texts.hpp"
#include "support/wire.hpp"

namespace fuzz {

/// Messages, each in its frames, and what is known of them.
struct compressed_stream {
  weft::deflate_parameters agreed;
  weft::limits limits;
  unsigned opcode = 2;
  bool pings = false;  ///< one behind each fragment
  std::vector<std::vector<std::string>> messages;
};

template <role Receiver>
std::string wire_of(const compressed_stream& stream) {
  std::string wire;
  for (const auto& frames : stream.messages) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const unsigned last = i + 1 == frames.size() ? 0x80 : 0;
      wire += support::frame_from(other(Receiver), last | (i == 0 ? 0x40 | stream.opcode : 0), frames[i]);
      if (stream.pings && last == 0) wire += support::frame_from(other(Receiver), 0x89, "");
    }
  }
  return wire;
}

/// A message, and what is told before it.
struct begun {
  std::string before;
  std::size_t payload_at;

  bool operator==(const begun&) const = default;
};

/// What is told of a stream. At a limit it is zlib's choice when it says that there is more, having no room left: also
/// of what is broken just there; and of more than a fragment may give, now or when the next comes, which allows more.
struct verdict {
  std::string text{};
  std::vector<std::string> others{};  ///< what else may be told
  std::vector<begun> messages{};
  bool has_empty_code = false;  ///< the block that is broken has a code for lengths without codes

  bool operator==(const verdict&) const = default;
};

/// With a window of so many bits.
template <role Receiver>
verdict expected_of(const compressed_stream& stream, unsigned window_bits) {
  const std::string name = stream.opcode == 1 ? "text" : "binary";
  const auto& limits = stream.limits;
  support::reference_inflater inflater(window_bits, stream.agreed.takeover(other(Receiver)));
  verdict all;
  support::transcript seen;
  const auto violation_in = [](support::transcript told, weft::rule rule, std::size_t at) {
    told.entry("violation " + std::string(weft::name(rule)) + " at " + std::to_string(at) + " close " +
               std::to_string(static_cast<unsigned>(weft::close_code_for(rule))));
    return told.text();
  };
  std::size_t offset = 0;
  for (const auto& frames : stream.messages) {
    std::string message, told;
    std::size_t payload_at = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const bool last = i + 1 == frames.size();
      const std::size_t key = Receiver == role::server ? 4 : 0;
      const std::size_t header = (frames[i].size() < 126 ? 2 : frames[i].size() < 65536 ? 4 : 10) + key;
      const std::uint64_t most_wire = limits.max_message_bytes + limits.max_message_bytes / 8 + 1024 + 8 * (i + 1);
      if (message.size() + frames[i].size() > most_wire) {
        all.text = violation_in(seen, weft::rule::message_too_long, offset + header - key - 1);
        return all;
      }
      offset += header;
      if (i == 0) {
        payload_at = offset;
        all.messages.push_back({seen.text(), payload_at});
      }
      offset += frames[i].size();
      message += frames[i];

      auto now = inflater;
      auto result = now.inflate(message);
      if (!last && result.broken == weft::rule::truncated_deflate) result.broken = weft::rule::none;
      const std::uint64_t announced = message.size() * std::uint64_t{limits.max_inflation};
      const auto most = static_cast<std::size_t>(std::min(limits.max_message_bytes, announced));
      const auto text =
          stream.opcode == 1 ? support::reach_of(result.payload) : support::reach{result.payload.size(), true};
      const auto limit = most < limits.max_message_bytes ? weft::rule::inflated_too_far : weft::rule::message_too_long;
      auto rule = result.broken;
      std::size_t good = result.payload.size();
      if (text.valid < std::min(good, most)) {
        rule = weft::rule::invalid_utf8;
        good = text.valid;
      } else if (good > most) {
        rule = limit;
        good = most;
      } else if (rule == weft::rule::none && last && !text.whole) {
        rule = weft::rule::truncated_utf8;
      }
      good = std::max(good, told.size());
      const std::string piece = result.payload.substr(told.size(), good - told.size());
      const bool ends = last && rule == weft::rule::none;
      if (!piece.empty() || ends) seen.data(name, piece, ends);
      told += piece;
      if ((rule == weft::rule::invalid_deflate || rule == weft::rule::truncated_deflate) && good == most)
        all.others.push_back(violation_in(seen, limit, payload_at));
      if (rule == weft::rule::inflated_too_far && !last) {
        all.others.push_back(violation_in(seen, rule, payload_at));
        rule = weft::rule::none;
      }
      if (rule != weft::rule::none) {
        all.text = violation_in(seen, rule, payload_at);
        all.has_empty_code = now.has_empty_code();
        return all;
      }
      if (last) {
        inflater = now;
      } else if (stream.pings) {
        seen.entry("ping");
        offset += 2 + key;
      }
    }
  }
  all.text = seen.text();
  return all;
}

/// Whether that is told of a stream, at once or, because zlib notices later than it could, behind Pings: that there is
/// more than the limit or what is broken just there, when more comes; and of a block whose code for lengths has no
/// codes only when it should have all lengths: a message that ends before is truncated.
inline bool is_as(const verdict& expected, std::string seen) {
  const auto without_pings = [](std::string text) {
    for (std::size_t at = 0; (at = text.find("ping; ")) != text.npos;) text.erase(at, 6);
    return text;
  };
  if (expected.text == seen) return true;
  seen = without_pings(seen);
  const bool at_limit = !expected.others.empty() || expected.text.find("close 1009") != expected.text.npos;
  if (at_limit && without_pings(expected.text) == seen) return true;
  for (const auto& other : expected.others)
    if (without_pings(other) == seen) return true;
  if (!expected.has_empty_code || expected.text.find("violation invalid_deflate") == expected.text.npos) return false;
  const std::size_t at = seen.find("violation truncated_deflate");
  if (at != seen.npos) seen.replace(at, 19, "violation invalid");
  return without_pings(expected.text) == seen;
}

/// Whether zlib noticed a reference beyond a window of less than 32 KiB: in the message that has the first, or in one
/// behind it. What is told of that message is looked at by compare_with_zlib().
inline bool is_noticed(const verdict& expected, const verdict& unlimited, const std::string& seen) {
  for (std::size_t i = expected.messages.size() - 1; i < unlimited.messages.size(); ++i) {
    const auto& [before, payload_at] = unlimited.messages[i];
    if (seen.starts_with(before) &&
        seen.ends_with("violation invalid_deflate at " + std::to_string(payload_at) + " close 1007"))
      return true;
  }
  return false;
}

/// Each message that weft told whole is what zlib makes of it, and what zlib refuses was not told whole. What is told
/// of a message that is broken is where it begins.
template <role Receiver>
void compare_with_zlib(const compressed_stream& stream, std::string wire) {
  engines lent(4096, 0);
  deflate_endpoint<Receiver> ws(stream.agreed, lent.pool);
  std::span<std::byte> in = std::as_writable_bytes(std::span(wire));
  support::reference_inflater slow(15, stream.agreed.takeover(other(Receiver)));
  std::string before, message;
  std::size_t n = 0;
  while (const auto event = ws.next(in, stream.limits)) {
    const bool broken = event->kind == weft::kind::violation;
    if (!broken && event->kind != weft::kind::text && event->kind != weft::kind::binary) continue;
    message += event->text();
    if (!broken && event->fin == weft::fin::no) continue;
    std::string compressed;
    for (const auto& frame : stream.messages[n]) compressed += frame;
    const auto all = slow.inflate(compressed).payload;
    if (broken) return require(all.starts_with(message), "what is told of a broken message", compressed);
    const auto expected = bare_inflate(compressed, before);
    require(expected.has_value(), "what zlib refuses was told", compressed);
    same("a message as zlib has it", *expected, message);
    if (stream.agreed.takeover(other(Receiver))) before += message;
    message.clear();
    ++n;
  }
  equal("how many messages are told", stream.messages.size(), n);
}

template <role Receiver>
void inflate_to(source from) {
  compressed_stream stream;
  const std::uint8_t flags = from.byte();
  stream.opcode = (flags & 1) != 0 ? 1 : 2;
  stream.pings = (flags & 2) != 0;
  const auto bits = from.any_of<std::uint8_t>({15, 15, 15, 8, 9, 10, 12, 14});
  stream.agreed = {.server_no_context_takeover = (flags & 4) != 0,
                   .client_no_context_takeover = (flags & 4) != 0,
                   .server_max_window_bits = bits,
                   .client_max_window_bits = bits};
  stream.limits.max_message_bytes = from.any_of<std::uint64_t>({1 << 20, 1 << 20, 0, 1, 10, 100, 258, 1000, 40000});
  stream.limits.max_inflation = from.any_of<std::uint32_t>({UINT32_MAX, UINT32_MAX, 1, 2, 3, 100, 1032});
  const std::size_t span = from.any_of<std::size_t>({1, 2, 3, 7, 31, 64, 257, 4096});
  const std::size_t frame = from.any_of<std::size_t>({SIZE_MAX, SIZE_MAX, 1, 2, 5, 20, 130});
  std::vector<std::size_t> sizes;
  for (std::size_t count = from.below(4); count > 0; --count) sizes.push_back(from.byte());
  sizes.push_back(SIZE_MAX);
  const cutter cut(from);
  for (const std::size_t size : sizes) {
    auto rest = view_of(from.front(size));
    auto& frames = stream.messages.emplace_back();
    const std::size_t most = std::max(frame, rest.size() / 8 + 1);  // more frames are not worth their time
    do {
      frames.emplace_back(rest.substr(0, most));
      rest.remove_prefix(std::min(most, rest.size()));
    } while (!rest.empty());
  }

  const std::string wire = wire_of<Receiver>(stream);
  const auto run = [&](std::size_t room, const cutter& pieces) {
    engines lent(room, 0);
    receiver<Receiver, deflate_endpoint<Receiver>> ws(stream.limits, stream.agreed, lent.pool);
    ws.take(std::as_bytes(std::span(wire)), pieces);
    return ws.transcript();
  };
  const std::string whole = run(4096, cutter({}));
  const std::string in_pieces = run(span, cut);
  const std::string bytewise = run(1 + span % 5, cutter({1}));
  const auto expected = expected_of<Receiver>(stream, bits);
  const auto unlimited = expected_of<Receiver>(stream, 15);
  if (expected == unlimited) {
    if (!is_as(expected, whole)) same_transcript("inflated at once", expected.text, whole);
    same_transcript("inflated in pieces", whole, in_pieces);
    same_transcript("inflated bytewise", whole, bytewise);
  } else {  // zlib may notice or not
    for (const auto& seen : {whole, in_pieces, bytewise}) {
      if (!is_noticed(expected, unlimited, seen) && !is_as(unlimited, seen))
        same_transcript("inflated beyond a window", unlimited.text, seen);
    }
  }
  compare_with_zlib<Receiver>(stream, wire);
}

inline void inflate(std::span<const std::byte> input) {
  source from(input);
  from.flag() ? inflate_to<role::client>(from) : inflate_to<role::server>(from);
}

}  // namespace fuzz
