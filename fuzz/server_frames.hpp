// SPDX-License-Identifier: MIT
//
// server_frames.hpp: what a server makes of any bytes.
#pragma once

#include "fuzz/frames.hpp"

namespace fuzz {

inline void server_frames(std::span<const std::byte> input) {
  frames<role::server>(input);
}

}  // namespace fuzz
