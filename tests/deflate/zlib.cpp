// SPDX-License-Identifier: MIT
//
// zlib.cpp: zlib as an engine.
#include <weft/deflate/zlib.hpp>

#include <doctest/doctest.h>
