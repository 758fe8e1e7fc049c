// SPDX-License-Identifier: MIT
//
// extensions.hpp: offers and answers of permessage-deflate are parsed, chosen and judged as RFC 7692 section 7.1 has
// it, said once more slowly; and what is written is read as the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "fuzz/slow_http.hpp"

#include <weft/handshake/extensions.hpp>

namespace fuzz {

/// Parameters in the words of an element.
inline std::string words_of(const slow::deflate& from) {
  const auto bits = [](int n) { return n < 0 ? std::string("-") : n == 0 ? std::string("15") : std::to_string(n); };
  return std::string(from.server_takes_over ? "s" : "") + (from.client_takes_over ? "c" : "") + " " +
         bits(from.server_bits) + " " + bits(from.client_bits);
}
inline std::string words_of(const weft::deflate_parameters& from) {
  const auto bits = [](unsigned n) { return n == 0 ? std::string("-") : std::to_string(n); };
  return std::string(from.server_no_context_takeover ? "" : "s") + (from.client_no_context_takeover ? "" : "c") + " " +
         bits(from.server_max_window_bits) + " " + bits(from.client_max_window_bits);
}
template <class Parameters>
std::string words_of(const std::optional<Parameters>& from) {
  return from ? words_of(*from) : "none";
}

inline slow::deflate slowly(const weft::deflate_parameters& from) {
  const auto bits = [](unsigned n) { return n == 0 ? -1 : static_cast<int>(n); };
  return {!from.server_no_context_takeover, !from.client_no_context_takeover, bits(from.server_max_window_bits),
          bits(from.client_max_window_bits)};
}

/// What weft writes of parameters is read as the same.
inline void check_text(const weft::deflate_parameters& parameters) {
  const auto answer = weft::to_text(parameters);
  const auto offer = weft::to_offer_text(parameters);
  same("an answer written and read", words_of(parameters), words_of(weft::parse_deflate_answer(answer.view())));
  same("an answer written and read slowly", words_of(parameters), words_of(slow::parse_deflate(answer.view(), false)));
  same("an offer written and read", words_of(parameters), words_of(weft::parse_deflate_offer(offer.view())));
  same("an offer written and read slowly", words_of(parameters), words_of(slow::parse_deflate(offer.view(), true)));
}

/// Figures that may also be such as cannot be.
inline weft::deflate_parameters some_parameters(source& from) {
  const std::uint8_t flags = from.byte();
  const auto bits = [&](unsigned some) { return static_cast<std::uint8_t>(some % 10 == 0 ? 0 : some % 10 + 6); };
  return {(flags & 1) != 0, (flags & 2) != 0, bits(from.byte()), bits(from.byte())};
}
inline bool can_be(const weft::deflate_parameters& from) {
  const auto good = [](unsigned bits) { return bits == 0 || (bits >= 8 && bits <= 15); };
  return good(from.server_max_window_bits) && good(from.client_max_window_bits);
}

/// 7.1: what a server says to the first offer that it can meet.
inline void check_choice(const slow::texts& offers, weft::field_list list, const weft::deflate_parameters& ours,
                         std::uint8_t smallest) {
  const auto chosen = without_allocation([&] { return weft::choose_deflate(list, ours, smallest); });
  if (!can_be(ours)) return require(!chosen, "a choice out of what cannot be");
  std::optional<slow::deflate> met;
  for (std::size_t i = 0; i < offers.size() && i < weft::max_extensions && !met; ++i) {
    const auto offer = slow::parse_deflate(offers[i], true);
    if (!offer) continue;
    const int most = offer->server_bits < 0 ? 15 : offer->server_bits;
    if (std::min(most, int{ours.window_bits(role::server)}) >= smallest) met = offer;
  }
  equal("whether there is a choice", met.has_value(), chosen.has_value());
  if (!chosen) return;
  require(slow::may_answer(slowly(*chosen), *met), "a choice that may not be answered", words_of(*chosen));
  require(weft::fits(*chosen, list), "a choice that fits no offer", words_of(*chosen));
  require(chosen->window_bits(role::server) >= smallest, "a window that the server has not", words_of(*chosen));
  require(chosen->window_bits(role::server) <= ours.window_bits(role::server), "a window above ours",
          words_of(*chosen));
  require(chosen->takeover(role::server) ? !ours.server_no_context_takeover : true, "our own wish", words_of(*chosen));
  require(chosen->takeover(role::client) ? !ours.client_no_context_takeover && met->client_takes_over : true,
          "a wish for the client", words_of(*chosen));
  if (met->client_bits >= 0)
    equal("the client's window",
          std::min(met->client_bits == 0 ? 15 : met->client_bits, int{ours.window_bits(role::client)}),
          int{chosen->window_bits(role::client)});
  check_text(*chosen);
}

inline void extensions(std::span<const std::byte> input) {
  source from(input);
  const auto one = some_parameters(from);
  const auto other = some_parameters(from);
  const auto smallest = static_cast<std::uint8_t>(8 + from.below(9));
  for (const auto& parameters : {one, other}) {
    if (can_be(parameters)) check_text(parameters);
  }
  const bool fits = can_be(one) && can_be(other) && slow::may_answer(slowly(one), slowly(other));
  equal("fits()", fits, weft::fits(one, other), words_of(one) + " to " + words_of(other));

  // Lines are fields of one name, which count as one list.
  std::string head;
  slow::texts elements;
  const auto memory = placed(from.rest(), support::flush::back);
  std::string_view text = view_of(memory);
  for (;;) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = weft::trimmed(text.substr(0, end));
    same("a line", slow::trimmed(text.substr(0, end)), line);
    same("an offer", words_of(slow::parse_deflate(line, true)), words_of(weft::parse_deflate_offer(line)));
    same("an answer", words_of(slow::parse_deflate(line, false)), words_of(weft::parse_deflate_answer(line)));
    if (slow::is_value(line)) {
      head += "Sec-WebSocket-Extensions: " + std::string(line) + "\r\n";
      for (const auto& element : slow::list(line)) {
        elements.push_back(element);
        same("an offer in a list", words_of(slow::parse_deflate(element, true)),
             words_of(weft::parse_deflate_offer(element)));
        if (const auto offer = weft::parse_deflate_offer(element)) check_text(*offer);
      }
    }
    if (end == text.size()) break;
    text.remove_prefix(end + 1);
  }
  const weft::field_list list(weft::fields{std::string_view(head)}, "sec-websocket-extensions");
  check_choice(elements, list, one, smallest);
  check_choice(elements, list, {}, 9);
  bool any = false;
  for (std::size_t i = 0; i < elements.size() && i < weft::max_extensions; ++i) {
    const auto offer = slow::parse_deflate(elements[i], true);
    any = any || (offer && can_be(one) && slow::may_answer(slowly(one), *offer));
  }
  equal("fits() of a list", any, weft::fits(one, list), words_of(one) + " to " + head);
}

}  // namespace fuzz
