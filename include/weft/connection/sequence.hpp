// SPDX-License-Identifier: MIT
//
// sequence.hpp: the states of a message, as one table that both directions obey. RFC 6455 section 5.4.
// Rule 1: every change of state is a cell of this table. Rule 2: it knows opcodes and nothing else; control frames
// do not come here, for they may stand between any two fragments.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <weft/detail/isa.hpp>
#include <weft/error.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA::detail {

/// Which message is begun and not yet finished.
enum class sequence : std::uint8_t { none, text, binary };

struct sequence_cell {
  sequence then;
  rule broken = rule::none;
};

// clang-format off
inline constexpr std::array<std::array<sequence_cell, 3>, 3> sequences{{
    //              continuation                                  text                                         binary
    /* none   */ {{ {sequence::none, rule::stray_continuation}, {sequence::text},                            {sequence::binary} }},
    /* text   */ {{ {sequence::text},                           {sequence::text, rule::interleaved_message}, {sequence::text, rule::interleaved_message} }},
    /* binary */ {{ {sequence::binary},                         {sequence::binary, rule::interleaved_message}, {sequence::binary, rule::interleaved_message} }},
}};
// clang-format on

/// What a data frame's opcode makes of the message: begun, continued, or a broken rule.
[[nodiscard]] constexpr sequence_cell next_frame(sequence now, opcode code) noexcept {
  return sequences[static_cast<std::size_t>(now)][static_cast<std::size_t>(code)];
}

/// What the end of a data frame makes of it.
[[nodiscard]] constexpr sequence end_of_frame(sequence now, fin last) noexcept {
  return last == fin::yes ? sequence::none : now;
}

}  // namespace weft::inline WEFT_ISA::detail
