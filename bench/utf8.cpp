// SPDX-License-Identifier: MIT
//
// utf8/CONTENT/SIZE/WHO: validation of texts, 32 KiB of them or one that is larger.
// fused/CONTENT/SIZE/WHO: unmasking and validation of the same in place, masked and packed as in a stream. They must be
// masked again for each pass, so each begins with a copy, whose time is subtracted.
#include "payloads.hpp"
#include "question.hpp"

namespace bench {
namespace {

constexpr std::array text_sizes{"16", "64", "125", "1024", "16384", "65536", "1048576"};
constexpr std::array texts{"ascii", "chat", "cjk", "latin"};

/// Whether all are found to be UTF-8, and none that is broken at its end.
bool judges(jobs all, std::size_t (*valid)(jobs)) {
  if (valid(all) != all.size()) return false;
  std::size_t wrong = 0;
  for (const auto& job : all) {
    const memory broken(job.from.size());
    std::memcpy(broken.at(0), job.from.data(), job.from.size());
    *broken.at(job.from.size() - 1) = std::byte{0xC3};
    const bench::job one{broken.at(0), {broken.at(0), job.from.size()}, {}};
    wrong += valid({&one, 1});
  }
  return wrong == 0;
}

void validate(benchmark::State& state, const std::string& content, const std::string& size, const peer& who) {
  const payloads work(content, size, 32 * 1024, spacing::packed, 1, payloads::where::in_place);
  if (!judges(work.all(), who.validate)) return fail(state, "judged otherwise");
  std::size_t valid = 0;
  time(state, {work.all().size(), work.payload_bytes()}, [&] { valid += who.validate(work.all()); });
  if (valid != work.all().size() * state.iterations()) fail(state, "judged otherwise on a later pass");
}

void unmask_validate(benchmark::State& state, const std::string& content, const std::string& size, const peer& who) {
  const payloads work(content, size, 16 * 1024, spacing::packed, 1, payloads::where::in_place);
  for (const auto& job : work.all()) {
    for (std::size_t i = 0; i < job.from.size(); ++i) job.to[i] ^= job.key[i % 4];
  }
  const std::vector<std::byte> masked(work.source().begin(), work.source().end());
  const auto receive = [&] { std::memcpy(work.source().data(), masked.data(), masked.size()); };
  const auto unmask = [&] {
    receive();
    return who.unmask_validate(work.all());
  };
  if (unmask() != work.all().size()) return fail(state, "judged otherwise");
  std::size_t valid = 0;
  time_without_copy(state, {work.all().size(), work.payload_bytes()}, receive, [&] { valid += unmask(); });
  if (valid != work.all().size() * state.iterations()) fail(state, "judged otherwise on a later pass");
}

}  // namespace

void ask() {
  for (const std::string content : texts) {
    for (const std::string size : text_sizes) {
      put("utf8/" + content + "/" + size, &peer::validate,
          [=](auto& state, const peer& who) { validate(state, content, size, who); });
    }
  }
  for (const std::string content : texts) {
    for (const std::string size : text_sizes) {
      put("fused/" + content + "/" + size, &peer::unmask_validate,
          [=](auto& state, const peer& who) { unmask_validate(state, content, size, who); });
    }
  }
}

}  // namespace bench
