// SPDX-License-Identifier: MIT
//
// instructions NAME PASSES: does the same so many times over, for who counts instructions: 200 frames are decoded, or
// 200 documents, 8 of the largest, deflated or inflated. NAME is that of a benchmark of decode.cpp or deflate.cpp, such
// as decode/whole/chat/2-125/weft. What an instruction count of two runs differs in is PASSES alone; callgrind with
// --collect-atstart=no counts nothing but the passes, where its header was there to build with. Prints how many frames
// it was. Copies into the receive buffer are in it: see `memcpy`.
#include <charconv>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "compressed.hpp"
#include "wire.hpp"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#endif

namespace bench {
namespace {

/// Takes the front of a name off, up to a slash.
std::string_view take(std::string_view& name) {
  const auto part = name.substr(0, name.find('/'));
  name.remove_prefix(std::min(name.size(), part.size() + 1));
  return part;
}

bool knows(const auto& all, std::string_view name) {
  return std::find(std::begin(all), std::end(all), name) != std::end(all);
}

const peer* find(std::string_view name, auto peer::*has) {
  for (const auto* who : peers) {
    if (who->name == name && who->*has != nullptr) return who;
  }
  return nullptr;
}

int fail(std::string_view words, std::string_view what) {
  std::fprintf(stderr, "instructions: %.*s: %.*s\n", static_cast<int>(words.size()), words.data(),
               static_cast<int>(what.size()), what.data());
  return 2;
}

std::uint32_t passes = 0;

int count(std::size_t frames, auto pass) {
  CALLGRIND_TOGGLE_COLLECT;
  for (std::uint32_t i = 0; i < passes; ++i) pass();
  CALLGRIND_TOGGLE_COLLECT;
  std::printf("%llu frames\n", static_cast<unsigned long long>(frames * passes));
  return 0;
}

int count_decoding(decoder& codec, std::span<const bytes> reads, const events& said, std::size_t frames, bool tells) {
  witness first;
  codec.pass(reads, said.messages, first);
  if (tells && first.seen != said) return fail("other events", "than were sent");
  counter told;
  return count(frames, [&] { codec.pass(reads, said.messages, told); });
}

int decode(std::string_view name) {
  const auto layout = take(name);
  const auto content = take(name);
  const auto size = take(name);
  const auto* const who = find(name, &peer::decoding);
  if (!knows(layouts, layout) || !knows(contents, content) || !knows(sizes, size) || who == nullptr)
    return fail("no such benchmark", name);
  const stream input(layout, content, size, 0, 200);
  return count_decoding(*who->decoding(), input.reads, input.said, input.frames, who != &memcpy_peer);
}

int compressed(bool inflates, std::string_view name) {
  const auto how = take(name);
  const auto size = take(name);
  const auto* const who = inflates ? find(name, &peer::inflating) : find(name, &peer::deflating);
  if (!knows(takeovers, how) || !knows(document_sizes, size) || who == nullptr || bare_peer() == nullptr)
    return fail("no such benchmark", name);
  const takeover with = takeover_of(how);
  const documents work(size, size == "65536" ? 8 : 200);
  if (inflates) {
    const compressed_stream input(work.all(), with);
    return count_decoding(*who->inflating(with), input.reads(*who), input.said, work.all().size(), who != &memcpy_peer);
  }
  const auto codec = who->deflating(with);
  if (!deflates(*codec, work.all(), *who, with)) return fail("other messages than were sent", name);
  std::vector<std::byte> out(work.payload_bytes() + 1024);
  return count(work.all().size(), [&] { codec->pass(work.all(), out); });
}

int run(std::string_view name, std::string_view number) {
  const auto [end, error] = std::from_chars(number.begin(), number.end(), passes);
  if (error != std::errc() || end != number.end() || passes == 0) return fail("not a number of passes", number);
  const auto question = take(name);
  if (question == "decode") return decode(name);
  if (question == "deflate" || question == "inflate") return compressed(question == "inflate", name);
  return fail("no such question", question);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc != 3) return bench::fail("needs", "NAME PASSES, such as decode/whole/chat/2-125/weft 100");
  return bench::run(argv[1], argv[2]);
}
