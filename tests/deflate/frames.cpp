// SPDX-License-Identifier: MIT
//
// frames.cpp: pieces as frames.
#include <weft/deflate/frames.hpp>

#include <doctest/doctest.h>
