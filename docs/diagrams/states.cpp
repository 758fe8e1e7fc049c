// SPDX-License-Identifier: MIT
//
// states.cpp: writes docs/states.md from the tables themselves. The test `diagrams` holds that it is fresh.
//
//   c++ -std=c++20 -Iinclude docs/diagrams/states.cpp -o states && ./states >docs/states.md
#include <array>
#include <cstddef>
#include <iostream>
#include <string>
#include <string_view>

#include <weft/connection/lifecycle.hpp>
#include <weft/connection/sequence.hpp>
#include <weft/error.hpp>
#include <weft/protocol.hpp>

namespace {

using weft::detail::lifecycle;
using weft::detail::sequences;

// In the order of the enumerators.
constexpr std::array<std::string_view, 5> states{"open", "close_sent", "close_received", "failed", "closed"};
constexpr std::array<std::string_view, 4> happenings{"send_close", "receive_close", "break_rule", "end_of_transport"};
constexpr std::array<std::string_view, 3> messages{"none", "text", "binary"};
constexpr std::array<std::string_view, 3> opcodes{"continuation", "text", "binary"};
static_assert(states.size() == lifecycle.size() && happenings.size() == lifecycle[0].size());
static_assert(messages.size() == sequences.size() && opcodes.size() == sequences[0].size());
static_assert(static_cast<std::size_t>(weft::state::closed) == states.size() - 1);

constexpr std::size_t place(auto enumerator) {
  return static_cast<std::size_t>(enumerator);
}

/// A table whose rows and columns have names, and whose cells are what `cell` says of their places.
void table(std::string_view corner, const auto& rows, const auto& columns, auto cell) {
  std::cout << "\n| " << corner;
  for (const auto column : columns) std::cout << " | " << column;
  std::cout << " |\n|---";
  for (std::size_t i = 0; i < columns.size(); ++i) std::cout << "|---";
  std::cout << "|\n";
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::cout << "| **" << rows[row] << "**";
    for (std::size_t column = 0; column < columns.size(); ++column) std::cout << " | " << cell(row, column);
    std::cout << " |\n";
  }
}

void arrow(std::string_view from, std::string_view to, std::string_view label) {
  std::cout << "    " << from << " --> " << to << ": " << label << "\n";
}

void draw_lifecycle() {
  std::cout << "\n```mermaid\nstateDiagram-v2\n    [*] --> open\n";
  for (std::size_t from = 0; from < states.size(); ++from) {
    for (std::size_t what = 0; what < happenings.size(); ++what) {
      const std::size_t to = place(lifecycle[from][what]);
      if (to != from) arrow(states[from], states[to], happenings[what]);
    }
  }
  std::cout << "    closed --> [*]\n```\n";
  table("", states, happenings, [](std::size_t from, std::size_t what) {
    const std::size_t to = place(lifecycle[from][what]);
    return to == from ? std::string_view("cannot happen") : states[to];
  });
}

void draw_sequences() {
  std::cout << "\n```mermaid\nstateDiagram-v2\n    [*] --> none\n";
  for (std::size_t from = 0; from < messages.size(); ++from) {
    for (std::size_t code = 0; code < opcodes.size(); ++code) {
      const auto& cell = sequences[from][code];
      const std::string frame(opcodes[code]);
      if (cell.broken != weft::rule::none) {
        arrow(messages[from], weft::name(cell.broken), frame);
      } else {
        arrow(messages[from], messages[place(weft::detail::end_of_frame(cell.then, weft::fin::no))], frame);
        arrow(messages[from], messages[place(weft::detail::end_of_frame(cell.then, weft::fin::yes))], frame + ", FIN");
      }
    }
  }
  std::cout << "```\n";
  table("", messages, opcodes, [](std::size_t from, std::size_t code) {
    const auto& cell = sequences[from][code];
    if (cell.broken != weft::rule::none) return std::string(weft::name(cell.broken));
    return std::string(messages[place(cell.then)]) + ", with FIN " +
           std::string(messages[place(weft::detail::end_of_frame(cell.then, weft::fin::yes))]);
  });
}

}  // namespace

int main() {
  std::cout << "<!-- Written by docs/diagrams/states.cpp from the tables of the code. -->\n\n# States\n\n"
               "## A connection\n\n"
               "RFC 6455 section 7, as `connection/lifecycle.hpp` has it. What is sent is sent by us, what is received "
               "is the peer's.\n";
  draw_lifecycle();
  std::cout << "\n## A message\n\n"
               "RFC 6455 section 5.4, as `connection/sequence.hpp` has it, for each direction. Which message is begun "
               "and not finished,\nand what a data frame makes of it; the others may stand between any two.\n";
  draw_sequences();
}
