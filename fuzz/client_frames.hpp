// SPDX-License-Identifier: MIT
//
// client_frames.hpp: what a client makes of any bytes.
#pragma once

#include "fuzz/frames.hpp"

namespace fuzz {

inline void client_frames(std::span<const std::byte> input) {
  frames<role::client>(input);
}

}  // namespace fuzz
