// SPDX-License-Identifier: MIT
//
// sha1.hpp: SHA-1 (FIPS 180-4, RFC 3174) of a short text, for Sec-WebSocket-Accept.
// It proves that the server read the request and guards no secret: RFC 6455 section 10.8.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>

namespace weft::inline WEFT_ISA::detail {

class sha1 {
 public:
  /// Hashes whole blocks of 64 bytes as they fill.
  constexpr sha1& update(std::string_view text) noexcept {
    for (const char c : text) add(static_cast<std::byte>(c));
    return *this;
  }

  /// The digest of all text so far; the object is spent.
  [[nodiscard]] constexpr std::array<std::byte, 20> digest() noexcept {
    const std::uint64_t bits = size_ * 8;
    add(std::byte{0x80});
    while (size_ % 64 != 56) add(std::byte{0});
    std::array<std::byte, 8> length{};
    store_network(length.data(), bits, 8);
    for (const std::byte byte : length) add(byte);

    std::array<std::byte, 20> digest{};
    for (std::size_t i = 0; i < 5; ++i) store_network(digest.data() + 4 * i, state_[i], 4);
    return digest;
  }

 private:
  constexpr void add(std::byte byte) noexcept {
    block_[size_++ % 64] = byte;
    if (size_ % 64 == 0) compress();
  }

  constexpr void compress() noexcept {
    std::array<std::uint32_t, 80> w{};
    for (std::size_t t = 0; t < 16; ++t) w[t] = static_cast<std::uint32_t>(load_network(block_.data() + 4 * t, 4));
    for (std::size_t t = 16; t < 80; ++t) w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);

    auto [a, b, c, d, e] = state_;
    for (std::size_t t = 0; t < 80; ++t) {
      std::uint32_t f = b ^ c ^ d;
      std::uint32_t k = t < 40 ? 0x6ED9EBA1 : 0xCA62C1D6;
      if (t < 20) {
        f = (b & c) | (~b & d);
        k = 0x5A827999;
      } else if (t >= 40 && t < 60) {
        f = (b & c) | (b & d) | (c & d);
        k = 0x8F1BBCDC;
      }
      const std::uint32_t next = std::rotl(a, 5) + f + e + k + w[t];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
    state_ = {state_[0] + a, state_[1] + b, state_[2] + c, state_[3] + d, state_[4] + e};
  }

  std::array<std::uint32_t, 5> state_{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  std::array<std::byte, 64> block_{};
  std::uint64_t size_ = 0;
};

}  // namespace weft::inline WEFT_ISA::detail
