// SPDX-License-Identifier: MIT
//
// simdutf by the kernel that it chooses for the machine; and `two-pass`, what there is without a fused pass: weft to
// unmask, then simdutf to validate.
#include <simdutf.cpp>  // all of it, which is quicker than a library
#include <weft/frame/mask.hpp>

#include "peer.hpp"

namespace bench {
namespace {

bool is_utf8(bytes text) {
  return simdutf::validate_utf8(reinterpret_cast<const char*>(text.data()), text.size());
}

std::size_t validate(jobs all) {
  return count(all, [](const job& job) { return is_utf8(job.from); });
}

std::size_t unmask_validate(jobs all) {
  return count(all, [](const job& job) {
    weft::mask(job.place(), weft::masking_key(job.key));
    return is_utf8(job.from);
  });
}

std::string about() {
  return SIMDUTF_VERSION " " + std::string(simdutf::get_active_implementation()->name());
}

}  // namespace

extern const peer simdutf_peer;
constinit const peer simdutf_peer{.name = "simdutf", .about = about, .validate = validate};

extern const peer two_pass_peer;
constinit const peer two_pass_peer{.name = "two-pass", .unmask_validate = unmask_validate};

}  // namespace bench
