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

#if defined(_WIN32)
#define NOMINMAX 1
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#undef far  // which it defines as nothing
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace support {

/// What systems call differently. Emscripten has no pages: there memory is found, and not guarded.
namespace pages {

enum class access { read, write };

#if defined(_WIN32)
inline std::size_t size() {
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  return info.dwPageSize;
}
inline void* reserve(std::size_t bytes) {
  return VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS);
}
inline void release(void* memory, std::size_t) {
  VirtualFree(memory, 0, MEM_RELEASE);
}
inline bool allow(void* memory, std::size_t bytes, access what) {
  DWORD before;
  return VirtualProtect(memory, bytes, what == access::write ? PAGE_READWRITE : PAGE_READONLY, &before) != 0;
}
#else
inline std::size_t size() {
  return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}
inline void* reserve(std::size_t bytes) {
  void* const memory = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}
inline void release(void* memory, std::size_t bytes) {
  munmap(memory, bytes);
}
inline bool allow(void* memory, std::size_t bytes, access what) {
  return mprotect(memory, bytes, what == access::write ? PROT_READ | PROT_WRITE : PROT_READ) == 0;
}
#endif

}  // namespace pages

/// Which end of the memory a span lies flush against.
enum class flush { front, back };

class guarded {
 public:
  explicit guarded(std::size_t capacity) {
    const std::size_t page = pages::size();
    // One page at least: not every emulator protects an empty range.
    capacity_ = std::max((capacity + page - 1) / page, std::size_t{1}) * page;
    void* const memory = pages::reserve(capacity_ + 2 * page);
    if (memory == nullptr) throw std::bad_alloc();
    front_ = static_cast<std::byte*>(memory) + page;
    if (!pages::allow(front_, capacity_, pages::access::write)) throw std::bad_alloc();
  }
  guarded(const guarded&) = delete;
  guarded& operator=(const guarded&) = delete;
  ~guarded() { pages::release(front_ - pages::size(), capacity_ + 2 * pages::size()); }

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
  void make_read_only() { pages::allow(front_, capacity_, pages::access::read); }

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
