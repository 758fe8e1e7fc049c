// SPDX-License-Identifier: MIT
//
// cuts.hpp: one input, cut in every way. Each piece lies against an unmapped page, once on each side of it, and no call
// of the codec may allocate. A test states one transcript; every cut must give that.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/allocation.hpp"
#include "support/counts.hpp"
#include "support/guarded.hpp"
#include "support/transcript.hpp"
#include "support/wire.hpp"

#include <weft/connection/client.hpp>
#include <weft/connection/server.hpp>

namespace support {

/// Sizes of pieces, in order; the last is repeated until the input is used up.
using cut = std::vector<std::size_t>;

/// Every cut of a short input; of a longer one each single cut, bytewise, and pieces of several sizes.
inline std::vector<cut> cuts_of(std::size_t size) {
  std::vector<cut> all{{size + 1}};
  if (size <= 12) {
    for (std::size_t bits = 1; size > 1 && bits < std::size_t{1} << (size - 1); ++bits) {
      cut pieces{1};
      for (std::size_t i = 0; i + 1 < size; ++i) {
        if ((bits >> i & 1) != 0) {
          pieces.push_back(1);
        } else {
          ++pieces.back();
        }
      }
      all.push_back(pieces);
    }
    return all;
  }
  for (std::size_t i = 1; i < size && size <= 2000; ++i) all.push_back({i, size});
  for (const std::size_t piece : sizes{1, 2, 3, 5, 7, 13, 64, 125, 1000, 1460, 65536}) {
    if (piece < size) all.push_back({piece});
  }
  all.push_back({1, 0, 1, 0, 0, size});  // with empty reads between
  return all;
}

/// Feeds `input`, cut, to `take(piece)`.
template <class Take>
void feed(std::string_view input, const cut& pieces, flush side, Take&& take) {
  for (std::size_t at = 0, i = 0; at < input.size(); ++i) {
    const std::string_view piece = input.substr(at, i < pieces.size() ? pieces[i] : pieces.back());
    take(shared_guarded().place(piece, side));
    at += piece.size();
  }
}

inline std::string name_of(weft::kind kind) {
  switch (kind) {
    case weft::kind::text: return "text";
    case weft::kind::binary: return "binary";
    case weft::kind::ping: return "ping";
    case weft::kind::pong: return "pong";
    case weft::kind::close: return "close";
    case weft::kind::violation: return "violation";
  }
  return "?";
}

/// The endpoint of a role, and the bytes that it reads.
template <weft::role Role>
using endpoint_of = std::conditional_t<Role == weft::role::server, weft::server, weft::client>;
template <weft::role Role>
using input_of = std::conditional_t<Role == weft::role::server, std::byte, const std::byte>;

/// The key with which a recording client masks all that it answers: the builders' own.
inline constexpr weft::masking_key recorder_key{
    {std::byte{example_key[0]}, std::byte{example_key[1]}, std::byte{example_key[2]}, std::byte{example_key[3]}}};

/// An endpoint's transcript, and the bytes of all its answers. The endpoint is made of what follows the limits.
template <weft::role Role = weft::role::server, class Endpoint = endpoint_of<Role>>
class recorder {
 public:
  template <class... Parts>
  explicit recorder(weft::limits limits = {}, Parts&&... parts) : limits_(limits), ws_(std::forward<Parts>(parts)...) {}

  void take(std::span<input_of<Role>> in) {
    const std::string_view all(reinterpret_cast<const char*>(in.data()), in.size());
    const std::string before(Role == weft::role::client ? all : std::string_view());
    for (;;) {
      const auto event = without_allocation([&] { return ws_.next(in, limits_); });
      if (!event) break;
      record(*event);
    }
    CHECK_MESSAGE(in.empty(), "next() left bytes that it had not taken");
    if (Role == weft::role::client && all != before) FAIL_CHECK("a client wrote to its input");
  }

  void end() {
    if (const auto event = ws_.end()) record(*event);
  }

  [[nodiscard]] std::string transcript() { return seen_.text(); }
  [[nodiscard]] const std::string& answers() const { return answers_; }
  Endpoint& endpoint() { return ws_; }

 private:
  void record(const weft::event& event) {
    CHECK_MESSAGE(!over_, "an event came after the last one");
    if (event.kind == weft::kind::text || event.kind == weft::kind::binary) {
      CHECK_MESSAGE(event.first == !in_message_, "`first` is wrong");
      in_message_ = event.fin == weft::fin::no;
      seen_.data(name_of(event.kind), event.text(), event.fin == weft::fin::yes);
      return;
    }
    std::string words = name_of(event.kind);
    if (event.kind == weft::kind::violation) {
      words += " " + std::string(weft::name(event.violation.rule)) + " at " + std::to_string(event.violation.offset) +
               " close";
    }
    if (event.kind == weft::kind::close || event.kind == weft::kind::violation) {
      words += " " + std::to_string(static_cast<unsigned>(event.code));
      over_ = true;
    }
    if (!event.payload.empty()) words += " " + shown(event.text());
    seen_.entry(words);

    const auto answer = without_allocation([&] {
      if constexpr (Role == weft::role::client) {
        return ws_.answer(recorder_key, event);
      } else {
        return ws_.answer(event);
      }
    });
    std::string bytes(answer.size(), '\0');
    (void)answer.copy_to(bytes);
    answers_ += bytes;
  }

  weft::limits limits_;
  Endpoint ws_;
  support::transcript seen_;
  std::string answers_;
  bool in_message_ = false;
  bool over_ = false;
};

/// Calls `check` with the transcript and the answers of the uncut input, and with any that differ for another cut:
/// a check that holds for the first thus holds for every cut.
template <weft::role Role = weft::role::server, class Check>
void for_every_cut(std::string_view input, Check&& check, weft::limits limits = {}) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const cut& pieces : cuts_of(input.size())) {
    for (const flush side : {flush::back, flush::front}) {
      recorder<Role> receiver(limits);
      feed(input, pieces, side, [&](std::span<std::byte> in) { receiver.take(in); });
      ++cuts_run;
      const auto result = std::pair(receiver.transcript(), receiver.answers());
      if (!seen.insert(result).second) continue;
      CHECK_MESSAGE(seen.size() == 1, "another transcript or answer for pieces of " << pieces.front() << "...");
      if constexpr (std::is_invocable_v<Check, std::string, std::string>) {
        check(result.first, result.second);
      } else {
        check(result.first);
      }
    }
  }
}

/// The most common check: this transcript, however the input is cut.
template <weft::role Role = weft::role::server>
void check_every_cut(std::string_view input, const std::string& expected, weft::limits limits = {}) {
  for_every_cut<Role>(
      input, [&](const std::string& seen) { CHECK(seen == expected); }, limits);
}

}  // namespace support
