// SPDX-License-Identifier: MIT
//
// request_head.hpp: a request is read alike however it drips in; one is accepted where a slow reading of RFC 9112 and
// RFC 6455 section 4.2.1 says so, and only there; what is answered is HTTP.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "fuzz/slow_http.hpp"

#include <weft/handshake/server.hpp>

namespace fuzz {

namespace slow {

inline bool is_key(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool good = i < 22 ? is_letter(text[i]) || is_digit(text[i]) || is_one_of(text[i], "+/") : text[i] == '=';
    if (!good) return false;
  }
  return text.size() == 24;
}

/// RFC 9112 6.3, RFC 9110 7.8: no content.
inline bool has_no_content(const head& from) {
  const auto lengths = from.values("content-length");
  if (lengths.size() > 1 || !from.values("transfer-encoding").empty()) return false;
  return lengths.empty() || (!lengths[0].empty() && lengths[0].find_first_not_of('0') == std::string::npos);
}

/// What a server reads of a good request.
struct request {
  head all;
  target at;
  std::string host, key, origin = "none";
  bool expects_continue = false;
};

inline state read_request(std::string_view text, request& to, std::size_t storage, const weft::head_limits& limits) {
  const std::size_t leading = text.starts_with("\r\n") ? 2 : 0;  // RFC 9112 2.2
  const state framed = read_head(text.substr(leading), to.all, false);
  to.all.size += leading;
  if (framed != state::good) return framed;
  if (to.all.size > storage || to.all.fields.size() > limits.max_fields) return state::bad;

  const std::string& line = to.all.first;
  const std::size_t space = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (space == line.npos || line.substr(0, space) != "GET" || last == space) return state::bad;
  const std::string version = line.substr(last + 1);
  if (version.size() != 8 || version.substr(0, 7) != "HTTP/1." || version[7] < '1' || version[7] > '9')
    return state::bad;
  const std::string target = line.substr(space + 1, last - space - 1);
  const auto parsed = parse_target(target);
  if (!parsed || target.size() > limits.max_target_bytes) return state::bad;
  to.at = *parsed;

  const auto only = [&](std::string_view name) {
    const auto values = to.all.values(name);
    return values.size() == 1 ? values[0] : std::string();
  };
  to.host = only("host");
  to.key = only("sec-websocket-key");
  if (!is_host(to.host) || !is_key(to.key) || only("sec-websocket-version") != "13") return state::bad;
  if (!to.at.authority.empty()) to.host = to.at.authority;
  if (!to.all.any_has_element("upgrade", "websocket")) return state::bad;
  if (!to.all.any_has_element("connection", "upgrade")) return state::bad;
  const auto origins = to.all.values("origin");
  if (origins.size() > 1 || !has_no_content(to.all)) return state::bad;
  if (!origins.empty()) to.origin = origins[0];
  to.expects_continue = to.all.any_has_element("expect", "100-continue");

  texts offered;
  for (const auto& value : to.all.values("sec-websocket-protocol")) {
    for (const auto& name : list(value)) {
      for (const auto& other : offered) {
        if (other == name && limits.strictness.unique_subprotocols) return state::bad;
      }
      if (!is_token(name)) return state::bad;
      offered.push_back(name);
    }
  }
  if (offered.empty() != to.all.values("sec-websocket-protocol").empty() || offered.size() > 32) return state::bad;
  std::size_t extensions = 0;
  for (const auto& value : to.all.values("sec-websocket-extensions")) {
    for (const auto& element : list(value)) {
      if (!parse_extension(element)) return state::bad;
      ++extensions;
    }
  }
  return (extensions == 0) == to.all.values("sec-websocket-extensions").empty() ? state::good : state::bad;
}

}  // namespace slow

/// All that a caller can see of a request, and how many bytes it took.
inline std::string seen_of(const weft::request& request, std::size_t taken) {
  std::string all = std::to_string(static_cast<int>(request.status)) + " " +
                    std::string(weft::name(request.error.rule)) + " at " + std::to_string(request.error.offset) +
                    " took " + std::to_string(taken) + "|" + std::string(request.method) + "|" +
                    std::string(request.target) + "|" + std::string(request.host) + "|" + std::string(request.key) +
                    "|" + std::string(request.origin.value_or("none")) + (request.expects_continue ? "|100" : "|");
  for (const auto& field : request.fields) {
    all += "\n" + std::string(field.name) + ": " + std::string(field.value);
  }
  return all;
}

/// Feeds a head to a reader, cut, from memory against an unmapped page; how many bytes it took.
template <class Reader>
std::size_t feed_head(Reader& reader, std::span<const std::byte> input, const cutter& cut) {
  std::size_t taken = 0;
  auto side = support::flush::back;
  cut(input, [&](std::span<const std::byte> piece) {
    const auto all = placed(piece, side);
    side = side == support::flush::back ? support::flush::front : support::flush::back;
    std::span<const std::byte> in = all;
    const auto status = without_allocation([&] { return reader.read(in).status; });
    same("the bytes of a head", view_of(piece), view_of(all));
    if (status == weft::status::partial) require(in.empty(), "a partial head left bytes", view_of(piece));
    taken += piece.size() - in.size();
    return status == weft::status::partial;
  });
  return taken;
}

/// A response that is written, as HTTP.
inline slow::head written_response(const weft::response& response, std::string& bytes) {
  bytes.clear();
  weft::append(bytes, response);
  slow::head head;
  require(slow::read_head(bytes, head, false) == slow::state::good, "a response is no HTTP", bytes);
  return head;
}

inline void check_acceptance(const weft::request& request) {
  weft::acceptance with;
  for (const auto offered : request.subprotocols()) with.protocol = offered;
  with.deflate = weft::choose_deflate(request.extensions());
  const auto response = without_allocation([&] { return weft::accept(request, with); });
  require(response.refusal() == weft::refusal::none, "a good request cannot be accepted");
  std::string bytes;
  auto head = written_response(response, bytes);
  if (request.expects_continue) {
    same("the interim response", "HTTP/1.1 100 Continue", head.first);
    bytes.erase(0, head.size);
    head = {};
    require(slow::read_head(bytes, head, false) == slow::state::good, "an acceptance is no HTTP", bytes);
  }
  equal("the size of an acceptance", bytes.size(), head.size, bytes);
  same("the status line", "HTTP/1.1 101 Switching Protocols", head.first);
  const auto only = [&](std::string_view name, std::string_view value) {
    const auto values = head.values(name);
    require(values.size() == 1, std::string("an acceptance without one ") + std::string(name), bytes);
    same(name, value, values[0]);
  };
  only("sec-websocket-accept", slow::accept_of(request.key));
  only("upgrade", "websocket");
  only("connection", "Upgrade");
  if (with.protocol.empty()) {
    require(head.values("sec-websocket-protocol").empty(), "a subprotocol out of nothing", bytes);
  } else {
    only("sec-websocket-protocol", with.protocol);
  }
  if (!with.deflate) return require(head.values("sec-websocket-extensions").empty(), "an extension out of nothing");
  const auto values = head.values("sec-websocket-extensions");
  require(values.size() == 1, "an extension is not there", bytes);
  const auto answer = slow::parse_deflate(values[0], false);
  bool fits = false;
  for (const auto offer : request.extensions()) {
    const auto asked = slow::parse_deflate(offer, true);
    fits = fits || (asked && answer && slow::may_answer(*answer, *asked));
  }
  require(fits, "an extension was not offered so", values[0]);
}

inline void check_rejection(const weft::response& response, bool head_only) {
  std::string bytes;
  const auto head = written_response(response, bytes);
  require(head.first.starts_with("HTTP/1.1 ") && head.first.size() >= 13, "no status line", bytes);
  const auto lengths = head.values("content-length");
  require(lengths.size() == 1, "a rejection without a length", bytes);
  equal("the length of its content", head_only ? std::size_t{0} : std::size_t{std::stoul(lengths[0])},
        bytes.size() - head.size, bytes);
  require(head.any_has_element("connection", "close"), "a rejection that does not close", bytes);
}

inline void request_head(std::span<const std::byte> input) {
  source from(input);
  const std::size_t size = from.any_of<std::size_t>({8192, 8192, 8192, 100, 300, 1});
  weft::head_limits limits;
  if (from.flag()) limits = {.max_target_bytes = 20, .max_fields = 8};
  limits.strictness.unique_subprotocols = !from.flag();
  const cutter cut(from);

  static support::guarded memory(8192);
  const auto storage = memory.span(size, support::flush::back);
  weft::request_reader whole(storage, limits);
  const std::size_t taken = feed_head(whole, from.rest(), cutter({}));
  std::span<const std::byte> nothing;
  const weft::request& request = whole.read(nothing);
  const std::string seen = seen_of(request, taken);

  slow::request expected;
  const auto state = slow::read_request(from.text(), expected, size, limits);
  const bool good = state == slow::state::good;
  require(good == (request.status == weft::status::complete),
          good ? "a good request is refused" : "a bad request is accepted", seen + "|" + std::string(from.text()));
  if (state != slow::state::unfinished)
    require(request.status != weft::status::partial, "a whole head is not judged", from.text());
  if (good) {
    equal("how many bytes a request has", expected.all.size, taken, from.text());
    same("the target", expected.at.resource, request.target);
    same("the host", expected.host, request.host);
    same("the key", expected.key, request.key);
    same("the method", "GET", request.method);
    same("the origin", expected.origin, request.origin.value_or("none"));
    equal("whether 100 is expected", expected.expects_continue, request.expects_continue, from.text());
    std::size_t n = 0;
    for (const auto& field : request.fields) {
      require(n < expected.all.fields.size(), "a field too many");
      same("a field's name", expected.all.fields[n].first, slow::lower(field.name));
      same("a field's value", expected.all.fields[n].second, field.value);
      ++n;
    }
    equal("how many fields there are", expected.all.fields.size(), n);
    check_acceptance(request);
  } else {
    require(weft::accept(request).refusal() == weft::refusal::handshake_not_complete, "a bad request can be accepted");
  }
  if (request.status == weft::status::invalid) {
    const bool head_only = request.method == "HEAD";
    check_rejection(weft::reject(request), head_only);
    check_rejection(weft::reject(request, 403, {.content = "no"}), head_only);
  }

  static support::guarded other_memory(8192);
  for (const cutter& pieces : {cut, cutter({1})}) {
    weft::request_reader again(other_memory.span(size, support::flush::front), limits);
    const std::size_t took = feed_head(again, from.rest(), pieces);
    same("a request, cut", seen, seen_of(again.read(nothing), took));
  }
}

}  // namespace fuzz
