// SPDX-License-Identifier: MIT
//
// pool.cpp: engines on loan.
#include <weft/deflate/pool.hpp>

#include <doctest/doctest.h>
