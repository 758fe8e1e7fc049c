// SPDX-License-Identifier: MIT
//
// mutant.hpp: which mutant is alive, and which the tests came by. A compiler that evaluates a constant sees none.
#pragma once

#include <type_traits>

namespace mutants {

inline constexpr unsigned most = 1U << 16;
inline unsigned chosen = 0;  // none
inline unsigned char reached[most];

[[gnu::always_inline]] constexpr bool alive(unsigned which) noexcept {
  if (std::is_constant_evaluated()) return false;
  reached[which] = 1;
  return which == chosen;
}

}  // namespace mutants
