// SPDX-License-Identifier: MIT
//
// libfuzzer.cpp: one target for libFuzzer and whoever calls as it does, such as OSS-Fuzz: -DFUZZ_TARGET=server_frames.
#include <cstddef>
#include <cstdint>
#include <span>

#define FUZZ_QUOTED(name) #name
#define FUZZ_HEADER(name) FUZZ_QUOTED(name.hpp)
#include FUZZ_HEADER(FUZZ_TARGET)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::FUZZ_TARGET(std::as_bytes(std::span(data, size)));
  return 0;
}
