// SPDX-License-Identifier: MIT
#include <weft/frame/utf8.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "support/constant.hpp"
#include "support/fenced.hpp"
#include "support/guarded.hpp"
#include "support/reference.hpp"
#include "support/texts.hpp"
#include "support/transcript.hpp"

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
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  std::size_t valid = validator.read(bytes.first(cut));
  if (valid == cut) valid += validator.read(bytes.subspan(cut));
  return {valid, valid == text.size() && validator.at_boundary()};
}

}  // namespace

static_assert(is_utf8(constant("Hello")));
static_assert(is_utf8(constant("\xe2\x82\xac")) && !is_utf8(constant("\xe2\x82")) && !is_utf8(constant("\xc0\x80")));

TEST_CASE("RFC 3629 4 UT-03: all texts of one to three bytes, of which 128, 18,304 and 2,650,112 are UTF-8") {
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

namespace {

weft::masking_key example_key_at(std::size_t at) {
  return weft::masking_key(std::bit_cast<std::array<std::byte, 4>>(key_at(at)));
}

/// Whether a validator looks at the text, and another unmasks it, up to the same byte, and neither touches more.
bool reads(const masked_text& text, std::size_t phase, flush side, std::size_t from_end) {
  const reach want = reach_of(text.plain);
  const fenced plain(shared_guarded(), text.plain, side, from_end);
  utf8_validator looking;
  const std::size_t seen = looking.read(plain.span());
  if (plain.text() != text.plain || !plain.alone()) return false;

  const fenced payload(shared_guarded(), text.masked, side, from_end);
  utf8_validator unmasking;
  const std::size_t unmasked = unmasking.unmask(payload.span(), example_key_at(phase));
  if (payload.text().substr(0, unmasked) != std::string_view(text.plain).substr(0, unmasked) ||
      payload.text().substr(unmasked) != std::string_view(text.masked).substr(unmasked) || !payload.alone())
    return false;

  // A bad byte leaves the state as it was before.
  utf8_validator fresh;
  (void)fresh.read(std::as_bytes(std::span(text.plain)).first(want.valid));
  const bool same =
      std::memcmp(&looking, &fresh, sizeof fresh) == 0 && std::memcmp(&unmasking, &fresh, sizeof fresh) == 0;
  return seen == want.valid && unmasked == want.valid && same &&
         (want.valid < text.plain.size() || fresh.at_boundary() == want.whole);
}

/// The same in pieces that end at these places, the last at the text's end.
bool reads_in_pieces(const masked_text& text, std::size_t phase, const std::vector<std::size_t>& ends) {
  const std::size_t valid = reach_of(text.plain).valid;
  std::string payload = text.masked;
  utf8_validator looking, unmasking;
  for (std::size_t at = 0, i = 0; at < payload.size() && i < ends.size(); at = ends[i++]) {
    const std::size_t size = ends[i] - at;
    const std::size_t want = std::min(size, valid - at);
    const auto piece = std::as_writable_bytes(std::span(payload)).subspan(at, size);
    if (looking.read(std::as_bytes(std::span(text.plain)).subspan(at, size)) != want) return false;
    if (unmasking.unmask(piece, example_key_at(phase + at)) != want) return false;
    if (want < size) break;
  }
  return payload == text.plain.substr(0, valid) + text.masked.substr(valid);
}

void print_cases(const char* what, std::uint64_t cases) {
  std::printf("utf8: %llu %s\n", static_cast<unsigned long long>(cases), what);
}

}  // namespace

TEST_CASE(
    "8.1 UT-01 UT-03 UT-04 UT-05: each text up to 300 bytes, and faults at each of its places, seen and unmasked") {
  std::size_t cases = 0;
  const auto check = [&](const masked_text& text, std::size_t phase) {
    if (!reads(text, phase, cases % 2 == 0 ? flush::back : flush::front, cases / 2 % 64))
      FAIL(shown(text.plain) << " masked from " << phase % 4 << ", case " << cases);
    ++cases;
  };
  for (std::size_t size = 0; size <= 300; ++size) {
    for (std::size_t script = 0; script < scripts.size(); ++script) {
      for (std::size_t phase = 0; phase < 4; ++phase)
        check(faulty_text(text_sample(script), size, phase, size, ""), phase);
    }
    // Longer than the widest vector and what is small, each place gets some of the faults, and each fault some places.
    const std::size_t step = size <= 130 ? 1 : 4;
    for (std::size_t at = 0; at < size; ++at) {
      for (std::size_t bad = at % step; bad < bad_sequences.size(); bad += step) {
        const std::size_t phase = cases / 5;
        check(faulty_text(text_sample(cases), size, phase, at, bad_sequences[bad]), phase);
      }
    }
  }
  print_cases("texts up to 300 bytes", cases);
}

TEST_CASE("8.1 UT-01 UT-04: long texts around each size from which another way is taken, with a fault near each end") {
  std::size_t cases = 0;
  for (const std::size_t threshold : sizes{512, 2048, 4096, 65536}) {
    for (const std::size_t size : {threshold - 1, threshold, threshold + 1, threshold + 63, threshold + 257}) {
      for (std::size_t script = 0; script < scripts.size(); ++script) {
        for (std::size_t from_end = 0; from_end < 64; from_end += threshold < 65536 ? 3 : 21) {
          const std::size_t place = cases * 7 % 400;
          for (const std::size_t at : {size, place, size - 1 - place}) {  // at its end: none
            const auto text =
                faulty_text(text_sample(script), size, cases, at, bad_sequences[cases % bad_sequences.size()]);
            if (!reads(text, cases, cases % 2 == 0 ? flush::back : flush::front, from_end))
              FAIL(shown(text.plain) << ", " << from_end << " from end, case " << cases);
            ++cases;
          }
        }
      }
    }
  }
  print_cases("texts around 512, 2048, 4096 and 65536 bytes", cases);
}

TEST_CASE("5.6 UT-02 UT-04: short texts cut in two at each place, long ones at random, seen and unmasked") {
  std::size_t cases = 0;
  const auto check = [&](const masked_text& text, std::size_t phase, const std::vector<std::size_t>& ends) {
    if (!reads_in_pieces(text, phase, ends))
      FAIL(shown(text.plain) << ", masked from " << phase % 4 << ", first cut at " << ends.front());
    ++cases;
  };
  for (const std::size_t size : sizes{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40}) {
    for (std::size_t at = 0; at <= size; ++at) {
      for (const auto bad : bad_sequences) {
        const auto text = faulty_text(text_sample(cases), size, at, at, bad);
        for (std::size_t cut = 0; cut <= size; ++cut) check(text, at, {cut, size});
      }
    }
  }
  std::mt19937 random(6455);
  for (std::size_t round = 0; round < 4000; ++round) {
    const std::size_t size = 100 + random() % 3000;
    const std::size_t at = round % 2 == 0 ? size : random() % size;
    const auto text = faulty_text(text_sample(round), size, round, at, bad_sequences[round % bad_sequences.size()]);
    std::vector<std::size_t> ends;
    for (std::size_t end = 0; end < size; ends.push_back(end)) end = std::min<std::size_t>(size, end + random() % 400);
    check(text, round, ends);
  }
  print_cases("texts in pieces", cases);
}
