#!/bin/bash -eu
# SPDX-License-Identifier: MIT
#
# build.sh: as OSS-Fuzz calls it, in the checkout, with CXX, CXXFLAGS, LIB_FUZZING_ENGINE, SRC, WORK and OUT set. zlib is
# built too, for MemorySanitizer must see all of a program. The peers are not: what they do is not weft's to be told of.
(cd "$SRC/zlib" && ./configure --static && make -j"$(nproc)" libz.a)

for body in fuzz/*.hpp; do
  target=$(basename "$body" .hpp)
  grep -q "^inline void $target(std::span<const std::byte> input)" "$body" || continue
  if [[ $target == differential_* ]]; then continue; fi
  # shellcheck disable=SC2086  # flags are many
  $CXX $CXXFLAGS -std=c++20 -Iinclude -I. -Itests -I"$SRC/zlib" -DFUZZ_TARGET="$target" \
    fuzz/libfuzzer.cpp $LIB_FUZZING_ENGINE "$SRC/zlib/libz.a" -o "$OUT/$target"
  zip -jqr "$OUT/${target}_seed_corpus.zip" "fuzz/corpus/$target"
  cp fuzz/websocket.dict "$OUT/$target.dict"
done
