// SPDX-License-Identifier: MIT
//
// guarded.hpp: memory with an unmapped page on both sides, so that a byte read or written outside of a span faults.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <span>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

namespace support {

/// Which end of the memory a span lies flush against.
enum class flush { front, back };

class guarded {
 public:
  explicit guarded(std::size_t capacity) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    // One page at least: not every emulator protects an empty range.
    capacity_ = std::max((capacity + page - 1) / page, std::size_t{1}) * page;
    void* memory = mmap(nullptr, capacity_ + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    front_ = static_cast<std::byte*>(memory) + page;
    if (mprotect(front_, capacity_, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  }
  guarded(const guarded&) = delete;
  guarded& operator=(const guarded&) = delete;
  ~guarded() {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    munmap(front_ - page, capacity_ + 2 * page);
  }

  /// `size` bytes against one of the ends.
  std::span<std::byte> span(std::size_t size, flush where) {
    return {where == flush::front ? front_ : front_ + capacity_ - size, size};
  }

  /// A copy of `bytes` there.
  std::span<std::byte> place(std::string_view bytes, flush where) {
    const auto to = span(bytes.size(), where);
    if (!bytes.empty()) std::memcpy(to.data(), bytes.data(), bytes.size());
    return to;
  }

  /// From now on a write to any of it faults too.
  void make_read_only() { mprotect(front_, capacity_, PROT_READ); }

  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  std::byte* front_ = nullptr;
  std::size_t capacity_ = 0;
};

/// The suite's own, large enough for each of its inputs.
inline guarded& shared_guarded() {
  static guarded memory(2 * 1024 * 1024);
  return memory;
}

}  // namespace support
