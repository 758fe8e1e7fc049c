// SPDX-License-Identifier: MIT
//
// uri.hpp: URIs, hosts and targets of any text are what a slow reading of RFC 3986 and RFC 6455 section 3 says; and a
// request that is made of a good URI is one that a server reads back.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "fuzz/slow_http.hpp"

#include <weft/handshake/client.hpp>
#include <weft/handshake/server.hpp>
#include <weft/handshake/uri.hpp>

namespace fuzz {

namespace slow {

/// RFC 3986 3.3 and 3.4: what need not be escaped, and escapes.
inline bool is_path_and_query(std::string_view text) {
  if (!text.empty() && text[0] != '/' && text[0] != '?') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hexadecimal(text[i + 1]) || !is_hexadecimal(text[i + 2])) return false;
      i += 2;
    } else if (!is_letter(text[i]) && !is_digit(text[i]) && !is_one_of(text[i], "-._~!$&'()*+,;=:@/?")) {
      return false;
    }
  }
  return true;
}

struct uri {
  weft::refusal refusal = weft::refusal::none;
  bool secure = false;
  std::string host, resource;
  unsigned port = 0;
};

inline uri parse_uri(std::string_view text) {
  const auto refused = [](weft::refusal why) { return uri{why, false, {}, {}, 0}; };
  uri parsed;
  const std::string scheme = lower(text.substr(0, std::min(text.find("://"), text.size())));
  if ((scheme != "ws" && scheme != "wss") || text.size() == scheme.size())
    return refused(weft::refusal::unknown_scheme);
  parsed.secure = scheme == "wss";
  text.remove_prefix(scheme.size() + 3);
  if (text.find('#') != text.npos) return refused(weft::refusal::fragment_in_uri);
  std::size_t end = 0;
  while (end < text.size() && text[end] != '/' && text[end] != '?') ++end;
  const std::string_view authority = text.substr(0, end);
  parsed.resource = text.substr(end);
  if (!is_path_and_query(parsed.resource)) return refused(weft::refusal::malformed_resource);
  if (authority.find('@') != authority.npos) return refused(weft::refusal::userinfo_in_uri);
  const std::size_t colon = end_of_host(authority);
  parsed.host = authority.substr(0, colon);
  if (!is_host_alone(parsed.host)) return refused(weft::refusal::malformed_host);
  parsed.port = parsed.secure ? 443 : 80;
  if (colon + 1 >= authority.size()) return parsed;
  const auto port = port_of(authority.substr(colon + 1));
  if (!port || *port == 0) return refused(weft::refusal::malformed_port);
  parsed.port = *port;
  return parsed;
}

}  // namespace slow

/// A server reads what a client writes.
inline void check_request(const weft::uri& uri) {
  const weft::opening opening{.uri = uri, .nonce = weft::nonce({})};
  const auto request = without_allocation([&] { return weft::upgrade(opening); });
  require(request.refusal() == weft::refusal::none, "no request of a good URI");
  std::string bytes;
  weft::append(bytes, request);
  std::string storage(bytes.size(), '\0');
  weft::request_reader reader(storage, {.max_target_bytes = 1000000});
  std::string_view in = bytes;
  const auto& read = reader.read(in);
  require(read.status == weft::status::complete && in.empty(), "no server reads what a client wrote", bytes);
  const std::string slash = uri.resource.starts_with('/') ? "" : "/";
  same("the target that is asked for", slash + std::string(uri.resource), read.target);
  const std::string port = uri.has_default_port() ? "" : ":" + std::to_string(uri.port);
  same("the host that is asked", std::string(uri.host) + port, read.host);
}

inline void uri(std::span<const std::byte> input) {
  const auto memory = placed(input, input.size() % 2 == 0 ? support::flush::front : support::flush::back);
  const std::string_view text = view_of(memory);
  equal("is_host()", slow::is_host(text), without_allocation([&] { return weft::is_host(text); }), text);
  equal("is_resource()", slow::is_resource(text), weft::is_resource(text), text);
  equal("is_path_and_query()", slow::is_path_and_query(text), weft::is_path_and_query(text), text);

  const auto target = slow::parse_target(text);
  const auto parts = without_allocation([&] { return weft::parse_target(text); });
  equal("parse_target()", target.has_value(), parts.valid, text);
  if (target) {
    same("a target's authority", target->authority, parts.authority);
    same("a target's resource", target->resource, parts.resource);
  }

  for (const std::string_view scheme : {"", "ws://", "wss://"}) {
    const std::string whole = std::string(scheme) + std::string(text);
    const auto expected = slow::parse_uri(whole);
    const auto parsed = without_allocation([&] { return weft::parse_uri(whole); });
    equal("why a URI is refused", static_cast<int>(expected.refusal), static_cast<int>(parsed.refusal), whole);
    if (expected.refusal != weft::refusal::none) continue;
    equal("whether it is secure", expected.secure, parsed.secure, whole);
    equal("the port", expected.port, unsigned{parsed.port}, whole);
    same("the host", expected.host, parsed.host);
    same("the resource", expected.resource, parsed.resource);
    check_request(parsed);
  }
}

}  // namespace fuzz
