// SPDX-License-Identifier: MIT
//
// check.hpp: what a body does when weft and what it is compared with differ: it says so in one line and aborts.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "support/transcript.hpp"

namespace fuzz {

/// Two texts that must be the same.
inline void same(std::string_view what, std::string_view expected, std::string_view seen) {
  if (expected == seen) return;
  const std::string a = support::shown(expected);
  const std::string b = support::shown(seen);
  std::fprintf(stderr, "DIFFERENT %.*s: expected \"%s\", weft has \"%s\"\n", static_cast<int>(what.size()), what.data(),
               a.c_str(), b.c_str());
  std::abort();
}

/// Transcripts, which are printable already.
inline void same_transcript(std::string_view what, std::string_view expected, std::string_view seen) {
  if (expected == seen) return;
  std::fprintf(stderr, "DIFFERENT %.*s: expected \"%.*s\", weft has \"%.*s\"\n", static_cast<int>(what.size()),
               what.data(), static_cast<int>(expected.size()), expected.data(), static_cast<int>(seen.size()),
               seen.data());
  std::abort();
}

/// Two numbers, or two verdicts.
template <class T>
void equal(std::string_view what, T expected, T seen, std::string_view of = {}) {
  if (expected == seen) return;
  std::fprintf(stderr, "DIFFERENT %.*s: expected %lld, weft has %lld, of \"%s\"\n", static_cast<int>(what.size()),
               what.data(), static_cast<long long>(expected), static_cast<long long>(seen), support::shown(of).c_str());
  std::abort();
}

/// What must hold.
inline void require(bool holds, std::string_view what, std::string_view of = {}) {
  if (holds) return;
  std::fprintf(stderr, "DIFFERENT %.*s, of \"%s\"\n", static_cast<int>(what.size()), what.data(),
               support::shown(of).c_str());
  std::abort();
}

}  // namespace fuzz
