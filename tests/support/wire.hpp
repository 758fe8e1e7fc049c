// SPDX-License-Identifier: MIT
//
// wire.hpp: bytes as either side puts them on the wire, made and read from RFC 6455 section 5.2 and not by weft.
// text(), ping() and their kin are a client's frames; a server's are from_server::text() and so on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <weft/protocol.hpp>

namespace support {

using weft::fin;

/// Bytes written in hexadecimal, with or without spaces.
inline std::string hex(std::string_view digits) {
  std::string bytes;
  int high = -1;
  for (const char c : digits) {
    if (c == ' ' || c == '\n') continue;
    const int nibble = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = nibble;
    } else {
      bytes += static_cast<char>(high * 16 + nibble);
      high = -1;
    }
  }
  return bytes;
}

/// A number in network order.
inline std::string network(std::uint64_t number, int size) {
  std::string bytes;
  for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
  return bytes;
}

/// The key of RFC 6455 section 5.7, under which a frame's bytes differ from its payload.
inline constexpr std::array<unsigned char, 4> example_key{0x37, 0xfa, 0x21, 0x3d};

inline std::string masked(std::string_view payload, std::array<unsigned char, 4> key = example_key) {
  std::string bytes;
  for (std::size_t i = 0; i < payload.size(); ++i)
    bytes += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ key[i % 4]);
  return bytes;
}

/// The length field in its shortest form behind the first byte, MASK set where the sender is a client.
inline std::string length_field(std::uint64_t length, weft::role sender = weft::role::client) {
  const std::uint64_t mask = sender == weft::role::client ? 0x80 : 0;
  if (length < 126) return network(mask | length, 1);
  if (length < 65536) return network(mask | 126, 1) + network(length, 2);
  return network(mask | 127, 1) + network(length, 8);
}

/// A masked frame whose first byte is given.
inline std::string frame(unsigned first, std::string_view payload, std::array<unsigned char, 4> key = example_key) {
  return std::string(1, static_cast<char>(first)) + length_field(payload.size()) + std::string(key.begin(), key.end()) +
         masked(payload, key);
}

/// A frame that is not masked, whose first byte is given.
inline std::string unmasked(unsigned first, std::string_view payload) {
  return std::string(1, static_cast<char>(first)) + length_field(payload.size(), weft::role::server) +
         std::string(payload);
}

/// A frame as this side sends it.
inline std::string frame_from(weft::role sender, unsigned first, std::string_view payload,
                              std::array<unsigned char, 4> key = example_key) {
  return sender == weft::role::client ? frame(first, payload, key) : unmasked(first, payload);
}

inline unsigned first_byte(unsigned opcode, fin last) {
  return opcode | (last == fin::yes ? 0x80U : 0U);
}

inline std::string text(std::string_view payload, fin last = fin::yes) {
  return frame(first_byte(1, last), payload);
}
inline std::string binary(std::string_view payload, fin last = fin::yes) {
  return frame(first_byte(2, last), payload);
}
inline std::string continuation(std::string_view payload, fin last) {
  return frame(first_byte(0, last), payload);
}
inline std::string ping(std::string_view payload = {}) {
  return frame(0x89, payload);
}
inline std::string pong(std::string_view payload = {}) {
  return frame(0x8A, payload);
}
inline std::string close_frame() {
  return frame(0x88, {});
}
inline std::string close_frame(unsigned code, std::string_view reason = {}) {
  return frame(0x88, network(code, 2) + std::string(reason));
}

namespace from_server {

inline std::string text(std::string_view payload, fin last = fin::yes) {
  return unmasked(first_byte(1, last), payload);
}
inline std::string binary(std::string_view payload, fin last = fin::yes) {
  return unmasked(first_byte(2, last), payload);
}
inline std::string continuation(std::string_view payload, fin last) {
  return unmasked(first_byte(0, last), payload);
}
inline std::string ping(std::string_view payload = {}) {
  return unmasked(0x89, payload);
}
inline std::string pong(std::string_view payload = {}) {
  return unmasked(0x8A, payload);
}
inline std::string close_frame() {
  return unmasked(0x88, {});
}
inline std::string close_frame(unsigned code, std::string_view reason = {}) {
  return unmasked(0x88, network(code, 2) + std::string(reason));
}

}  // namespace from_server

/// A frame as it lies on the wire.
struct wire_frame {
  unsigned first = 0;
  bool masked = false;
  std::string key;
  std::string payload;  ///< unmasked

  [[nodiscard]] unsigned opcode() const { return first & 15; }
  [[nodiscard]] bool is_control() const { return opcode() >= 8; }
  [[nodiscard]] bool is_last() const { return (first & 128) != 0; }
};

/// The frames that these bytes are: all of them whole.
inline std::vector<wire_frame> frames_in(std::string_view bytes) {
  const auto take = [&](std::uint64_t size) {
    if (size > bytes.size()) throw std::runtime_error("half a frame");
    const std::string taken(bytes.substr(0, static_cast<std::size_t>(size)));
    bytes.remove_prefix(taken.size());
    return taken;
  };
  const auto take_number = [&](std::uint64_t size) {
    std::uint64_t number = 0;
    for (const char c : take(size)) number = number * 256 + static_cast<unsigned char>(c);
    return number;
  };
  std::vector<wire_frame> frames;
  while (!bytes.empty()) {
    wire_frame& frame = frames.emplace_back();
    frame.first = static_cast<unsigned>(take_number(1));
    const std::uint64_t second = take_number(1);
    frame.masked = second >= 128;
    std::uint64_t length = second % 128;
    if (length >= 126) length = take_number(length == 126 ? 2 : 8);
    if (frame.masked) frame.key = take(4);
    frame.payload = take(length);
    for (std::size_t i = 0; frame.masked && i < frame.payload.size(); ++i) frame.payload[i] ^= frame.key[i % 4];
  }
  return frames;
}

}  // namespace support
