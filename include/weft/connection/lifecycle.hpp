// SPDX-License-Identifier: MIT
//
// lifecycle.hpp: the states of an open connection until it is closed, as one table. RFC 6455 section 7.
// Rule 1: every change of state is a cell of this table. Rule 2: only the two halves of a connection ask it,
// sender.hpp and endpoint.hpp, and no file assigns a state by any other way. "Sent" is by us, "received" is from the
// peer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <weft/detail/isa.hpp>

namespace weft::inline WEFT_ISA {

/// Where the closing handshake stands. An endpoint begins `open`: the opening handshake is over.
enum class state : std::uint8_t {
  open,            ///< messages go both ways
  close_sent,      ///< we said Close and wait for the peer's; what it still sends is reported
  close_received,  ///< the peer said Close and waits for ours: answer() it
  failed,          ///< the peer broke a rule: answer() says Close with the reason
  closed,          ///< nothing more is sent or reported: flush, then a server hangs up and a client waits for it to
};

namespace detail {

/// What can happen to a connection.
enum class happening : std::uint8_t { send_close, receive_close, break_rule, end_of_transport };

// A cell that repeats its row's state says that this cannot happen there.
// clang-format off
inline constexpr std::array<std::array<state, 4>, 5> lifecycle{{
    //                      send_close          receive_close          break_rule             end_of_transport
    /* open           */ {{ state::close_sent,  state::close_received, state::failed,         state::closed }},
    /* close_sent     */ {{ state::close_sent,  state::closed,         state::closed,         state::closed }},
    /* close_received */ {{ state::closed,      state::close_received, state::close_received, state::closed }},
    /* failed         */ {{ state::closed,      state::failed,         state::failed,         state::closed }},
    /* closed         */ {{ state::closed,      state::closed,         state::closed,         state::closed }},
}};
// clang-format on

[[nodiscard]] constexpr state after(state now, happening what) noexcept {
  return lifecycle[static_cast<std::size_t>(now)][static_cast<std::size_t>(what)];
}

/// Whether `what` can happen in a state.
[[nodiscard]] constexpr bool possible(state now, happening what) noexcept {
  return after(now, what) != now;
}

}  // namespace detail

}  // namespace weft::inline WEFT_ISA
