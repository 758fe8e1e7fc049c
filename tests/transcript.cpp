// SPDX-License-Identifier: MIT
//
// transcript.cpp: what weft tells of inputs that are the same everywhere, as one number: of frames, handshakes, texts,
// and calls of both sides, but not of compression, for there is not zlib everywhere. platforms.sh compares those of all
// platforms: where two differ, one of them is wrong. Nothing as wide as a pointer is told. What is told of an input and
// of its pieces must be the same already here.
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "fuzz/kit.hpp"
#include "support/texts.hpp"
#include "support/transcript.hpp"
#include "support/wire.hpp"
#include "vectors.hpp"

using namespace support;
using weft::role;

namespace {

// What is told

std::uint64_t told_hash = 14695981039346656037U;  // FNV-1a
std::uint64_t told_bytes = 0;
std::uint64_t inputs = 0;
int faults = 0;

void tell(std::string_view text) {
  for (const char c : text) told_hash = (told_hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  told_hash = (told_hash ^ 0x100) * 1099511628211U;  // no byte: two texts are not what their sum is
  told_bytes += text.size();
}
void tell(std::uint64_t number) {
  tell(std::to_string(number));
}
void tell_yes(bool yes) {
  tell(yes ? "yes" : "no");
}

void check(bool holds, std::string_view what, std::string_view input) {
  if (holds) return;
  ++faults;
  std::printf("transcript: %.*s: %s\n", static_cast<int>(what.size()), what.data(), shown(input).c_str());
}

/// A response, a request or a frame, or why there is none.
void tell_sent(const auto& ready) {
  std::string bytes;
  weft::append(bytes, ready);
  tell(weft::words(ready.refusal()));
  tell(bytes);
}

/// SplitMix64, for the library's distributions are not the same everywhere. One call a statement: the order of
/// arguments is not the same either.
class generator {
 public:
  explicit generator(std::uint64_t seed) : state_(seed) {}
  std::uint64_t number() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
  }
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(number() % limit); }
  std::string bytes(std::size_t size) {
    std::string all;
    while (all.size() < size) all += static_cast<char>(number() & 0xFF);
    return all;
  }

 private:
  std::uint64_t state_;
};

// What is told of any bytes

template <role Role>
using endpoint_of = std::conditional_t<Role == role::server, weft::server, weft::client>;

constexpr weft::masking_key client_key{
    {std::byte{example_key[0]}, std::byte{example_key[1]}, std::byte{example_key[2]}, std::byte{example_key[3]}}};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// What an endpoint makes of its peer's frames, and all that it answers.
template <role Role>
std::string heard(std::string_view input, const fuzz::cutter& cut, const weft::limits& limits) {
  endpoint_of<Role> ws;
  support::transcript seen;
  std::string answers;
  const auto record = [&](const weft::event& event) {
    constexpr std::array<std::string_view, 6> names{"text", "binary", "ping", "pong", "close", "violation"};
    const std::string name(names[static_cast<std::size_t>(event.kind)]);
    if (event.kind == weft::kind::text || event.kind == weft::kind::binary)
      return seen.data(name, event.text(), event.fin == fin::yes);
    seen.entry(name + " " + std::to_string(static_cast<unsigned>(event.code)) + " " +
               std::string(weft::name(event.violation.rule)) + " at " + std::to_string(event.violation.offset) + " " +
               shown(event.text()));
    if constexpr (Role == role::server) {
      weft::append(answers, ws.answer(event));
    } else {
      weft::append(answers, ws.answer(client_key, event));
    }
  };
  cut(bytes_of(input), [&](std::span<const std::byte> piece) {
    std::vector<std::byte> own(piece.begin(), piece.end());
    std::span<std::byte> in = own;
    while (const auto event = ws.next(in, limits)) record(*event);
    check(in.empty(), "not all is consumed", input);
    return true;
  });
  const auto state = std::to_string(static_cast<unsigned>(ws.state()));
  if (const auto event = ws.end()) record(*event);
  return seen.text() + " and answers " + answers + " in state " + state;
}

template <class Head>
std::string words_of(const Head& head) {
  std::string words = std::to_string(static_cast<unsigned>(head.status)) + " " +
                      std::string(weft::name(head.error.rule)) + " at " + std::to_string(head.error.offset);
  for (const auto& [name, value] : head.fields) words += "\n" + std::string(name) + ": " + std::string(value);
  return words;
}
std::string words_of(const std::optional<weft::deflate_parameters>& parameters) {
  if (!parameters) return "none";
  return std::to_string(parameters->window_bits(role::server)) + (parameters->takeover(role::server) ? "+ " : " ") +
         std::to_string(parameters->window_bits(role::client)) + (parameters->takeover(role::client) ? "+" : "");
}

/// Reads a head, and says in front of `words()` what is left behind it.
template <class Reader, class Words>
std::string head_of(std::string_view input, const fuzz::cutter& cut, Reader reader, Words&& words) {
  std::string left;
  std::string_view nothing;
  const auto* head = &reader.read(nothing);
  cut(bytes_of(input), [&](std::span<const std::byte> piece) {
    head = &reader.read(piece);
    left.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return true;
  });
  return words_of(*head) + "\nleft " + left + "\n" + words(*head);
}

std::string requested(std::string_view input, const fuzz::cutter& cut) {
  std::array<char, 1024> storage{};
  return head_of(input, cut, weft::request_reader(storage), [](const weft::request& request) {
    std::string words = std::string(request.method) + " " + std::string(request.target) + " " +
                        std::string(request.host) + " " + std::string(request.key) + " " +
                        std::string(request.origin.value_or("none")) + (request.expects_continue ? " 100 " : " ");
    weft::acceptance with;
    for (const auto protocol : request.subprotocols()) with.protocol = protocol;
    with.deflate = weft::choose_deflate(request.extensions());
    weft::append(words, weft::accept(request, with));
    weft::append(words, weft::reject(request));
    return words;
  });
}

std::string replied(std::string_view input, const fuzz::cutter& cut) {
  static constexpr std::array<std::string_view, 2> subprotocols{"chat", "superchat"};
  static constexpr std::array<weft::deflate_parameters, 1> deflate{{{.client_max_window_bits = 15}}};
  weft::opening asked = example_opening();
  asked.subprotocols = subprotocols;
  asked.deflate = deflate;
  std::array<char, 1024> storage{};
  return head_of(input, cut, weft::response_reader(storage, asked), [](const weft::reply& reply) {
    return std::to_string(reply.code) + " " + std::string(reply.subprotocol) + " " + words_of(reply.deflate);
  });
}

/// How far it is UTF-8, plain and masked, and what masking makes of it.
std::string masked_and_read(std::string_view input, const fuzz::cutter& cut) {
  weft::utf8_validator plain, unmasking;
  weft::masking_key key = client_key;
  std::uint64_t valid = 0, unmasked = 0;
  std::string all;
  cut(bytes_of(input), [&](std::span<const std::byte> piece) {
    if (valid == all.size()) valid += plain.read(piece);
    std::vector<std::byte> bytes(piece.size());
    const auto next = weft::mask(bytes, piece, key);
    const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::string masked(view);
    if (unmasked == all.size()) unmasked += unmasking.unmask(bytes, key);
    all += masked;
    key = next;
    return true;
  });
  check(valid == unmasked, "masked text is not read as plain text is", input);
  return std::to_string(valid) + (plain.at_boundary() ? " whole " : " ") + all;
}

void tell_header(std::string_view input, role sender) {
  const auto read = weft::read_frame_header(bytes_of(input), sender);
  tell(static_cast<unsigned>(read.status));
  tell(weft::name(read.rule));
  tell(std::uint64_t{read.at});
  tell(std::uint64_t{read.size});
  if (read.status != weft::status::complete) return;
  const auto written = weft::write_frame_header(read.header);
  tell(std::string_view(reinterpret_cast<const char*>(written.span().data()), written.size()));
}

void tell_words(std::string_view text) {
  tell_yes(weft::is_token(text));
  tell_yes(weft::is_field_value(text));
  tell_yes(weft::is_extension(text));
  tell_yes(weft::is_host(text));
  tell_yes(weft::is_key(text));
  tell_yes(weft::is_utf8(bytes_of(text)));
  const auto accept = weft::accept_key(text);
  tell(std::string_view(accept.data(), accept.size()));
  for (weft::list_reader reader(text); const auto element = reader.next();) tell(*element);
  tell(weft::find_cookie(text, "a").value_or("none"));
  tell(words_of(weft::parse_deflate_offer(text)));
  tell(words_of(weft::parse_deflate_answer(text)));
  const auto target = weft::parse_target(text);
  tell_yes(target.valid);
  tell(target.authority);
  tell(target.resource);
  const auto uri = weft::parse_uri(text);
  tell(weft::words(uri.refusal));
  weft::opening opening = example_opening();
  opening.uri = uri;
  tell_sent(weft::upgrade(opening));
}

void tell_close(std::string_view input) {
  const auto read = weft::read_close(bytes_of(input.substr(0, weft::max_control_payload)));
  tell(weft::name(read.rule));
  tell(std::uint64_t{read.at});
  tell(static_cast<unsigned>(read.code));
  tell(std::string_view(reinterpret_cast<const char*>(read.reason.data()), read.reason.size()));
}

/// All parts are given all inputs, also those that are meant for others.
void tell_all_of(std::string_view input, const weft::limits& limits = {}) {
  ++inputs;
  generator random(input.size());
  const auto any = [&] { return std::vector<std::size_t>{random.below(8), random.below(40), random.below(200)}; };
  const std::array cuts{fuzz::cutter({1}), fuzz::cutter({3}), fuzz::cutter(any()), fuzz::cutter(any())};
  const auto tell_uncut = [&](auto&& part) {
    const std::string whole = part(input, fuzz::cutter(std::vector<std::size_t>{}));
    for (const auto& cut : cuts) check(part(input, cut) == whole, "pieces tell something else", input);
    tell(whole);
  };
  tell_uncut([&](auto... from) { return heard<role::server>(from..., limits); });
  tell_uncut([&](auto... from) { return heard<role::client>(from..., limits); });
  tell_uncut(requested);
  tell_uncut(replied);
  tell_uncut(masked_and_read);
  tell_header(input, role::client);
  tell_header(input, role::server);
  tell_close(input);
  tell_words(input);
}

// Inputs

/// What lies in a table, and whether it holds there.
template <class Table, class Read>
void tell_table(const Table& table, Read&& read) {
  for (const auto& vector : table) {
    check(holds(vector), "a vector does not hold", read(vector));
    tell_all_of(read(vector));
  }
}

void tell_tables() {
  const auto bytes = [](const auto& vector) { return hex(vector.input); };
  const auto text = [](const auto& vector) { return std::string(vector.input); };
  tell_table(good_headers, bytes);
  tell_table(bad_headers, bytes);
  tell_table(maskings, bytes);
  tell_table(utf8_texts, bytes);
  tell_table(close_payloads, bytes);
  tell_table(accepted_keys, text);
  tell_table(words_of_fields, text);
  tell_table(lists, text);
  tell_table(cookies, text);
  tell_table(request_targets, text);
  tell_table(websocket_uris, text);
  tell_table(request_heads, text);
  tell_table(more_response_heads, text);
  for (const auto& vector : streams) tell_all_of(hex(vector.input), vector.limits);
  tell_table(streams, bytes);
  for (const auto& entry : vulnerabilities) tell_all_of(whole_input(entry), entry.limits);
  tell_table(response_heads, whole_input);
  for (const auto& entry : injections) {
    check(holds(entry), "an injection is not refused", entry.text);
    with_injection(entry, [](const weft::opening& opening) { tell_sent(weft::upgrade(opening)); });
  }
}

/// A few bytes are others.
std::string damaged(std::string bytes, generator& random) {
  for (std::size_t n = 1 + random.below(3); n > 0 && !bytes.empty(); --n) {
    const std::size_t at = random.below(bytes.size());
    bytes[at] = static_cast<char>(random.number() & 0xFF);
  }
  return bytes;
}

void tell_generated() {
  generator random(6455);
  for (int i = 0; i < 250; ++i) {
    const std::string noise = random.bytes(random.below(400));
    tell_all_of(noise);
    for (const role sender : {role::client, role::server}) {
      const std::string session = fuzz::framed(bytes_of(noise), sender);
      tell_all_of(session);
      tell_all_of(damaged(session, random));
    }
    tell_all_of(damaged(std::string(fuzz::good_request), random));
    tell_all_of(damaged(std::string(response_and<"Sec-WebSocket-Protocol: chat">), random));
  }
}

/// Each fault in each script, around the sizes and borders of all vectors.
void tell_texts() {
  generator random(3629);
  for (const std::string_view script : scripts) {
    for (const std::size_t size :
         {3U, 8U, 15U, 16U, 17U, 31U, 32U, 33U, 63U, 64U, 65U, 127U, 128U, 129U, 257U, 3000U}) {
      const std::string text = text_in(script, size);
      tell_all_of(text);
      for (const std::string_view bad : bad_sequences) {
        const std::string faulty = with(text, random.below(size), bad);
        tell_all_of(frame(0x81, faulty));
      }
    }
  }
}

// What is sent

/// Any calls in any order, and what the peer says between.
template <role Role>
void tell_calls(std::uint64_t seed) {
  generator random(seed);
  endpoint_of<Role> ws;
  const auto say = [&](auto&& call) {
    if constexpr (Role == role::server) {
      tell_sent(call());
    } else {
      const std::string key = random.bytes(4);
      weft::masking_key with;
      for (std::size_t i = 0; i < 4; ++i) with.bytes[i] = static_cast<std::byte>(key[i]);
      tell_sent(call(with));
    }
    tell(static_cast<unsigned>(ws.state()));
  };
  ++inputs;
  for (int step = 0; step < 60; ++step) {
    constexpr std::array<std::size_t, 12> sizes{0, 1, 2, 7, 31, 64, 123, 125, 126, 500, 65535, 65536};
    const std::size_t size = sizes[random.below(random.below(8) == 0 ? sizes.size() : 9)];
    const std::string_view script = scripts[random.below(scripts.size())];
    const std::string text = random.below(4) == 0 ? random.bytes(size) : text_in(script, size);
    const auto last = fin{random.below(2) == 0};
    switch (random.below(10)) {
      case 0: say([&](auto... key) { return ws.text(key..., text, last); }); break;
      case 1: say([&](auto... key) { return ws.text(key..., text, last, weft::utf8::unchecked); }); break;
      case 2: say([&](auto... key) { return ws.binary(key..., text, last); }); break;
      case 3: say([&](auto... key) { return ws.ping(key..., text); }); break;
      case 4: say([&](auto... key) { return ws.pong(key..., text); }); break;
      case 5:
        if constexpr (Role == role::server) tell_sent(ws.send(weft::prepared_message<std::string>::text(text)));
        break;
      case 6: {
        if (random.below(8) != 0) break;
        const auto code = static_cast<std::uint16_t>(990 + random.below(4100));
        say([&](auto... key) { return ws.close(key..., weft::close_code{code}, text); });
        break;
      }
      default: {
        constexpr std::array<unsigned, 8> firsts{0x81, 0x82, 0x01, 0x80, 0x89, 0x89, 0x8A, 0x88};
        const unsigned first = firsts[random.below(firsts.size())];
        if (first == 0x88 && random.below(8) != 0) break;
        std::string wire = frame_from(Role == role::server ? role::client : role::server, first, text.substr(0, 120));
        std::span in(wire);
        while (const auto event = ws.next(in)) {
          tell(static_cast<unsigned>(event->kind));
          tell(static_cast<unsigned>(event->code));
          tell(weft::name(event->violation.rule));
          tell_yes(event->first);
          tell(event->text());
          say([&](auto... key) { return ws.answer(key..., *event); });
        }
      }
    }
  }
}

}  // namespace

int main() {
  std::string parts;
  const auto told = [&](const char* part) {
    char shown[40];
    std::snprintf(shown, sizeof shown, " %s %08lx%08lx", part, static_cast<unsigned long>(told_hash >> 32),
                  static_cast<unsigned long>(told_hash & 0xFFFFFFFF));
    parts += shown;
  };
  tell_tables();
  told("tables");
  tell_generated();
  told("generated");
  tell_texts();
  told("texts");
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    tell_calls<role::server>(seed);
    tell_calls<role::client>(seed);
  }
  told("hash");
  std::printf("transcript: %llu inputs, %llu bytes told, up to%s\n", static_cast<unsigned long long>(inputs),
              static_cast<unsigned long long>(told_bytes), parts.c_str());
  return faults == 0 ? 0 : 1;
}
