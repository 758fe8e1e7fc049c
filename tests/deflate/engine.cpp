// SPDX-License-Identifier: MIT
//
// engine.cpp: what is an engine, and what is none.
#include <weft/deflate/engine.hpp>

#include <doctest/doctest.h>

#include <weft/deflate/zlib.hpp>

static_assert(weft::engine<weft::zlib>);
static_assert(!weft::engine<int>);
static_assert(weft::inflater<weft::zlib::inflater> && !weft::inflater<weft::zlib::deflater>);
static_assert(weft::deflater<weft::zlib::deflater> && !weft::deflater<weft::zlib::inflater>);

static_assert(weft::inflated{}.progress == weft::inflation::more);
static_assert(weft::inflated{}.taken == 0 && weft::inflated{}.made == 0);
static_assert(!weft::deflated{}.done && weft::deflated{}.taken == 0 && weft::deflated{}.made == 0);

TEST_CASE("the heap is a memory source") {
  void* const memory = weft::heap.allocate(weft::heap.owner, 100);
  REQUIRE(memory != nullptr);
  weft::heap.release(weft::heap.owner, memory);
}
