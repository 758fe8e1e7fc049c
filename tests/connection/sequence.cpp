// SPDX-License-Identifier: MIT
#include <weft/connection/sequence.hpp>

#include <array>

#include <doctest/doctest.h>

using weft::fin;
using weft::opcode;
using weft::rule;
using weft::detail::end_of_frame;
using weft::detail::next_frame;
using weft::detail::sequence;

static_assert(weft::detail::sequences.size() == 3 && weft::detail::sequences[0].size() == 3);

TEST_CASE("5.4 FG-01 FG-06: a message keeps the type of its first frame") {
  CHECK(next_frame(sequence::none, opcode::text).then == sequence::text);
  CHECK(next_frame(sequence::none, opcode::binary).then == sequence::binary);
  for (const auto now : {sequence::text, sequence::binary}) {
    CHECK(next_frame(now, opcode::continuation).then == now);
    CHECK(next_frame(now, opcode::continuation).broken == rule::none);
  }
}

TEST_CASE("5.4 FG-02 FG-03: of the nine cells five break a rule") {
  int broken = 0;
  for (const auto now : {sequence::none, sequence::text, sequence::binary}) {
    for (const auto code : {opcode::continuation, opcode::text, opcode::binary}) {
      const rule expected = now == sequence::none
                                ? (code == opcode::continuation ? rule::stray_continuation : rule::none)
                                : (code == opcode::continuation ? rule::none : rule::interleaved_message);
      CHECK(next_frame(now, code).broken == expected);
      if (expected != rule::none) {
        ++broken;
        CHECK(next_frame(now, code).then == now);
      }
    }
  }
  CHECK(broken == 5);
}

TEST_CASE("5.4 FR-13 FR-16: the last frame ends the message, and the next begins anew") {
  for (const auto now : {sequence::text, sequence::binary}) {
    CHECK(end_of_frame(now, fin::yes) == sequence::none);
    CHECK(end_of_frame(now, fin::no) == now);
  }
}
