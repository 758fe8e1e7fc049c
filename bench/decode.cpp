// SPDX-License-Identifier: MIT
//
// decode/LAYOUT/CONTENT/SIZE/WHO: a client's frames as a server reads them. LAYOUT is how they come: `whole` 64 KiB at
// a time, `tcp1460` as segments, `cut64` in pieces of 1 to 64 bytes.
//
// Codecs unmask in place, so each pass begins with the copy into the receive buffer that recv() makes; its time is
// subtracted, and is what `memcpy` shows. Who reads less than 64 KiB at a time, as Beast does, has it cheaper than
// that.
#include <map>
#include <memory>

#include "question.hpp"
#include "wire.hpp"

namespace bench {
namespace {

const stream& stream_of(const std::string& layout, const std::string& content, const std::string& size) {
  static std::map<std::string, std::unique_ptr<stream>> made;
  auto& one = made[layout + content + size];
  if (!one) one = std::make_unique<stream>(layout, content, size, size == "16384" ? 1024 * 1024 : 512 * 1024);
  return *one;
}

void decode(benchmark::State& state, const stream& input, const peer& who) {
  const auto pass = [&](decoder& codec, sink& told) { codec.pass(input.reads, input.said.messages, told); };
  const amount each{input.frames, input.said.bytes};
  const auto copier = memcpy_peer.decoding();
  counter told;
  if (&who == &memcpy_peer) return time(state, each, [&] { pass(*copier, told); });

  const auto codec = who.decoding();
  witness first;
  pass(*codec, first);
  if (first.seen != input.said) return fail(state, "other events than were sent");
  time_without_copy(
      state, each, [&] { pass(*copier, told); }, [&] { pass(*codec, told); });
  const auto passes = static_cast<std::uint64_t>(state.iterations());
  const events& seen = told.seen;
  if (seen.messages != passes * input.said.messages || seen.bytes != passes * input.said.bytes) {
    fail(state, "other events on a later pass");
  }
}

}  // namespace

void ask() {
  for (const std::string layout : layouts) {
    for (const std::string content : contents) {
      for (const std::string size : sizes) {
        const bool small = size == "16" || size == "125" || size == "2-125";
        if (content == "control" && !small) continue;
        put("decode/" + layout + "/" + content + "/" + size, &peer::decoding,
            [=](auto& state, const peer& who) { decode(state, stream_of(layout, content, size), who); });
      }
    }
  }
}

}  // namespace bench
