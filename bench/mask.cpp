// SPDX-License-Identifier: MIT
//
// mask/ALIGNMENT/SIZE/WHO in place, copy/ALIGNMENT/SIZE/WHO from one place to another: 32 KiB of payloads, both sides
// together, or one that is larger. `random2-125` are sizes in an order that cannot be foreseen. `xor` works on whole
// blocks that are its own; `uws` moves a payload over its header, as it does in a frame.
#include "payloads.hpp"
#include "question.hpp"

namespace bench {
namespace {

constexpr std::array masked_sizes{"7",    "16",    "64",    "125",     "256",      "1024",
                                  "4096", "16384", "65536", "1048576", "16777216", "random2-125"};

bool masks(const peer& who, jobs all, void (*mask)(jobs)) {
  for (const auto& job : all) {
    std::vector<std::byte> expected(job.from.begin(), job.from.end());
    const masking_key key = &who == &memcpy_peer ? masking_key{} : job.key;
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] ^= key[i % 4];
    mask({&job, 1});
    const std::byte* const masked = job.to - (who.unmasks_over_header ? header_size(expected.size()) : 0);
    if (!std::equal(expected.begin(), expected.end(), masked)) return false;
  }
  return true;
}

void ask_for(const std::string& question, void (*peer::*has)(jobs), payloads::where to) {
  for (const auto as : {spacing::packed, spacing::aligned}) {
    for (const std::string size : masked_sizes) {
      put(question + (as == spacing::packed ? "/packed/" : "/aligned/") + size, has,
          [=](benchmark::State& state, const peer& who) {
            const auto sizes = size.starts_with("random") ? size.substr(6) : size;
            const payloads work("bin", sizes, to == payloads::where::apart ? 16 * 1024 : 32 * 1024, as, who.block, to);
            if (!masks(who, work.all(), who.*has)) return fail(state, "masked otherwise");
            time(state, {work.all().size(), work.payload_bytes()}, [&] { (who.*has)(work.all()); });
          });
    }
  }
}

}  // namespace

void ask() {
  ask_for("mask", &peer::mask, payloads::where::in_place);
  ask_for("copy", &peer::mask_copy, payloads::where::apart);
}

}  // namespace bench
