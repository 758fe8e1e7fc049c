// SPDX-License-Identifier: MIT
//
// wire.hpp: what is put before the codecs: texts, sizes, frames as a client masks them, and how they are cut into
// reads. The same bytes on every machine, and written without weft.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "versus/peer.hpp"

namespace bench {

/// The generator is the same everywhere, the standard library's distributions are not.
class dice {
 public:
  explicit dice(std::uint64_t seed) : next_(seed) {}
  /// Both inclusive.
  std::uint64_t operator()(std::uint64_t low, std::uint64_t high) { return low + next_() % (high - low + 1); }
  masking_key key() {
    masking_key key;
    for (auto& byte : key) byte = static_cast<std::byte>((*this)(0, 255));
    return key;
  }

 private:
  std::mt19937_64 next_;
};

/// "16" is that, "2-125" is uniform, "mix" is 4 to 4095 and uniform in its logarithm.
inline std::size_t size_of(std::string_view name, dice& roll) {
  if (name == "mix") {
    const auto least = std::size_t{1} << roll(2, 11);
    return roll(least, 2 * least - 1);
  }
  const auto number = [](std::string_view digits) { return std::stoul(std::string(digits)); };
  const auto dash = name.find('-');
  if (dash == std::string_view::npos) return number(name);
  return roll(number(name.substr(0, dash)), number(name.substr(dash + 1)));
}

namespace detail {

inline std::string utf8(std::uint32_t c) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

/// A word of the content, and the space or sign behind it.
inline std::string word(std::string_view content, dice& roll) {
  std::string out;
  const auto letters = [&](std::size_t count, std::uint32_t first, std::uint32_t last) {
    for (; count > 0; --count) out += utf8(static_cast<std::uint32_t>(roll(first, last)));
  };
  const auto latin = [&](std::uint64_t accented) {  // in a hundred letters
    for (auto count = roll(2, 9); count > 0; --count) {
      roll(1, 100) <= accented ? letters(1, 0xE0, 0xFF) : letters(1, 'a', 'z');
    }
  };
  const auto kind = content == "chat" ? roll(1, 100) : 0;
  if (content == "cjk" || kind == 97 || kind == 98) {
    letters(roll(2, 8), 0x4E00, 0x9FBF);
    return out + (content == "cjk" ? utf8(roll(0, 1) == 0 ? 0x3001 : 0x3002) : " ");
  }
  if (kind > 98) {
    letters(1, 0x1F600, 0x1F64F);
  } else {
    latin(content == "latin" ? 15 : kind > 90 ? 20 : 0);
  }
  return out + " ";
}

}  // namespace detail

/// Just so many bytes: `bin` of any, else text that is UTF-8: `ascii`; `latin`, a letter in seven accented; `cjk`;
/// `chat`, of a hundred words six accented, two CJK and two emoji.
inline std::vector<std::byte> payload(std::string_view content, std::size_t size, dice& roll) {
  std::string text;
  if (content == "bin") {
    while (text.size() < size) text += static_cast<char>(roll(0, 255));
  }
  while (text.size() < size) {
    const auto more = detail::word(content, roll);
    std::size_t fits = std::min(more.size(), size - text.size());
    while (fits < more.size() && (more[fits] & 0xC0) == 0x80) --fits;
    text += fits == 0 ? std::string(size - text.size(), '.') : more.substr(0, fits);
  }
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

/// A client's frame, and its only one of a message.
inline void append_frame(std::vector<std::byte>& to, int opcode, bytes payload, const masking_key& key) {
  const auto put = [&](std::uint64_t number, int count) {
    while (count-- > 0) to.push_back(static_cast<std::byte>(number >> 8 * count & 0xFF));
  };
  const auto size = payload.size();
  put(0x80U | static_cast<unsigned>(opcode), 1);
  put(0x80U | (size < 126 ? size : size <= 0xFFFF ? 126 : 127), 1);
  if (size >= 126) put(size, size <= 0xFFFF ? 2 : 8);
  to.insert(to.end(), key.begin(), key.end());
  for (std::size_t i = 0; i < size; ++i) to.push_back(payload[i] ^ key[i % 4]);
}

/// What was told, and in what order: a sum over all of it.
struct events {
  std::uint64_t messages = 0;
  std::uint64_t controls = 0;
  std::uint64_t bytes = 0;
  std::uint64_t digest = 0;
  bool operator==(const events&) const = default;
};

/// Takes all of it down.
class witness final : public sink {
 public:
  void piece(bytes payload) override {
    seen.bytes += payload.size();
    for (const auto byte : payload) add(std::to_integer<std::uint64_t>(byte));
  }
  void message(bytes payload) override {
    piece(payload);
    ++seen.messages;
    add(256);
  }
  void control(bytes payload) override {
    piece(payload);
    ++seen.controls;
    add(257);
  }

  events seen;

 private:
  void add(std::uint64_t symbol) { seen.digest = (seen.digest ^ symbol) * 0x100000001B3; }
};

/// Counts, and touches nothing.
class counter final : public sink {
 public:
  void piece(bytes payload) override { seen.bytes += payload.size(); }
  void message(bytes payload) override {
    seen.bytes += payload.size();
    ++seen.messages;
  }
  void control(bytes payload) override {
    seen.bytes += payload.size();
    ++seen.controls;
  }

  events seen;
};

/// Frames of one connection, one behind the other, and what they say. With content `control` the texts are of `ascii`,
/// and a Ping comes after each fourth, but not as the last of all.
struct stream {
  std::vector<std::byte> wire;
  std::vector<bytes> reads;
  std::uint64_t frames = 0;
  events said;

  stream(std::string_view layout, std::string_view content, std::string_view size, std::size_t least_bytes,
         std::uint64_t least_frames = 0) {
    dice roll(6455);
    witness all;
    const bool control = content == "control";
    const auto at_ping = [&](std::uint64_t frame) { return control && frame % 5 == 4; };
    while (wire.size() < least_bytes || frames < least_frames || at_ping(frames - 1)) {
      if (at_ping(frames)) {
        const auto ping = payload("ascii", roll(0, 16), roll);
        append_frame(wire, 0x9, ping, roll.key());
        all.control(ping);
      } else {
        const auto message = payload(control ? "ascii" : content, size_of(size, roll), roll);
        append_frame(wire, content == "bin" ? 0x2 : 0x1, message, roll.key());
        all.message(message);
      }
      ++frames;
    }
    said = all.seen;
    for (bytes rest(wire); !rest.empty();) {
      const std::size_t most = layout == "whole" ? max_read : layout == "tcp1460" ? 1460 : roll(1, 64);
      reads.push_back(rest.first(std::min(most, rest.size())));
      rest = rest.subspan(reads.back().size());
    }
  }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
};

inline constexpr std::array layouts{"whole", "tcp1460", "cut64"};
inline constexpr std::array contents{"bin", "ascii", "chat", "cjk", "control"};
inline constexpr std::array sizes{"16", "125", "2-125", "mix", "1024", "16384"};

}  // namespace bench
