// SPDX-License-Identifier: MIT
//
// connections/random/COUNT/WHO: so many open connections, and a text of 16 bytes to each, in random order; with 64 all
// is in the cache. Frames come whole, so nobody gathers: `weft` is weft::server. Counters more: `bytes` and
// `allocations` of heap for a connection that is open and was read from once, and `allocations_per_frame`. Beast and
// wslay have no row of a million: theirs would be 2.5 and 9 GB.
#include <malloc.h>

#include "question.hpp"
#include "wire.hpp"

namespace {
std::size_t allocations = 0;
}

// For the shared libraries too, so not operator new.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);

void* malloc(std::size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* place, std::size_t size) noexcept {
  ++allocations;
  return __libc_realloc(place, size);
}
}

namespace bench {
namespace {

constexpr std::array<std::size_t, 3> counts{64, 100'000, 1'000'000};

std::size_t heap() {
  const auto all = mallinfo2();
  return all.uordblks + all.hblkhd;
}

std::vector<std::uint32_t> shuffled(std::size_t count) {
  dice roll(6455);
  std::vector<std::uint32_t> order(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t other = roll(0, i);
    order[i] = order[other];
    order[other] = static_cast<std::uint32_t>(i);
  }
  return order;
}

void visit(benchmark::State& state, std::size_t count, const peer& who) {
  const stream input("whole", "ascii", "16", 0, 64);
  constexpr std::size_t frame_size = 6 + 16;
  std::vector<bytes> frames;
  for (std::size_t i = 0; i < input.frames; ++i)
    frames.push_back(bytes(input.wire).subspan(i * frame_size, frame_size));
  const auto order = shuffled(count);
  counter told;
  who.connecting(1)->pass(shuffled(1), frames, told);  // what is made once and for all

  const std::size_t heap_before = heap();
  const std::size_t allocations_before = allocations;
  const auto fleet = who.connecting(count);
  fleet->pass(order, frames, told);
  const auto of_one = [&](std::size_t all) { return static_cast<double>(all) / static_cast<double>(count); };
  state.counters["bytes"] = of_one(heap() - heap_before);
  state.counters["allocations"] = of_one(allocations - allocations_before);

  const events before = told.seen;
  const std::size_t allocations_open = allocations;
  time(state, {count, count * 16}, [&] { fleet->pass(order, frames, told); });
  const auto visits = static_cast<double>(count) * static_cast<double>(state.iterations());
  state.counters["allocations_per_frame"] = static_cast<double>(allocations - allocations_open) / visits;
  if (static_cast<double>(told.seen.messages - before.messages) != visits) fail(state, "other messages");
}

}  // namespace

void ask() {
  for (const std::size_t count : counts) {
    const auto light = [](const peer& who) { return who.name != "beast" && who.name != "wslay"; };
    put(
        "connections/random/" + std::to_string(count), &peer::connecting,
        [=](auto& state, const peer& who) { visit(state, count, who); }, count > 100'000 ? +light : nullptr);
  }
}

}  // namespace bench
