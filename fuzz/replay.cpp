// SPDX-License-Identifier: MIT
//
// replay.cpp FILE or DIRECTORY...: one target, -DFUZZ_TARGET=server_frames, over inputs that are there already, with
// any compiler. Compiled by AFL++ and called without arguments, it is what that fuzzes.
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>

#define FUZZ_QUOTED(name) #name
#define FUZZ_NAME(name) FUZZ_QUOTED(name)
#define FUZZ_HEADER(name) FUZZ_QUOTED(name.hpp)
#include FUZZ_HEADER(FUZZ_TARGET)

#if defined(__AFL_FUZZ_TESTCASE_LEN)
#include <unistd.h>
__AFL_FUZZ_INIT();
#endif

namespace {

namespace fs = std::filesystem;

std::size_t replayed = 0;

bool replay(const fs::path& path) {
  if (fs::is_directory(path)) {
    bool all = true;
    for (const auto& entry : fs::directory_iterator(path)) all = replay(entry.path()) && all;
    return all;
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return false;
  }
  const std::string input{std::istreambuf_iterator<char>(file), {}};
  fuzz::FUZZ_TARGET(std::as_bytes(std::span(input)));
  ++replayed;
  return true;
}

}  // namespace

int main(int count, char** arguments) {
#if defined(__AFL_FUZZ_TESTCASE_LEN)
  if (count == 1) {
    __AFL_INIT();
    const unsigned char* const data = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(10000)) {
      const auto size = static_cast<std::size_t>(__AFL_FUZZ_TESTCASE_LEN);
      fuzz::FUZZ_TARGET(std::as_bytes(std::span(data, size)));
    }
    return 0;
  }
#endif
  if (count == 1) {
    std::fprintf(stderr, "usage: %s FILE or DIRECTORY...\n", arguments[0]);
    return 2;
  }
  bool all = true;
  for (const char* const path : std::span(arguments, static_cast<std::size_t>(count)).subspan(1))
    all = replay(path) && all;
  std::printf("%s: %zu inputs replayed\n", FUZZ_NAME(FUZZ_TARGET), replayed);
  return all ? 0 : 1;
}
