// SPDX-License-Identifier: MIT
//
// request.hpp: requests as text, and what the reader makes of them however they drip in.
#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "support/cuts.hpp"

#include <weft/handshake/server.hpp>

namespace support {

inline constexpr std::string_view example_key_text = "dGhlIHNhbXBsZSBub25jZQ==";

/// A request line and fields, each without its CRLF, as a head.
inline std::string head(std::initializer_list<std::string_view> lines) {
  std::string text;
  for (const auto line : lines) text += std::string(line) + "\r\n";
  return text + "\r\n";
}

/// A good request in which the field of `name` is replaced by `lines` (none: left out), or to which they are added.
inline std::string request_with(std::string_view name, std::initializer_list<std::string_view> lines,
                                std::string_view request_line = "GET /chat HTTP/1.1") {
  std::string text = std::string(request_line) + "\r\n";
  for (const std::string_view field : {"Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
                                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"}) {
    if (field.substr(0, field.find(':')) != name) text += std::string(field) + "\r\n";
  }
  for (const auto line : lines) text += std::string(line) + "\r\n";
  return text + "\r\n";
}

inline std::string request_with(std::initializer_list<std::string_view> lines) {
  return request_with("", lines);
}
inline std::string good_request(std::string_view request_line = "GET /chat HTTP/1.1") {
  return request_with("", {}, request_line);
}

/// Reads a head, cut in every way, and calls `check` with the request and with the bytes that were left untouched:
/// for the uncut input, and for every cut that gives anything else, which fails by itself.
template <class Check>
void for_every_drip(std::string_view input, Check&& check, std::size_t storage_size = 8192,
                    weft::head_limits limits = {}) {
  std::set<std::string> seen;
  guarded storage(storage_size);
  for (const cut& pieces : cuts_of(input.size())) {
    for (const flush side : {flush::back, flush::front}) {
      const auto memory = storage.span(storage_size, side);
      weft::request_reader reader(memory, limits);
      const weft::request* request = nullptr;
      std::string left;
      feed(input, pieces, side, [&](std::span<std::byte> in) {
        request = &without_allocation([&]() -> const weft::request& { return reader.read(in); });
        CHECK_MESSAGE((request->status != weft::status::partial || in.empty()), "a partial head left bytes");
        left.append(reinterpret_cast<const char*>(in.data()), in.size());
      });
      ++cuts_run;
      if (request == nullptr) continue;
      std::string result = std::to_string(static_cast<int>(request->status)) + " " +
                           std::string(weft::name(request->error.rule)) + " " + std::to_string(request->error.offset) +
                           " " + std::string(request->target) + " " + std::string(request->host) + " " +
                           std::string(request->key) + " " + std::string(request->method) + " " +
                           std::string(request->origin.value_or("none")) +
                           (request->expects_continue ? " expects 100" : "") + " left " + left;
      for (const auto& field : request->fields)
        result += "\n" + std::string(field.name) + ": " + std::string(field.value);
      if (!seen.insert(result).second) continue;
      CHECK_MESSAGE(seen.size() == 1, "another result for pieces of " << pieces.front() << "...");
      check(*request, left);
    }
  }
}

/// The most common check: this rule is broken, and the answer has this status.
inline void check_refused(std::string_view input, weft::rule rule, int status) {
  CAPTURE(input);
  for_every_drip(input, [&](const weft::request& request, const std::string&) {
    CHECK(request.status == weft::status::invalid);
    CHECK(weft::name(request.error.rule) == weft::name(rule));
    CHECK(weft::http_status_for(request.error.rule) == status);
    CHECK(weft::accept(request).refusal() == weft::refusal::handshake_not_complete);
    CHECK(!weft::reject(request).empty());
  });
}

inline void check_accepted(std::string_view input) {
  CAPTURE(input);
  for_every_drip(input, [&](const weft::request& request, const std::string&) {
    CHECK(request.status == weft::status::complete);
    CHECK(weft::name(request.error.rule) == "none");
    CHECK(!weft::accept(request).empty());
  });
}

}  // namespace support
