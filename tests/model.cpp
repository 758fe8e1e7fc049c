// SPDX-License-Identifier: MIT
//
// model.cpp: every state that an endpoint can reach, walked breadth first from `open` with each of an alphabet of calls
// and of the peer's frames, and compared at every step with a model that is written from RFC 6455 sections 5.4 to 5.6
// and 7 and knows nothing of weft's tables. An endpoint is a value, so each step is taken by a copy.
#include <cstdio>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/cuts.hpp"
#include "support/reference.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::close_code;
using weft::kind;
using weft::refusal;
using weft::role;
using weft::state;

namespace {

// The alphabet

struct action {
  enum class what { say_text, say_binary, say_control, say_close, answer, answer_old_ping, end, hear, hear_wrong_mask };
  std::string name;
  what does;
  unsigned number = 0;  ///< hear: the first byte; say_control: likewise; say_close: the code
  std::string payload{};
  fin last = fin::yes;
};

const std::vector<action>& alphabet() {
  using what = action::what;
  static const std::vector<action> all{
      {"say text", what::say_text, 0, "a"},
      {"say a piece of text", what::say_text, 0, "a", fin::no},
      {"say text that ends inside a character", what::say_text, 0, "\xe2"},
      {"say the begin of a character", what::say_text, 0, "\xe2", fin::no},
      {"say the rest of a character", what::say_text, 0, "\x82\xac"},
      {"say bad text", what::say_text, 0, "\xff", fin::no},
      {"say binary", what::say_binary, 0, "\xff"},
      {"say a piece of binary", what::say_binary, 0, "\xff", fin::no},
      {"say Ping", what::say_control, 0x89, "p"},
      {"say Pong", what::say_control, 0x8A, "p"},
      {"say a long Ping", what::say_control, 0x89, std::string(126, 'p')},
      {"say Close", what::say_close, 1001, "bye"},
      {"say Close 1005", what::say_close, 1005},
      {"say Close with a bad reason", what::say_close, 1001, "\xff"},
      {"answer the last event", what::answer},
      {"answer an old Ping", what::answer_old_ping, 0, "old"},
      {"the transport ends", what::end},
      {"hear text", what::hear, 0x81, "a"},
      {"hear a fragment of text", what::hear, 0x01, "a"},
      {"hear text that ends inside a character", what::hear, 0x81, "\xe2"},
      {"hear the begin of a character", what::hear, 0x01, "\xe2"},
      {"hear bad text", what::hear, 0x81, "a\xff"},
      {"hear binary", what::hear, 0x82, "\xff"},
      {"hear a fragment of binary", what::hear, 0x02, "\xff"},
      {"hear a continuation", what::hear, 0x00, "a"},
      {"hear the last continuation", what::hear, 0x80, "a"},
      {"hear the last continuation, empty", what::hear, 0x80, ""},
      {"hear the begin of a character continued", what::hear, 0x00, "\xe2"},
      {"hear the rest of a character", what::hear, 0x80, "\x82\xac"},
      {"hear Ping", what::hear, 0x89, "beat"},
      {"hear Pong", what::hear, 0x8A, "beat"},
      {"hear Close", what::hear, 0x88, hex("03e8") + "bye"},
      {"hear Close without a code", what::hear, 0x88, ""},
      {"hear Close 1005", what::hear, 0x88, hex("03ed")},
      {"hear a reserved bit", what::hear, 0xC1, "a"},
      {"hear a reserved opcode", what::hear, 0x83, "a"},
      {"hear a fragmented Ping", what::hear, 0x09, "a"},
      {"hear a Ping masked as ours are", what::hear_wrong_mask, 0x89, "a"},
  };
  return all;
}

// What is seen of a step: frames said, events told, the reason of a refusal.

std::string said(unsigned first, const std::string& payload) {
  return "says " + std::to_string(first) + " " + shown(payload) + "; ";
}
std::string told(const std::string& what, const std::string& payload) {
  return "told " + what + " " + shown(payload) + "; ";
}
std::string refused(refusal why) {
  return why == refusal::none ? "" : "refused " + std::to_string(static_cast<int>(why)) + "; ";
}

/// What was last told that ends a connection, and may be answered.
struct ending {
  bool is_violation = false;
  unsigned code = 0;  ///< 0: nothing was told yet
  std::string words;  ///< of a Close its reason, of a violation the rule
};

// The model

template <role Role>
struct model {
  enum class message { none, text, character, binary };  ///< which is begun; `character`: text, and ends inside of one
  bool close_sent = false, close_received = false, failed = false, ended = false;
  message sending = message::none, receiving = message::none;
  ending last;

  [[nodiscard]] bool is_open() const { return !close_sent && !close_received && !failed && !ended; }
  [[nodiscard]] bool hears() const { return !close_received && !failed && !ended; }
  [[nodiscard]] bool may_say_close() const { return !close_sent && !ended; }
  [[nodiscard]] bool may_say_data() const {  // 5.5.1: a message begun may be finished before a Close is answered
    return is_open() || (close_received && may_say_close() && sending != message::none);
  }
  [[nodiscard]] weft::state state() const {
    if (ended || (close_sent && (close_received || failed))) return state::closed;
    if (close_sent) return state::close_sent;
    if (close_received) return state::close_received;
    return failed ? state::failed : state::open;
  }

  /// All that can still make a difference.
  [[nodiscard]] std::string key() const {
    return std::to_string(static_cast<int>(state())) +
           (may_say_data() ? std::to_string(static_cast<int>(sending)) : "-") +
           (hears() ? std::to_string(static_cast<int>(receiving)) : "-") +
           (!hears() && may_say_close() ? std::to_string(last.code) + last.words : "-");
  }

  /// 5.6, 8.1: goes on with a text; where it ends, or nothing where it is not UTF-8. `good` counts the bytes before.
  static message read(message before, const std::string& piece, std::size_t& good) {
    reference_utf8 utf8;
    if (before == message::character) utf8.add(0xE2);
    for (good = 0; good < piece.size(); ++good) {
      if (!utf8.add(static_cast<unsigned char>(piece[good]))) return message::none;
    }
    return utf8.whole() ? message::text : message::character;
  }

  std::string say_data(unsigned opcode, const action& step) {
    if (!may_say_data()) return refused(refusal::closed);
    const message ours = opcode == 1 ? message::text : message::binary;
    if (sending != message::none && (sending == message::binary) != (ours == message::binary))
      return refused(refusal::other_message_unfinished);
    std::size_t good = 0;
    const message then = opcode == 1 ? read(sending, step.payload, good) : message::binary;
    if (then == message::none || (then == message::character && step.last == fin::yes))
      return refused(refusal::invalid_utf8);
    const unsigned code = sending == message::none ? opcode : 0;
    sending = step.last == fin::yes ? message::none : then;
    return said(first_byte(code, step.last), step.payload);
  }

  std::string say_control(unsigned first, const std::string& payload) const {
    if (!is_open()) return refused(refusal::closed);
    return payload.size() > 125 ? refused(refusal::control_too_long) : said(first, payload);
  }

  std::string say_close(const action& step) {
    if (!may_say_close()) return refused(refusal::closed);
    if (step.number == 1005) return refused(refusal::unsendable_close_code);
    if (step.payload == "\xff") return refused(refusal::invalid_utf8);
    close_sent = true;
    return said(0x88, network(step.number, 2) + step.payload);
  }

  /// 5.5.1, 7.1.7: the Close that answers a Close has its code, the one that answers a violation says which.
  std::string answer() {
    if (last.code == 0) return "";
    if (!may_say_close()) return refused(refusal::closed);
    close_sent = true;
    return said(0x88, last.code == 1005 ? "" : network(last.code, 2) + last.words);
  }

  std::string broken(weft::rule rule, unsigned code) {
    failed = true;
    last = {true, code, std::string(weft::words(rule))};
    return told("violation " + std::to_string(code), std::string(weft::name(rule)));
  }

  std::string hear_data(unsigned first, const std::string& payload) {
    const unsigned opcode = first & 15;
    const bool final = first >= 128;
    if (opcode == 0 && receiving == message::none) return broken(weft::rule::stray_continuation, 1002);
    if (opcode != 0 && receiving != message::none) return broken(weft::rule::interleaved_message, 1002);
    const bool is_text = opcode == 1 || (opcode == 0 && receiving != message::binary);
    const std::string words = std::string(opcode == 0 ? "" : "first ") + (is_text ? "text" : "binary");
    std::size_t good = payload.size();
    const message then = is_text ? read(receiving, payload, good) : message::binary;
    const std::string before = good == 0 ? "" : told(words, payload.substr(0, good));
    if (then == message::none) return before + broken(weft::rule::invalid_utf8, 1007);
    if (then == message::character && final) return before + broken(weft::rule::truncated_utf8, 1007);
    receiving = final ? message::none : then;
    return final ? told(words + " fin", payload) : before;
  }

  std::string hear(unsigned first, const std::string& payload) {
    const unsigned opcode = first & 15;
    if (!hears()) return "";
    if ((first & 0x70) != 0) return broken(weft::rule::reserved_bit, 1002);
    if (opcode == 3) return broken(weft::rule::reserved_opcode, 1002);
    if (opcode < 3) return hear_data(first, payload);
    if (first < 128) return broken(weft::rule::fragmented_control, 1002);
    if (opcode == 9) return told("ping", payload) + say_control(0x8A, payload);  // 5.5.2
    if (opcode == 10) return told("pong", payload);
    if (payload == hex("03ed")) return broken(weft::rule::invalid_close_code, 1002);
    close_received = true;
    last = payload.empty() ? ending{false, 1005, ""} : ending{false, 1000, "bye"};
    return told("close " + std::to_string(last.code), last.words);
  }

  std::string end() {
    const bool untold = hears();
    ended = true;
    if (!untold) return "";
    last = {false, 1006, ""};
    return told("close 1006", "");
  }

  std::string take(const action& step) {
    switch (step.does) {
      case action::what::say_text: return say_data(1, step);
      case action::what::say_binary: return say_data(2, step);
      case action::what::say_control: return say_control(step.number, step.payload);
      case action::what::say_close: return say_close(step);
      case action::what::answer: return answer();
      case action::what::answer_old_ping: return say_control(0x8A, step.payload);
      case action::what::end: return end();
      case action::what::hear: return hear(step.number, step.payload);
      case action::what::hear_wrong_mask:
        if (!hears()) return "";
        return broken(Role == role::server ? weft::rule::missing_mask : weft::rule::unexpected_mask, 1002);
    }
    return "?";
  }
};

// The endpoint itself, with what an application keeps beside it

template <role Role>
struct subject {
  static constexpr role peer = Role == role::server ? role::client : role::server;
  endpoint_of<Role> ws;
  ending last;
  int closes_said = 0, endings_told = 0;  ///< as seen from outside

  template <class Call>
  std::string say(Call&& call) {
    const auto frame = [&] {
      if constexpr (Role == role::client) {
        return call(recorder_key);
      } else {
        return call();
      }
    }();
    std::string bytes(frame.size(), '\0');
    (void)frame.copy_to(bytes);
    std::string seen = refused(frame.refusal());
    for (const wire_frame& sent : frames_in(bytes)) {
      CHECK(sent.key == (Role == role::client ? std::string(example_key.begin(), example_key.end()) : ""));
      seen += said(sent.first, sent.payload);
      if (sent.opcode() == 8) ++closes_said;
    }
    return seen;
  }

  std::string answer(const weft::event& event) {
    return say([&](auto... key) { return ws.answer(key..., event); });
  }

  std::string answer_last() {
    if (last.code == 0) return "";
    weft::event event{.kind = last.is_violation ? kind::violation : kind::close,
                      .code = close_code{static_cast<std::uint16_t>(last.code)}};
    if (last.is_violation) {
      for (std::size_t i = 0; i < weft::detail::rules.size(); ++i) {
        if (weft::words(static_cast<weft::rule>(i)) == last.words) event.violation.rule = static_cast<weft::rule>(i);
      }
    } else {
      event.payload = weft::bytes(last.words).span();
    }
    return answer(event);
  }

  std::string tell(const weft::event& event) {
    const std::string code = std::to_string(static_cast<unsigned>(event.code));
    const std::string payload(event.text());
    switch (event.kind) {
      case kind::ping: {
        const bool due = closes_said == 0 && endings_told == 0;
        const std::string seen = answer(event);
        if (due) CHECK(seen == said(0x8A, payload));  // 5.5.2: every Ping is answered
        return told("ping", payload) + seen;
      }
      case kind::pong: return told("pong", payload);
      case kind::close:
        ++endings_told;
        last = {false, static_cast<unsigned>(event.code), payload};
        return told("close " + code, payload);
      case kind::violation:
        ++endings_told;
        last = {true, static_cast<unsigned>(event.code), std::string(weft::words(event.violation.rule))};
        return told("violation " + code, std::string(weft::name(event.violation.rule)));
      default:
        return told((event.first ? "first " : "") + name_of(event.kind) + (event.fin == fin::yes ? " fin" : ""),
                    payload);
    }
  }

  std::string hear(role sender, const action& step) {
    std::string wire = frame_from(sender, step.number, step.payload);
    std::span in(wire);
    std::string seen;
    while (const auto event = ws.next(in)) seen += tell(*event);
    CHECK(in.empty());
    return seen;
  }

  std::string take(const action& step) {
    switch (step.does) {
      case action::what::say_text: return say([&](auto... key) { return ws.text(key..., step.payload, step.last); });
      case action::what::say_binary:
        return say([&](auto... key) { return ws.binary(key..., step.payload, step.last); });
      case action::what::say_control:
        return say([&](auto... key) {
          return step.number == 0x89 ? ws.ping(key..., step.payload) : ws.pong(key..., step.payload);
        });
      case action::what::say_close:
        return say([&](auto... key) {
          return ws.close(key..., close_code{static_cast<std::uint16_t>(step.number)}, step.payload);
        });
      case action::what::answer: return answer_last();
      case action::what::answer_old_ping:
        return answer({.kind = kind::ping, .payload = weft::bytes(step.payload).span()});
      case action::what::end: {
        const auto event = ws.end();
        return event ? tell(*event) : "";
      }
      case action::what::hear: return hear(peer, step);
      case action::what::hear_wrong_mask: return hear(Role, step);
    }
    return "?";
  }
};

// The walk

struct figures {
  std::size_t states = 0, transitions = 0;
  std::set<std::string> rules;  ///< that were broken
};

template <role Role>
figures walk() {
  struct node {
    subject<Role> real;
    model<Role> ideal;
    std::string path;
  };
  figures counted;
  // To each state of the model the endpoint's behaviour in it: what each of the alphabet would do next.
  std::map<std::string, std::string> behaviour;
  const auto behaviour_of = [](const subject<Role>& real) {
    std::string seen;
    for (const action& step : alphabet()) seen += subject<Role>(real).take(step) + "| ";
    return seen;
  };

  std::deque<node> queue{node{}};
  behaviour[node{}.ideal.key()] = behaviour_of(node{}.real);
  for (; !queue.empty(); queue.pop_front()) {
    const node& from = queue.front();
    ++counted.states;
    for (const action& step : alphabet()) {
      node to = from;
      to.path += " > " + step.name;
      CAPTURE(to.path);
      const std::string seen = to.real.take(step);
      CHECK(seen == to.ideal.take(step));
      CHECK(to.real.ws.state() == to.ideal.state());
      if (to.ideal.is_open()) CHECK(to.real.ws.sending() == (to.ideal.sending != model<Role>::message::none));
      ++counted.transitions;

      // What holds whatever the model says.
      const bool says = seen.find("says") != std::string::npos;
      const bool tells = seen.find("told") != std::string::npos;
      CHECK(to.real.closes_said <= 1);
      CHECK(to.real.endings_told <= 1);
      if (from.real.closes_said == 1) CHECK(!says);
      if (from.real.endings_told == 1) CHECK(!tells);
      if (from.real.ws.state() == state::closed) {
        CHECK(to.real.ws.state() == state::closed);
        CHECK(!says);
        CHECK(!tells);
      }
      if (to.real.last.is_violation) counted.rules.insert(to.real.last.words);

      const auto [known, is_new] = behaviour.try_emplace(to.ideal.key(), behaviour_of(to.real));
      if (is_new) {
        queue.push_back(to);
      } else {
        CHECK(known->second == behaviour_of(to.real));
      }
    }
  }
  return counted;
}

/// Random steps, of which those that end a connection are rare.
template <role Role>
std::size_t wander(unsigned seed) {
  std::mt19937 random(seed);
  subject<Role> real;
  model<Role> ideal;
  std::string path;
  std::size_t taken = 0;
  for (int i = 0; i < 40; ++i) {
    const action& step = alphabet()[random() % alphabet().size()];
    auto then = ideal;
    const std::string expected = then.take(step);
    if (then.state() != ideal.state() && random() % 16 != 0) continue;
    path += " > " + step.name;
    CAPTURE(path);
    CHECK(real.take(step) == expected);
    CHECK(real.ws.state() == then.state());
    ideal = then;
    ++taken;
  }
  return taken;
}

}  // namespace

TEST_CASE("FG-12 CT-03 CT-09 CT-12 CL-09 CL-10 CL-14 CL-20 CL-30: every reachable state of both roles") {
  const figures server = walk<role::server>(), client = walk<role::client>();
  // Which message is begun is one of four, in each direction: none, text, text inside a character, binary.
  constexpr std::size_t open = 4 * 4, close_sent = 4, close_received = 2 * 4, closed = 1;  // two Closes are heard
  for (const figures& seen : {server, client}) {
    CHECK(seen.rules.size() == 9);
    CHECK(seen.states == open + close_sent + close_received + seen.rules.size() + closed);
    CHECK(seen.transitions == seen.states * alphabet().size());
  }
  std::printf("model: %zu states, %zu transitions\n", server.states + client.states,
              server.transitions + client.transitions);
}

TEST_CASE("20,000 random walks find nothing that an endpoint remembers and the model does not") {
  std::size_t steps = 0;
  for (unsigned seed = 0; seed < 10000; ++seed) steps += wander<role::server>(seed) + wander<role::client>(seed);
  CHECK(steps > 400000);
}
