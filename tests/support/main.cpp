// SPDX-License-Identifier: MIT
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdio>

#include <doctest/doctest.h>

#include "support/counts.hpp"

int main(int count, char** arguments) {
  const int result = doctest::Context(count, arguments).run();
  std::printf("cuts: %llu runs of an input, each cut or placed in another way\n",
              static_cast<unsigned long long>(support::cuts_run));
  return result;
}
