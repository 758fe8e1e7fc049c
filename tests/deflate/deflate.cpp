// SPDX-License-Identifier: MIT
//
// deflate.cpp: both sides with permessage-deflate.
#include <weft/deflate/deflate.hpp>

#include <doctest/doctest.h>
