// SPDX-License-Identifier: MIT
#include <weft/detail/text.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "support/constant.hpp"
#include "support/fenced.hpp"
#include "support/texts.hpp"
#include "support/transcript.hpp"

using namespace support;
using weft::detail::text_reader;

namespace {

/// Whether two readers that have read the first bytes read the others to the same byte: one looks at them where they
/// lie plain, the other unmasks them.
bool continues(const masked_text& text, std::size_t phase, std::size_t first, flush side) {
  const std::size_t valid = reach_of(text.plain).valid;
  const auto word = [&](std::size_t at) { return std::bit_cast<std::uint32_t>(key_at(phase + at)); };
  std::string begin = text.masked.substr(0, first);
  const auto begun = std::as_writable_bytes(std::span(begin));
  text_reader looking, unmasking;
  (void)unmasking.take(begun.data(), begun.data(), first, word(0));
  (void)looking.take(nullptr, begun.data(), first, 0);

  const fenced plain(shared_guarded(), std::string_view(text.plain).substr(first), side, first % 64);
  const std::size_t seen = looking.take(nullptr, plain.span().data(), plain.span().size(), 0);
  const bool untouched = plain.text() == text.plain.substr(first) && plain.alone();
  const fenced rest(shared_guarded(), std::string_view(text.masked).substr(first), side, first % 64);
  const std::size_t unmasked = unmasking.take(rest.span().data(), rest.span().data(), rest.span().size(), word(first));
  return untouched && seen == valid - first && unmasked == seen &&
         std::memcmp(&looking, &unmasking, sizeof looking) == 0 && rest.alone() &&
         rest.text() == text.plain.substr(first, seen) + text.masked.substr(valid);
}

}  // namespace

TEST_CASE("8.1 UT-02 UT-04: a text is read from inside of any of its characters on, to the exact byte") {
  std::size_t cases = 0;
  for (const std::size_t size : sizes{1, 5, 16, 33, 70, 150, 300}) {
    for (std::size_t at = 0; at <= size; ++at) {
      for (const auto bad : bad_sequences) {
        const auto text = faulty_text(text_sample(cases), size, at, at, bad);
        const std::size_t valid = reach_of(text.plain).valid;
        for (std::size_t first = 0; first <= std::min<std::size_t>(valid, 5); ++first, ++cases) {
          if (!continues(text, at, first, cases % 2 == 0 ? flush::back : flush::front))
            FAIL(shown(text.plain) << " from " << first << " on, masked from " << at % 4);
        }
      }
    }
  }
  CHECK(cases > 50000);
}

static_assert([] {
  const auto read = [](const auto& bytes) {
    text_reader text;
    return text.take(nullptr, bytes.data(), bytes.size(), 0);
  };
  return read(constant("a\xe2\x82\xac"
                       "b")) == 5 &&
         read(constant("a\xe2\x82(")) == 3 && read(constant("\xff")) == 0;
}());
