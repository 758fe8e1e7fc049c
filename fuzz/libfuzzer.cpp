// SPDX-License-Identifier: MIT
//
// libfuzzer.cpp: one target for libFuzzer and whoever calls as it does, such as OSS-Fuzz: -DFUZZ_TARGET=server_frames.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "support/allocation.hpp"

#define FUZZ_QUOTED(name) #name
#define FUZZ_HEADER(name) FUZZ_QUOTED(name.hpp)
#include FUZZ_HEADER(FUZZ_TARGET)

// There where a sanitizer has malloc() for itself.
extern "C" [[gnu::weak]] int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                                       void (*)(const volatile void*));

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const auto refuse = [](const volatile void*, std::size_t) {
    if (support::allocations_forbidden == 0) return;
    support::allocations_forbidden = 0;
    std::fputs("malloc() was called where allocation is forbidden\n", stderr);
    std::abort();
  };
  if (__sanitizer_install_malloc_and_free_hooks != nullptr)
    __sanitizer_install_malloc_and_free_hooks(refuse, [](const volatile void*) {});
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::FUZZ_TARGET(std::as_bytes(std::span(data, size)));
  return 0;
}
