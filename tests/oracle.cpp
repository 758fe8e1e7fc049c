// SPDX-License-Identifier: MIT
//
// oracle.cpp: random streams of either side, good and bad, against the slow decoder of support/reference.hpp.
#include <cstdlib>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "support/cuts.hpp"
#include "support/reference.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::role;

namespace {

class stream_maker {
 public:
  stream_maker(role sender, unsigned seed) : sender_(sender), random_(seed) {}

  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }

  /// Mostly what the sender may send: messages in fragments, control frames between; then perhaps one byte changed.
  std::string stream() {
    std::string wire;
    bool in_message = false;
    for (std::size_t frames = below(8); frames > 0; --frames) {
      const std::size_t choice = below(10);
      const fin last = below(2) == 0 ? fin::yes : fin::no;
      if (choice == 0) {
        const std::string beat = payload(below(126));
        wire += made(0x89 + static_cast<unsigned>(below(2)), beat);
      } else if (choice == 1 && below(4) == 0) {
        std::string code = network(998 + below(20), 2);
        code += payload(below(20));
        wire += made(0x88, below(2) == 0 ? "" : code);
      } else {
        const unsigned opcode = in_message ? 0 : below(3) == 0 ? 2 : 1;
        wire += made(first_byte(opcode, last), payload(size()));
        in_message = last == fin::no;
      }
    }
    if (!wire.empty() && below(3) == 0) wire[below(wire.size())] ^= static_cast<char>(1U << below(8));
    if (below(8) == 0) wire.resize(below(wire.size() + 1));
    return wire;
  }

  cut pieces() {
    cut sizes{1 + below(4)};
    for (std::size_t n = below(6); n > 0; --n) sizes.push_back(below(40));
    sizes.push_back(1 + below(300));
    return sizes;
  }

 private:
  /// Now and then as the other side must make it.
  std::string made(unsigned first, const std::string& payload) {
    const role other = sender_ == role::client ? role::server : role::client;
    const role sender = below(50) == 0 ? other : sender_;
    return frame_from(sender, first, payload, key());
  }

  std::size_t size() {
    static constexpr std::size_t borders[] = {0, 1, 2, 7, 8, 9, 125, 126, 127, 200};
    return borders[below(std::size(borders))];
  }

  /// UTF-8 of all lengths, mostly: a cut at its end may leave a character unfinished.
  std::string payload(std::size_t size) {
    static constexpr std::string_view characters[] = {
        "a", "b", " ", "\xc3\xa9", "\xe2\x82\xac", "\xed\x9f\xbf", "\xf0\x9f\x98\x80"};
    std::string text;
    while (text.size() < size) text += characters[below(below(2) == 0 ? 2 : std::size(characters))];
    if (below(4) == 0) text.resize(size);
    return text;
  }

  std::array<unsigned char, 4> key() {
    std::array<unsigned char, 4> bytes{};
    for (auto& byte : bytes) byte = static_cast<unsigned char>(below(256));
    return bytes;
  }

  role sender_;
  std::mt19937 random_;
};

/// Checks this many streams, and that they are what they are meant to be: many good, many bad.
template <role Receiver>
void check_random_streams(unsigned count) {
  constexpr role peer = Receiver == role::server ? role::client : role::server;
  constexpr weft::limits small{
      .max_message_bytes = 400, .max_frame_bytes = 300, .max_fragments = 5, .max_control_frames = 3};
  std::size_t violations = 0, closes = 0;
  for (unsigned seed = 0; seed < count; ++seed) {
    stream_maker make(peer, seed);
    const std::string wire = make.stream();
    reference_decoder reference(Receiver, small);
    reference.feed(wire);
    const std::string expected = reference.transcript();

    recorder<Receiver> seen(small);
    feed(wire, make.pieces(), seed % 2 == 0 ? flush::back : flush::front,
         [&](std::span<std::byte> in) { seen.take(in); });
    ++cuts_run;
    violations += expected.find("violation") != std::string::npos ? 1U : 0U;
    closes += seen.endpoint().state() == weft::state::closed ? 1U : 0U;
    if (seen.transcript() != expected) {
      FAIL_CHECK("seed " << seed << "\n  reference: " << expected << "\n  weft:      " << seen.transcript());
    }
  }
  CHECK(violations > count / 6);
  CHECK(violations < count / 6 * 5);
  CHECK(closes > violations);
}

/// Each prefix of a stream, cut in every way.
template <role Receiver>
void check_prefixes(const std::string& wire) {
  for (std::size_t size = 0; size <= wire.size(); ++size) {
    reference_decoder reference(Receiver);
    reference.feed(wire.substr(0, size));
    check_every_cut<Receiver>(wire.substr(0, size), reference.transcript());
  }
}

}  // namespace

TEST_CASE("20,000 random streams of clients, cut at random, are told as the reference decoder tells them") {
  check_random_streams<role::server>(20000);
}

TEST_CASE("20,000 random streams of servers, cut at random, are told as the reference decoder tells them") {
  check_random_streams<role::client>(20000);
}

TEST_CASE("every prefix of a stream is told as the reference decoder tells it, to either role") {
  check_prefixes<role::server>(text("Hel", fin::no) + ping("beat") + continuation("l\xc3\xb6", fin::yes) +
                               binary("\xff") + close_frame(1000, "b\xff"));
  check_prefixes<role::client>(from_server::text("Hel", fin::no) + from_server::ping("beat") +
                               from_server::continuation("l\xc3\xb6", fin::yes) + from_server::binary("\xff") +
                               from_server::close_frame(1000, "b\xff"));
}
