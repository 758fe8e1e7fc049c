// SPDX-License-Identifier: MIT
//
// sha1.hpp: SHA-1 (FIPS 180-4, RFC 3174) of a short text, for Sec-WebSocket-Accept: of 60 bytes fast, of others
// plainly. It proves that the server read the request and guards no secret: RFC 6455 section 10.8.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>

namespace weft::inline WEFT_ISA::detail {

using sha1_block = std::array<std::byte, 64>;
using sha1_state = std::array<std::uint32_t, 5>;  // at the end the digest, in network order

inline constexpr sha1_state sha1_start{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};

/// The 80 words that a block is stretched to, each made while that sixteen before it is taken.
class sha1_words {
 public:
  constexpr explicit sha1_words(const sha1_block& block) noexcept {
    for (std::size_t t = 0; t < 16; ++t) {
      const auto raw = load<std::array<std::uint8_t, 4>>(block.data() + 4 * t);
      words_[t] = std::uint32_t{raw[0]} << 24 | std::uint32_t{raw[1]} << 16 | std::uint32_t{raw[2]} << 8 | raw[3];
    }
  }
  constexpr std::uint32_t operator[](std::size_t t) noexcept {
    words_[t + 16] = std::rotl(words_[t + 13] ^ words_[t + 8] ^ words_[t + 2] ^ words_[t], 1);
    return words_[t];
  }

 private:
  std::array<std::uint32_t, 96> words_;
};

/// The state behind one block more.
template <class Words>
[[nodiscard]] constexpr sha1_state sha1_mix(const sha1_state& state, Words&& words) noexcept {
  using word = std::uint32_t;
  word a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  const auto twenty_rounds = [&](std::size_t first, word constant, auto choose) {
    const auto round = [&](word v, word& w, word x, word y, word& z, word next) {
      z += next + constant;
      z += choose(w, x, y);
      z += std::rotl(v, 5);
      w = std::rotl(w, 30);
    };
    for (std::size_t t = first; t < first + 20; t += 5) {
      round(a, b, c, d, e, words[t]);
      round(e, a, b, c, d, words[t + 1]);
      round(d, e, a, b, c, words[t + 2]);
      round(c, d, e, a, b, words[t + 3]);
      round(b, c, d, e, a, words[t + 4]);
    }
  };
  const auto parity = [](word x, word y, word z) { return x ^ y ^ z; };
  twenty_rounds(0, 0x5A827999, [](word x, word y, word z) { return z ^ (x & (y ^ z)); });
  twenty_rounds(20, 0x6ED9EBA1, parity);
  twenty_rounds(40, 0x8F1BBCDC, [](word x, word y, word z) { return (x & y) + (z & (x ^ y)); });
  twenty_rounds(60, 0xCA62C1D6, parity);
  return {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

/// The words of the second block of any text of 60 bytes: nothing but its length.
inline constexpr auto sha1_end_of_60 = [] {
  sha1_block block{};
  store_network(block.data() + 56, 60 * 8, 8);
  sha1_words made(block);
  std::array<std::uint32_t, 80> words{};
  for (std::size_t t = 0; t < words.size(); ++t) words[t] = made[t];
  return words;
}();

/// The digest of 60 bytes: the 24 at `front`, and those behind them as they lie in their block, with 0x80 at its end
/// and zeros before.
[[nodiscard]] constexpr sha1_state sha1_of_60(const char* front, const sha1_block& behind) noexcept {
  sha1_block block = behind;
  copy(block.data(), front, 24);
  return sha1_mix(sha1_mix(sha1_start, sha1_words(block)), sha1_end_of_60);
}

#if defined(WEFT_SHA)

/// The same by instructions for four rounds at once. Of four words the first is in the last lane.
WEFT_TARGET_SHA [[nodiscard]] inline sha1_state sha1_of_60_by_four(const char* front,
                                                                   const sha1_block& behind) noexcept {
  using sha::words;
  words abcd{sha1_start[3], sha1_start[2], sha1_start[1], sha1_start[0]};
  words e{0, 0, 0, sha1_start[4]};
  const auto mix = [&](auto next) WEFT_INLINE_SHA {
    const words abcd_then = abcd, e_then = e;
    words before{};
    const auto four_rounds = [&](auto group) WEFT_INLINE_SHA {
      const words four = next(group);
      e = group == 0 ? e + four : sha::next_e(before, four);
      before = abcd;
      abcd = sha::rounds<group / 5>(abcd, e);
    };
    const auto all_rounds = [&]<std::size_t... Group>(std::index_sequence<Group...>) WEFT_INLINE_SHA {
      (four_rounds(std::integral_constant<std::size_t, Group>()), ...);
    };
    all_rounds(std::make_index_sequence<20>());
    e = sha::next_e(before, e_then);
    abcd += abcd_then;
  };

  std::array<words, 4> last;  // made, each from the four before it
  for (std::size_t i = 0; i < last.size(); ++i) {
    auto raw = load<simd16::words>(behind.data() + 16 * i);
    if (i == 0) std::memcpy(&raw, front, sizeof raw);
    if (i == 1) raw |= simd16::words{load<std::uint64_t>(bytes_at(front + 16)), 0};
    last[i] = sha::from_network((simd16::vector)raw);
  }
  mix([&](auto group) WEFT_INLINE_SHA {
    if (group >= 4) {
      last[group % 4] =
          sha::following(last[group % 4], last[(group + 1) % 4], last[(group + 2) % 4], last[(group + 3) % 4]);
    }
    return last[group % 4];
  });
  mix([](auto group) WEFT_INLINE_SHA {
    constexpr const auto& made = sha1_end_of_60;
    return words{made[4 * group + 3], made[4 * group + 2], made[4 * group + 1], made[4 * group]};
  });
  return {abcd[3], abcd[2], abcd[1], abcd[0], e[3]};
}

#endif

/// The digest of any text with another behind it.
[[nodiscard]] constexpr sha1_state sha1(std::string_view text, std::string_view behind = {}) noexcept {
  sha1_state state = sha1_start;
  sha1_block block{};
  std::uint64_t size = 0;
  const auto add = [&](std::byte byte) {
    block[size++ % 64] = byte;
    if (size % 64 == 0) state = sha1_mix(state, sha1_words(block));
  };
  for (const char c : text) add(static_cast<std::byte>(c));
  for (const char c : behind) add(static_cast<std::byte>(c));
  const std::uint64_t bits = size * 8;
  add(std::byte{0x80});
  while (size % 64 != 56) add(std::byte{0});
  for (int shift = 56; shift >= 0; shift -= 8) add(static_cast<std::byte>(bits >> shift & 0xFF));
  return state;
}

}  // namespace weft::inline WEFT_ISA::detail
