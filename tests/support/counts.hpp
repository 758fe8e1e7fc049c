// SPDX-License-Identifier: MIT
//
// counts.hpp: what main.cpp prints when all tests have run. It knows nothing of weft, so that one main.cpp will do for
// all widths of vectors.
#pragma once

#include <cstdint>

namespace support {

/// Runs of the codec over one input, each with its own cut or side.
inline std::uint64_t cuts_run = 0;

}  // namespace support
