// SPDX-License-Identifier: MIT
//
// response_head.hpp: a response is read alike however it drips in; it opens the connection where a slow reading of RFC
// 9112 and RFC 6455 section 4.1 says so, and only there.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "fuzz/request_head.hpp"
#include "fuzz/slow_http.hpp"

#include <weft/handshake/client.hpp>

namespace fuzz {

namespace slow {

/// What the client asked for, in words.
struct asked {
  texts subprotocols;
  texts deflate;
  texts extensions;
  std::string accept;
};

/// What a good response says: its size, and what was chosen.
struct reply {
  std::size_t size = 0;
  std::string subprotocol;
  std::optional<deflate> agreed;
};

inline bool is_status_line(std::string_view line, int& code, char& minor) {
  if (line.size() < 13 || line.substr(0, 5) != "HTTP/" || !is_digit(line[5]) || line[6] != '.' || !is_digit(line[7]))
    return false;
  if (line[8] != ' ' || line[12] != ' ' || line[5] != '1') return false;
  for (const std::size_t i : {9U, 10U, 11U}) {
    if (!is_digit(line[i])) return false;
  }
  minor = line[7];
  code = std::stoi(std::string(line.substr(9, 3)));
  return code >= 100;
}

inline bool opens(const head& from, const asked& by, reply& to) {
  const auto only = [&](std::string_view name) {
    const auto values = from.values(name);
    return values.size() == 1 ? values[0] : std::string();
  };
  if (lower(only("upgrade")) != "websocket" || !from.any_has_element("connection", "upgrade")) return false;
  if (only("sec-websocket-accept") != by.accept || !has_no_content(from)) return false;
  const auto chosen = from.values("sec-websocket-protocol");
  if (chosen.size() > 1) return false;
  if (chosen.size() == 1) {
    bool offered = false;
    for (const auto& name : by.subprotocols) offered = offered || name == chosen[0];
    if (!offered) return false;
    to.subprotocol = chosen[0];
  }
  std::size_t count = 0;
  for (const auto& value : from.values("sec-websocket-extensions")) {
    for (const auto& element : list(value)) {
      const auto parsed = parse_extension(element);
      if (!parsed || ++count > 16) return false;
      const std::string name = lower(parsed->name);
      if (name == "permessage-deflate" && !by.deflate.empty()) {
        const auto answer = parse_deflate(element, false);
        if (!answer || to.agreed) return false;
        bool fits = false;
        for (const auto& text : by.deflate) {
          const auto offer = parse_deflate(text, true);
          // A window of 256 bytes, which zlib has not, only where it was offered.
          if (may_answer(*answer, *offer) && (answer->client_bits != 8 || offer->client_bits == 8)) fits = true;
        }
        if (!fits) return false;
        to.agreed = answer;
        continue;
      }
      bool known = false;
      for (const auto& text : by.extensions) known = known || name == parse_extension(text)->name;
      if (!known) return false;
    }
  }
  return (count == 0) == from.values("sec-websocket-extensions").empty();
}

inline state read_reply(std::string_view text, reply& to, const asked& by, std::size_t storage,
                        std::size_t most_fields) {
  for (int interim = 0;; ++interim) {
    head one;
    const state framed = read_head(text.substr(to.size), one, true);
    if (framed != state::good) return framed;
    int code = 0;
    char minor = '0';
    if (one.size > storage || one.fields.size() > most_fields) return state::bad;
    if (!is_status_line(one.first, code, minor)) return state::bad;
    to.size += one.size;
    if (code == 101) return minor != '0' && opens(one, by, to) ? state::good : state::bad;
    if (code >= 200 || interim == 16) return state::bad;
  }
}

}  // namespace slow

inline std::string seen_of(const weft::reply& reply, std::size_t taken) {
  std::string all = std::to_string(static_cast<int>(reply.status)) + " " + std::string(weft::name(reply.error.rule)) +
                    " at " + std::to_string(reply.error.offset) + " took " + std::to_string(taken) + "|" +
                    std::to_string(reply.code) + "|" + std::string(reply.subprotocol) + "|";
  if (reply.deflate) all += weft::to_text(*reply.deflate).view();
  for (const auto& field : reply.fields) all += "\n" + std::string(field.name) + ": " + std::string(field.value);
  return all;
}

inline void response_head(std::span<const std::byte> input) {
  source from(input);
  const std::size_t size = from.any_of<std::size_t>({8192, 8192, 8192, 100, 300, 1});
  weft::head_limits limits;
  if (from.flag()) limits.max_fields = 6;
  const std::size_t offers = from.below(5);
  const bool asks = from.flag();
  const cutter cut(from);

  std::array<std::byte, 16> nonce{};
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::byte>("the sample nonce"[i]);
  static constexpr std::array<std::string_view, 2> subprotocols{"chat", "superchat"};
  static constexpr std::array<std::string_view, 2> extensions{"x-first; a=1", "x-second"};
  static constexpr std::array<weft::deflate_parameters, 3> deflate{
      {{.client_max_window_bits = 15},
       {.server_no_context_takeover = true, .server_max_window_bits = 10},
       {.server_max_window_bits = 9, .client_max_window_bits = 8}}};
  weft::opening opening{.uri = {.host = "server.example.com", .resource = "/chat"}, .nonce = weft::nonce(nonce)};
  slow::asked asked{.subprotocols = {}, .deflate = {}, .extensions = {}, .accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="};
  if (asks) {
    opening.subprotocols = subprotocols;
    opening.extensions = extensions;
    asked.subprotocols = {"chat", "superchat"};
    asked.extensions = {"x-first; a=1", "x-second"};
  }
  opening.deflate = std::span(deflate).first(std::min<std::size_t>(offers, 3));
  for (const auto& offer : opening.deflate) asked.deflate.emplace_back(weft::to_offer_text(offer).view());

  static support::guarded memory(8192);
  weft::response_reader whole(memory.span(size, support::flush::back), opening, limits);
  const std::size_t taken = feed_head(whole, from.rest(), cutter({}));
  std::span<const std::byte> nothing;
  const weft::reply& reply = whole.read(nothing);
  const std::string seen = seen_of(reply, taken);

  slow::reply expected;
  const auto state = slow::read_reply(from.text(), expected, asked, size, limits.max_fields);
  const bool good = state == slow::state::good;
  require(good == (reply.status == weft::status::complete),
          good ? "a good response is refused" : "a bad response is accepted", seen + "|" + std::string(from.text()));
  if (state != slow::state::unfinished)
    require(reply.status != weft::status::partial, "a whole response is not judged", from.text());
  if (good) {
    equal("how many bytes a response has", expected.size, taken, from.text());
    same("the subprotocol", expected.subprotocol, reply.subprotocol);
    equal("whether there is compression", expected.agreed.has_value(), reply.deflate.has_value(), from.text());
    if (expected.agreed) {
      equal("the server's window", expected.agreed->server_bits < 0 ? 15 : expected.agreed->server_bits,
            int{reply.deflate->window_bits(role::server)}, from.text());
      equal("the client's window", expected.agreed->client_bits < 0 ? 15 : expected.agreed->client_bits,
            int{reply.deflate->window_bits(role::client)}, from.text());
      equal("the server's takeover", expected.agreed->server_takes_over, reply.deflate->takeover(role::server));
      equal("the client's takeover", expected.agreed->client_takes_over, reply.deflate->takeover(role::client));
    }
  }

  static support::guarded other_memory(8192);
  for (const cutter& pieces : {cut, cutter({1})}) {
    weft::response_reader again(other_memory.span(size, support::flush::front), opening, limits);
    const std::size_t took = feed_head(again, from.rest(), pieces);
    same("a response, cut", seen, seen_of(again.read(nothing), took));
  }
  if (reply.status == weft::status::partial) {
    same("a response that breaks off", "truncated_head", weft::name(whole.end().error.rule));
    require(whole.end().status == weft::status::invalid, "a response that breaks off is not judged");
  }
}

}  // namespace fuzz
