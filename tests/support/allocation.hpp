// SPDX-License-Identifier: MIT
//
// allocation.hpp: calls in which nothing may be allocated. allocation.cpp replaces operator new for the whole suite.
#pragma once

#include <utility>

namespace support {

/// How many calls are under way, on this thread, in which it is forbidden. A fuzzer has threads of its own.
inline thread_local int allocations_forbidden = 0;

/// Calls `work`; the process is aborted where it allocates.
template <class Work>
decltype(auto) without_allocation(Work&& work) {
  struct scope {
    scope() { ++allocations_forbidden; }
    ~scope() { --allocations_forbidden; }
  } const scope;
  return std::forward<Work>(work)();
}

}  // namespace support
