// SPDX-License-Identifier: MIT
//
// extensions.hpp: permessage-deflate as it is offered and answered: RFC 7692 sections 5 and 7.1. Elements of
// Sec-WebSocket-Extensions are read and written, and a server chooses; nothing is compressed here. It is the one
// extension that weft knows: any other is passed over.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/handshake/fields.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// Extensions that are looked at in a handshake: a server passes over offers beyond them, a client refuses a response
/// with more.
inline constexpr std::size_t max_extensions = 16;

/// The parameters of permessage-deflate: as a client offers them, as a server answers, and so as they are agreed.
/// RFC 7692 section 7.1.
struct deflate_parameters {
  bool server_no_context_takeover = false;  ///< the server begins each message with an empty window; section 7.1.1.1
  bool client_no_context_takeover = false;  ///< the client does; in an offer only a hint; section 7.1.1.2
  /// The server's window is of 2^n bytes at most: 8 to 15, or 0 where nothing is said, which means 15. Section 7.1.2.1.
  std::uint8_t server_max_window_bits = 0;
  /// The client's window: 8 to 15, or 0 where nothing is said. In an answer that means 15; in an offer that an answer
  /// may not say it either, while 15 is written without a value and lets it. Section 7.1.2.2.
  std::uint8_t client_max_window_bits = 0;

  bool operator==(const deflate_parameters&) const = default;

  /// The logarithm of the largest window with which that side compresses, 15 where nothing is said: what the other
  /// side must be able to inflate.
  [[nodiscard]] constexpr std::uint8_t window_bits(role sender) const noexcept {
    const std::uint8_t said = sender == role::server ? server_max_window_bits : client_max_window_bits;
    return said == 0 ? std::uint8_t{15} : said;
  }
  /// Whether that side may refer to its earlier messages: then the other keeps the window from message to message.
  [[nodiscard]] constexpr bool takeover(role sender) const noexcept {
    return !(sender == role::server ? server_no_context_takeover : client_no_context_takeover);
  }
};

namespace detail {

/// An extension without its parameters.
[[nodiscard]] constexpr std::string_view extension_name(std::string_view element) noexcept {
  return cut(element, 0, element.find_first_of("; \t"));
}

[[nodiscard]] constexpr bool is_deflate(std::string_view element) noexcept {
  return equal_ignoring_case(extension_name(element), "permessage-deflate");
}

/// Whether windows are of sizes that can be said.
[[nodiscard]] constexpr bool can_be(const deflate_parameters& parameters) noexcept {
  const auto in_range = [](std::uint8_t bits) { return bits >= 8 && bits <= 15; };
  return in_range(parameters.window_bits(role::server)) && in_range(parameters.window_bits(role::client));
}

/// 8 to 15 in digits, as they are or quoted, or 0: also where the number begins with a zero. The value is that of a
/// parameter of an is_extension(), so quotes and backslashes stand where they may.
[[nodiscard]] constexpr std::uint8_t window_bits_in(std::string_view value) noexcept {
  unsigned bits = 0;
  for (const char c : value) {
    if (c == '"' || c == '\\') continue;
    if (c < '0' || c > '9' || (c == '0' && bits == 0) || bits > 15) return 0;
    bits = bits * 10 + static_cast<unsigned>(c - '0');
  }
  return bits >= 8 && bits <= 15 ? static_cast<std::uint8_t>(bits) : std::uint8_t{0};
}

/// The parameters, unless there is one that is not known, stands twice or has a value that it cannot have; `bare` is
/// what client_max_window_bits means without a value, or 0 if it must have one.
[[nodiscard]] constexpr std::optional<deflate_parameters> parse_deflate(std::string_view element,
                                                                        std::uint8_t bare) noexcept {
  if (!is_extension(element) || !is_deflate(element)) return {};
  deflate_parameters parsed;
  for (auto at = element.find(';'); at != element.npos; at = element.find(';')) {
    element.remove_prefix(at + 1);
    const std::string_view parameter = cut(element, 0, element.find(';'));
    const auto equals = parameter.find('=');
    const bool valued = equals != parameter.npos;
    const std::string_view name = trimmed(cut(parameter, 0, equals));
    const std::string_view value = valued ? trimmed(cut(parameter, equals + 1)) : std::string_view{};
    const auto take_flag = [&](bool& flag) { return !valued && !std::exchange(flag, true); };
    const auto take_bits = [&](std::uint8_t& bits, std::uint8_t unsaid) {
      return std::exchange(bits, valued ? window_bits_in(value) : unsaid) == 0 && bits != 0;
    };
    const auto is = [&](std::string_view known) { return equal_ignoring_case(name, known); };
    const bool good = is("server_no_context_takeover")   ? take_flag(parsed.server_no_context_takeover)
                      : is("client_no_context_takeover") ? take_flag(parsed.client_no_context_takeover)
                      : is("server_max_window_bits")     ? take_bits(parsed.server_max_window_bits, 0)
                      : is("client_max_window_bits")     ? take_bits(parsed.client_max_window_bits, bare)
                                                         : false;
    if (!good) return {};
  }
  return parsed;
}

}  // namespace detail

/// Reads an element of Sec-WebSocket-Extensions in a request. None if it is another extension, or one that a server
/// declines: with a parameter that is not known, that stands twice, or whose value cannot be. RFC 7692 section 7.
[[nodiscard]] constexpr std::optional<deflate_parameters> parse_deflate_offer(std::string_view element) noexcept {
  return detail::parse_deflate(element, 15);
}

/// Reads an element of Sec-WebSocket-Extensions in a response, where client_max_window_bits has a value always. None if
/// it is another extension, or one that fails the connection. RFC 7692 section 7.
[[nodiscard]] constexpr std::optional<deflate_parameters> parse_deflate_answer(std::string_view element) noexcept {
  return detail::parse_deflate(element, 0);
}

/// Whether a server may say this to that offer: what the offer asks of the server is in the answer, a window is not
/// above the offered one, and the client's is spoken of only where the offer did. RFC 7692 section 7.1. A server should
/// name its window where the offer did; one of 15 may go unsaid, as Beast leaves it, for that is what silence means.
[[nodiscard]] constexpr bool fits(const deflate_parameters& answer, const deflate_parameters& offer) noexcept {
  if (!detail::can_be(answer) || !detail::can_be(offer)) return false;
  if (offer.server_no_context_takeover && !answer.server_no_context_takeover) return false;
  return answer.window_bits(role::server) <= offer.window_bits(role::server) &&
         answer.client_max_window_bits <= offer.client_max_window_bits;
}

namespace detail {

/// What `take` makes of the first offer of permessage-deflate of which it makes anything.
[[nodiscard]] constexpr std::optional<deflate_parameters> first_offer(field_list offers, auto take) noexcept {
  for (std::size_t i = 0; i < max_extensions; ++i) {
    const auto element = offers.next();
    if (!element) break;
    const auto offer = parse_deflate_offer(*element);
    if (!offer) continue;
    if (const std::optional<deflate_parameters> taken = take(*offer)) return taken;
  }
  return {};
}

/// A server's answer to one offer, if it can compress with a window that is small enough.
[[nodiscard]] constexpr std::optional<deflate_parameters> answer_to(const deflate_parameters& offer,
                                                                    const deflate_parameters& ours,
                                                                    std::uint8_t smallest_window_bits) noexcept {
  const auto window = [&](role sender) { return (std::min)(offer.window_bits(sender), ours.window_bits(sender)); };
  if (window(role::server) < smallest_window_bits) return {};
  deflate_parameters answer{
      .server_no_context_takeover = offer.server_no_context_takeover || ours.server_no_context_takeover,
      .client_no_context_takeover = offer.client_no_context_takeover || ours.client_no_context_takeover};
  if (offer.server_max_window_bits != 0 || window(role::server) < 15)
    answer.server_max_window_bits = window(role::server);
  if (offer.client_max_window_bits != 0 && window(role::client) < 15)
    answer.client_max_window_bits = window(role::client);
  return answer;
}

/// Whether a client can live with an answer: it fits one of its offers, and a client's window of 256 bytes, which zlib
/// for one does not have, was offered as such.
[[nodiscard]] constexpr bool is_acceptable(const deflate_parameters& answer,
                                           std::span<const deflate_parameters> offers) noexcept {
  for (const auto& offer : offers) {
    if (fits(answer, offer) && (answer.client_max_window_bits != 8 || offer.client_max_window_bits == 8)) return true;
  }
  return false;
}

}  // namespace detail

/// Whether it fits one of a request's offers, of which the first `max_extensions` count.
[[nodiscard]] constexpr bool fits(const deflate_parameters& answer, field_list offers) noexcept {
  const auto take = [&](const deflate_parameters& offer) {
    return fits(answer, offer) ? std::optional(answer) : std::nullopt;
  };
  return detail::first_offer(offers, take).has_value();
}

/// A server's answer to the first of a request's offers that it can meet, or none; give it to accept(). What `ours`
/// says of the server holds for the answer, and so does client_no_context_takeover; client_max_window_bits does where
/// the offer lets it be said. What the client gave as a hint is taken up. An offer that would have us compress with a
/// window of fewer bits than `smallest_window_bits` is passed over: 9 is what zlib can do, 15 is for who cannot limit
/// it. None, too, where a window of `ours` is not 0 or 8 to 15. RFC 7692 section 5.
[[nodiscard]] constexpr std::optional<deflate_parameters> choose_deflate(
    field_list offers, const deflate_parameters& ours = {}, std::uint8_t smallest_window_bits = 9) noexcept {
  if (!detail::can_be(ours)) return {};
  return detail::first_offer(
      offers, [&](const deflate_parameters& offer) { return detail::answer_to(offer, ours, smallest_window_bits); });
}

/// Parameters as an element of Sec-WebSocket-Extensions, up to 130 characters.
class deflate_text {
 public:
  /// Valid as long as this object.
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  friend constexpr deflate_text to_text(const deflate_parameters& answer) noexcept;
  friend constexpr deflate_text to_offer_text(const deflate_parameters& offer) noexcept;

  /// `bare` are the bits of the client's window that go without saying.
  constexpr deflate_text(const deflate_parameters& from, std::uint8_t bare) noexcept {
    append("permessage-deflate");
    if (from.server_no_context_takeover) append("; server_no_context_takeover");
    if (from.client_no_context_takeover) append("; client_no_context_takeover");
    if (from.server_max_window_bits != 0) append("; server_max_window_bits", from.server_max_window_bits, 0);
    if (from.client_max_window_bits != 0) append("; client_max_window_bits", from.client_max_window_bits, bare);
  }
  constexpr void append(std::string_view piece) noexcept {
    for (const char c : piece) text_[size_++] = c;
  }
  constexpr void append(std::string_view name, std::uint8_t bits, std::uint8_t bare) noexcept {
    append(name);
    if (bits == bare) return;
    text_[size_++] = '=';
    for (unsigned unit = bits >= 100 ? 100 : bits >= 10 ? 10 : 1; unit != 0; unit /= 10)
      text_[size_++] = static_cast<char>('0' + bits / unit % 10);
  }

  std::array<char, 130> text_{};
  std::size_t size_ = 0;
};

/// What is answered or agreed: for a log as for the wire.
[[nodiscard]] constexpr deflate_text to_text(const deflate_parameters& answer) noexcept {
  return {answer, 0};
}

/// What is offered: there client_max_window_bits of 15 needs no value.
[[nodiscard]] constexpr deflate_text to_offer_text(const deflate_parameters& offer) noexcept {
  return {offer, 15};
}

}  // namespace weft::inline WEFT_ISA
