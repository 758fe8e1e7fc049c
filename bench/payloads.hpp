// SPDX-License-Identifier: MIT
//
// payloads.hpp: payloads in memory, for what asks about one step of a codec.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "versus/peer.hpp"
#include "wire.hpp"

namespace bench {

/// Memory that begins on a page, with room before and behind for who touches that.
class memory {
 public:
  explicit memory(std::size_t size)
      : size_((before + size + 2 * page - 1) / page * page),
        data_(static_cast<std::byte*>(std::aligned_alloc(page, size_)), std::free) {}
  [[nodiscard]] std::byte* at(std::size_t offset) const { return data_.get() + before + offset; }
  [[nodiscard]] std::span<std::byte> all() const { return {data_.get(), size_}; }

 private:
  static constexpr std::size_t page = 4096;
  static constexpr std::size_t before = 64;
  std::size_t size_;
  std::unique_ptr<std::byte[], decltype(&std::free)> data_;
};

inline constexpr std::size_t header_size(std::size_t payload) {
  return payload < 126 ? 6 : payload <= 0xFFFF ? 8 : 14;
}

/// Where payloads begin: each behind its own header as in a stream, or on 64 bytes.
enum class spacing { packed, aligned };

/// Payloads that fill `room`, or one that is larger. Random sizes go around in it, so many that no branch predictor
/// learns them. Each is rounded up to `block` bytes. In place, or from one memory to another, half a page apart: see
/// receive().
class payloads {
 public:
  enum class where { in_place, apart };

  payloads(std::string_view content, std::string_view size, std::size_t room, spacing as, std::size_t block, where to)
      : from_(most(size, room) + block + 2 * 64), to_(to == where::apart ? most(size, room) + block + page : 0) {
    dice roll(6455);
    const bool random = size.find('-') != std::string_view::npos;
    const auto behind = [&](std::size_t end, std::size_t next) {
      return as == spacing::aligned ? (end + 14 + 63) / 64 * 64 : end + header_size(next);
    };
    for (std::size_t end = 0;;) {
      const std::size_t next = size_of(size, roll);
      const std::size_t whole = (next + block - 1) / block * block;
      std::size_t begin = behind(end, next);
      if (end != 0 && begin + whole > room) {
        if (!random || all_.size() >= 8192) break;
        begin = behind(0, next);
      }
      end = begin + whole;
      const auto text = payload(content, next, roll);
      std::memcpy(from_.at(begin), text.data(), next);
      std::byte* const place =
          to == where::in_place ? from_.at(begin) : to_.at(begin + (as == spacing::aligned ? 2048 : 2053));
      all_.push_back({place, {from_.at(begin), next}, roll.key()});
      bytes_ += next;
    }
  }

  [[nodiscard]] jobs all() const { return all_; }
  [[nodiscard]] std::size_t payload_bytes() const { return bytes_; }
  [[nodiscard]] std::span<std::byte> source() const { return from_.all(); }

 private:
  static constexpr std::size_t page = 4096;
  static std::size_t most(std::string_view size, std::size_t room) {
    dice roll(0);
    return std::max(room, size_of(size, roll) + 128);
  }

  memory from_;
  memory to_;
  std::vector<job> all_;
  std::size_t bytes_ = 0;
};

}  // namespace bench
