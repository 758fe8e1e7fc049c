// SPDX-License-Identifier: MIT
#include <weft/connection/event.hpp>

#include <doctest/doctest.h>

#include "support/constant.hpp"

TEST_CASE("an event is a plain value of a few words") {
  static_assert(std::is_trivially_copyable_v<weft::event> && std::is_aggregate_v<weft::event>);
  CHECK(sizeof(weft::event) <= 48);
  constexpr weft::event none;  // the worst that it can be, should it ever be told
  static_assert(none.kind == weft::kind::violation && none.violation.rule == weft::rule::none);
  static_assert(!none.first && none.fin == weft::fin::no && none.payload.empty());
  static_assert(none.code == weft::close_code::no_status);
}

TEST_CASE("a payload is read as bytes or as text") {
  const auto bytes = support::constant("Hel");
  const weft::event event{.kind = weft::kind::text, .first = true, .payload = bytes};
  CHECK(event.text() == "Hel");
  CHECK(weft::event{}.text().empty());
}

TEST_CASE("a piece is a whole message where it is the first and the last") {
  using weft::fin;
  for (const bool first : {false, true}) {
    for (const fin last : {fin::no, fin::yes})
      CHECK(weft::event{.first = first, .fin = last}.whole() == (first && last == fin::yes));
  }
}
