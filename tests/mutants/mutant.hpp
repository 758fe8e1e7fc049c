// SPDX-License-Identifier: MIT
//
// mutant.hpp: which mutant is alive, and which the tests came by. A compiler that evaluates a constant sees none.
#pragma once

namespace mutants {

inline constexpr unsigned most = 65536;
inline unsigned chosen = 0;  // none
inline unsigned char reached[most];

[[gnu::always_inline]] constexpr bool alive(unsigned which) noexcept {
  if (__builtin_is_constant_evaluated()) return false;
  reached[which] = 1;
  return which == chosen;
}

}  // namespace mutants
