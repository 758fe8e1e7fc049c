// SPDX-License-Identifier: MIT
//
// wire.hpp: bytes as a client puts them on the wire, made from RFC 6455 section 5.2 and not by weft's encoder.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

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

/// The length field in its shortest form behind the first byte, MASK set.
inline std::string length_field(std::uint64_t length) {
  if (length < 126) return network(0x80 | length, 1);
  if (length < 65536) return network(0x80 | 126, 1) + network(length, 2);
  return network(0x80 | 127, 1) + network(length, 8);
}

/// A masked frame whose first byte is given.
inline std::string frame(unsigned first, std::string_view payload, std::array<unsigned char, 4> key = example_key) {
  return std::string(1, static_cast<char>(first)) + length_field(payload.size()) + std::string(key.begin(), key.end()) +
         masked(payload, key);
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

}  // namespace support
