// SPDX-License-Identifier: MIT
//
// texts.hpp: texts of several scripts, what can be wrong with one, and how far it is UTF-8: told by a decoder that
// knows only what a character's bytes stand for.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "support/wire.hpp"

namespace support {

/// How many bytes come before the first one with which a text can no longer be UTF-8, and whether the text ends with a
/// whole character.
struct reach {
  std::size_t valid = 0;
  bool whole = true;
  bool operator==(const reach&) const = default;
};

/// Whether one of these code points is a character that needs so many bytes. RFC 3629 section 3.
constexpr bool any_character(std::uint32_t first, std::uint32_t last, std::size_t size) {
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (first < least[size]) first = least[size];
  if (last > 0x10FFFF) last = 0x10FFFF;
  const bool only_surrogates = first >= 0xD800 && last <= 0xDFFF;
  return first <= last && !only_surrogates;
}

/// Decodes character by character. Each byte leaves so many code points that the character can still become.
constexpr reach reach_of(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = 0; at < text.size();) {
    const unsigned lead = byte(at);
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xC0 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF8 ? 4
                                           : 0;
    if (size == 0) return {at, false};
    std::uint32_t point = size == 1 ? lead : lead & (0x7FU >> size);
    for (std::size_t known = 1;; ++known) {
      const std::size_t open = 6 * (size - known);  // bits
      if (!any_character(point << open, ((point + 1) << open) - 1, size)) return {at + known - 1, false};
      if (known == size) break;
      if (at + known == text.size()) return {text.size(), false};
      if (byte(at + known) >> 6 != 2) return {at + known, false};
      point = point << 6 | (byte(at + known) & 0x3F);
    }
    at += size;
  }
  return {text.size(), true};
}

/// RFC 3629 section 3: the table, row by row.
inline std::string encoded(std::uint32_t c) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c <= 0x7F) return {static_cast<char>(c)};
  if (c <= 0x7FF) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c <= 0xFFFF) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

/// The beginnings of texts in ASCII, with accents, in Chinese, of emoji, and of all of them.
inline constexpr std::array<std::string_view, 5> scripts{
    "Sphinx of black quartz, judge my vow. ",
    "Portez ce vieux whisky \xc3\xa0 l'\xc3\xa9t\xc3\xa9 o\xc3\xb9 \xc3\xa7\xc3\xa0. ",
    "\xe5\xa4\xa9\xe5\x9c\xb0\xe7\x8e\x84\xe9\xbb\x84\xe5\xae\x87\xe5\xae\x99\xe6\xb4\xaa\xe8\x8d\x92",
    "\xf0\x9f\x98\x80\xf0\x9f\x9a\x80\xf0\x9f\x8e\x89\xf4\x8f\xbf\xbf\xf0\x90\x80\x80",
    "a\xc2\x80"
    "bc\xdf\xbf\xe0\xa0\x80 \xed\x9f\xbf\xee\x80\x80 def\xf0\x90\x80\x80g\xf3\xbf\xbf\xbf\xef\xbf\xbf "};

/// The first bytes of a text in such a script: its last character may be cut off.
inline std::string text_in(std::string_view script, std::size_t size) {
  std::string text;
  while (text.size() < size) text += script.substr(0, size - text.size());
  return text;
}

/// What has no place in a text, wherever it stands.
inline constexpr std::array<std::string_view, 19> bad_sequences{"\xc0\xaf",
                                                                "\xc1\xbf",
                                                                "\xf5\x80\x80\x80",
                                                                "\xff",  // no leads
                                                                "\x80",
                                                                "\xbf",
                                                                "\xc3\xa9\xa9",
                                                                "\xe2\x82\xac\x80",
                                                                "\xf0\x9f\x98\x80\x80",  // a tail too many
                                                                "\xc3(",
                                                                "\xe2\x82(",
                                                                "\xf0\x9f\x98(",
                                                                "\xf0\x9f\xf0",  // one too few
                                                                "\xe0\x9f\xbf",
                                                                "\xf0\x8f\xbf\xbf",  // overlong
                                                                "\xed\xa0\x80",
                                                                "\xed\xbf\xbf",  // surrogates
                                                                "\xf4\x90\x80\x80",
                                                                "\xf7\xbf\xbf\xbf"};  // above U+10FFFF

/// A text with these bytes in the place of its own, from `at` on, as far as it goes.
inline std::string with(std::string text, std::size_t at, std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size() && at + i < text.size(); ++i) text[at + i] = bytes[i];
  return text;
}

using key = std::array<unsigned char, 4>;

/// The example key, as the byte that is so far from a payload's first meets it.
inline key key_at(std::size_t at) {
  key turned = example_key;
  std::rotate(turned.begin(), turned.begin() + at % 4, turned.end());
  return turned;
}

/// A payload, and the same masked with key_at(0) to key_at(3): the beginnings of these are masked alike.
struct sample {
  std::string plain;
  std::array<std::string, 4> masked;
};
inline sample sample_of(const std::string& plain) {
  return {plain,
          {masked(plain, key_at(0)), masked(plain, key_at(1)), masked(plain, key_at(2)), masked(plain, key_at(3))}};
}

inline constexpr std::size_t largest_sample = 1000003;  ///< bytes

/// The n-th script, over and over.
inline const sample& text_sample(std::size_t n) {
  static const std::array<sample, scripts.size()> texts = [] {
    std::array<sample, scripts.size()> all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = sample_of(text_in(scripts[i], largest_sample));
    return all;
  }();
  return texts[n % texts.size()];
}

/// Characters that a text can be cut behind the first byte of, one for each way in which they go on, and none.
inline constexpr std::array<std::string_view, 8> characters{"",
                                                            "\xc3\xa9",
                                                            "\xe0\xa0\x80",
                                                            "\xe2\x82\xac",
                                                            "\xed\x9f\xbf",
                                                            "\xf0\x90\x80\x80",
                                                            "\xf1\x80\x80\x80",
                                                            "\xf4\x8f\xbf\xbf"};

/// How a text lies in a payload that is masked with key_at(phase): plain, and masked.
struct masked_text {
  std::string plain, masked;
};

/// The first bytes of a sample with a fault in the place of its own, or behind the tails of a character begun before.
inline masked_text faulty_text(const sample& from, std::size_t size, std::size_t phase, std::size_t at,
                               std::string_view bad, std::string_view tails = {}) {
  const std::size_t n = std::min(size, tails.size());
  tails = tails.substr(0, n);
  masked_text text{std::string(tails) + from.plain.substr(0, size - n),
                   masked(tails, key_at(phase)) + from.masked[(phase + n) % 4].substr(0, size - n)};
  return {with(std::move(text.plain), at, bad), with(std::move(text.masked), at, masked(bad, key_at(phase + at)))};
}

}  // namespace support
