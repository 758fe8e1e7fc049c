// SPDX-License-Identifier: MIT
//
// fields.hpp: lists, parameters, tokens, values, cookies and fields of any text are what slow scanners say. RFC 9110
// section 5, RFC 6265 section 4.2.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "fuzz/slow_http.hpp"

#include <weft/handshake/accept_key.hpp>
#include <weft/handshake/fields.hpp>
#include <weft/handshake/head.hpp>

namespace fuzz {

template <class Range>
std::string joined(const Range& range) {
  std::string all;
  for (const auto& element : range) all += "[" + std::string(element) + "]";
  return all;
}

/// Elements as list_reader has them.
inline slow::texts elements_of(std::string_view value) {
  slow::texts all;
  for (weft::list_reader reader(value); const auto element = without_allocation([&] { return reader.next(); });)
    all.emplace_back(*element);
  return all;
}

inline void check_one_text(std::string_view text, std::string_view other) {
  same("trimmed()", slow::trimmed(text), weft::trimmed(text));
  equal("is_token()", slow::is_token(text), weft::is_token(text), text);
  equal("is_field_value()", slow::is_value(text), weft::is_field_value(text), text);
  const bool alike = slow::lower(text) == slow::lower(other);
  equal("equal_ignoring_case()", alike, weft::equal_ignoring_case(text, other),
        std::string(text) + "|" + std::string(other));
  require(weft::equal_ignoring_case(text, slow::lower(text)), "a text is not its own in lower case", text);
  same("a list", joined(slow::list(text)), joined(elements_of(text)));
  const std::string name = slow::lower(other);
  equal("contains_token()", slow::has_element(text, name), weft::contains_token(text, other), text);
  const std::string element = slow::trimmed(text);
  equal("is_extension()", slow::parse_extension(element).has_value(), weft::is_extension(element), element);

  std::optional<std::string> expected;
  std::string rest(text);
  while (!rest.empty() && !expected) {
    const std::size_t end = rest.find(';');
    const std::string pair = slow::trimmed(rest.substr(0, end));
    rest.erase(0, end == rest.npos ? end : end + 1);
    const std::size_t equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == other) expected = pair.substr(equals + 1);
  }
  const auto cookie = weft::find_cookie(text, other);
  same("find_cookie()", expected.value_or("none"), cookie.value_or("none"));
  equal("find_cookie()", expected.has_value(), cookie.has_value(), text);
}

inline void check_line(const std::string& line) {
  const auto parsed = weft::parse_field_line(line);
  const std::size_t colon = line.find(':');
  const bool good = colon != line.npos && slow::is_token(line.substr(0, colon));
  equal("parse_field_line()", good, parsed.error.rule == weft::rule::none, line);
  if (!good) return;
  same("a field's name", line.substr(0, colon), parsed.field.name);
  same("a field's value", slow::trimmed(line.substr(colon + 1)), parsed.field.value);
}

inline void fields(std::span<const std::byte> input) {
  source from(input);
  // Against an unmapped page, for scanners look ahead.
  const auto side = from.flag() ? support::flush::front : support::flush::back;
  const std::string_view all = view_of(placed(from.rest(), side));
  const std::size_t end = all.find('|');
  const std::string_view text = all.substr(0, end);
  const std::string_view other = end == all.npos ? std::string_view("upgrade") : all.substr(end + 1);
  check_one_text(text, other);
  check_one_text(other, text);

  // What is good of the lines, as a head's fields.
  slow::texts lines;
  std::string head;
  std::vector<std::pair<std::string, std::string>> expected;
  for (std::size_t at = 0; at <= all.size();) {
    const std::size_t newline = std::min(all.find('\n', at), all.size());
    const std::string line(all.substr(at, newline - at));
    at = newline + 1;
    check_line(line);
    if (!slow::is_value(line) || weft::parse_field_line(line).error.rule != weft::rule::none) continue;
    head += line + "\r\n";
    const std::size_t colon = line.find(':');
    expected.emplace_back(line.substr(0, colon), slow::trimmed(line.substr(colon + 1)));
  }
  const weft::fields read{std::string_view(head)};
  std::size_t n = 0;
  for (const auto& field : read) {
    require(n < expected.size(), "a field too many", head);
    same("a name in a head", expected[n].first, field.name);
    same("a value in a head", expected[n++].second, field.value);
  }
  equal("how many fields", expected.size(), n, head);
  if (expected.empty()) return;
  const std::string name = slow::lower(expected.back().first);
  std::string elements;
  std::optional<std::string> first;
  for (const auto& [known, value] : expected) {
    if (slow::lower(known) != name) continue;
    if (!first) first = value;
    elements += joined(slow::list(value));
  }
  same("the first of a name", first.value_or("none"), read.find(name).value_or("none"));
  same("a list over several fields", elements, joined(weft::field_list(read, name)));
}

}  // namespace fuzz
