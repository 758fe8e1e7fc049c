// SPDX-License-Identifier: MIT
//
// close_payload.hpp: a Close read, sent and echoed as RFC 6455 sections 5.5.1 and 7.4 have it.
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
#include "support/texts.hpp"

#include <weft/frame/close.hpp>

namespace fuzz {

/// 7.4.2 and IANA's registry, number by number.
inline bool is_code(unsigned code) {
  for (const unsigned registered :
       {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U, 1013U, 1014U}) {
    if (code == registered) return true;
  }
  return code / 1000 == 3 || code / 1000 == 4;
}

template <role Role>
void check_sent(std::uint16_t code, std::string_view reason) {
  std::conditional_t<Role == role::server, weft::server, weft::client> ws;
  const auto frame = [&] {
    if constexpr (Role == role::server) {
      return ws.close(weft::close_code{code}, reason);
    } else {
      return ws.close(client_key, weft::close_code{code}, reason);
    }
  }();
  auto expected = weft::refusal::none;
  const auto text = support::reach_of(reason);
  if (text != support::reach{reason.size(), true}) expected = weft::refusal::invalid_utf8;
  if (reason.size() > 123) expected = weft::refusal::control_too_long;
  if (!is_code(code) || (code == 1010 && Role == role::server)) expected = weft::refusal::unsendable_close_code;
  equal("why a Close is refused", static_cast<int>(expected), static_cast<int>(frame.refusal()), reason);
  const bool good = expected == weft::refusal::none;
  equal("a Close closes", static_cast<int>(good ? weft::state::close_sent : weft::state::open),
        static_cast<int>(ws.state()));
  std::string bytes;
  weft::append(bytes, frame);
  std::string wire;
  if (good) wire = support::frame_from(Role, 0x88, support::network(code, 2) + std::string(reason));
  same("a Close on the wire", wire, bytes);
}

inline void close_payload(std::span<const std::byte> input) {
  const auto payload = input.first(std::min(input.size(), weft::max_control_payload));
  auto expected = weft::rule::none;
  std::size_t at = 0;
  const std::string_view bytes = view_of(payload);
  const unsigned code =
      bytes.size() < 2 ? 0 : static_cast<unsigned char>(bytes[0]) * 256U + static_cast<unsigned char>(bytes[1]);
  if (bytes.size() == 1) expected = weft::rule::close_of_one_byte;
  if (bytes.size() >= 2) {
    const auto text = support::reach_of(bytes.substr(2));
    if (!is_code(code)) {
      expected = weft::rule::invalid_close_code;
      at = 1;
    } else if (text.valid + 2 < bytes.size()) {
      expected = weft::rule::invalid_utf8;
      at = text.valid + 2;
    } else if (!text.whole) {
      expected = weft::rule::truncated_utf8;
      at = bytes.size();
    }
  }
  const auto seen = without_allocation([&] { return weft::read_close(placed(payload, support::flush::back)); });
  same("the rule of a Close", weft::name(expected), weft::name(seen.rule));
  equal("the offset in a Close", at, std::size_t{seen.at}, bytes);
  if (expected == weft::rule::none) {
    equal("the code of a Close", bytes.empty() ? 1005U : code, static_cast<unsigned>(seen.code), bytes);
    same("the reason of a Close", bytes.size() < 2 ? "" : bytes.substr(2), view_of(seen.reason));
  }

  if (input.size() < 2) return;
  const std::string_view reason = view_of(input).substr(2);
  check_sent<role::server>(static_cast<std::uint16_t>(code), reason);
  check_sent<role::client>(static_cast<std::uint16_t>(code), reason);
}

}  // namespace fuzz
