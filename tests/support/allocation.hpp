// SPDX-License-Identifier: MIT
//
// allocation.hpp: calls in which nothing may be allocated. allocation.cpp replaces operator new for the whole suite.
#pragma once

#include <utility>

namespace support {

/// How many calls are under way in which it is forbidden. One thread only.
inline int allocations_forbidden = 0;

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
