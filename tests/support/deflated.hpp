// SPDX-License-Identifier: MIT
//
// deflated.hpp: compressed messages as a peer makes them, by zlib's own calls or bit by bit, and as one reads them;
// and endpoints with permessage-deflate, whose input is cut in every way and whose span has many sizes.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/counting.hpp"
#include "support/cuts.hpp"
#include "support/inflate.hpp"
#include "support/wire.hpp"

#include <weft/deflate/deflate.hpp>
#include <weft/deflate/zlib.hpp>

namespace support {

using deflate_server = weft::deflate_server<weft::zlib>;
using deflate_client = weft::deflate_client<weft::zlib>;
using deflate_pool = weft::engine_pool<weft::zlib>;
template <weft::role Role>
using deflate_endpoint = std::conditional_t<Role == weft::role::server, deflate_server, deflate_client>;

// What a peer makes

/// Takes 00 00 FF FF off the end. RFC 7692 section 7.2.1.
inline std::string less_tail(std::string compressed) {
  if (!compressed.ends_with(std::string_view("\0\0\xff\xff", 4))) throw std::runtime_error("no tail to take off");
  compressed.resize(compressed.size() - 4);
  return compressed;
}

struct raw_settings {
  int window_bits = 15;
  int level = 6;
  int memory_level = 8;
  int strategy = Z_DEFAULT_STRATEGY;
};

/// zlib's deflate() as a peer would call it.
class raw_deflater {
 public:
  explicit raw_deflater(const raw_settings& with = {}) {
    if (deflateInit2(&stream_, with.level, Z_DEFLATED, -with.window_bits, with.memory_level, with.strategy) != Z_OK)
      throw std::runtime_error("deflateInit2");
  }
  raw_deflater(const raw_deflater&) = delete;
  raw_deflater& operator=(const raw_deflater&) = delete;
  ~raw_deflater() { deflateEnd(&stream_); }

  std::string piece(std::string_view text, int flush = Z_SYNC_FLUSH) {
    std::string out;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    do {
      const std::size_t had = out.size();
      out.resize(had + text.size() / 2 + 128);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + had);
      stream_.avail_out = static_cast<uInt>(out.size() - had);
      ::deflate(&stream_, flush);
      out.resize(out.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return out;
  }
  std::string message(std::string_view text) {
    const std::string all = piece(text);
    return all.empty() ? std::string(1, '\0') : less_tail(all);
  }
  void reset() { deflateReset(&stream_); }

 private:
  z_stream stream_{};
};

/// zlib's inflate() as a peer would call it, who appends the four bytes.
class raw_inflater {
 public:
  explicit raw_inflater(int window_bits) {
    if (inflateInit2(&stream_, -window_bits) != Z_OK) throw std::runtime_error("inflateInit2");
  }
  raw_inflater(const raw_inflater&) = delete;
  raw_inflater& operator=(const raw_inflater&) = delete;
  ~raw_inflater() { inflateEnd(&stream_); }

  std::string message(std::string body) {
    body.append("\0\0\xff\xff", 4);
    std::string out;
    stream_.next_in = reinterpret_cast<Bytef*>(body.data());
    stream_.avail_in = static_cast<uInt>(body.size());
    do {
      const std::size_t had = out.size();
      out.resize(had + 4 * body.size() + 1000);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + had);
      stream_.avail_out = static_cast<uInt>(out.size() - had);
      const int result = ::inflate(&stream_, Z_SYNC_FLUSH);
      if (result != Z_OK && result != Z_BUF_ERROR) throw std::runtime_error("inflate");
      out.resize(out.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return out;
  }
  void reset() { inflateReset(&stream_); }

 private:
  z_stream stream_{};
};

inline std::string deflated(std::string_view text, const raw_settings& with = {}) {
  return raw_deflater(with).message(text);
}

/// Blocks bit by bit. RFC 1951 section 3.
class blocks {
 public:
  /// 3.1.1: a number from its lowest bit on, a code from its highest.
  blocks& number(unsigned value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) bit(value >> i & 1U);
    return *this;
  }
  blocks& code(unsigned value, unsigned count) {
    for (unsigned i = count; i-- > 0;) bit(value >> i & 1U);
    return *this;
  }
  blocks& skip_to_byte() {
    used_ = 8;
    return *this;
  }

  blocks& stored(std::string_view text, bool final = false) {
    begin_stored(final);
    const auto size = static_cast<unsigned>(text.size());
    number(size, 16).number(size ^ 0xFFFFU, 16);
    bytes_ += text;
    return *this;
  }
  blocks& fixed(bool final = false) { return number(final ? 1 : 0, 1).number(1, 2); }
  blocks& literals(std::string_view text) {
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 144) code(0x30U + byte, 8);
      if (byte >= 144) code(0x190U + byte - 144, 9);
    }
    return *this;
  }
  /// A length of up to 10.
  blocks& match(unsigned length, unsigned distance) {
    code(length - 2, 7);
    for (unsigned symbol = 0, first = 1, extra = 0; symbol < 30; ++symbol, first += 1U << extra) {
      extra = symbol < 4 ? 0 : symbol / 2 - 1;
      if (distance < first + (1U << extra)) return code(symbol, 5).number(distance - first, extra);
    }
    throw std::runtime_error("no such distance");
  }
  blocks& end() { return code(0, 7); }
  /// The end of a message: a stored block without its length.
  [[nodiscard]] std::string message(bool final = false) const {
    blocks all = *this;
    all.begin_stored(final);
    return all.bytes_;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] unsigned used_bits() const { return used_; }

 private:
  void bit(unsigned value) {
    if (used_ == 8) {
      bytes_ += '\0';
      used_ = 0;
    }
    bytes_.back() = static_cast<char>(static_cast<unsigned char>(bytes_.back()) | value << used_);
    ++used_;
  }
  void begin_stored(bool final) { number(final ? 1 : 0, 1).number(0, 2).skip_to_byte(); }

  std::string bytes_;
  unsigned used_ = 8;  ///< bits of the last byte
};

// Frames of either side

inline constexpr unsigned rsv1 = 0x40;

/// A frame that is not yet anybody's: its first byte, and its payload.
struct sent_frame {
  unsigned first = 0;
  std::string payload;
};

/// As this side sends them.
inline std::string wire_of(weft::role sender, const std::vector<sent_frame>& frames) {
  std::string wire;
  for (const auto& one : frames) wire += frame_from(sender, one.first, one.payload);
  return wire;
}

/// A compressed message in frames of so many bytes, the last of what is left, which may be nothing.
inline std::vector<sent_frame> in_frames(unsigned opcode, std::string_view payload, std::size_t size) {
  std::vector<sent_frame> frames;
  while (payload.size() > size) {
    frames.push_back({frames.empty() ? rsv1 | opcode : 0, std::string(payload.substr(0, size))});
    payload.remove_prefix(size);
  }
  frames.push_back({0x80U | (frames.empty() ? rsv1 | opcode : 0), std::string(payload)});
  return frames;
}

/// "at @n" in a text becomes where the payload of frame n begins, "at #n" where the frame does.
inline std::string with_offsets(std::string text, weft::role sender, const std::vector<sent_frame>& frames) {
  for (std::size_t at = 0; (at = text.find(" at ", at)) != std::string::npos;) {
    at += 4;
    if (text[at] != '@' && text[at] != '#') continue;
    std::size_t digits = 0;
    const std::size_t n = std::stoul(text.substr(at + 1), &digits);
    const std::vector<sent_frame> before(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(n));
    std::size_t offset = wire_of(sender, before).size();
    if (text[at] == '@') offset += frame_from(sender, 0, frames.at(n).payload).size() - frames[n].payload.size();
    text.replace(at, digits + 1, std::to_string(offset));
  }
  return text;
}

/// The same for both sides.
inline weft::deflate_parameters agreed(unsigned window_bits = 15, bool takeover = true) {
  const auto bits = static_cast<std::uint8_t>(window_bits);
  return {.server_no_context_takeover = !takeover,
          .client_no_context_takeover = !takeover,
          .server_max_window_bits = bits,
          .client_max_window_bits = bits};
}

// An endpoint that reads them

inline constexpr weft::role other(weft::role one) {
  return one == weft::role::server ? weft::role::client : weft::role::server;
}

/// A pool whose spans lie against unmapped pages.
class guarded_pool {
 public:
  explicit guarded_pool(std::size_t inflated, std::size_t deflated = 4096, const weft::zlib::settings& with = {})
      : inflated_(inflated),
        deflated_(deflated),
        pool(memory.source(), inflated_.span(inflated, flush::back), deflated_.span(deflated, flush::back), with) {}

  counting_memory memory;

 private:
  guarded inflated_, deflated_;

 public:
  deflate_pool pool;
};

/// What was agreed, what is allowed, and the sizes of the span in which inflated bytes appear.
struct receiving {
  std::optional<weft::deflate_parameters> agreed = support::agreed();
  weft::limits limits{};
  std::vector<std::size_t> spans{1, 2, 3, 7, 31, 64, 4096};
};

/// This transcript, however the input is cut and however small the span is. The engines of one run are used in the
/// next, whatever became of them.
template <weft::role Role>
void check_every_cut_inflated(std::string_view input, const std::string& expected, const receiving& how = {}) {
  std::set<std::string> seen;
  for (const std::size_t span : how.spans) {
    guarded_pool engines(span);
    for (const cut& pieces : cuts_of(input.size())) {
      for (const flush side : {flush::back, flush::front}) {
        recorder<Role, deflate_endpoint<Role>> receiver(how.limits, how.agreed, engines.pool);
        feed(input, pieces, side, [&](std::span<std::byte> in) { receiver.take(in); });
        ++cuts_run;
        if (!seen.insert(receiver.transcript()).second) continue;
        INFO("a span of " << span << ", pieces of " << pieces.front() << "...");
        CHECK(receiver.transcript() == expected);
      }
    }
  }
}

/// The same for both roles. What is expected may have "@n" and "#n" in it.
inline void check_deflated(const std::vector<sent_frame>& frames, const std::string& expected,
                           const receiving& how = {}) {
  using weft::role;
  check_every_cut_inflated<role::server>(wire_of(role::client, frames), with_offsets(expected, role::client, frames),
                                         how);
  check_every_cut_inflated<role::client>(wire_of(role::server, frames), with_offsets(expected, role::server, frames),
                                         how);
}

// A peer that reads what an endpoint sends

/// In the order in which they stand here, and are made.
inline std::string joined(std::initializer_list<std::string> parts) {
  std::string all;
  for (const auto& part : parts) all += part;
  return all;
}

/// A message as it was on the wire, and what is in it.
struct told {
  unsigned opcode = 0;
  bool compressed = false;
  std::size_t frames = 0;
  std::string payload;
  bool operator==(const told&) const = default;
};

/// Reads the frames of a side, and demands of them what RFC 6455 and RFC 7692 do.
class reading_peer {
 public:
  reading_peer(weft::role sender, unsigned window_bits, bool takeover)
      : sender_(sender), window_(std::size_t{1} << window_bits), inflater_(window_bits, takeover) {}
  reading_peer(weft::role sender, const weft::deflate_parameters& agreed)
      : reading_peer(sender, agreed.window_bits(sender), agreed.takeover(sender)) {}

  /// All of them whole; of messages as many as have ended.
  std::vector<told> read(std::string_view wire) {
    std::vector<told> messages;
    for (const wire_frame& frame : frames_in(wire)) {
      CHECK(frame.masked == (sender_ == weft::role::client));
      CHECK((frame.first & 0x30) == 0);
      if (frame.is_control()) {
        CHECK((frame.first & rsv1) == 0);  // 6.1
        controls.push_back(frame);
        continue;
      }
      if (frame.masked) keys.insert(frame.key);
      CHECK((frame.opcode() == 0) == begun_);
      if (!begun_) {
        message_ = told{};
        message_.opcode = frame.opcode();
        message_.compressed = (frame.first & rsv1) != 0;
        wire_.clear();
      } else {
        CHECK((frame.first & rsv1) == 0);  // 6.1: of the first frame only
      }
      begun_ = !frame.is_last();
      ++message_.frames;
      wire_ += frame.payload;
      if (begun_) continue;
      message_.payload = wire_;
      if (message_.compressed) {
        const auto inflated = inflater_.inflate(wire_);
        CHECK(inflated.broken == weft::rule::none);
        message_.payload = inflated.payload;
      }
      messages.push_back(message_);
    }
    CHECK(inflater_.greatest_distance() <= window_);
    return messages;
  }
  /// The one message.
  told only(std::string_view wire) {
    const auto all = read(wire);
    REQUIRE(all.size() == 1);
    CHECK_FALSE(begun_);
    return all[0];
  }

  [[nodiscard]] const reference_inflater& inflater() const { return inflater_; }
  [[nodiscard]] const std::string& compressed_bytes() const { return wire_; }  ///< of the message begun last

  std::vector<wire_frame> controls;
  std::set<std::string> keys;

 private:
  weft::role sender_;
  std::size_t window_;
  reference_inflater inflater_;
  told message_;
  std::string wire_;
  bool begun_ = false;
};

/// Keys of a client, each another.
inline auto counted_keys(unsigned from = 1) {
  return [n = from]() mutable {
    const unsigned now = n++;
    return weft::masking_key({std::byte(now), std::byte(now >> 8), std::byte(now >> 16), std::byte{0xA5}});
  };
}

/// An endpoint that talks, with engines and keys of its own.
template <weft::role Role>
class talker {
 public:
  explicit talker(const std::optional<weft::deflate_parameters>& agreed = support::agreed(), std::size_t span = 4096,
                  const weft::zlib::settings& with = {})
      : engines(span, span, with), ws(agreed, engines.pool) {}

  auto text(std::string_view piece, fin last = fin::yes, weft::compression how = weft::compression::yes,
            weft::utf8 validity = weft::utf8::checked) {
    if constexpr (Role == weft::role::client) return ws.text(keys, piece, last, validity, how);
    if constexpr (Role == weft::role::server) return ws.text(piece, last, validity, how);
  }
  auto binary(std::string_view piece, fin last = fin::yes, weft::compression how = weft::compression::yes) {
    if constexpr (Role == weft::role::client) return ws.binary(keys, piece, last, how);
    if constexpr (Role == weft::role::server) return ws.binary(piece, last, how);
  }
  std::string ping(std::string_view payload = {}) {
    if constexpr (Role == weft::role::client) return bytes_of(ws.ping(keys(), payload));
    if constexpr (Role == weft::role::server) return bytes_of(ws.ping(payload));
  }
  std::string close() {
    if constexpr (Role == weft::role::client) return bytes_of(ws.close(keys()));
    if constexpr (Role == weft::role::server) return bytes_of(ws.close());
  }
  /// All frames of a message, made without operator new.
  template <class Frames>
  static std::string bytes_of(Frames&& ready) {
    std::string bytes;
    if constexpr (requires { ready.next(); }) {
      while (const auto frame = without_allocation([&] { return ready.next(); })) weft::append(bytes, *frame);
    } else {
      weft::append(bytes, ready);
    }
    return bytes;
  }
  /// Whole messages, as bytes.
  std::string say_text(std::string_view payload, weft::compression how = weft::compression::yes) {
    return bytes_of(text(payload, fin::yes, how));
  }
  std::string say_binary(std::string_view payload, weft::compression how = weft::compression::yes) {
    return bytes_of(binary(payload, fin::yes, how));
  }

  /// Tells all that comes as one transcript.
  std::string hear(std::string wire, const weft::limits& limits = {}) {
    transcript seen;
    std::span in(wire);
    while (const auto event = without_allocation([&] { return ws.next(in, limits); })) {
      const bool data = event->kind == weft::kind::text || event->kind == weft::kind::binary;
      if (data) seen.data(name_of(event->kind), event->text(), event->fin == fin::yes);
      if (!data) {
        const auto broken = event->violation.rule;
        seen.entry(name_of(event->kind) + (broken == weft::rule::none ? "" : " " + std::string(weft::name(broken))));
      }
    }
    return seen.text();
  }

  guarded_pool engines;
  decltype(counted_keys()) keys = counted_keys();
  deflate_endpoint<Role> ws;
};

/// A test for each role.
template <class Test>
void for_both_roles(Test&& test) {
  {
    INFO("a server");
    test.template operator()<weft::role::server>();
  }
  INFO("a client");
  test.template operator()<weft::role::client>();
}

// Texts of several kinds

inline std::string random_bytes(std::size_t size, std::uint32_t seed = 1) {
  std::string bytes(size, '\0');
  for (char& c : bytes) {
    seed = seed * 1664525U + 1013904223U;
    c = static_cast<char>(seed >> 24);
  }
  return bytes;
}

/// Objects that differ in their numbers, as a feed has them.
inline std::string records(std::size_t size, std::uint32_t seed = 1) {
  std::string text;
  while (text.size() < size) {
    seed = seed * 1664525U + 1013904223U;
    text += R"({"symbol":"WEFT","price":)" + std::to_string(seed >> 20) + R"(,"volume":)" + std::to_string(seed >> 8) +
            R"(,"side":")" + (seed & 0x8000U ? "buy" : "sell") + "\"}\n";
  }
  text.resize(size);
  return text;
}

}  // namespace support
