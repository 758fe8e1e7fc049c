// SPDX-License-Identifier: MIT
//
// counting.hpp: a memory source that counts what it gives, and gives nothing at a call of one's choice.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

#include <doctest/doctest.h>

#include <weft/deflate/engine.hpp>

namespace support {

/// By malloc(), for operator new is forbidden where it is asked.
class counting_memory {
 public:
  counting_memory() = default;
  counting_memory(const counting_memory&) = delete;
  counting_memory& operator=(const counting_memory&) = delete;
  ~counting_memory() { CHECK_MESSAGE(in_use == 0, in_use << " bytes were not given back"); }

  [[nodiscard]] weft::memory_source source() { return {&allocate, &release, this}; }

  std::size_t in_use = 0;                                            ///< bytes
  std::size_t most = 0;                                              ///< the greatest that `in_use` was
  std::size_t blocks = 0;                                            ///< that are in use
  std::size_t calls = 0;                                             ///< of allocate() so far
  std::size_t fails_from = std::numeric_limits<std::size_t>::max();  ///< the calls that give nothing, from this one
  std::size_t fails_to = std::numeric_limits<std::size_t>::max();    ///< up to and without this one

 private:
  static constexpr std::size_t before = alignof(std::max_align_t);  // room for the size

  static void* allocate(void* owner, std::size_t size) {
    auto& self = *static_cast<counting_memory*>(owner);
    const std::size_t call = self.calls++;
    if (call >= self.fails_from && call < self.fails_to) return nullptr;
    void* const memory = std::malloc(before + size);
    if (memory == nullptr) return nullptr;
    *new (memory) std::size_t = size;
    self.in_use += size;
    self.most = std::max(self.most, self.in_use);
    ++self.blocks;
    return static_cast<std::byte*>(memory) + before;
  }
  static void release(void* owner, void* memory) {
    auto& self = *static_cast<counting_memory*>(owner);
    auto* const whole = static_cast<std::byte*>(memory) - before;
    self.in_use -= *reinterpret_cast<const std::size_t*>(whole);
    --self.blocks;
    std::free(whole);
  }
};

}  // namespace support
