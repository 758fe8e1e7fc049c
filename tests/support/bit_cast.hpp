// SPDX-License-Identifier: MIT
//
// bit_cast.hpp: what <bit> of Emscripten 3.1.6, which Debian 12 has, lacks of C++20. meson.build has it included
// everywhere.
#pragma once

#include <bit>

#if !defined(__cpp_lib_bit_cast)
namespace std {

template <class To, class From>
constexpr To bit_cast(const From& from) noexcept {
  return __builtin_bit_cast(To, from);
}

}  // namespace std
#endif
