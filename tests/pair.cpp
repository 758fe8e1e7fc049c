// SPDX-License-Identifier: MIT
//
// pair.cpp: a client and a server that talk to each other. What one says is what the other is told, in the same order
// and however the bytes are cut; the reference decoder, which reads along, agrees.
#include <cstdint>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <weft/frame/key_source.hpp>
#include <weft/sendable.hpp>

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

constexpr role other(role side) {
  return side == role::server ? role::client : role::server;
}

/// Good enough for tests, and for nothing else: who sees some of its numbers knows all that follow.
struct test_entropy {
  std::mt19937 random{20111208};
  void operator()(std::span<std::byte> bytes) {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 0xFF);
  }
};

/// Words as told of a Close.
std::string close_words(close_code code, std::string_view reason) {
  return "close " + std::to_string(static_cast<unsigned>(code)) + (reason.empty() ? "" : " ") + shown(reason);
}

/// One side: what it sends, it also writes down in the words in which the other is to be told of it.
template <role Role>
class talker {
 public:
  refusal text(std::string_view piece, fin last = fin::yes) {
    const auto why = send([&](auto... key) { return ws_.text(key..., piece, last); });
    if (why == refusal::none) said_piece("text", piece, last);
    return why;
  }
  refusal binary(std::string_view piece, fin last = fin::yes) {
    const auto why = send([&](auto... key) { return ws_.binary(key..., piece, last); });
    if (why == refusal::none) said_piece("binary", piece, last);
    return why;
  }
  refusal ping(std::string_view payload = {}) {
    const auto why = send([&](auto... key) { return ws_.ping(key..., payload); });
    if (why == refusal::none) said_.entry("ping" + (payload.empty() ? "" : " " + shown(payload)));
    return why;
  }
  refusal pong(std::string_view payload = {}) {
    const auto why = send([&](auto... key) { return ws_.pong(key..., payload); });
    if (why == refusal::none) said_.entry("pong" + (payload.empty() ? "" : " " + shown(payload)));
    return why;
  }
  refusal close(close_code code = close_code::normal, std::string_view reason = {}) {
    const auto why = send([&](auto... key) { return ws_.close(key..., code, reason); });
    if (why == refusal::none) said_.entry(close_words(code, reason));
    return why;
  }

  /// Reads, and answers what is to be answered; a Close only when answer_close() is called.
  void take(std::span<input_of<Role>> in) {
    while (const auto event = without_allocation([&] { return ws_.next(in); })) {
      switch (event->kind) {
        case kind::text:
        case kind::binary: told_.data(name_of(event->kind), event->text(), event->fin == fin::yes); break;
        case kind::ping:
          told_.entry("ping" + (event->payload.empty() ? "" : " " + shown(event->text())));
          answer_ping(*event);
          break;
        case kind::pong: told_.entry("pong" + (event->payload.empty() ? "" : " " + shown(event->text()))); break;
        case kind::close:
          told_.entry(close_words(event->code, event->text()));
          CHECK(!closed_by_peer_);
          closed_by_peer_ = true;
          goodbye_ = {event->code, std::string(event->text())};
          break;
        case kind::violation: FAIL_CHECK("a violation between two of weft: " << weft::name(event->violation.rule));
      }
    }
    CHECK(in.empty());
  }

  /// Says to the peer's Close what is to be said, once; nothing where our own Close went before.
  void answer_close() {
    if (!goodbye_) return;
    const bool due = ws_.state() == state::close_received;
    const std::size_t before = sent_.size();
    const weft::event event{
        .kind = kind::close, .code = goodbye_->first, .payload = weft::bytes(goodbye_->second).span()};
    (void)send([&](auto... key) { return ws_.answer(key..., event); });
    CHECK((sent_.size() > before) == due);
    if (due) said_.entry(close_words(goodbye_->first, goodbye_->second));
    goodbye_.reset();
  }

  /// So many bytes of what was sent and did not yet arrive.
  std::string under_way(std::size_t size) {
    const std::string bytes = sent_.substr(arrived_, size);
    arrived_ += bytes.size();
    return bytes;
  }
  [[nodiscard]] bool all_arrived() const { return arrived_ == sent_.size(); }

  [[nodiscard]] const std::string& sent() const { return sent_; }
  [[nodiscard]] std::string said() { return said_.text(); }
  [[nodiscard]] std::string told() { return told_.text(); }
  [[nodiscard]] bool close_waits() const { return goodbye_.has_value(); }
  endpoint_of<Role>& endpoint() { return ws_; }
  std::uint64_t pings_answered = 0, pings_too_late = 0;

 private:
  template <class Call>
  refusal send(Call&& call) {
    const auto frame = [&] {
      if constexpr (Role == role::client) {
        return call(keys_());
      } else {
        return call();
      }
    }();
    CHECK((frame.refusal() == refusal::none || frame.empty()));
    weft::append(sent_, frame);
    return frame.refusal();
  }

  void said_piece(std::string_view what, std::string_view piece, fin last) {
    if (!piece.empty() || last == fin::yes) said_.data(what, piece, last == fin::yes);
  }

  /// 5.5.2: each Ping has its Pong, unless a Close was sent or received.
  void answer_ping(const weft::event& ping) {
    const bool due = ws_.state() == state::open;
    const std::size_t before = sent_.size();
    (void)send([&](auto... key) { return ws_.answer(key..., ping); });
    const auto answer = frames_in(std::string_view(sent_).substr(before));
    CHECK(answer.size() == (due ? 1 : 0));
    if (due) {
      CHECK(answer.at(0).first == 0x8A);
      CHECK(answer.at(0).payload == ping.text());
      said_.entry("pong" + (ping.payload.empty() ? "" : " " + shown(ping.text())));
    }
    ++(due ? pings_answered : pings_too_late);
  }

  endpoint_of<Role> ws_;
  weft::key_source<test_entropy> keys_{test_entropy{}};
  support::transcript said_, told_;
  std::string sent_;
  std::size_t arrived_ = 0;
  bool closed_by_peer_ = false;
  std::optional<std::pair<close_code, std::string>> goodbye_;
};

std::string pattern(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 31 + 7);
  return bytes;
}

/// Says a word of eight bytes in fragments of these sizes, perhaps with a ping between any two.
template <role Sender>
void check_fragments(const cut& fragments, bool pings) {
  const std::string word = "\xce\xba\xe1\xbd\xb9\xcf\x83!";
  talker<Sender> sender;
  std::size_t at = 0;
  for (const std::size_t size : fragments) {
    if (pings && at != 0) CHECK(sender.ping(std::to_string(at)) == refusal::none);
    const std::string_view piece = std::string_view(word).substr(at, size);
    at += piece.size();
    CHECK(sender.text(piece, at == word.size() ? fin::yes : fin::no) == refusal::none);
  }
  CHECK(sender.text("and more") == refusal::none);
  check_every_cut<other(Sender)>(sender.sent(), sender.said());
  if (!pings) CHECK(sender.said() == "text " + shown(word) + " fin; text and more fin");
}

template <role Sender>
void check_sizes() {
  for (const std::size_t size : sizes{0, 1, 125, 126, 65535, 65536, 65537}) {
    talker<Sender> sender;
    const std::string words(size, 'w');
    CHECK(sender.text(words) == refusal::none);
    CHECK(sender.binary(pattern(size)) == refusal::none);
    const std::string space = size == 0 ? "" : " ";
    check_every_cut<other(Sender)>(
        sender.sent(), "text" + space + shown(words) + " fin; binary" + space + shown(pattern(size)) + " fin");
  }
}

/// All that waits goes to the other side, in these pieces.
template <role From>
void deliver(talker<From>& from, talker<other(From)>& to, const cut& pieces) {
  feed(from.under_way(std::string::npos), pieces, flush::back, [&](std::span<std::byte> in) { to.take(in); });
}

/// Both are closed, neither has anything to say to the end of the transport, and each was told what the other said.
void check_closed(talker<role::client>& client, talker<role::server>& server) {
  CHECK(client.endpoint().state() == state::closed);
  CHECK(server.endpoint().state() == state::closed);
  CHECK(client.told() == server.said());
  CHECK(server.told() == client.said());
  CHECK(!client.endpoint().end().has_value());
  CHECK(!server.endpoint().end().has_value());
}

}  // namespace

TEST_CASE("FR-05 FR-09 FR-14 MK-09: messages of each form of length, from either side") {
  check_sizes<role::client>();
  check_sizes<role::server>();
}

TEST_CASE("5.4 FG-05 FG-08 FG-11 FR-13: eight bytes in all 128 fragmentations, with and without pings between") {
  int fragmentations = 0;
  for (const cut& fragments : cuts_of(8)) {
    for (const bool pings : {false, true}) {
      check_fragments<role::client>(fragments, pings);
      check_fragments<role::server>(fragments, pings);
    }
    ++fragmentations;
  }
  CHECK(fragmentations == 128);
}

TEST_CASE("5.5.1 7.1 CL-10 CL-12: the client closes: both are closed, and the code comes back") {
  for (const cut& pieces : cuts_of(20)) {
    talker<role::client> client;
    talker<role::server> server;
    CHECK(client.close(close_code::going_away, "leaving") == refusal::none);
    CHECK(client.endpoint().state() == state::close_sent);
    deliver(client, server, pieces);
    CHECK(server.endpoint().state() == state::close_received);
    server.answer_close();
    CHECK(server.endpoint().state() == state::closed);
    deliver(server, client, pieces);
    client.answer_close();
    CHECK(server.told() == "close 1001 leaving");
    CHECK(client.told() == "close 1001 leaving");
    check_closed(client, server);
  }
}

TEST_CASE("5.5.1 7.1 CL-10 CL-12 FG-12: the server closes while the client says something, which it may finish") {
  for (const cut& pieces : cuts_of(20)) {
    talker<role::client> client;
    talker<role::server> server;
    CHECK(client.text("Hel", fin::no) == refusal::none);
    CHECK(server.close(close_code{4000}, "why") == refusal::none);
    deliver(server, client, pieces);
    CHECK(client.endpoint().state() == state::close_received);
    CHECK(client.ping() == refusal::closed);
    CHECK(client.text("lo") == refusal::none);
    CHECK(client.text("more") == refusal::closed);
    client.answer_close();
    deliver(client, server, pieces);
    server.answer_close();
    CHECK(server.told() == "text Hello fin; close 4000 why");
    CHECK(client.told() == "close 4000 why");
    check_closed(client, server);
  }
}

TEST_CASE("5.5.1 7.1 CL-14: both close at once: each is told the other's code, and neither answers") {
  for (const cut& pieces : cuts_of(20)) {
    talker<role::client> client;
    talker<role::server> server;
    CHECK(client.close(close_code::mandatory_extension, "x-needed") == refusal::none);
    CHECK(server.close(close_code::service_restart) == refusal::none);
    deliver(client, server, pieces);
    deliver(server, client, pieces);
    client.answer_close();
    server.answer_close();
    CHECK(client.told() == "close 1012");
    CHECK(server.told() == "close 1010 x-needed");
    check_closed(client, server);
  }
}

namespace {

/// Random calls, good and bad, and random delays.
class conversation {
 public:
  explicit conversation(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }

  void run() {
    for (std::size_t steps = 10 + below(120); steps > 0; --steps) {
      if (below(2) == 0) {
        step(client, client_message_);
        move(server, client);
      } else {
        step(server, server_message_);
        move(client, server);
      }
    }
    // The end: what was begun is left, all arrives, and who was not told goodbye says it.
    if (below(2) == 0) (void)client.close(close_code::normal);
    if (client.endpoint().state() == state::open || below(2) == 0) (void)server.close(close_code::going_away);
    while (!client.all_arrived() || !server.all_arrived() || client.close_waits() || server.close_waits()) {
      move(client, server);
      move(server, client);
      client.answer_close();
      server.answer_close();
    }
  }

  talker<role::client> client;
  talker<role::server> server;
  std::uint64_t refused = 0, finished_after_close = 0;

 private:
  struct message {
    bool text = false;
    bool begun = false;
    std::string rest;
  };

  template <role Role>
  void step(talker<Role>& side, message& now) {
    const std::size_t choice = below(40);
    if (choice < 22) {
      say(side, now);
    } else if (choice < 26) {
      (void)side.ping(pattern(below(126)));
    } else if (choice < 28) {
      (void)side.pong(pattern(below(126)));
    } else if (choice < 30) {
      misuse(side, now);
    } else if (choice == 30 && below(3) == 0) {
      const auto code = static_cast<std::uint16_t>(3000 + below(2000));
      (void)side.close(close_code{code}, std::string(below(124), 'r'));
    } else if (choice < 33) {
      side.answer_close();
    }
  }

  /// Begins a message or goes on with it.
  template <role Role>
  void say(talker<Role>& side, message& now) {
    if (!now.begun) now = {.text = below(2) == 0, .begun = true, .rest = below(8) == 0 ? "" : content()};
    const std::size_t size = below(3) == 0 ? now.rest.size() : below(now.rest.size() + 1);
    const bool last = size == now.rest.size() && below(4) != 0;
    const std::string piece = now.rest.substr(0, size);
    const bool begun_before = side.endpoint().state() == state::close_received;
    const auto why =
        now.text ? side.text(piece, last ? fin::yes : fin::no) : side.binary(piece, last ? fin::yes : fin::no);
    if (why == refusal::none) {
      now.rest.erase(0, size);
      now.begun = !last;
      finished_after_close += begun_before ? 1U : 0U;
    } else {
      CHECK(why == refusal::closed);
      ++refused;
    }
  }

  /// What must not be: refused, and not a byte is sent.
  template <role Role>
  void misuse(talker<Role>& side, const message& now) {
    const std::size_t before = side.sent().size();
    const auto state_before = side.endpoint().state();
    const auto why = [&] {
      switch (below(5)) {
        case 0: return side.ping(std::string(126, 'p'));
        case 1: return side.close(close_code::no_status);
        case 2: return side.close(close_code::normal, "\xc3(");
        case 3: return side.text("\xff");
        default:
          if (!now.begun || side.endpoint().state() != state::open) return side.pong(std::string(126, 'p'));
          return now.text ? side.binary("not now") : side.text("not now");
      }
    }();
    CHECK(why != refusal::none);
    CHECK(side.sent().size() == before);
    CHECK(side.endpoint().state() == state_before);
    ++refused;
  }

  template <role From>
  void move(talker<From>& from, talker<other(From)>& to) {
    const std::size_t size = below(4) == 0 ? below(4) : below(400);
    const flush where = below(2) == 0 ? flush::back : flush::front;
    to.take(shared_guarded().place(from.under_way(size), where));
  }

  /// UTF-8 whose characters will be cut.
  std::string content() {
    static constexpr std::string_view characters[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    std::string text;
    for (std::size_t left = below(100); left > 0; --left) text += characters[below(4)];
    return text;
  }

  std::mt19937 random_;
  message client_message_, server_message_;
};

/// What is on the wire of one side, from its first byte to its last.
template <role Sender>
std::size_t check_wire(talker<Sender>& side) {
  const auto frames = frames_in(side.sent());
  std::size_t closes = 0, unfinished = 0;
  for (const auto& frame : frames) {
    CHECK(frame.masked == (Sender == role::client));
    CHECK(closes == 0);  // 5.5.1: nothing behind it
    if (frame.opcode() == 8) ++closes;
    if (frame.is_control()) {
      CHECK(frame.is_last());
      CHECK(frame.payload.size() <= 125);
    } else {
      CHECK((frame.opcode() == 0) ==
            (unfinished == 1));  // 5.4: a continuation exactly where there is a message to continue
      unfinished = frame.is_last() ? 0 : 1;
    }
  }
  CHECK(closes == 1);
  reference_decoder reference(other(Sender));
  reference.feed(side.sent());
  CHECK(reference.transcript() == side.said());
  return frames.size();
}

}  // namespace

TEST_CASE("FR-12 FR-16 FG-07 FG-08 CT-03 CT-09 CL-09: 5,000 random conversations") {
  std::uint64_t frames = 0, bytes = 0, answered = 0, late = 0, refused = 0, finished = 0;
  for (unsigned seed = 0; seed < 5000; ++seed) {
    CAPTURE(seed);
    conversation talk(seed);
    talk.run();
    check_closed(talk.client, talk.server);
    frames += check_wire(talk.client) + check_wire(talk.server);
    bytes += talk.client.sent().size() + talk.server.sent().size();
    answered += talk.client.pings_answered + talk.server.pings_answered;
    late += talk.client.pings_too_late + talk.server.pings_too_late;
    refused += talk.refused;
    finished += talk.finished_after_close;
  }
  // They are what they are meant to be.
  CHECK(frames > 100000);
  CHECK(answered > 10000);
  CHECK(late > 100);
  CHECK(refused > 10000);
  CHECK(finished > 100);
  std::printf(
      "pair: 5000 conversations, %llu frames, %llu bytes, %llu pings answered and %llu too late, %llu refusals\n",
      static_cast<unsigned long long>(frames), static_cast<unsigned long long>(bytes),
      static_cast<unsigned long long>(answered), static_cast<unsigned long long>(late),
      static_cast<unsigned long long>(refused));
}
