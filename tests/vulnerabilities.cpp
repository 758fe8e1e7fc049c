// SPDX-License-Identifier: MIT
//
// vulnerabilities.cpp: what went wrong in other WebSocket implementations, against weft. Every entry of
// vulnerabilities.hpp, cut in every way; then the rows that no one input can show, each a test of its own.
#include "vulnerabilities.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <weft/weft.hpp>

#include "support/cuts.hpp"
#include "support/deflated.hpp"
#include "support/reference.hpp"
#include "support/request.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::kind;
using weft::refusal;
using weft::role;
using weft::rule;
using weft::state;
using weft::status;

namespace {

// The entries

/// What lies behind the head of an input.
std::string_view behind_head(std::string_view input) {
  return input.substr(input.find("\r\n\r\n") + 4);
}

std::string rule_or_none(const vulnerability& entry) {
  return entry.expected == "accepted" ? "none" : std::string(entry.expected);
}

/// weft and the oracle, which know nothing of each other, must both say what the table says.
template <role Role>
void run_frames(const vulnerability& entry) {
  const std::string wire = whole_input(entry);
  reference_decoder reference(Role, entry.limits);
  reference.feed(wire);
  CHECK(reference.transcript() == entry.expected);
  check_every_cut<Role>(wire, std::string(entry.expected), entry.limits);
}

void run_request(const vulnerability& entry) {
  const std::string input = whole_input(entry);
  for_every_drip(input, [&](const weft::request& request, const std::string& left) {
    CHECK(weft::name(request.error.rule) == rule_or_none(entry));
    CHECK((request.status == status::complete) == (entry.expected == "accepted"));
    CHECK(weft::accept(request).empty() == (entry.expected != "accepted"));
    if (request.status == status::complete) CHECK(left == behind_head(input));
  });
}

void run_response(const vulnerability& entry) {
  const std::string input = whole_input(entry);
  const weft::opening opening = example_opening();
  guarded storage(8192);
  for (const cut& pieces : cuts_of(input.size())) {
    for (const flush side : {flush::back, flush::front}) {
      weft::response_reader reader(storage.span(8192, side), opening);
      weft::status last = status::partial;
      std::string broken, left;
      feed(input, pieces, side, [&](std::span<std::byte> in) {
        const weft::reply& reply = without_allocation([&]() -> const weft::reply& { return reader.read(in); });
        last = reply.status;
        broken = weft::name(reply.error.rule);
        left.append(reinterpret_cast<const char*>(in.data()), in.size());
      });
      ++cuts_run;
      const bool as_expected = broken == rule_or_none(entry) &&
                               last == (entry.expected == "accepted" ? status::complete : status::invalid) &&
                               (last != status::complete || left == behind_head(input));
      if (!as_expected) {
        FAIL_CHECK("pieces of " << pieces.front() << "...: " << broken << ", left " << shown(left));
        return;
      }
    }
  }
}

void run(const vulnerability& entry) {
  INFO(entry.row << " " << entry.known_as << ": " << shown(entry.bytes));
  switch (entry.target) {
    case target::server: return run_frames<role::server>(entry);
    case target::client: return run_frames<role::client>(entry);
    case target::request_reader: return run_request(entry);
    case target::response_reader: return run_response(entry);
  }
}

void run_section(char letter) {
  int entries = 0;
  for (const auto& entry : vulnerabilities) {
    if (entry.row.front() != letter) continue;
    run(entry);
    ++entries;
  }
  CHECK(entries > 0);
}

/// Each entry of frames to this role.
template <role Role, class Take>
void for_each_stream(Take&& take) {
  for (const auto& entry : vulnerabilities) {
    INFO(entry.row << " " << entry.known_as << ": " << shown(entry.bytes));
    if (entry.target == (Role == role::server ? target::server : target::client)) take(entry, whole_input(entry));
  }
}

// What both roles' tests need

/// Calls `send` with a masking key where the endpoint is a client, and without one where it is a server.
template <class Send>
auto keyed(const weft::server&, Send&& send) {
  return send();
}
template <class Send>
auto keyed(const weft::client&, Send&& send) {
  return send(recorder_key);
}

template <role Sender>
std::string bytes_of(const weft::outgoing<Sender>& frame) {
  std::string bytes(frame.size(), '\0');
  (void)frame.copy_to(bytes);
  return bytes;
}

/// Whether work on 2^16 of something takes less than 24 times as long as on 2^13: in proportion it is 8 times, with the
/// square 64. The best of nine runs counts.
template <class Work>
bool grows_in_proportion(Work&& work) {
  const auto cost = [&](std::size_t size) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int run = 0; run < 9; ++run) best = std::min(best, work(size));
    return static_cast<double>(best.count());
  };
  const double ratio = cost(std::size_t{1} << 16) / cost(std::size_t{1} << 13);
  if (ratio >= 24) MESSAGE("the ratio was " << ratio);
  return ratio < 24;
}

/// How long a request takes to be read, in reads of one byte, and what it breaks.
struct reading {
  std::chrono::steady_clock::duration time{};
  rule broken = rule::none;
};
reading read_bytewise(const std::string& text) {
  std::string storage(text.size(), '\0');
  weft::request_reader reader{std::span(storage), {.max_fields = UINT32_MAX}};
  const auto start = std::chrono::steady_clock::now();
  rule broken = rule::none;
  for (const char& c : text) {
    std::string_view byte(&c, 1);
    broken = reader.read(byte).error.rule;
  }
  return {std::chrono::steady_clock::now() - start, broken};
}

}  // namespace

TEST_CASE("A: lengths") {
  run_section('A');
}
TEST_CASE("B: limits of messages, fragments and buffers") {
  run_section('B');
}
TEST_CASE("C: compression that is not agreed") {
  run_section('C');
}
TEST_CASE("C: compression that is agreed") {
  for (const auto& entry : compressed_streams) {
    INFO(entry.row << " " << entry.known_as << ": " << shown(entry.bytes));
    check_every_cut_inflated<role::client>(whole_input(entry), std::string(entry.expected), {.limits = entry.limits});
  }
}
TEST_CASE("D: handshakes, to a server") {
  run_section('D');
}
TEST_CASE("C D: handshakes, to a client") {
  for (const auto& entry : response_heads) run(entry);
}
TEST_CASE("E: masking") {
  run_section('E');
}
TEST_CASE("F: control frames and closing") {
  run_section('F');
}
TEST_CASE("G: UTF-8, lifetime, other") {
  run_section('G');
}

TEST_CASE("D-13 CVE-2026-1527 CVE-2026-77341 CVE-2020-35678: what a client is made to ask for injects nothing") {
  for (const auto& entry : injections) {
    INFO(entry.row << " " << entry.known_as << ": " << shown(entry.text));
    with_injection(entry, [&](const weft::opening& opening) {
      const auto request = weft::upgrade(opening);
      CHECK(request.refusal() == entry.expected);
      CHECK(request.size() == 0);
    });
  }
}

TEST_CASE("D-13: nor does what a server is made to answer") {
  std::array<char, 512> storage{};
  weft::request_reader reader(storage);
  std::string_view in = request_and<"Sec-WebSocket-Protocol: chat">;
  const auto& request = reader.read(in);
  REQUIRE(request.status == status::complete);
  for (const auto& entry : injections) {
    CAPTURE(entry.text);
    if (entry.part != part::field_name && entry.part != part::field_value) continue;
    const bool in_name = entry.part == part::field_name;
    const weft::field field{in_name ? entry.text : "X", in_name ? "y" : entry.text};
    CHECK(weft::accept(request, {.fields = {&field, 1}}).refusal() == entry.expected);
    CHECK(weft::reject(request, 403, {.fields = {&field, 1}}).refusal() == entry.expected);
    CHECK(weft::reject(request, 403, {.fields = {&field, 1}}).size() == 0);
  }
  for (const char* protocol : {"chat\r\nX: y", "chat, x", "Chat", "chat "})
    CHECK(weft::accept(request, {.protocol = protocol}).refusal() == refusal::subprotocol_not_offered);
  CHECK(weft::reject(request, 403, {.content = "x", .content_type = "a\r\nX: y"}).refusal() ==
        refusal::malformed_field);
}

// A: lengths

TEST_CASE("A-05 A-06 CVE-2026-50161: the lengths from 2^64-16 on, with any limit") {
  for (std::uint64_t length = UINT64_MAX - 15; length != 0; ++length) {
    for (const auto& limits : {weft::limits{}, no_limits}) {
      check_every_cut(hex("82 ff") + network(length, 8) + hex("00000000"),
                      "violation length_out_of_range at 2 close 1002", limits);
    }
  }
}

namespace {

/// Calls of next() until all of a stream is taken, in pieces of this size. Each takes something, tells something, or
/// leaves nothing.
template <role Role>
std::size_t calls_for(std::string wire, std::size_t piece, const weft::limits& limits) {
  endpoint_of<Role> ws;
  std::size_t calls = 0;
  for (std::size_t at = 0; at < wire.size(); at += piece) {
    std::span in(wire.data() + at, std::min(piece, wire.size() - at));
    for (bool more = true; more;) {
      more = ws.next(in, limits).has_value();
      if (++calls > 4 * wire.size() + 16) return calls;
      if (!more && !in.empty()) FAIL_CHECK("nothing was told, and " << in.size() << " bytes were left");
    }
  }
  return calls;
}

template <role Role>
void check_progress(const std::string& wire, const weft::limits& limits) {
  for (const std::size_t piece : sizes{1, 2, 7, wire.size() + 1})
    CHECK(calls_for<Role>(wire, piece, limits) <= 4 * wire.size() + 16);
}

}  // namespace

TEST_CASE("A-11 CVE-2021-26423: a stream of n bytes is read in at most 4n + 16 steps") {
  for_each_stream<role::server>([](const vulnerability& entry, const std::string& wire) {
    check_progress<role::server>(wire, entry.limits);
    check_progress<role::server>(wire, no_limits);
  });
  for_each_stream<role::client>([](const vulnerability& entry, const std::string& wire) {
    check_progress<role::client>(wire, entry.limits);
    check_progress<role::client>(wire, no_limits);
  });
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string noise(random() % 100, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    check_progress<role::server>(hex("82 ff 0000000000010000 00000000") + noise, no_limits);
    check_progress<role::server>(text("begun", fin::no) + noise, no_limits);
    check_progress<role::client>(noise, no_limits);
  }
}

TEST_CASE("A-12 CVE-2026-0716: with no limit at all every stream of A is told as the oracle tells it") {
  for (const auto& entry : vulnerabilities) {
    if (entry.row.front() != 'A') continue;
    INFO(entry.row << " " << entry.known_as << ": " << entry.bytes);
    const bool to_server = entry.target == target::server;
    reference_decoder reference(to_server ? role::server : role::client, no_limits);
    reference.feed(whole_input(entry));
    if (to_server) {
      check_every_cut<role::server>(whole_input(entry), reference.transcript(), no_limits);
    } else {
      check_every_cut<role::client>(whole_input(entry), reference.transcript(), no_limits);
    }
  }
}

TEST_CASE("A-17 fastwebsockets: a limit is inclusive, of a frame and of a message, in one frame and in two") {
  for (const std::size_t limit : sizes{125, 126, 127, 65535, 65536, 65537}) {
    for (const std::size_t size : {limit - 1, limit, limit + 1}) {
      CAPTURE(limit);
      CAPTURE(size);
      const std::string payload(size, 'x');
      const auto end_of = [&](std::string wire, const weft::limits& limits) {
        weft::server ws;
        std::span in(wire);
        rule broken = rule::none;
        while (const auto event = ws.next(in, limits)) broken = event->violation.rule;
        return broken;
      };
      const auto expected = [&](rule broken) { return size <= limit ? rule::none : broken; };
      CHECK(end_of(binary(payload), {.max_message_bytes = limit}) == expected(rule::message_too_long));
      CHECK(end_of(binary(payload), {.max_frame_bytes = limit}) == expected(rule::frame_too_long));
      const std::string in_two = binary("x", fin::no) + continuation(payload.substr(1), fin::yes);
      CHECK(end_of(in_two, {.max_message_bytes = limit}) == expected(rule::message_too_long));
      CHECK(end_of(in_two, {.max_frame_bytes = limit}) == rule::none);
    }
  }
}

// B: limits

TEST_CASE("B-01 B-07: the defaults are finite, and small enough to be kept") {
  constexpr weft::limits limits;
  CHECK(limits.max_message_bytes == 1024 * 1024);
  CHECK(limits.max_fragments == 4096);
  CHECK(limits.max_control_frames == 1024 * 1024);
  constexpr weft::head_limits head_limits;
  CHECK(head_limits.max_fields == 64);
  CHECK(head_limits.max_target_bytes == 4096);
}

TEST_CASE("B-02 CVE-2014-0193 CVE-2026-42786: frames of 65,535 bytes without end are stopped at the message's limit") {
  weft::server ws;
  std::string begin = text("", fin::no);
  std::span in(begin);
  CHECK(!ws.next(in).has_value());
  std::uint64_t told = 0;
  std::optional<weft::violation> violation;
  for (int i = 0; i < 20 && !violation; ++i) {
    std::string frame = continuation(std::string(65535, 'x'), fin::no);
    std::span more(frame);
    while (const auto event = ws.next(more)) {
      if (event->kind == kind::violation) violation = event->violation;
      told += event->payload.size();
    }
  }
  CHECK(told == 16 * 65535);
  CHECK(violation == weft::violation{rule::message_too_long, 6 + 16 * (8 + 65535) + 3});
}

TEST_CASE("B-03 B-04 CVE-2026-48779 CVE-2026-12151 CVE-2026-62389: a million fragments need no memory") {
  const std::string first = text("", fin::no), empty = continuation("", fin::no), one = continuation("x", fin::no);
  weft::server ws;
  std::array<char, 7> room{};
  std::uint64_t told = 0;
  const auto take = [&](const std::string& frame) {
    std::copy(frame.begin(), frame.end(), room.begin());
    std::span in(room.data(), frame.size());
    while (const auto event = ws.next(in, no_limits)) told += event->payload.size();
  };
  without_allocation([&] {
    take(first);
    for (int i = 0; i < 500'000; ++i) {
      take(empty);
      take(one);
    }
  });
  CHECK(told == 500'000);
  CHECK(ws.state() == state::open);
}

TEST_CASE("B-05 CVE-2026-54274 CVE-2026-123817: a frame of 1 MiB in single bytes needs no memory") {
  constexpr std::size_t size = 1024 * 1024;
  const std::string header = hex("82") + length_field(size) + hex("00000000");
  weft::server ws;
  std::size_t told = 0, ends = 0;
  without_allocation([&] {
    for (std::size_t i = 0; i < header.size() + size; ++i) {
      char byte = i < header.size() ? header[i] : 'x';
      std::span in(&byte, 1);
      while (const auto event = ws.next(in)) {
        told += event->payload.size();
        ends += event->fin == fin::yes ? 1U : 0U;
      }
    }
  });
  CHECK(told == size);
  CHECK(ends == 1);
}

TEST_CASE("B-06 F-03 CVE-2026-11586 GHSA-rh7x: a million pings are told one by one, and no pong waits anywhere") {
  weft::server ws;
  std::array<char, 14> wire{};
  std::array<char, 127> newest{};
  std::size_t pings = 0, pending = 0;
  std::string last;
  last.reserve(8);
  without_allocation([&] {
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
      // A ping with its number as payload, under the key zero.
      wire = {'\x89', '\x88'};
      for (std::size_t j = 0; j < 8; ++j) wire[6 + j] = static_cast<char>(i >> (56 - 8 * j) & 0xFF);
      std::span<char> in(wire);
      while (const auto event = ws.next(in)) {
        ++pings;
        // 5.5.3: who does not come to send need answer only the newest. The one kept is the caller's own.
        pending = ws.answer(*event).copy_to(newest).size();
      }
    }
  });
  CHECK(pings == 1'000'000);
  CHECK(std::string_view(newest.data(), pending) == hex("8a 08") + network(999'999, 8));
  CHECK(pending <= 2 * 131);
}

// D: handshakes

TEST_CASE("D-01 CVE-2023-43669: a head of 64 KiB that drips in costs as much for a byte as one of 8 KiB") {
  CHECK(grows_in_proportion(
      [](std::size_t size) { return read_bytewise(request_with({"Cookie: " + std::string(size, 'x')})).time; }));
}

TEST_CASE("D-03 CVE-2021-32640 CVE-2020-7662 CVE-2020-7663: lists are read in time that grows with their length") {
  for (std::size_t size = 1 << 10; size <= 1 << 16; size *= 2) {
    CAPTURE(size);
    CHECK(read_bytewise(request_with({"Sec-WebSocket-Protocol: b" + std::string(size, ' ') + "x"})).broken ==
          rule::malformed_subprotocol);
    std::string escapes;
    for (std::size_t i = 0; i < size; ++i) escapes += "\\c";
    CHECK(read_bytewise(request_with({"Sec-WebSocket-Extensions: a;b=\"" + escapes})).broken ==
          rule::malformed_extension);
  }
  CHECK(grows_in_proportion([](std::size_t size) {
    return read_bytewise(request_with({"Sec-WebSocket-Protocol: b" + std::string(size, ' ') + "x"})).time;
  }));
  CHECK(grows_in_proportion([](std::size_t size) {
    std::string escapes;
    for (std::size_t i = 0; i < size; ++i) escapes += "\\c";
    return read_bytewise(request_with({"Sec-WebSocket-Extensions: a;b=\"" + escapes})).time;
  }));
  CHECK(grows_in_proportion([](std::size_t size) {
    return read_bytewise(request_with({"Sec-WebSocket-Protocol: a" + std::string(size, ',')})).time;
  }));
}

TEST_CASE("D-05 CVE-2010-1766: lines of every length to 300, in storage of just their size and of one byte less") {
  const weft::opening opening = example_opening();
  guarded storage(4096);
  for (std::size_t size = 0; size <= 300; ++size) {
    CAPTURE(size);
    const std::string filler(size, 'x');
    const std::string request = request_with("Upgrade", {"Upgrade: " + filler});
    const std::string response = "HTTP/1.1 101 " + filler + "\r\nUpgrade: " + filler + "\r\n\r\n";
    for (const std::size_t piece : sizes{1, 4096}) {
      for (const flush side : {flush::back, flush::front}) {
        const auto broken_by = [&](auto&& reader, const std::string& head) {
          rule broken = rule::none;
          feed(head, {piece}, side, [&](std::span<std::byte> in) { broken = reader.read(in).error.rule; });
          return broken;
        };
        const auto room = [&](const std::string& head, std::size_t less) {
          return storage.span(head.size() - less, side);
        };
        CHECK(broken_by(weft::request_reader(room(request, 0)), request) == rule::missing_upgrade);
        CHECK(broken_by(weft::request_reader(room(request, 1)), request) == rule::head_too_long);
        CHECK(broken_by(weft::response_reader(room(response, 0), opening), response) == rule::wrong_upgrade);
        CHECK(broken_by(weft::response_reader(room(response, 1), opening), response) == rule::head_too_long);
      }
    }
  }
}

TEST_CASE(
    "D-06 CVE-2021-45945 CVE-2020-36406: a head is read from memory that cannot be written, ending where it ends") {
  const weft::opening opening = example_opening();
  std::array<char, 8192> storage{};
  const auto check = [&](const vulnerability& entry) {
    INFO(entry.row << " " << entry.known_as << ": " << shown(entry.bytes));
    const std::string input = whole_input(entry);
    for (const flush side : {flush::back, flush::front}) {
      guarded memory(input.size());
      std::span<const std::byte> in = memory.place(input, side);
      memory.make_read_only();
      if (entry.target == target::request_reader) {
        weft::request_reader reader(storage);
        CHECK(weft::name(reader.read(in).error.rule) == rule_or_none(entry));
      } else {
        weft::response_reader reader(storage, opening);
        CHECK(weft::name(reader.read(in).error.rule) == rule_or_none(entry));
      }
    }
  };
  for (const auto& entry : vulnerabilities) {
    if (entry.target == target::request_reader) check(entry);
  }
  for (const auto& entry : response_heads) check(entry);
}

TEST_CASE("D-09 CVE-2026-2833 CVE-2026-130647: frames behind a request wait for its answer, and are none if refused") {
  const std::string frame = hex("81 85 00000000 48656c6c6f");
  for (const std::string_view head : {request_and<>, request_but<"Upgrade">}) {
    std::string wire = std::string(head) + frame;
    std::array<char, 512> storage{};
    weft::request_reader reader(storage);
    std::span in(wire);
    const auto& request = reader.read(in);
    CHECK(std::string_view(in.data(), in.size()) == frame);
    if (weft::accept(request).empty()) continue;
    weft::server ws;
    const auto event = ws.next(in);
    REQUIRE(event.has_value());
    CHECK(event->text() == "Hello");
    CHECK(event->whole());
  }
}

TEST_CASE("D-12: a version that is not known gets 426, what is, and the end of the connection") {
  for (const std::string_view version : {"777", "13, 8", "013", "13.0", "101", "200"}) {
    CAPTURE(version);
    for_every_drip(request_with("Sec-WebSocket-Version", {"Sec-WebSocket-Version: " + std::string(version)}),
                   [](const weft::request& request, const std::string&) {
                     std::string answer;
                     weft::append(answer, weft::reject(request));
                     CHECK(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\nConnection: close"));
                     CHECK(answer.find("\r\nSec-WebSocket-Version: 13\r\n") != std::string::npos);
                   });
  }
}

TEST_CASE("D-15 CSWSH CVE-2026-133111: the origin is there as it was sent, for the caller to compare") {
  for (const std::string origin : {"null", "https://a.com.evil.com", "https://evila.com", "HTTPS://A.COM"}) {
    for_every_drip(request_with({"oRIGIN:  " + origin + " "}),
                   [&](const weft::request& request, const std::string&) { CHECK(request.origin == origin); });
  }
  for_every_drip(good_request(),
                 [](const weft::request& request, const std::string&) { CHECK(!request.origin.has_value()); });
}

TEST_CASE("D-21 CVE-2025-11677 CVE-2026-77358: a connection may go at any of its events, with what it was told kept") {
  const std::string wire =
      text("Hel", fin::no) + ping("beat") + continuation("lo", fin::yes) + close_frame(1000, "bye");
  for (int last = 1; last <= 4; ++last) {
    std::string memory = wire;
    std::span in(memory);
    auto ws = std::optional<weft::server>(std::in_place);
    for (int events = 1; const auto event = ws->next(in); ++events) {
      if (events < last) continue;
      const std::string told(event->text());
      ws.reset();
      CHECK(event->text() == told);  // whole in the caller's buffer
      break;
    }
    CHECK(!ws.has_value());
  }
}
static_assert(std::is_trivially_destructible_v<weft::server> && std::is_trivially_destructible_v<weft::client>);

TEST_CASE("D-22: what a client sends before it is answered is a head and nothing behind it") {
  std::string wire;
  weft::append(wire, weft::upgrade(example_opening()));
  CHECK(wire.starts_with("GET /chat HTTP/1.1\r\n"));
  CHECK(behind_head(wire).empty());
}

// E: masking

TEST_CASE("E-01 E-07: each frame of a client is masked, its header says so, and the caller's bytes stay as they are") {
  guarded memory(4096);
  memory.place(std::string(100, 'x'), flush::back);
  memory.make_read_only();
  const auto payload = memory.span(100, flush::back);
  weft::client ws;
  const weft::event beat{.kind = kind::ping, .payload = payload};
  for (const auto& frame : {ws.text(recorder_key, payload), ws.binary(recorder_key, payload),
                            ws.ping(recorder_key, payload), ws.pong(recorder_key, payload), ws.text(recorder_key, ""),
                            ws.answer(recorder_key, beat), ws.close(recorder_key, weft::close_code::normal, payload)}) {
    const auto frames = frames_in(bytes_of(frame));
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].masked);
    CHECK(frames[0].key == hex("37fa213d"));
    CHECK(frames[0].payload.find_first_not_of("\x03\xe8x") == std::string::npos);
    if (frame.size() > 6) CHECK(bytes_of(frame).substr(6) != frames[0].payload);
  }
}

namespace {

template <class Frame>
concept shows_its_payload = requires(const Frame& frame) {
  frame.payload();
};
template <class Endpoint>
concept sends_without_a_key = requires(Endpoint ws) {
  ws.text("x");
};
struct generator {
  void operator()(std::span<std::byte> bytes) {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 0xFF);
  }
  std::mt19937 random{1};
};

}  // namespace

TEST_CASE(
    "E-03 E-07 GHSA-w67g: no frame without a key, no keys without a generator, no payload that is not masked yet") {
  static_assert(!shows_its_payload<weft::client::frame> && shows_its_payload<weft::server::frame>);
  static_assert(!sends_without_a_key<weft::client> && sends_without_a_key<weft::server>);
  static_assert(!std::is_default_constructible_v<weft::key_source<generator>>);
  static_assert(!weft::entropy<int (*)()>);  // rand()
}

TEST_CASE("E-02 CVE-2025-10148: among a million keys as many are the same as chance has it") {
  weft::key_source keys(generator{});
  std::vector<std::uint32_t> seen;
  int repeated_at_once = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    weft::client ws;
    const auto key = frames_in(bytes_of(ws.ping(keys()))).at(0).key;
    std::uint32_t number = 0;
    for (const char c : key) number = number << 8 | static_cast<unsigned char>(c);
    repeated_at_once += !seen.empty() && seen.back() == number ? 1 : 0;
    seen.push_back(number);
  }
  std::sort(seen.begin(), seen.end());
  int pairs = 0;
  for (std::size_t i = 1; i < seen.size(); ++i) pairs += seen[i] == seen[i - 1] ? 1 : 0;
  // n(n-1)/2 pairs of n = 10^6, each the same with a chance of 2^-32: 116 are expected, with a deviation of 11.
  CHECK(pairs > 60);
  CHECK(pairs < 172);
  CHECK(repeated_at_once == 0);
}

// F: control frames and closing

TEST_CASE("F-02 CVE-2021-3690: a million pongs that nobody asked for need no memory") {
  weft::server ws;
  const std::string pong_frame = pong("unsolicited");
  std::array<char, 17> room{};
  std::size_t told = 0;
  without_allocation([&] {
    for (int i = 0; i < 1'000'000; ++i) {
      std::copy(pong_frame.begin(), pong_frame.end(), room.begin());
      std::span<char> in(room);
      while (const auto event = ws.next(in)) told += ws.answer(*event).empty() && event->kind == kind::pong ? 1U : 0U;
    }
  });
  CHECK(told == 1'000'000);
}

static_assert(!std::is_convertible_v<int, weft::bytes> && !std::is_convertible_v<std::span<const int>, weft::bytes>);

TEST_CASE("F-06 CVE-2026-45736 CVE-2016-10518: each byte of a frame is written, and none behind it") {
  const std::string words(100, 'r');
  const auto check = [&](const auto& frame) {
    REQUIRE(!frame.empty());
    for (std::size_t spare = 0; spare < 3; ++spare) {
      std::string zeros(frame.size() + spare, '\x00'), ones(frame.size() + spare, '\xff');
      CHECK(frame.copy_to(zeros).size() == frame.size());
      (void)frame.copy_to(ones);
      CHECK(zeros.substr(0, frame.size()) == ones.substr(0, frame.size()));
      CHECK(zeros.substr(frame.size()) == std::string(spare, '\x00'));
      CHECK(ones.substr(frame.size()) == std::string(spare, '\xff'));
    }
    std::string small(frame.size() - 1, 'x');
    CHECK(frame.copy_to(small).empty());
    CHECK(small == std::string(frame.size() - 1, 'x'));
  };
  const auto check_all = [&](auto ws) {
    const auto send = [&](auto call) { check(keyed(ws, call)); };
    for (const std::size_t size : sizes{0, 1, 100}) {
      const std::string payload = words.substr(0, size);
      send([&](auto... key) { return ws.text(key..., payload); });
      send([&](auto... key) { return ws.binary(key..., payload); });
      send([&](auto... key) { return ws.ping(key..., payload); });
      send([&](auto... key) { return ws.pong(key..., payload); });
    }
    send([&](auto... key) { return ws.close(key..., weft::close_code::normal, words); });
  };
  check_all(weft::server());
  check_all(weft::client());
}

namespace {

/// Ends the transport behind each byte of a stream: one event is the last, and it is told once.
template <role Role>
void check_ends(const vulnerability& entry, const std::string& wire) {
  for (std::size_t size = 0; size <= std::min<std::size_t>(wire.size(), 200); ++size) {
    endpoint_of<Role> ws;
    std::string part = wire.substr(0, size);
    std::span in(part);
    int last = 0;
    const auto count = [&](const std::optional<weft::event>& event) {
      if (event && (event->kind == kind::close || event->kind == kind::violation)) ++last;
      return event.has_value();
    };
    while (count(ws.next(in, entry.limits))) {
    }
    (void)count(ws.end());
    CHECK(last == 1);
    CHECK(ws.state() == state::closed);
    CHECK(!ws.end().has_value());
    std::span more(part);
    CHECK(!ws.next(more).has_value());
    CHECK(keyed(ws, [&](auto... key) { return ws.close(key...); }).refusal() == refusal::closed);
  }
}

}  // namespace

TEST_CASE("F-07 CVE-2025-5399 CVE-2017-2670 CVE-2024-23672: the end of the transport ends it, behind whatever byte") {
  for_each_stream<role::server>(check_ends<role::server>);
  for_each_stream<role::client>(check_ends<role::client>);
}

TEST_CASE("F-09 F-10: no role sends a code or a reason that the other must refuse, of all 65,536 codes") {
  const auto codes_sent_by = [](auto endpoint) {
    int sent = 0;
    for (unsigned number = 0; number < 65536; ++number) {
      const auto code = static_cast<weft::close_code>(number);
      auto ws = endpoint;
      const auto frame = keyed(ws, [&](auto... key) { return ws.close(key..., code); });
      sent += frame.empty() ? 0 : 1;
      const bool allowed = (number >= 1000 && number <= 1003) || (number >= 1007 && number <= 1014) ||
                           (number >= 3000 && number <= 4999);
      if (!allowed && !frame.empty()) FAIL_CHECK("code " << number << " was sent");
      // What answers an event that a caller made up has no such code either.
      auto other = endpoint;
      const auto answer =
          keyed(other, [&](auto... key) { return other.answer(key..., {.kind = kind::close, .code = code}); });
      const auto payload = frames_in(bytes_of(answer)).at(0).payload;
      if (payload != (allowed ? network(number, 2) : "")) FAIL_CHECK("code " << number << " was answered");
    }
    return sent;
  };
  CHECK(codes_sent_by(weft::server()) == 2011);  // 1010 is a client's
  CHECK(codes_sent_by(weft::client()) == 2012);

  std::string accents;
  for (int i = 0; i < 62; ++i) accents += "\xc3\xa9";
  weft::server ws;
  CHECK(ws.close(weft::close_code::normal, accents).refusal() == refusal::control_too_long);
  CHECK(ws.close(weft::close_code::normal, accents.substr(0, 123)).refusal() == refusal::invalid_utf8);
  CHECK(ws.close(weft::close_code::normal, accents.substr(0, 122)).size() == 2 + 2 + 122);
}

// G: lifetime and other

namespace {

/// Calls something that sends, or nothing, and returns how many Close frames that made.
template <class Endpoint>
std::size_t call_at_random(Endpoint& ws, std::mt19937& random) {
  const auto frame = keyed(ws, [&](auto... key) -> typename Endpoint::frame {
    switch (random() % 20) {
      case 0: return ws.text(key..., "text", random() % 2 == 0 ? fin::no : fin::yes);
      case 1: return ws.binary(key..., "binary", random() % 2 == 0 ? fin::no : fin::yes);
      case 2: return ws.ping(key..., "ping");
      case 3: return ws.pong(key..., "pong");
      case 4: return ws.close(key..., weft::close_code::going_away, "bye");
      case 5: return ws.answer(key..., {.kind = kind::ping});
      case 6: return ws.answer(key..., {.kind = kind::close});
      default: return {};
    }
  });
  return frame.empty() || frames_in(bytes_of(frame)).at(0).opcode() != 8 ? 0 : 1;
}

template <role Role>
void check_interleaving(const vulnerability& entry, const std::string& wire) {
  if (wire.size() > 200) return;
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    recorder<Role> seen(entry.limits);
    std::size_t closes = call_at_random(seen.endpoint(), random);
    feed(wire, {1 + random() % 8, 1 + random() % 8}, flush::back, [&](auto in) {
      seen.take(in);
      closes += call_at_random(seen.endpoint(), random);
    });
    ++cuts_run;
    for (const auto& answer : frames_in(seen.answers())) closes += answer.opcode() == 8 ? 1U : 0U;
    CHECK(closes <= 1);
    CHECK(seen.transcript() == entry.expected);
  }
}

}  // namespace

TEST_CASE(
    "G-04: what is sent between the peer's bytes changes nothing of what is told of them, and one Close is sent") {
  for_each_stream<role::server>(check_interleaving<role::server>);
  for_each_stream<role::client>(check_interleaving<role::client>);
}

namespace {

template <class Endpoint, class... Key>
constexpr bool never_throws = requires(Endpoint ws, std::span<std::byte>& in, const weft::event& event, Key... key) {
  { ws.next(in) }
  noexcept;
  { ws.end() }
  noexcept;
  { ws.text(key..., weft::bytes()) }
  noexcept;
  { ws.binary(key..., weft::bytes()) }
  noexcept;
  { ws.ping(key...) }
  noexcept;
  { ws.close(key...) }
  noexcept;
  { ws.answer(key..., event) }
  noexcept;
};
template <class Reader>
constexpr bool never_throws_on_a_head = requires(Reader& reader, std::span<std::byte>& in) {
  { reader.read(in) }
  noexcept;
};

}  // namespace

TEST_CASE("G-05: nothing throws, whatever the peer sends") {
  static_assert(never_throws<weft::server> && never_throws<weft::client, weft::masking_key>);
  static_assert(never_throws_on_a_head<weft::request_reader> && never_throws_on_a_head<weft::response_reader>);
}

TEST_CASE("G-06 libsoup 2.62.1: at each alignment, of the input and of the pieces in it") {
  const std::string wire = text("\xe2\x82\xac and more", fin::no) + ping("beat") + continuation("...", fin::yes) +
                           binary(std::string(200, '\x7f')) + close_frame(1000, "bye");
  recorder<role::server> whole;
  whole.take(shared_guarded().place(wire, flush::back));
  const std::string expected = whole.transcript();
  for (std::size_t offset = 0; offset < 64; ++offset) {
    for (std::size_t piece = 1; piece < 40; ++piece) {
      alignas(64) std::array<std::byte, 512> memory{};
      recorder<role::server> seen;
      for (std::size_t at = 0; at < wire.size(); at += piece) {
        const std::span in(memory.data() + offset, std::min(piece, wire.size() - at));
        for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::byte>(wire[at + i]);
        seen.take(in);
      }
      ++cuts_run;
      CHECK(seen.transcript() == expected);
    }
  }
}

TEST_CASE("G-07: fields of many names, or of one, are read in time that grows with their number") {
  const auto time = [](auto name_of) {
    return [name_of](std::size_t size) {
      std::string fields;
      for (std::size_t i = 0; i < size / 16; ++i) fields += name_of(i) + ": x\r\n";
      return read_bytewise("GET / HTTP/1.1\r\n" + fields + "\r\n").time;
    };
  };
  CHECK(grows_in_proportion(time([](std::size_t i) { return "X-" + std::to_string(10000 + i); })));
  CHECK(grows_in_proportion(time([](std::size_t) { return std::string("X-12345"); })));
  CHECK(grows_in_proportion(time([](std::size_t) { return std::string("Origin"); })));
}

TEST_CASE("G-08: the answer to a broken rule holds its words, and none of the peer's") {
  std::map<rule, std::set<std::string>> answers;
  for (const auto& entry : vulnerabilities) {
    if (entry.target != target::request_reader) continue;
    std::array<char, 8192> storage{};
    weft::request_reader reader(storage);
    const std::string input = whole_input(entry);
    std::string_view in = input;
    const auto& request = reader.read(in);
    if (request.status != status::invalid) continue;
    std::string answer;
    weft::append(answer, weft::reject(request));
    answers[request.error.rule].insert(answer);
  }
  for (const auto& answer : answers) {
    CAPTURE(weft::name(answer.first));
    CHECK(answer.second.size() == 1);
    CHECK(answer.second.begin()->ends_with("\r\n\r\n" + std::string(weft::words(answer.first))));
  }
  for (const char* evil : {"\x1b[2J\xff", "\r\n\xff", "%n%n\xff"}) {
    for_every_cut(text(evil), [](const std::string&, const std::string& answer) {
      CHECK(answer == hex("88 18 03ef") + std::string(weft::words(rule::invalid_utf8)));
    });
  }
}

TEST_CASE("the figures of the tables") {
  std::set<std::string> names, rows;
  std::size_t entries = 0;
  const auto count = [&](const auto& table) {
    for (const auto& entry : table) {
      ++entries;
      rows.emplace(entry.row);
      for (std::string_view known = entry.known_as; !known.empty();) {
        const std::size_t comma = known.find(", ");
        names.emplace(known.substr(0, comma));
        known.remove_prefix(comma == std::string_view::npos ? known.size() : comma + 2);
      }
    }
  };
  count(vulnerabilities);
  count(response_heads);
  count(compressed_streams);
  count(injections);
  CHECK(entries >= 250);
  CHECK(rows.size() == 70);  // all but those for which no bytes stand
  std::printf("vulnerabilities: %zu entries, %zu known names\n", entries, names.size());
}
