// SPDX-License-Identifier: MIT
#include "question.hpp"

#include <set>

namespace bench {
namespace {

bool failed = false;

/// What a peer says of itself goes behind its name. One that is of two units is named once.
std::string names() {
  std::string all;
  std::set<std::string_view> named;
  for (const auto* peer : peers) {
    if (!named.insert(peer->name).second) continue;
    all += (all.empty() ? "" : ", ") + std::string(peer->name);
    if (peer->about != nullptr) all += " (" + peer->about() + ")";
  }
  return all;
}

}  // namespace

void fail(benchmark::State& state, const char* why) {
  failed = true;
  state.SkipWithError(why);
}

}  // namespace bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("peers", bench::names());
  benchmark::AddCustomContext("absent", std::string(bench::absent));
  bench::ask();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return bench::failed ? 1 : 0;
}
