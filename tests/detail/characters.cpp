// SPDX-License-Identifier: MIT
#include <weft/detail/characters.hpp>

#include <string>

#include <doctest/doctest.h>

#include "support/guarded.hpp"

using namespace support;
using namespace weft::detail;

namespace {

constexpr std::string_view letters_and_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The characters of a set, as its RFC has them.
std::string members(characters set) {
  const std::string all(letters_and_digits);
  switch (set) {
    case token_characters: return all + "!#$%&'*+-.^_`|~";
    case base64_characters: return all + "+/";
    case hexadecimal_digits: return "0123456789abcdefABCDEF";
    case address_characters: return "0123456789abcdefABCDEF:.";
    case host_characters: return all + "-._~" + "!$&'()*+,;=";
    case path_characters: return all + "-._~" + "!$&'()*+,;=" + ":@" + "/?";
    default: break;
  }
  std::string rest;
  for (int c = 0; c < 256; ++c) {
    const bool value = c == '\t' || (c >= 0x20 && c != 0x7F);
    const bool target = c > 0x20 && c < 0x7F && c != '#';
    if (set == value_characters ? value : target) rest += static_cast<char>(c);
  }
  return rest;
}

/// A text against an unmapped page, once on each side.
template <class Check>
void placed(const std::string& text, Check&& check) {
  for (const flush side : {flush::back, flush::front}) {
    const auto memory = shared_guarded().place(text, side);
    check(std::string_view(reinterpret_cast<const char*>(memory.data()), memory.size()));
  }
}

/// All characters, as `fill` many times one of the set with each other character at each place.
template <class Leading>
void check_leading(characters set, Leading&& leading) {
  const std::string in_set = members(set);
  for (std::size_t size = 0; size <= 50; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      for (int c = 0; c < 256; c += size < 34 ? 1 : 17) {
        std::string text(size, in_set[size % in_set.size()]);
        if (at < size) text[at] = static_cast<char>(c);
        const bool in = at == size || in_set.find(static_cast<char>(c)) != std::string::npos;
        placed(text, [&](std::string_view view) { REQUIRE(leading(view) == (in ? size : at)); });
        if (at == size) break;
      }
    }
  }
}

}  // namespace

TEST_CASE("each set has the characters that its RFC names, and no other") {
  for (const characters set : {value_characters, token_characters, base64_characters, hexadecimal_digits,
                               address_characters, host_characters, path_characters, target_characters}) {
    const std::string in_set = members(set);
    for (int c = 0; c < 256; ++c) {
      CAPTURE(c);
      CHECK(is_in(set, static_cast<char>(c)) == (in_set.find(static_cast<char>(c)) != std::string::npos));
    }
    CHECK(all_in(set, in_set));
    CHECK(!all_in(set, in_set + '\n'));
  }
}

TEST_CASE("a text is in its set up to the first character that is not, at each place of each size") {
  check_leading(token_characters,
                [](std::string_view text) { return leading(token_characters, text, common_in_tokens); });
  check_leading(host_characters, [](std::string_view text) { return leading(host_characters, text, common_in_hosts); });
  check_leading(base64_characters,
                [](std::string_view text) { return leading(base64_characters, text, common_in_base64); });
  check_leading(target_characters, [](std::string_view text) { return leading(target_characters, text); });
  check_leading(target_characters,
                [](std::string_view text) { return leading(target_characters, text, common_in_targets); });
  check_leading(path_characters, [](std::string_view text) { return leading(path_characters, text); });
}

#if defined(WEFT_X86)

TEST_CASE("what is common in a set is known without the table, sixteen at a time") {
  const auto check = [](auto common, const std::string& members) {
    for (int c = 0; c < 256; ++c) {
      CAPTURE(c);
      const bool is = members.find(static_cast<char>(c)) != std::string::npos;
      CHECK(leading(std::string(32, static_cast<char>(c)), common) == (is ? 32 : 0));
      CHECK(leading(std::string(31, static_cast<char>(c)), common) == (is ? 16 : 0));
    }
  };
  const std::string all(letters_and_digits);
  check(common_in_tokens, all.substr(0, 52) + "-_");
  check(common_in_hosts, all + "-.");
  check(common_in_base64, all + "+/");
  check(common_in_targets, all + "$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
}

#endif

TEST_CASE("what is copied is marked where it is not printable ASCII, at each place of each size up to 64") {
  static guarded to(64);
  for (std::size_t size = 0; size <= 64; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; c += at % 16 < 2 ? 1 : 13) {
        std::string text(size, ' ');
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(' ' + i);
        text[at] = static_cast<char>(c);
        const std::uint64_t expected = std::uint64_t{c < 0x20 || c > 0x7E} << at;
        placed(text, [&](std::string_view from) {
          for (const flush side : {flush::back, flush::front}) {
            const auto room = to.span(size, side);
            auto* copied = reinterpret_cast<char*>(room.data());
            REQUIRE(copy_and_mark(copied, from.data(), size) == expected);
            REQUIRE(std::string_view(copied, size) == text);
          }
        });
      }
    }
  }
  CHECK(copy_and_mark(reinterpret_cast<char*>(to.span(64, flush::front).data()), std::string(64, '\r').data(), 64) ==
        UINT64_MAX);
}

static_assert(leading(token_characters, "Sec-WebSocket-Key: x", common_in_tokens) == 17);
