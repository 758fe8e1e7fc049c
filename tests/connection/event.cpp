// SPDX-License-Identifier: MIT
#include <weft/connection/event.hpp>

#include <doctest/doctest.h>

#include "support/constant.hpp"

TEST_CASE("an event is a plain value of a few words") {
  static_assert(std::is_trivially_copyable_v<weft::event> && std::is_aggregate_v<weft::event>);
  CHECK(sizeof(weft::event) <= 48);
}

TEST_CASE("a payload is read as bytes or as text") {
  const auto bytes = support::constant("Hel");
  const weft::event event{.kind = weft::kind::text, .first = true, .payload = bytes};
  CHECK(event.text() == "Hel");
  CHECK(weft::event{}.text().empty());
}

static_assert(weft::event{.first = true, .fin = weft::fin::yes}.whole());
static_assert(!weft::event{.first = true, .fin = weft::fin::no}.whole());
static_assert(!weft::event{.first = false, .fin = weft::fin::yes}.whole());
