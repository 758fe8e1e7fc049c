// SPDX-License-Identifier: MIT
//
// soak.cpp ROLE FRAMES [SEED]: a long life with permessage-deflate: weft on one side, zlib's own calls on the other, in
// one connection after the other with any agreement, until a Close. What either side says, Pings between fragments too,
// has to arrive at the other as it was, and what weft holds may not grow. Says at each tenth where it stands; exits
// with 1 at the first difference.
#define DOCTEST_CONFIG_DISABLE  // of support/, what asks nothing of a test
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <weft/frame/key_source.hpp>

#include "support/deflated.hpp"
#include "support/wire.hpp"

using weft::fin;
using weft::role;

namespace {

std::mt19937_64 random_numbers;

std::size_t below(std::size_t end) {
  return static_cast<std::size_t>(random_numbers() % end);
}

/// One of these, the first as often as all others.
std::size_t any_of(std::initializer_list<std::size_t> values) {
  return below(2) == 0 ? *values.begin() : values.begin()[below(values.size())];
}

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::printf("soak: NOT SO: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

/// Words, some of them not ASCII, of which messages are parts.
const std::string& words() {
  static const std::string all = [] {
    std::string made;
    while (made.size() < 200'000) {
      for (std::size_t letters = 1 + below(9); letters > 0; --letters)
        made += static_cast<char>('a' + below(26) * below(2));
      made += below(8) == 0 ? "\u20ac" : below(4) == 0 ? ", " : " ";
    }
    return made;
  }();
  return all;
}

/// Or a control frame.
struct message {
  unsigned opcode = 2;
  std::string payload;
  bool operator==(const message&) const = default;
};

/// What one side says.
struct speech {
  std::string wire;
  std::vector<message> said;  ///< in the order in which they end
};

message any_message() {
  const std::size_t size = below(below(16) != 0 ? 40 : below(100) != 0 ? any_of({2, 130, 1000}) : 70'000);
  if (below(4) == 0) {
    message noise{2, std::string(size, '\0')};
    for (char& byte : noise.payload) byte = static_cast<char>(random_numbers() & 0xFF);
    return noise;
  }
  const auto starts_character = [&](std::size_t at) { return (words()[at] & 0xC0) != 0x80; };
  std::size_t first = below(words().size() - size), last = first + size;
  while (!starts_character(first)) --first;
  while (!starts_character(last)) --last;
  return {1 + static_cast<unsigned>(below(2)), words().substr(first, last - first)};
}

/// What a Ping says.
std::string any_bytes() {
  return words().substr(below(1000), below(below(8) != 0 ? 8 : 126));
}

/// In pieces of any size, mostly one.
template <class Take>
void in_pieces(std::string_view payload, Take&& take) {
  while (below(6) == 0 && !payload.empty()) {
    const std::size_t size = below(payload.size());
    take(payload.substr(0, size), fin::no);
    payload.remove_prefix(size);
  }
  take(payload, fin::yes);
}

/// Bytes of memory that this process has.
std::size_t resident() {
  std::size_t all = 0, in_memory = 0;
  std::ifstream("/proc/self/statm") >> all >> in_memory;
  return in_memory * 4096;
}

/// A side that is zlib and support/wire.hpp.
template <role Role>
class bare_peer {
 public:
  bare_peer(const weft::deflate_parameters& agreed)
      : takes_over_(agreed.takeover(Role)),
        peer_takes_over_(agreed.takeover(other_)),
        deflater_({.window_bits = agreed.window_bits(Role), .level = 1 + static_cast<int>(below(9))}),
        inflater_(agreed.window_bits(other_)) {}

  /// With fin::no it is begun and left so.
  void say(message one, speech& to, fin end = fin::yes) {
    const bool compress = below(3) != 0;
    std::string payload = one.payload;
    if (compress) {
      payload = deflater_.message(payload);
      if (!takes_over_) deflater_.reset();
    }
    unsigned first = one.opcode | (compress ? support::rsv1 : 0);
    in_pieces(payload, [&](std::string_view piece, fin last) {
      const auto frames_before = frames;
      say_between(to);
      if (first == 0 && compress) inside += frames - frames_before;
      const bool is_last = last == fin::yes && end == fin::yes;
      to.wire += support::frame_from(Role, first | (is_last ? 0x80U : 0U), piece, key());
      first = 0;
      ++frames;
    });
    if (end == fin::yes) to.said.push_back(std::move(one));
  }

  void say_control(message one, speech& to) {
    to.wire += support::frame_from(Role, 0x80U | one.opcode, one.payload, key());
    to.said.push_back(std::move(one));
    ++frames;
  }

  /// A Pong for each Ping so far.
  void answer(speech& to) {
    for (auto& ping : std::exchange(pings_, {})) say_control({10, std::move(ping)}, to);
  }

  /// What whole frames say.
  std::vector<message> told(std::string_view wire) {
    std::vector<message> all;
    for (auto& frame : support::frames_in(wire)) {
      ++frames;
      require(frame.masked == (other_ == role::client), "a client masks, a server does not");
      if (frame.is_control()) {
        require(frame.first == (0x80 | frame.opcode()), "a control frame is whole, and not compressed");
        if (begun_ && compressed_) ++inside;
        if (frame.opcode() == 9) pings_.push_back(frame.payload);
        all.push_back({frame.opcode(), std::move(frame.payload)});
        continue;
      }
      require(begun_ == (frame.opcode() == 0), "a message is continued until it ends");
      if (!begun_) {
        gathered_.opcode = frame.opcode();
        compressed_ = (frame.first & support::rsv1) != 0;
      }
      gathered_.payload += frame.payload;
      begun_ = !frame.is_last();
      if (begun_) continue;
      if (compressed_) {
        gathered_.payload = inflater_.message(std::move(gathered_.payload));
        if (!peer_takes_over_) inflater_.reset();
        ++compressed;
      }
      all.push_back(std::move(gathered_));
      gathered_ = {};
    }
    return all;
  }

  // Of all that there were.
  static inline std::uint64_t frames = 0;
  static inline std::uint64_t compressed = 0;  ///< messages that zlib read
  static inline std::uint64_t inside = 0;      ///< control frames between the fragments of a compressed message

 private:
  static constexpr role other_ = Role == role::server ? role::client : role::server;

  static std::array<unsigned char, 4> key() {
    std::array<unsigned char, 4> bytes;
    for (auto& byte : bytes) byte = static_cast<unsigned char>(random_numbers() & 0xFF);
    return bytes;
  }

  void say_between(speech& to) {
    if (below(2) == 0) answer(to);
    if (below(10) == 0) say_control({9, any_bytes()}, to);
  }

  bool takes_over_, peer_takes_over_;
  bool begun_ = false, compressed_ = false;  ///< the message that is told
  support::raw_deflater deflater_;
  support::raw_inflater inflater_;
  message gathered_;
  std::vector<std::string> pings_;  ///< without a Pong
};

struct entropy {
  void operator()(std::span<std::byte> bytes) {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random_numbers() & 0xFF);
  }
};

template <role Role>
class soak {
 public:
  void run(std::uint64_t frames) {
    std::size_t first = 0;
    for (std::uint64_t tenth = 1; tenth <= 10; ++tenth) {
      while (peer::frames < frames * tenth / 10) connection();
      const std::size_t now = resident();
      if (tenth == 1) first = now;
      std::printf(
          "soak: %s: %llu frames, %llu connections, each closed, %llu compressed messages read by zlib, %llu control "
          "frames inside of compressed ones; engines held at most %zu bytes, the process has %zu KiB\n",
          Role == role::server ? "server" : "client", static_cast<unsigned long long>(peer::frames),
          static_cast<unsigned long long>(connections_), static_cast<unsigned long long>(peer::compressed),
          static_cast<unsigned long long>(peer::inside), memory_.most, now / 1024);
      std::fflush(stdout);
      require(now <= first + (1 << 20), "the process stays within a MiB of what it had at the first tenth");
    }
  }

 private:
  static constexpr role other = Role == role::server ? role::client : role::server;
  using peer = bare_peer<other>;
  using endpoint = support::deflate_endpoint<Role>;

  void connection() {
    const weft::deflate_parameters agreed{.server_no_context_takeover = below(4) == 0,
                                          .client_no_context_takeover = below(4) == 0,
                                          .server_max_window_bits = static_cast<std::uint8_t>(any_of({15, 9, 10, 12})),
                                          .client_max_window_bits = static_cast<std::uint8_t>(any_of({15, 9, 11, 14}))};
    endpoint ws(agreed, pool_);
    peer bare(agreed);
    for (std::size_t batch = any_of({2000, 200, 20, 2}); batch > 0; --batch) {
      speech theirs, ours;
      for (std::size_t count = 1 + below(20); count > 0; --count) bare.say(any_message(), theirs);
      hear(ws, theirs, ours);
      require(bare.told(ours.wire) == ours.said, "zlib's side is told what weft said");
    }
    close(ws, bare);
    require(memory_.most <= most_, "engines never hold more than bytes_required()");
    ++connections_;
  }

  /// Either side begins, also where a message is unfinished.
  void close(endpoint& ws, peer& bare) {
    speech theirs, ours;
    if (below(2) == 0) say(ws, 2, words().substr(below(1000), below(1000)), fin::no, ours);
    if (below(2) == 0) bare.say(any_message(), theirs, fin::no);
    const auto code = below(2) == 0 ? weft::close_code::normal : weft::close_code::going_away;
    const std::string reason(below(124), '.');
    const message goodbye{8, support::network(static_cast<std::uint64_t>(code), 2) + reason};
    if (below(2) == 0) {
      weft::append(ours.wire, keyed([&](auto... key) { return ws.close(key..., code, reason); }));
      ours.said.push_back(goodbye);
      require(ws.state() == weft::state::close_sent, "weft has begun to close");
    }
    bare.answer(theirs);
    bare.say_control(goodbye, theirs);
    hear(ws, theirs, ours);
    require(bare.told(ours.wire) == ours.said, "zlib's side is told each Close");
    require(ours.said.back() == goodbye && ws.state() == weft::state::closed, "both have said Close");
    require(!ws.end(), "behind it nothing is told");
    pool_.trim();
    require(memory_.in_use == 0, "the engines of a connection that has ended are the pool's again");
  }

  /// Tells weft what zlib's side said, which weft says again.
  void hear(endpoint& ws, speech& theirs, speech& ours) {
    std::size_t told = 0;
    const auto tell = [&](const message& one) {
      require(told < theirs.said.size() && one == theirs.said[told], "weft is told what zlib's side said");
      ++told;
    };
    message gathered;
    bool at_once = false;
    auto in = std::as_writable_bytes(std::span(theirs.wire));
    while (!in.empty()) {
      auto piece = in.first(std::min(in.size(), 1 + below(any_of({1460, 3, 100'000}))));
      in = in.subspan(piece.size());
      while (const auto event = ws.next(piece)) {
        if (event->kind != weft::kind::text && event->kind != weft::kind::binary) {
          tell(control_of(*event));
          const auto state = ws.state();  // 5.5.1: behind our Close nothing is said
          if (event->kind == weft::kind::ping && state == weft::state::open)
            ours.said.push_back({10, std::string(event->text())});
          if (state == weft::state::close_received) ours.said.push_back(control_of(*event));
          weft::append(ours.wire, keyed([&](auto... key) { return ws.answer(key..., *event); }));
          continue;
        }
        if (event->first) at_once = below(8) == 0;
        gathered.opcode = event->kind == weft::kind::text ? 1 : 2;
        gathered.payload += event->text();
        if (at_once) say(ws, gathered.opcode, event->text(), event->fin, ours);
        if (event->fin == fin::no) continue;
        tell(gathered);
        if (!at_once) {
          in_pieces(gathered.payload,
                    [&](std::string_view part, fin last) { say(ws, gathered.opcode, part, last, ours); });
        }
        ours.said.push_back(std::exchange(gathered, {}));
      }
      require(piece.empty(), "everything is consumed");
    }
    require(told == theirs.said.size(), "all of it");
  }

  static message control_of(const weft::event& event) {
    const std::string payload(event.text());
    if (event.kind == weft::kind::ping) return {9, payload};
    if (event.kind == weft::kind::pong) return {10, payload};
    require(event.kind == weft::kind::close, "nothing else is told");
    return {8, support::network(static_cast<std::uint64_t>(event.code), 2) + payload};
  }

  /// What it makes with a key where this side masks.
  auto keyed(auto&& make) {
    if constexpr (Role == role::server) return make();
    if constexpr (Role == role::client) return make(keys_());
  }

  /// A piece, and Pings before its frames.
  void say(endpoint& ws, unsigned opcode, std::string_view part, fin last, speech& to) {
    using weft::compression;
    const auto how = below(3) == 0 ? compression::no : below(3) == 0 ? compression::worthwhile : compression::yes;
    const auto all = [&](auto&& frames) {
      for (const auto& frame : frames) {
        if (below(10) == 0) {
          const auto& ping = to.said.emplace_back(message{9, any_bytes()});
          weft::append(to.wire, keyed([&](auto... key) { return ws.ping(key..., ping.payload); }));
        }
        weft::append(to.wire, frame);
      }
    };
    const auto with = [&](auto&... keys) {
      if (opcode == 1) all(ws.text(keys..., part, last, weft::utf8::checked, how));
      if (opcode == 2) all(ws.binary(keys..., part, last, how));
    };
    if constexpr (Role == role::server) with();
    if constexpr (Role == role::client) with(keys_);
  }

  std::array<std::byte, 8192> inflated_, deflated_;
  support::counting_memory memory_;
  support::deflate_pool pool_{memory_.source(), inflated_, deflated_};
  weft::key_source<entropy> keys_{entropy{}};
  std::uint64_t connections_ = 0;
  const std::size_t most_ = weft::bytes_required<weft::zlib>({}, Role).busy;
};

}  // namespace

int main(int count, char** arguments) {
  std::uint64_t frames = 0, seed = 1;
  const auto number = [](std::string_view text, std::uint64_t& to) {
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), to);
    return wrong == std::errc{} && end == text.data() + text.size() && to > 0;
  };
  const std::string_view side = count > 1 ? arguments[1] : "";
  if (count < 3 || count > 4 || !number(arguments[2], frames) || (count == 4 && !number(arguments[3], seed)) ||
      (side != "server" && side != "client")) {
    std::fprintf(stderr, "usage: soak server|client FRAMES [SEED]\n");
    return 2;
  }
  random_numbers.seed(seed);
  if (side == "server") soak<role::server>().run(frames);
  if (side == "client") soak<role::client>().run(frames);
}
