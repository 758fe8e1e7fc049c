// SPDX-License-Identifier: MIT
//
// uri.hpp: hosts, request-targets, and ws:// and wss:// URIs, parted into views. RFC 6455 section 3, RFC 3986.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include <weft/detail/characters.hpp>
#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/error.hpp>
#include <weft/handshake/fields.hpp>

namespace weft::inline WEFT_ISA {

namespace detail {

/// How many characters at the front are of a set, or "%" and two hexadecimal digits.
[[nodiscard]] constexpr std::size_t leading_with_escapes(characters set, std::string_view text) noexcept {
  std::size_t i = leading(set, text, common_in_hosts);
  while (text.size() - i >= 3 && text[i] == '%' && all_in(hexadecimal_digits, cut(text, i + 1, 2))) {
    i += 3 + leading(set, cut(text, i + 3));
  }
  return i;
}

}  // namespace detail

/// What a request-target names, as RFC 6455 section 3 has it: an authority, empty in origin-form, and a resource.
struct target_parts {
  std::string_view authority;
  std::string_view resource;  ///< path and query; begins with "/", or with "?" where an absolute-form has no path
  bool valid = false;
};

/// Whether a text is `host [":" port]`, not empty, the port at most 65535; of an address in brackets only the
/// characters are looked at. RFC 3986 section 3.2.2.
[[nodiscard]] constexpr bool is_host(std::string_view text) noexcept {
  std::size_t i = 0;
  if (text.starts_with('[')) {
    i = text.find(']');
    if (i == std::string_view::npos || i < 3) return false;
    if (!detail::all_in(detail::address_characters, detail::cut(text, 1, i - 1))) return false;
    ++i;
  } else {
    i = detail::leading_with_escapes(detail::host_characters, text);
    if (i == 0) return false;
  }
  if (i == text.size()) return true;
  if (text[i++] != ':') return false;
  std::uint32_t port = 0;
  for (; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    port = port * 10 + static_cast<std::uint32_t>(text[i] - '0');
    if (port > 65535) return false;
  }
  return true;
}

/// Whether a text is a path, a query, or both, and may stand in a request line: printable ASCII without space and "#".
[[nodiscard]] constexpr bool is_resource(std::string_view text) noexcept {
  return text.empty() || ((text[0] == '/' || text[0] == '?') &&
                          detail::leading(detail::target_characters, text, detail::common_in_targets) == text.size());
}

/// Parts a target in origin-form or absolute-form with a scheme of HTTP or WebSocket. RFC 9112 section 3.2.
[[nodiscard]] constexpr target_parts parse_target(std::string_view target) noexcept {
  if (target.starts_with('/')) return {{}, target, is_resource(target)};
  for (const std::string_view scheme : {"http://", "https://", "ws://", "wss://"}) {
    if (!equal_ignoring_case(detail::cut(target, 0, scheme.size()), scheme)) continue;
    const std::string_view rest = detail::cut(target, scheme.size());
    const std::size_t end = rest.find_first_of("/?");
    const std::string_view authority = detail::cut(rest, 0, end);
    const std::string_view resource = end == std::string_view::npos ? std::string_view("/") : detail::cut(rest, end);
    return {authority, resource, is_host(authority) && is_resource(resource)};
  }
  return {};
}

/// The same as RFC 3986 section 3.3 and 3.4 have it: nothing that has to be escaped, and whole escapes.
[[nodiscard]] constexpr bool is_path_and_query(std::string_view text) noexcept {
  return is_resource(text) && detail::leading_with_escapes(detail::path_characters, text) == text.size();
}

/// What a client connects to.
struct uri {
  weft::refusal refusal = refusal::none;  ///< why it is no WebSocket URI; then nothing else is set
  bool secure = false;                    ///< wss: the transport is TLS
  std::string_view host{};                ///< an IPv6 address in its brackets
  std::uint16_t port = 80;
  std::string_view
      resource{};  ///< path and query, empty or from "?" on where there is no path: sent with "/" before it

  /// 80, or 443 where it is secure.
  [[nodiscard]] constexpr bool has_default_port() const noexcept { return port == (secure ? 443 : 80); }
};

/// Parts `ws://host[:port][/path][?query]`. Refused: unknown_scheme, fragment_in_uri, userinfo_in_uri, malformed_host,
/// malformed_port, malformed_resource. RFC 6455 section 3.
[[nodiscard]] constexpr uri parse_uri(std::string_view text) noexcept {
  const auto refused = [](refusal why) { return uri{.refusal = why}; };
  uri parsed;
  std::string_view rest;
  if (equal_ignoring_case(detail::cut(text, 0, 5), "ws://")) {
    rest = detail::cut(text, 5);
  } else if (equal_ignoring_case(detail::cut(text, 0, 6), "wss://")) {
    rest = detail::cut(text, 6);
    parsed.secure = true;
    parsed.port = 443;
  } else {
    return refused(refusal::unknown_scheme);
  }
  if (rest.find('#') != std::string_view::npos) return refused(refusal::fragment_in_uri);

  const std::size_t end = rest.find_first_of("/?");
  const std::string_view authority = detail::cut(rest, 0, end);
  if (end != std::string_view::npos) parsed.resource = detail::cut(rest, end);
  if (!is_path_and_query(parsed.resource)) return refused(refusal::malformed_resource);

  if (authority.find('@') != std::string_view::npos) return refused(refusal::userinfo_in_uri);
  const std::size_t colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
  parsed.host = detail::cut(authority, 0, colon);
  if (!is_host(parsed.host)) return refused(refusal::malformed_host);
  if (colon == std::string_view::npos || colon + 1 == authority.size()) return parsed;
  if (!is_host(authority)) return refused(refusal::malformed_port);
  std::uint32_t port = 0;
  for (const char c : detail::cut(authority, colon + 1)) port = port * 10 + static_cast<std::uint32_t>(c - '0');
  if (port == 0) return refused(refusal::malformed_port);
  parsed.port = static_cast<std::uint16_t>(port);
  return parsed;
}

}  // namespace weft::inline WEFT_ISA
