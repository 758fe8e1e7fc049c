// SPDX-License-Identifier: MIT
//
// fenced.hpp: bytes at any distance from an unmapped page, with a fence on both sides that tells of any write to it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "support/guarded.hpp"

namespace support {

/// A copy of some bytes, so far from one end of the memory.
class fenced {
 public:
  fenced(guarded& memory, std::string_view bytes, flush side, std::size_t from_end = 0) {
    const auto room = memory.span(std::min(memory.capacity(), from_end + bytes.size() + posts.size()), side);
    const std::size_t at = side == flush::front ? from_end : room.size() - from_end - bytes.size();
    before_ = room.first(at);
    bytes_ = room.subspan(at, bytes.size());
    behind_ = room.subspan(at + bytes.size());
    std::memcpy(before_.data(), posts.data(), before_.size());
    std::memcpy(behind_.data(), posts.data(), behind_.size());
    std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size(), bytes_.begin());
  }

  [[nodiscard]] std::span<std::byte> span() const { return bytes_; }
  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

  /// Whether nothing beside them was written.
  [[nodiscard]] bool alone() const {
    return std::memcmp(before_.data(), posts.data(), before_.size()) == 0 &&
           std::memcmp(behind_.data(), posts.data(), behind_.size()) == 0;
  }

 private:
  static constexpr std::string_view posts{"................................................................"};
  std::span<std::byte> before_, bytes_, behind_;
};

}  // namespace support
