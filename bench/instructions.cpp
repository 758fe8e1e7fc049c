// SPDX-License-Identifier: MIT
//
// instructions NAME PASSES: decodes the same 200 frames so many times over, for who counts instructions. NAME is that
// of a benchmark of decode.cpp, such as decode/whole/chat/2-125/weft. What an instruction count of two runs differs in
// is PASSES alone; callgrind with --collect-atstart=no counts nothing but the passes, where its header was there to
// build with. Prints how many frames it decoded. Copies into the receive buffer are in it: see `memcpy`.
#include <charconv>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "wire.hpp"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#endif

namespace bench {
namespace {

struct question {
  std::string_view layout, content, size;
  const peer* who = nullptr;
};

/// Takes the front of a name off, up to a slash.
std::string_view take(std::string_view& name) {
  const auto part = name.substr(0, name.find('/'));
  name.remove_prefix(std::min(name.size(), part.size() + 1));
  return part;
}

bool knows(const auto& all, std::string_view name) {
  return std::find(std::begin(all), std::end(all), name) != std::end(all);
}

/// Without who, if there is no such.
question parse(std::string_view name) {
  const bool decode = take(name) == "decode";
  question asked{take(name), take(name), take(name)};
  if (!decode || !knows(layouts, asked.layout) || !knows(contents, asked.content) || !knows(sizes, asked.size))
    return {};
  for (const auto* who : peers) {
    if (who->name == name && who->decoding != nullptr) asked.who = who;
  }
  return asked;
}

int fail(std::string_view words, std::string_view what) {
  std::fprintf(stderr, "instructions: %.*s: %.*s\n", static_cast<int>(words.size()), words.data(),
               static_cast<int>(what.size()), what.data());
  return 2;
}

int run(std::string_view name, std::string_view number) {
  const auto asked = parse(name);
  if (asked.who == nullptr) return fail("no such benchmark", name);
  std::uint32_t passes = 0;
  const auto [end, error] = std::from_chars(number.begin(), number.end(), passes);
  if (error != std::errc() || end != number.end() || passes == 0) return fail("not a number of passes", number);

  const stream input(asked.layout, asked.content, asked.size, 0, 200);
  const auto codec = asked.who->decoding();
  witness first;
  codec->pass(input.reads, input.said.messages, first);
  if (asked.who != &memcpy_peer && first.seen != input.said) return fail("other events than were sent", name);

  counter told;
  CALLGRIND_TOGGLE_COLLECT;
  for (std::uint32_t i = 0; i < passes; ++i) codec->pass(input.reads, input.said.messages, told);
  CALLGRIND_TOGGLE_COLLECT;
  std::printf("%llu frames\n", static_cast<unsigned long long>(input.frames * passes));
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc != 3) return bench::fail("needs", "NAME PASSES, such as decode/whole/chat/2-125/weft 100");
  return bench::run(argv[1], argv[2]);
}
