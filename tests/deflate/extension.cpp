// SPDX-License-Identifier: MIT
//
// extension.cpp: what is received and sent compressed.
#include <weft/deflate/extension.hpp>

#include <doctest/doctest.h>
