// SPDX-License-Identifier: MIT
//
// prepared.hpp: a message that is made once and sent to many: checked once, compressed once for each size of window.
// Once made it does not change, so threads may share it. For servers: a client masks each frame with another key.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <weft/detail/isa.hpp>
#include <weft/error.hpp>
#include <weft/frame/utf8.hpp>
#include <weft/protocol.hpp>
#include <weft/sendable.hpp>

namespace weft::inline WEFT_ISA {

/// A text or binary message in containers of the caller's.
template <byte_container Container>
class prepared_message {
 public:
  [[nodiscard]] static constexpr prepared_message text(Container payload) { return {opcode::text, std::move(payload)}; }
  [[nodiscard]] static constexpr prepared_message binary(Container payload) {
    return {opcode::binary, std::move(payload)};
  }

  /// invalid_utf8 of text that is not: it will not be sent.
  [[nodiscard]] constexpr weft::refusal refusal() const noexcept { return refusal_; }
  [[nodiscard]] constexpr weft::opcode type() const noexcept { return type_; }
  [[nodiscard]] constexpr bytes payload() const noexcept { return payload_; }

  /// The compressed form for who may be sent windows of 2^bits bytes: that of the largest window up to theirs.
  [[nodiscard]] constexpr std::optional<bytes> deflated(std::uint8_t window_bits) const noexcept {
    for (std::size_t bits = (std::min)(window_bits, largest); bits >= smallest; --bits) {
      if (const auto& form = deflated_[bits - smallest]) return *form;
    }
    return {};
  }
  /// Sets it, for 8 to 15. engine_pool::prepare() makes it.
  constexpr void set_deflated(std::uint8_t window_bits, Container payload) {
    if (window_bits >= smallest && window_bits <= largest) deflated_[window_bits - smallest] = std::move(payload);
  }

 private:
  static constexpr std::uint8_t smallest = 8;
  static constexpr std::uint8_t largest = 15;

  constexpr prepared_message(opcode type, Container payload) : type_(type), payload_(std::move(payload)) {
    if (type == opcode::text && !is_utf8(bytes(payload_).span())) refusal_ = refusal::invalid_utf8;
  }

  opcode type_;
  weft::refusal refusal_ = refusal::none;
  Container payload_;
  std::array<std::optional<Container>, 8> deflated_{};
};

}  // namespace weft::inline WEFT_ISA
