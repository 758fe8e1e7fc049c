// SPDX-License-Identifier: MIT
#include <weft/connection/lifecycle.hpp>

#include <array>
#include <set>

#include <doctest/doctest.h>

using weft::state;
using weft::detail::after;
using weft::detail::happening;
using weft::detail::possible;

namespace {

constexpr std::array all_states{state::open, state::close_sent, state::close_received, state::failed, state::closed};
constexpr std::array all_happenings{happening::send_close, happening::receive_close, happening::break_rule,
                                    happening::end_of_transport};

static_assert(weft::detail::lifecycle.size() == all_states.size());
static_assert(weft::detail::lifecycle[0].size() == all_happenings.size());

}  // namespace

TEST_CASE("7.1: every reachable state, walked from open") {
  std::set<state> reached{state::open};
  for (bool grew = true; grew;) {
    grew = false;
    for (const state now : std::set(reached)) {
      for (const happening what : all_happenings) grew = reached.insert(after(now, what)).second || grew;
    }
  }
  CHECK(reached.size() == all_states.size());
}

TEST_CASE("7.1: closed is the end, and every state leads to it") {
  for (const happening what : all_happenings) CHECK(after(state::closed, what) == state::closed);
  for (const state now : all_states) CHECK(after(now, happening::end_of_transport) == state::closed);
}

TEST_CASE("5.5.1 CL-09 CL-29: at most one Close is sent on any path") {
  for (const state now : all_states) {
    const state then = after(now, happening::send_close);
    CHECK(!possible(then, happening::send_close));
    for (const happening what : all_happenings) {
      if (!possible(now, happening::send_close)) CHECK(!possible(after(now, what), happening::send_close));
    }
  }
}

TEST_CASE("7.1.7 CL-20 CL-27: after the peer's Close or a broken rule nothing more of the peer counts") {
  for (const state now : {state::close_received, state::failed, state::closed}) {
    CHECK(!possible(now, happening::receive_close));
    CHECK(!possible(now, happening::break_rule));
  }
  for (const state now : {state::open, state::close_sent}) {
    CHECK(possible(now, happening::receive_close));
    CHECK(possible(now, happening::break_rule));
  }
}

TEST_CASE("7.1.3 CL-10 CL-12 CL-14: the closing handshake from either side, and from both at once") {
  CHECK(after(after(state::open, happening::send_close), happening::receive_close) == state::closed);
  CHECK(after(after(state::open, happening::receive_close), happening::send_close) == state::closed);
  CHECK(after(state::open, happening::send_close) == state::close_sent);
  CHECK(after(state::open, happening::receive_close) == state::close_received);
}

TEST_CASE("7.1.7 CL-19: a broken rule is answered once, unless a Close is sent already") {
  CHECK(after(state::open, happening::break_rule) == state::failed);
  CHECK(after(state::failed, happening::send_close) == state::closed);
  CHECK(after(state::close_sent, happening::break_rule) == state::closed);
}
