// SPDX-License-Identifier: MIT
#include <weft/error.hpp>

#include <set>
#include <string>

#include <doctest/doctest.h>

#include <weft/frame/close.hpp>

#include "support/constant.hpp"

static_assert(weft::violation{}.rule == weft::rule::none && weft::violation{}.offset == 0);
static_assert(weft::http_status_for(weft::rule::none) == 0);
static_assert(weft::close_code_for(weft::rule::none) == weft::close_code::no_status);
static_assert(weft::close_code_for(weft::rule::out_of_memory) == weft::close_code::internal_error);

TEST_CASE("7.1.7 CL-19: every rule has a name of its own, words, a section, and one answer") {
  std::set<std::string_view> names;
  for (const auto& row : weft::detail::rules) {
    if (row.broken == weft::rule::none) continue;
    CAPTURE(row.name);
    CHECK(names.insert(row.name).second);
    CHECK(weft::name(row.broken) == row.name);
    CHECK(!weft::words(row.broken).empty());
    CHECK(weft::section(row.broken).starts_with("RFC "));
    const bool before = weft::http_status_for(row.broken) != 0;
    const bool after = weft::close_code_for(row.broken) != weft::close_code::no_status;
    CHECK(!(before && after));
    const bool of_a_response = row.broken >= weft::rule::malformed_status_line;  // to which nothing is said
    CHECK((before || after) == !of_a_response);
    if (before) CHECK((weft::http_status_for(row.broken) >= 400 && weft::http_status_for(row.broken) <= 505));
    if (after) CHECK(weft::may_be_sent(weft::close_code_for(row.broken), weft::role::server));
  }
  CHECK(names.size() == weft::detail::rules.size() - 1);
}

TEST_CASE("SE-05 G-08: words are short ASCII, fit for a Close reason and for a log") {
  for (const auto& row : weft::detail::rules) {
    CAPTURE(row.name);
    CHECK(row.words.size() <= 64);
    for (const char c : row.words) CHECK((c >= ' ' && c <= '~'));
    const auto as_bytes = weft::detail::words_as_bytes(row.broken);
    CHECK(std::string(reinterpret_cast<const char*>(as_bytes.data()), as_bytes.size()) == row.words);
  }
}

TEST_CASE("7.4.1 CL-19: each Close code answers what the RFC has it for") {
  using weft::close_code;
  using weft::close_code_for;
  using weft::rule;
  CHECK(close_code_for(rule::missing_mask) == close_code::protocol_error);
  CHECK(close_code_for(rule::invalid_utf8) == close_code::invalid_payload);
  CHECK(close_code_for(rule::message_too_long) == close_code::message_too_big);
  CHECK(close_code_for(rule::too_many_fragments) == close_code::policy_violation);
  CHECK(close_code_for(rule::missing_host) == close_code::no_status);
}

TEST_CASE("10.7 SH-34: each HTTP status answers what HTTP has it for") {
  using weft::http_status_for;
  using weft::rule;
  CHECK(http_status_for(rule::malformed_field) == 400);
  CHECK(http_status_for(rule::method_not_allowed) == 405);
  CHECK(http_status_for(rule::target_too_long) == 414);
  CHECK(http_status_for(rule::unsupported_version) == 426);
  CHECK(http_status_for(rule::head_too_long) == 431);
  CHECK(http_status_for(rule::unknown_method) == 501);
  CHECK(http_status_for(rule::unsupported_http_version) == 505);
  CHECK(http_status_for(rule::invalid_utf8) == 0);
}

TEST_CASE("every refusal has words of its own, in ASCII") {
  std::set<std::string_view> all;
  for (int i = 0; i <= static_cast<int>(weft::refusal::fragment_in_uri); ++i) {
    const auto words = weft::words(static_cast<weft::refusal>(i));
    CHECK(!words.empty());
    CHECK(all.insert(words).second);
    for (const char c : words) CHECK((c >= ' ' && c <= '~'));
  }
  CHECK(weft::words(static_cast<weft::refusal>(static_cast<int>(weft::refusal::fragment_in_uri) + 1)).empty());
}

TEST_CASE("violations are the same where rule and byte are") {
  const weft::violation one{weft::rule::missing_mask, 7};
  CHECK(one == weft::violation{weft::rule::missing_mask, 7});
  CHECK(one != weft::violation{weft::rule::missing_mask, 8});
  CHECK(one != weft::violation{weft::rule::unexpected_mask, 7});
}
