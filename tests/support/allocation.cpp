// SPDX-License-Identifier: MIT
//
// operator new, which says so and aborts where allocation is forbidden.
#include "support/allocation.hpp"

#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

void* allocate(std::size_t size) {
  if (support::allocations_forbidden != 0) {
    std::fputs("operator new was called where allocation is forbidden\n", stderr);
    std::abort();
  }
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
