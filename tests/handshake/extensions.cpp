// SPDX-License-Identifier: MIT
#include <weft/handshake/extensions.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <weft/handshake/client.hpp>
#include <weft/handshake/server.hpp>

#include "support/constant.hpp"
#include "support/request.hpp"

using namespace support;
using weft::choose_deflate;
using weft::deflate_parameters;
using weft::field_list;
using weft::fits;
using weft::role;
using weft::to_offer_text;
using weft::to_text;

namespace {

using maybe = std::optional<deflate_parameters>;

/// The element is copied to memory whose end, or beginning, is the end of what can be read.
maybe read(std::string_view element, maybe (*parse)(std::string_view)) {
  std::array<maybe, 2> read;
  for (const flush side : {flush::front, flush::back}) {
    const auto place = shared_guarded().place(element, side);
    const std::string_view text(reinterpret_cast<const char*>(place.data()), place.size());
    read[side == flush::front] = without_allocation([&] { return parse(text); });
  }
  CHECK(read[0] == read[1]);
  return read[0];
}
maybe offer(std::string_view element) {
  return read(element, [](std::string_view text) { return weft::parse_deflate_offer(text); });
}
maybe answer(std::string_view element) {
  return read(element, [](std::string_view text) { return weft::parse_deflate_answer(text); });
}

/// The offers of a request, each in a field line.
class offers {
 public:
  offers(std::initializer_list<std::string_view> values) {
    for (const auto value : values) lines_ += "Sec-WebSocket-Extensions: " + std::string(value) + "\r\n";
  }
  operator field_list() const { return {weft::fields(lines_), "Sec-WebSocket-Extensions"}; }

 private:
  std::string lines_;
};

/// What a server chooses, as text; "none" where it chooses nothing.
std::string chosen(const offers& from, const deflate_parameters& ours = {}, std::uint8_t smallest_window_bits = 9) {
  const auto choice = without_allocation([&] { return choose_deflate(from, ours, smallest_window_bits); });
  return choice ? std::string(to_text(*choice).view()) : "none";
}

/// The parameters of an element, without what this header makes of them.
std::vector<std::string> parts_of(const deflate_parameters& p) {
  std::vector<std::string> parts;
  if (p.server_no_context_takeover) parts.emplace_back("server_no_context_takeover");
  if (p.client_no_context_takeover) parts.emplace_back("client_no_context_takeover");
  if (p.server_max_window_bits != 0)
    parts.push_back("server_max_window_bits=" + std::to_string(p.server_max_window_bits));
  if (p.client_max_window_bits != 0)
    parts.push_back("client_max_window_bits=" + std::to_string(p.client_max_window_bits));
  return parts;
}
std::string joined(const std::vector<std::string>& parts, std::string_view between = "; ") {
  std::string text = "permessage-deflate";
  for (const auto& part : parts) text += std::string(between) + part;
  return text;
}

/// All combinations of the four parameters.
std::vector<deflate_parameters> all_parameters() {
  constexpr std::uint8_t sizes[] = {0, 8, 9, 10, 11, 12, 13, 14, 15};
  std::vector<deflate_parameters> all;
  for (const bool server : {false, true}) {
    for (const bool client : {false, true}) {
      for (const auto server_bits : sizes) {
        for (const auto client_bits : sizes) all.push_back({server, client, server_bits, client_bits});
      }
    }
  }
  return all;
}

/// RFC 7692 section 7.1, sentence by sentence: which of them an answer breaks.
std::string_view broken_by(const deflate_parameters& answer, const deflate_parameters& offer) {
  if (offer.server_no_context_takeover) {
    if (!answer.server_no_context_takeover) return "7.1.1.1: accepted by including it in the response";
  }
  if (offer.server_max_window_bits != 0) {
    const bool unsaid = answer.server_max_window_bits == 0 && offer.server_max_window_bits < 15;
    if (unsaid) return "7.1.2.1: accepted by including it in the response";
    if (answer.server_max_window_bits > offer.server_max_window_bits) return "7.1.2.1: the same or a smaller value";
  }
  if (answer.client_max_window_bits != 0) {
    if (offer.client_max_window_bits == 0) return "7.1.2.2: not in the response unless in the offer";
    if (answer.client_max_window_bits > offer.client_max_window_bits) return "7.1.2.2: an equal or smaller value";
  }
  return "";
}

/// What a server wants of an answer to an offer.
std::string_view missed_by(const deflate_parameters& answer, const deflate_parameters& offer,
                           const deflate_parameters& ours) {
  const auto or_15 = [](int bits) { return bits == 0 ? 15 : bits; };
  const int server_bits = or_15(answer.server_max_window_bits), client_bits = or_15(answer.client_max_window_bits);
  const int least_server = std::min(or_15(offer.server_max_window_bits), or_15(ours.server_max_window_bits));
  const int least_client = std::min(or_15(offer.client_max_window_bits), or_15(ours.client_max_window_bits));
  if (server_bits != least_server) return "its own window is as large as both allow";
  if (offer.client_max_window_bits != 0 && client_bits != least_client) return "so is the client's, if it can be told";
  if (answer.server_no_context_takeover != (offer.server_no_context_takeover || ours.server_no_context_takeover))
    return "it does without its context if one of them wants that";
  if (answer.client_no_context_takeover != (offer.client_no_context_takeover || ours.client_no_context_takeover))
    return "so does the client";
  return "";
}

}  // namespace

// Reading and writing

TEST_CASE("7692 7.1 EX-15 EX-19: all parameters are read and written, in any order and case") {
  for (const auto& p : all_parameters()) {
    auto parts = parts_of(p);
    const std::string text = joined(parts);
    CAPTURE(text);
    CHECK(to_text(p).view() == text);
    CHECK(to_offer_text(p).view() == (p.client_max_window_bits == 15 ? text.substr(0, text.size() - 3) : text));
    CHECK(offer(to_offer_text(p).view()) == p);
    std::sort(parts.begin(), parts.end());
    do {
      CHECK(offer(joined(parts)) == p);
      CHECK(answer(joined(parts)) == p);
      CHECK(offer(joined(parts, "\t ;")) == p);
      std::string shouted = joined(parts, ";");
      for (char& c : shouted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      CHECK(offer(shouted) == p);
      CHECK(answer(shouted) == p);
    } while (std::next_permutation(parts.begin(), parts.end()));
  }
  CHECK(to_text({true, true, 255, 255}).view().size() == 130);
  CHECK(to_text({false, false, 100, 7}).view() ==
        "permessage-deflate; server_max_window_bits=100; client_max_window_bits=7");
}

TEST_CASE("7692 7.1.2 C-03 PD-02 PD-13 PD-16: a window is 8 to 15 in digits, quoted or not, and nothing else") {
  for (const std::string name : {"server_max_window_bits", "client_max_window_bits"}) {
    const auto element = [&](std::string_view value) { return "permessage-deflate; " + name + std::string(value); };
    const auto bits = [&](const maybe& read) {
      if (!read) return 0;
      return int{name[0] == 's' ? read->server_max_window_bits : read->client_max_window_bits};
    };
    for (int i = -1; i < 1000; ++i) {
      const int expected = i >= 8 && i <= 15 ? i : 0;
      for (const std::string& value : {"=" + std::to_string(i), "=\"" + std::to_string(i) + "\""}) {
        CAPTURE(value);
        CHECK(bits(offer(element(value))) == expected);
        CHECK(bits(answer(element(value))) == expected);
      }
      if (i >= 0) CHECK(!offer(element("=0" + std::to_string(i))));
    }
    for (const char* good : {"= 9", " =9", " = \"9\"", "=\"\\9\"", "=9 ", "\t=\t9\t"}) {
      CAPTURE(good);
      CHECK(bits(offer(element(good))) == 9);
      CHECK(bits(answer(element(good))) == 9);
    }
    CHECK(bits(offer(element("=\"1\\0\""))) == 10);
    CHECK(bits(offer(element("=\"\\1\\0\""))) == 10);
    for (const char* bad : {"=",           "=7",      "=16",       "=08",
                            "=015",        "=008",    "=999",      "=18446744073709551624",
                            "=4294967304", "=264",    "=65544",    "=340282366920938463463374607431768211464",
                            "=+9",         "=-8",     "=\"\"",     "=\"",
                            "=\"9",        "=9\"",    "=\"9\"9",   "=\" 9\"",
                            "=\"9 \"",     "=\"\\\"", "=\\9",      "=9.0",
                            "=0x9",        "=1e1",    "=9a",       "=a",
                            "=1 0",        "=9,",     "==9",       "=9=9",
                            "=\"+9\"",     "=\"08\"", "=\"\\08\"", "=\xd9\xa9",
                            "=*"}) {
      CAPTURE(bad);
      CHECK(!offer(element(bad)));
      CHECK(!answer(element(bad)));
    }
  }
}

TEST_CASE("7692 7.1.2.1 7.1.2.2 PD-13 PD-16 C-03: which window may be without a value") {
  CHECK(!offer("permessage-deflate; server_max_window_bits"));
  CHECK(!answer("permessage-deflate; server_max_window_bits"));
  CHECK(offer("permessage-deflate; client_max_window_bits") == deflate_parameters{.client_max_window_bits = 15});
  CHECK(!answer("permessage-deflate; client_max_window_bits"));
}

TEST_CASE("7692 7.1.1.1 7.1.1.2 PD-06 PD-10: what says no context takeover has no value") {
  for (const std::string name : {"server_no_context_takeover", "client_no_context_takeover"}) {
    CHECK(offer("permessage-deflate; " + name));
    CHECK(answer("permessage-deflate; " + name));
    for (const char* value : {"=1", "=true", "=\"\"", "=", "=\"1\"", " = 1", "=8", "=15"}) {
      CAPTURE(value);
      CHECK(!offer("permessage-deflate; " + name + value));
      CHECK(!answer("permessage-deflate; " + name + value));
    }
  }
}

TEST_CASE("7692 7 9.1 EX-08 EX-17 PD-01 PD-03: unknown and repeated parameters, however many") {
  for (const std::string bad :
       {"foo", "foo=1", "max_window_bits=10", "server_max_window_bit=10", "server_max_window_bitss=10",
        "client-max-window-bits", "server_no_context_takeove", "permessage-deflate", "constructor", "__proto__", "8"}) {
    CAPTURE(bad);
    for (const auto& element : {"permessage-deflate; " + bad, "permessage-deflate; client_max_window_bits=9; " + bad,
                                "permessage-deflate; " + bad + "; server_no_context_takeover"}) {
      CHECK(!offer(element));
      CHECK(!answer(element));
    }
  }
  for (const std::string one : {"server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits=10",
                                "client_max_window_bits=10"}) {
    CHECK(answer("permessage-deflate; " + one));
    CHECK(!offer("permessage-deflate; " + one + "; " + one));
    CHECK(!answer("permessage-deflate; " + one + "; " + one));
    CHECK(!answer("permessage-deflate; " + one + "; server_NO_context_takeover; Server_no_context_takeover"));
  }
  CHECK(!offer("permessage-deflate; client_max_window_bits; client_max_window_bits=10"));
  CHECK(!offer("permessage-deflate; client_max_window_bits=10; client_max_window_bits"));
  CHECK(!offer("permessage-deflate; server_max_window_bits=10; server_max_window_bits=11"));
  std::string many = "permessage-deflate";
  for (int i = 0; i < 1000; ++i) many += "; server_no_context_takeover";
  CHECK(!offer(many));
}

TEST_CASE("9.1 EX-15: other extensions, and what is none") {
  for (const char* other : {"", " ", ";", "x", "permessage-deflat", "permessage-deflatex", "permessage_deflate",
                            "x-webkit-deflate-frame", "deflate", "permessage-deflate;", "permessage-deflate; ",
                            "permessage-deflate;;", "permessage-deflate, permessage-deflate", "\"permessage-deflate\"",
                            "permessage-deflate x", "permessage-deflate=1", "; client_max_window_bits"}) {
    CAPTURE(other);
    CHECK(!offer(other));
    CHECK(!answer(other));
  }
  CHECK(offer("Permessage-Deflate") == deflate_parameters{});
  CHECK(offer("permessage-deflate ") == deflate_parameters{});
}

TEST_CASE("7692 7: whatever is changed in an element, what is read of it can be") {
  const std::string whole =
      "permessage-deflate; server_no_context_takeover; client_max_window_bits=\"1\\0\"; server_max_window_bits = 9";
  int seen = 0;
  const auto check = [&](const std::string& text) {
    for (const auto& read : {offer(text), answer(text)}) {
      if (!read) continue;
      ++seen;
      const std::string again(to_text(*read).view());
      if (answer(again) != read || !fits(*read, *read)) FAIL_CHECK(text << " was read as " << again);
    }
  };
  check(whole);
  for (std::size_t i = 0; i <= whole.size(); ++i) {
    check(whole.substr(0, i));
    check(whole.substr(i));
    for (int c = 0; c < 256; ++c) {
      std::string changed = whole;
      changed.insert(i, 1, static_cast<char>(c));
      check(changed);
      if (i == whole.size()) continue;
      changed = whole;
      changed[i] = static_cast<char>(c);
      check(changed);
    }
  }
  CHECK(seen > 400);
}

// What is agreed

TEST_CASE("7692 7.1.2 7.2.1: without a word a window is of 32 KiB, and there is takeover") {
  constexpr deflate_parameters unsaid;
  CHECK(unsaid.window_bits(role::server) == 15);
  CHECK(unsaid.window_bits(role::client) == 15);
  CHECK(unsaid.takeover(role::server));
  CHECK(unsaid.takeover(role::client));
  constexpr deflate_parameters said{true, false, 9, 12};
  CHECK(said.window_bits(role::server) == 9);
  CHECK(said.window_bits(role::client) == 12);
  CHECK(!said.takeover(role::server));
  CHECK(said.takeover(role::client));
  CHECK(!deflate_parameters{.client_no_context_takeover = true}.takeover(role::client));
}

TEST_CASE("7692 7.1 EX-14 PD-07 PD-09 PD-12 PD-14 PD-15 PD-17 PD-18: which answer fits which offer, all of both") {
  const auto all = all_parameters();
  for (const auto& offered : all) {
    for (const auto& answered : all) {
      const auto broken = broken_by(answered, offered);
      if (fits(answered, offered) != broken.empty())
        FAIL_CHECK(to_text(answered).view() << " to " << to_offer_text(offered).view() << ": " << broken);
    }
  }
  for (const auto bits : std::initializer_list<std::uint8_t>{1, 7, 16, 255}) {
    CHECK(!fits({.server_max_window_bits = bits}, deflate_parameters{}));
    CHECK(!fits({.client_max_window_bits = bits}, deflate_parameters{.client_max_window_bits = 15}));
    CHECK(!fits({}, deflate_parameters{.client_max_window_bits = bits}));
  }
}

TEST_CASE(
    "7692 5 7.1 PD-04 PD-07 PD-08 PD-12 PD-14 PD-15 PD-17 PD-18: a server's choice, all offers and all its wants") {
  const auto all = all_parameters();
  for (const auto& offered : all) {
    const offers list{joined(parts_of(offered))};
    for (const auto& ours : all) {
      for (const auto smallest : std::initializer_list<std::uint8_t>{8, 9, 15}) {
        const auto choice = choose_deflate(list, ours, smallest);
        const auto or_15 = [](int bits) { return bits == 0 ? 15 : bits; };
        const bool can =
            or_15(offered.server_max_window_bits) >= smallest && or_15(ours.server_max_window_bits) >= smallest;
        std::string_view wrong = choice.has_value() == can ? "" : "what can be compressed is taken";
        if (choice && wrong.empty()) wrong = broken_by(*choice, offered);
        if (choice && wrong.empty() && offered.server_max_window_bits != 0 && choice->server_max_window_bits == 0)
          wrong = "7.1.2.1: it says its window where it is asked, of 15 too";
        if (choice && wrong.empty()) wrong = missed_by(*choice, offered, ours);
        if (choice && wrong.empty() && !fits(*choice, list)) wrong = "it can be accepted";
        if (!wrong.empty())
          FAIL_CHECK(to_offer_text(offered).view() << " with " << to_text(ours).view() << ": " << wrong);
      }
    }
  }
}

TEST_CASE("7692 5 EX-07 EX-11 EX-12 PD-04: the first offer that will do is taken, over all fields") {
  CHECK(chosen({"permessage-deflate; server_max_window_bits=10, permessage-deflate"}) ==
        "permessage-deflate; server_max_window_bits=10");
  CHECK(chosen({"permessage-deflate, permessage-deflate; server_max_window_bits=10"}) == "permessage-deflate");
  for (const char* declined :
       {"permessage-deflate; foo", "permessage-deflate; server_max_window_bits", "permessage-deflate; x=\"1\"",
        "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10", "x", ", ,", ""}) {
    CAPTURE(declined);
    const std::string fallback = "permessage-deflate; server_no_context_takeover";
    CHECK(chosen({declined + std::string(", ") + fallback}) == fallback);
    CHECK(chosen({declined, fallback}) == fallback);
    CHECK(chosen({declined, "permessage-deflate; foo", fallback, "permessage-deflate"}) == fallback);
    CHECK(chosen({declined}) == "none");
  }
}

TEST_CASE("7692 5 7.1.2.1 PD-04: what cannot be compressed is declined") {
  const offers list{"permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9",
                    "permessage-deflate; server_max_window_bits=15, permessage-deflate; server_no_context_takeover"};
  CHECK(chosen(list, {}, 8) == "permessage-deflate; server_max_window_bits=8");
  CHECK(chosen(list) == "permessage-deflate; server_max_window_bits=9");
  CHECK(chosen(list, {}, 10) == "permessage-deflate; server_max_window_bits=15");
  CHECK(chosen(list, {}, 15) == "permessage-deflate; server_max_window_bits=15");
  CHECK(chosen(list, {.server_max_window_bits = 9}, 10) == "none");
  for (const auto bits : std::initializer_list<std::uint8_t>{1, 7, 16}) {
    CHECK(chosen(list, {.server_max_window_bits = bits}) == "none");
    CHECK(chosen(list, {.client_max_window_bits = bits}) == "none");
  }
}

TEST_CASE("9.1 7692 5 EX-13 EX-16 EX-17: other extensions are passed over, and so are elements above the limit") {
  CHECK(chosen({}) == "none");
  CHECK(chosen({"x-webkit-deflate-frame, constructor, permessage-bzip2; q=1"}) == "none");
  CHECK(chosen({"x, y; z=\"1\"", "permessage-deflate"}) == "permessage-deflate");
  std::string fifteen = "x";
  for (int i = 1; i < 15; ++i) fifteen += ", permessage-deflate; x" + std::to_string(i);
  CHECK(weft::max_extensions == 16);
  CHECK(chosen({fifteen + ", permessage-deflate"}) == "permessage-deflate");
  CHECK(chosen({fifteen + ", , ,y, permessage-deflate"}) == "none");
  CHECK(chosen({fifteen, "y", "permessage-deflate"}) == "none");
  CHECK(fits({}, offers{fifteen, "permessage-deflate"}));
  CHECK(!fits({}, offers{fifteen, "y", "permessage-deflate"}));
}

TEST_CASE("7692 5 7.1.3 PD-41: the RFC's examples") {
  // 7.1.3: the simplest offer, and its answer
  CHECK(offer("permessage-deflate") == deflate_parameters{});
  CHECK(chosen({"permessage-deflate"}) == "permessage-deflate");
  CHECK(to_offer_text({}).view() == "permessage-deflate");
  CHECK(!fits({.client_max_window_bits = 15}, offers{"permessage-deflate"}));  // as the text below it says
  // a window of 1,024 bytes or less
  const char* small = "permessage-deflate; client_max_window_bits; server_max_window_bits=10";
  CHECK(offer(small) == deflate_parameters{.server_max_window_bits = 10, .client_max_window_bits = 15});
  CHECK(chosen({small}) == "permessage-deflate; server_max_window_bits=10");
  CHECK(chosen({small}, {}, 15) == "none");
  // the same with a fallback, and the answers to the one and to the other
  const offers both{
      "permessage-deflate; client_max_window_bits; server_max_window_bits=10, "
      "permessage-deflate; client_max_window_bits"};
  CHECK(chosen(both) == "permessage-deflate; server_max_window_bits=10");
  CHECK(chosen(both, {}, 15) == "permessage-deflate");
  CHECK(fits(*answer("permessage-deflate; server_max_window_bits=10"), both));
  CHECK(fits(*answer("permessage-deflate"), both));
  // 5: extensions that are no more than examples
  CHECK(chosen({"permessage-foo, permessage-bar"}) == "none");
  CHECK(chosen({"permessage-foo; use_y, permessage-foo"}) == "none");
}

TEST_CASE(
    "7692 5 7.1 PD-44 EX-05: a handshake over the wire, for all offers: both sides end with the same parameters") {
  const deflate_parameters wants[] = {
      {}, {true, true, 0, 0}, {true, false, 11, 12}, {false, true, 15, 9}, {false, false, 0, 8}};
  for (const auto& offered : all_parameters()) {
    for (const auto& ours : wants) {
      const deflate_parameters fallback{.server_no_context_takeover = true};
      const deflate_parameters list[] = {offered, fallback};
      const weft::opening asked{
          .uri = weft::parse_uri("ws://h"), .nonce = weft::nonce(constant("the sample nonce")), .deflate = list};
      std::array<char, 1024> wire{}, storage{}, back{}, more{};
      std::span<char> sent = weft::upgrade(asked).copy_to(wire);
      weft::request_reader server(storage);
      const auto& request = server.read(sent);
      const auto choice = choose_deflate(request.extensions(), ours);
      std::span<char> response = weft::accept(request, {.deflate = choice}).copy_to(back);
      weft::response_reader client(more, asked);
      const auto& reply = client.read(response);
      const bool same = choice && reply.status == weft::status::complete && reply.deflate == choice;
      const bool zlib_cannot = choice && choice->client_max_window_bits == 8 && offered.client_max_window_bits != 8;
      if (same == zlib_cannot) FAIL_CHECK(to_offer_text(offered).view() << " with " << to_text(ours).view());
    }
  }
}

// At compile time, everything once.
static_assert([] {
  constexpr std::string_view lines =
      "Sec-WebSocket-Extensions: x, permessage-deflate; client_max_window_bits; server_max_window_bits=\"1\\0\"\r\n";
  const field_list list(weft::fields(lines), "Sec-WebSocket-Extensions");
  const auto offered = weft::parse_deflate_offer("permessage-deflate; client_max_window_bits");
  const auto answered = weft::parse_deflate_answer("permessage-deflate; client_max_window_bits=9");
  const auto chosen = choose_deflate(list, {.client_no_context_takeover = true, .client_max_window_bits = 12});
  return offered && answered && fits(*answered, *offered) && chosen && fits(*chosen, list) &&
         *chosen == deflate_parameters{false, true, 10, 12} && chosen->window_bits(role::client) == 12 &&
         !chosen->takeover(role::client) &&
         to_offer_text(*offered).view() == "permessage-deflate; client_max_window_bits" &&
         to_text(*answered).view() == "permessage-deflate; client_max_window_bits=9";
}());

TEST_CASE("7692 7.1.2 PD-10: characters beside the digits make no window") {
  for (const std::string bits : {"1.", "1-", "1+", "1!", "1^", "1a", "+9", "9.", "8-", "15-", "1|"}) {
    CAPTURE(bits);
    CHECK(!offer("permessage-deflate; server_max_window_bits=" + bits));
    CHECK(!answer("permessage-deflate; client_max_window_bits=" + bits));
  }
}
