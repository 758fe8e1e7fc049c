// SPDX-License-Identifier: MIT
#include <weft/frame/utf8.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

#include <doctest/doctest.h>

#include "support/constant.hpp"
#include "support/guarded.hpp"
#include "support/reference.hpp"

using namespace support;
using weft::is_utf8;
using weft::utf8_validator;

namespace {

std::size_t valid_bytes(std::string_view text, utf8_validator validator = {}) {
  return validator.read(shared_guarded().place(text, flush::back));
}

/// What the oracle says of a text: how many bytes are good, and whether it ends with a whole character.
struct verdict {
  std::size_t valid = 0;
  bool whole = true;
  bool operator==(const verdict&) const = default;
};

verdict reference(std::string_view text) {
  reference_utf8 oracle;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!oracle.add(static_cast<unsigned char>(text[i]))) return {i, false};
  }
  return {text.size(), oracle.whole()};
}

verdict in_pieces(std::string_view text, std::size_t cut) {
  utf8_validator validator;
  const auto bytes = std::as_bytes(std::span(text));
  std::size_t valid = validator.read(bytes.first(cut));
  if (valid == cut) valid += validator.read(bytes.subspan(cut));
  return {valid, valid == text.size() && validator.at_boundary()};
}

}  // namespace

static_assert(is_utf8(constant("Hello")));
static_assert(is_utf8(constant("\xe2\x82\xac")) && !is_utf8(constant("\xe2\x82")) && !is_utf8(constant("\xc0\x80")));

TEST_CASE("RFC 3629 4 UT-03 T-09: all texts of one to three bytes, of which 128, 18,304 and 2,650,112 are UTF-8") {
  // Verdicts of the validator are compared with the oracle's at each length; the oracle's own counts are arithmetic:
  // a(n) = 128 a(n-1) + 1920 a(n-2) + 61440 a(n-3).
  std::uint64_t valid[4] = {};
  const auto check = [&](const std::string& text) {
    const verdict want = reference(text);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      if (in_pieces(text, cut) != want) {
        FAIL_CHECK("bytes " << shown(text) << " cut at " << cut);
        return;
      }
    }
    if (want.valid == text.size() && want.whole) ++valid[text.size()];
  };
  for (unsigned a = 0; a < 256; ++a) {
    const std::string first(1, static_cast<char>(a));
    check(first);
    for (unsigned b = 0; b < 256; ++b) check(first + static_cast<char>(b));
  }
  CHECK(valid[1] == 128);
  CHECK(valid[2] == 18304);

  // Three bytes: 16,777,216 texts, so the oracle is asked for the first two bytes once.
  for (unsigned ab = 0; ab < 65536; ++ab) {
    const char prefix[2] = {static_cast<char>(ab >> 8), static_cast<char>(ab & 0xFF)};
    reference_utf8 oracle;
    const bool first = oracle.add(static_cast<unsigned char>(prefix[0]));
    const bool second = first && oracle.add(static_cast<unsigned char>(prefix[1]));
    utf8_validator validator;
    const std::size_t read = validator.read(std::as_bytes(std::span(prefix)));
    if (read != (first ? second ? 2U : 1U : 0U)) FAIL_CHECK("prefix " << ab);
    if (!second) continue;
    for (unsigned c = 0; c < 256; ++c) {
      reference_utf8 want = oracle;
      utf8_validator got = validator;
      const char last = static_cast<char>(c);
      const bool good = want.add(static_cast<unsigned char>(c));
      if (got.read(std::as_bytes(std::span(&last, 1))) != (good ? 1U : 0U) ||
          (good && got.at_boundary() != want.whole())) {
        FAIL_CHECK("bytes " << ab << " " << c);
      }
      if (good && want.whole()) ++valid[3];
    }
  }
  CHECK(valid[3] == 2650112);
}

TEST_CASE("8.1 UT-04 UT-05: a bad byte is found behind and before ASCII of any length") {
  const std::string bad[] = {
      "\x80",     "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",  "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
      "\xf5\x80", "\xff",     "\xc3(",    "\xe2\x82(",    "\xf0\x9f\x98(", "\xc3\xc3"};
  for (std::size_t before = 0; before < 40; ++before) {
    for (const auto& sequence : bad) {
      for (const std::size_t after : sizes{0, 1, 7, 8, 9}) {
        const std::string text = std::string(before, 'a') + sequence + std::string(after, 'b');
        const verdict want = reference(text);
        CHECK(valid_bytes(text) == want.valid);
        for (std::size_t cut = 0; cut <= text.size(); ++cut) CHECK(in_pieces(text, cut).valid == want.valid);
      }
    }
  }
}

TEST_CASE("RFC 3629 UT-03: the borders of each range") {
  for (const char* good :
       {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xef\xbb\xbf",
        "\xf0\x90\x80\x80", "\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf"}) {
    CHECK(is_utf8(std::as_bytes(std::span(std::string_view(good)))));
  }
}

TEST_CASE("a validator stays as it was before a bad byte") {
  utf8_validator validator;
  const auto half = constant("\xe2\x82");
  const auto bad = constant("x");
  const auto rest = constant("\xac");
  CHECK(validator.read(half) == 2);
  CHECK(validator.read(bad) == 0);
  CHECK(validator.read(rest) == 1);
  CHECK(validator.at_boundary());
}
