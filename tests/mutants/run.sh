#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh [--seconds N] [--constants N] [HEADER...]: changes include/weft in some thousand ways, one at a time, and sees which
# the tests do not notice; or only the headers named, such as frame/header.hpp. For a release: on two cores it takes about two hours.
# It keeps what it found of this tree in build/mutants/, so that it may be stopped, also by itself after N seconds, and goes on.
# Of what cannot be chosen at run time, and is compiled alone, it takes one in N (--constants), else all.
# What survives is in survivors.txt with the reason, or fails. The last line counts the killed, and what fails.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/packages.sh"
export PATH=/usr/bin:$PATH  # where the packages put their programs

install_packages clang-19 doctest-dev libdeflate-dev meson ninja-build pkgconf python3 python3-clang-19 qemu-user zlib1g-dev
exec python3 "$root/tests/mutants/mutants.py" "$@"
