// SPDX-License-Identifier: MIT
//
// deflate/TAKEOVER/SIZE/WHO: JSON documents of that size into a server's frames, compressed, into one buffer.
// inflate/TAKEOVER/SIZE/WHO: such documents out of a client's frames, as decode.cpp has it: of what recv() left.
// hostile/BLOCKS/WHO: a message of 1 MiB that is nothing but empty blocks. Counter more: `cycles_per_byte` of it, at
// the processor's nominal frequency.
//
// `zlib` is called bare on the same messages: no frame, no mask, no look at the text. All else is at level 6, memory
// level 8 and a window of 32 KiB. A message tells `ns`, and `GB/s` are of what is not compressed.
#include <map>

#include "compressed.hpp"
#include "question.hpp"

namespace bench {
namespace {

const documents& documents_of(const std::string& size) {
  static std::map<std::string, std::unique_ptr<documents>> made;
  auto& one = made[size];
  if (!one) one = std::make_unique<documents>(size);
  return *one;
}

const compressed_stream& stream_of(const std::string& how, const std::string& size) {
  static std::map<std::string, std::unique_ptr<compressed_stream>> made;
  auto& one = made[how + size];
  if (!one) one = std::make_unique<compressed_stream>(documents_of(size).all(), takeover_of(how));
  return *one;
}

auto deflate(const std::string& how, const std::string& size) {
  return [=](benchmark::State& state, const peer& who) {
    const auto& work = documents_of(size);
    const auto codec = who.deflating(takeover_of(how));
    if (!deflates(*codec, work.all(), who, takeover_of(how))) return fail(state, "other messages than were sent");
    std::vector<std::byte> out(work.payload_bytes() + 1024);
    std::size_t sent = 0;
    time(state, {work.all().size(), work.payload_bytes()},
         [&] { benchmark::DoNotOptimize(sent = codec->pass(work.all(), out)); });
    state.counters["bytes_sent"] = static_cast<double>(sent) / static_cast<double>(work.all().size());
  };
}

void inflate(benchmark::State& state, const compressed_stream& input, const peer& who, takeover with, amount each) {
  const auto codec = who.inflating(with);
  const auto reads = input.reads(who);
  const auto pass = [&](sink& told) { codec->pass(reads, input.said.messages, told); };
  counter told;
  if (&who == &memcpy_peer) return time(state, each, [&] { pass(told); });
  witness first;
  pass(first);
  if (first.seen != input.said) return fail(state, "other events than were sent");
  if (who.bare) {
    time(state, each, [&] { pass(told); });
  } else {
    const auto copier = memcpy_peer.decoding();
    time_without_copy(
        state, each, [&] { copier->pass(reads, 0, told); }, [&] { pass(told); });
  }
  const auto passes = static_cast<std::uint64_t>(state.iterations());
  if (told.seen.messages != passes * input.said.messages || told.seen.bytes != passes * input.said.bytes) {
    fail(state, "other events on a later pass");
  }
}

/// Bits, the first of a byte being its lowest. RFC 1951 section 3.1.1.
class bit_writer {
 public:
  void put(unsigned value, int count) {
    for (int i = 0; i < count; ++i, ++size_) {
      if (size_ % 8 == 0) written.push_back(std::byte{0});
      written.back() |= static_cast<std::byte>((value >> i & 1U) << size_ % 8);
    }
  }
  std::vector<std::byte> written;

 private:
  std::size_t size_ = 0;
};

/// Blocks that give nothing, and the beginning of a stored one behind them.
std::vector<std::byte> empty_blocks(const std::string& blocks, std::size_t size) {
  bit_writer to;
  const auto stored = [&] {
    for (const unsigned byte : {0x00, 0x00, 0x00, 0xFF, 0xFF}) to.put(byte, 8);
  };
  // The fewest bits that describe two codes and end the block: 90.
  const auto dynamic = [&] {
    to.put(0b100, 3);  // no final block, of dynamic codes: of 257 and 1 symbols, their lengths by a code of 18
    to.put(0, 5);
    to.put(0, 5);
    to.put(18 - 4, 4);
    for (int i = 0; i < 18; ++i) to.put(i == 2 || i == 17 ? 1 : 0, 3);  // 18 and 1 are of one bit: 1 by 0 and 18 by 1
    for (const unsigned zeros : {138, 118}) {
      to.put(1, 1);
      to.put(zeros - 11, 7);
    }
    to.put(0, 3);  // both other lengths are 1; the end of the block
  };
  while (to.written.size() + 64 < size) blocks == "stored" ? stored() : dynamic();
  to.put(0, 3);
  return to.written;
}

auto hostile(const std::string& blocks) {
  return [=](benchmark::State& state, const peer& who) {
    compressed_stream input;
    input.add(empty_blocks(blocks, 1024 * 1024), {});
    input.end();
    inflate(state, input, who, takeover::yes, {1, 0});
    const double cycles = state.counters["ns"] * benchmark::CPUInfo::Get().cycles_per_second * 1e-9;
    state.counters["cycles_per_byte"] = cycles / static_cast<double>(input.wire_bytes());
  };
}

}  // namespace

void ask() {
  if (bare_peer() == nullptr) return;
  for (const std::string how : takeovers) {
    for (const std::string size : document_sizes) {
      put("deflate/" + how + "/" + size, &peer::deflating, deflate(how, size));
      put("inflate/" + how + "/" + size, &peer::inflating, [=](benchmark::State& state, const peer& who) {
        const auto& work = documents_of(size);
        inflate(state, stream_of(how, size), who, takeover_of(how), {work.all().size(), work.payload_bytes()});
      });
    }
  }
  for (const std::string blocks : {"stored", "dynamic"}) {
    put("hostile/" + blocks, &peer::inflating, hostile(blocks), [](const peer& who) { return &who != &memcpy_peer; });
  }
}

}  // namespace bench
