// SPDX-License-Identifier: MIT
//
// question.hpp: what the programs have in common. A benchmark is named `question/input/.../who`. Its counters are `ns`,
// nanoseconds for one frame, payload, call or handshake, and `GB/s` of payload; Google Benchmark's own time is that of
// a pass over many, with all that is subtracted from `ns`. It fails if the peer's answer is wrong.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <utility>

#include "versus/peer.hpp"

namespace bench {

/// Each program's: puts its benchmarks on the list.
void ask();

/// Ends a benchmark, and the program with 1.
void fail(benchmark::State& state, const char* why);

/// Puts a question to all peers that have what it needs, or to those of them that are wanted.
template <class Has, class Body>
void put(const std::string& question, Has peer::*has, Body body, bool (*wanted)(const peer&) = nullptr) {
  for (const auto* who : peers) {
    if (who->*has == nullptr || (wanted != nullptr && !wanted(*who))) continue;
    benchmark::RegisterBenchmark((question + "/" + std::string(who->name)).c_str(), [=](benchmark::State& state) {
      body(state, *who);
    })->Unit(benchmark::kMicrosecond);
  }
}

/// Seconds that this thread has run, whatever else did.
inline double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// What one iteration is: so many of what is counted, with so many bytes of payload in all.
struct amount {
  std::size_t things;
  std::size_t payload_bytes;
};

inline void report(benchmark::State& state, double seconds, amount each) {
  const auto iterations = static_cast<double>(state.iterations());
  state.counters["ns"] = seconds * 1e9 / (iterations * static_cast<double>(each.things));
  if (each.payload_bytes != 0) {
    state.counters["GB/s"] = iterations * static_cast<double>(each.payload_bytes) / (seconds * 1e9);
  }
}

template <class Pass>
void time(benchmark::State& state, amount each, Pass pass) {
  const double start = now();
  for (auto _ : state) pass();
  report(state, now() - start, each);
}

/// Where each pass must begin with a copy of its input: right before, the same copy is timed alone and subtracted.
template <class Copy, class Pass>
void time_without_copy(benchmark::State& state, amount each, Copy copy, Pass copy_and_pass) {
  double seconds = 0;
  for (auto _ : state) {
    const double start = now();
    copy();
    const double copied = now();
    copy_and_pass();
    seconds += (now() - copied) - (copied - start);
  }
  report(state, seconds, each);
}

}  // namespace bench
