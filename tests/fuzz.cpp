// SPDX-License-Identifier: MIT
//
// fuzz.cpp: what fuzzing begins with, through the bodies of all fuzz targets, so that each compiler and each sanitizer
// meets it; and the kit for those who fuzz what they built on weft.
#include "fuzzing.md.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "fuzz/calls.hpp"
#include "fuzz/client_frames.hpp"
#include "fuzz/close_payload.hpp"
#include "fuzz/compressed_frames.hpp"
#include "fuzz/deflate_round_trip.hpp"
#include "fuzz/extensions.hpp"
#include "fuzz/fields.hpp"
#include "fuzz/inflate.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/mask.hpp"
#include "fuzz/request_head.hpp"
#include "fuzz/response_head.hpp"
#include "fuzz/round_trip.hpp"
#include "fuzz/server_frames.hpp"
#include "fuzz/uri.hpp"
#include "fuzz/utf8.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::kind;

namespace {

namespace fs = std::filesystem;

struct body {
  std::string name;
  void (*run)(std::span<const std::byte>);
};

const std::vector<body> bodies{{"calls", fuzz::calls},
                               {"client_frames", fuzz::client_frames},
                               {"close_payload", fuzz::close_payload},
                               {"compressed_frames", fuzz::compressed_frames},
                               {"deflate_round_trip", fuzz::deflate_round_trip},
                               {"extensions", fuzz::extensions},
                               {"fields", fuzz::fields},
                               {"inflate", fuzz::inflate},
                               {"mask", fuzz::mask},
                               {"request_head", fuzz::request_head},
                               {"response_head", fuzz::response_head},
                               {"round_trip", fuzz::round_trip},
                               {"server_frames", fuzz::server_frames},
                               {"uri", fuzz::uri},
                               {"utf8", fuzz::utf8}};

/// What a session tells, and what was answered.
struct told {
  std::string events, answers;
};
template <class Session>
told told_in(Session&& session) {
  told all;
  session([&](auto& peer, const weft::event& event) {
    all.events += std::string(fuzz::name_of(event.kind)) + " " + std::string(event.text()) + ";";
    if constexpr (std::is_same_v<decltype(peer.ws), weft::server>) peer.send(peer.ws.answer(event));
    all.answers = peer.out;
  });
  return all;
}

template <class... Bytes>
std::string joined(std::string front, Bytes... back) {
  return (front + ... + std::string(1, static_cast<char>(back)));
}

std::span<const std::byte> as_input(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

TEST_CASE("all bodies of fuzzing over all that it begins with, and over nothing") {
  std::size_t inputs = 0;
  for (const body& one : bodies) {
    CAPTURE(one.name);
    one.run({});
    const fs::path corpus = fs::path(WEFT_ROOT) / "fuzz/corpus" / one.name;
    REQUIRE(fs::is_directory(corpus));
    for (const auto& entry : fs::directory_iterator(corpus)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string input{std::istreambuf_iterator<char>(file), {}};
      one.run(as_input(input));
      ++inputs;
    }
  }
  CHECK(inputs > 150);
  CHECK(bodies.size() >= 12);
  std::printf("fuzz: %zu bodies, %zu inputs\n", bodies.size(), inputs);
}

TEST_CASE("each target has a body here or compares with a peer, is run and is built, and each header is known") {
  const auto file_text = [](const fs::path& path) {
    std::ifstream file(fs::path(WEFT_ROOT) / "fuzz" / path);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  };
  std::string targets = file_text("targets.sh");
  targets = targets.substr(0, targets.find(")\n"));  // all_targets
  std::replace_if(
      targets.begin(), targets.end(), [](char c) { return c == '\n' || c == '('; }, ' ');
  targets += ' ';
  const std::string builds = file_text("meson.build");
  for (const auto& entry : fs::directory_iterator(fs::path(WEFT_ROOT) / "fuzz")) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".hpp") continue;
    CAPTURE(name);
    const std::string header = file_text(entry.path().filename());
    const bool is_target = header.find("inline void " + name + "(std::span<const std::byte> input)") != header.npos;
    CHECK(is_target == (targets.find(" " + name + " ") != targets.npos));
    CHECK(is_target == (builds.find("'" + name + "':") != builds.npos));
    const bool is_known = std::any_of(bodies.begin(), bodies.end(), [&](const body& one) { return one.name == name; });
    CHECK((is_known || name.starts_with("differential_")) == is_target);
  }
}

TEST_CASE("figures come off the back, bytes off the front") {
  const std::string input = joined("front", 1, 2, 0, 7);
  fuzz::source from(as_input(input));
  CHECK(from.byte() == 7);
  CHECK_FALSE(from.flag());
  CHECK(from.below(300) == 0x0201 % 300);
  CHECK(from.text() == "front");
  CHECK(fuzz::view_of(from.front(2)) == "fr");
  CHECK(fuzz::view_of(from.front(9)) == "ont");
  CHECK(from.byte() == 0);
  CHECK(from.any_of({5, 6}) == 5);
}

TEST_CASE("pieces have the sizes that are told, the last of them again and again") {
  const auto pieces = [](const std::string& input) {
    fuzz::source from(as_input(input));
    const fuzz::cutter cut(from);
    std::string all;
    cut(from.rest(), [&](std::span<const std::byte> piece) {
      all += std::string(fuzz::view_of(piece)) + "|";
      return true;
    });
    return all;
  };
  CHECK(pieces(joined("abcdefgh", 0)) == "abcdefgh|");
  CHECK(pieces(joined("abcdefgh", 3, 0, 1, 3)) == "a||bcd|efg|h|");
  CHECK(pieces(joined("abcdefgh", 0, 1)) == "|a|b|c|d|e|f|g|h|");
  CHECK(pieces(joined(std::string(500, '.'), 202, 1)) ==
        std::string(200, '.') + "|" + std::string(200, '.') + "|" + std::string(100, '.') + "|");
}

TEST_CASE("bytes become frames without fault, of either side") {
  const std::string bytes = joined("t", 5) + "Hello" + joined("u", 2) + "ab" + joined("p", 1) + "." + joined("b", 3) +
                            "\xff\xe9z" + joined("c", 3) + "\xe9yz" + "t";
  for (const auto sender : {weft::role::client, weft::role::server}) {
    const auto frames = frames_in(fuzz::framed(as_input(bytes), sender));
    REQUIRE(frames.size() == 5);
    CHECK(frames[0].payload == "Hello");
    CHECK(frames[1].first == 0x01);
    CHECK(frames[2].first == 0x89);
    CHECK(frames[3].first == 0x80);
    CHECK(frames[3].payload == "??z");
    CHECK(frames[4].payload == hex("03e8") + "?yz");
    for (const auto& frame : frames) CHECK(frame.masked == (sender == weft::role::client));
  }
  std::string any;
  for (unsigned i = 0; i < 5000; ++i) any += static_cast<char>(i * i * 7 + i / 3);
  for (std::size_t at = 0; at < any.size(); at += 17) {
    const auto seen = told_in([&](auto handler) {
      fuzz::server_session(as_input(any.substr(at)), handler, {.content = fuzz::content::messages});
    });
    CHECK(seen.events.find("violation") == seen.events.npos);
  }
}

TEST_CASE("a session is told what a socket would bring, and the end") {
  const std::string whole = text("Hi") + ping("beat");
  for (const auto& cut : {std::string(1, '\0'), joined("", 1, 1)}) {
    const auto seen = told_in([&](auto handler) { fuzz::server_session(as_input(whole + cut), handler); });
    CHECK(seen.events.ends_with("ping beat;close ;"));
    CHECK(seen.answers.starts_with(from_server::pong("beat")));
  }
  const std::string request = std::string(fuzz::good_request) + text("Hi");
  const auto opened = told_in([&](auto handler) {
    fuzz::server_session(as_input(joined(request, 0)), handler, {.start = fuzz::start::handshake});
  });
  CHECK(opened.events == "text Hi;close ;");
  CHECK(opened.answers.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != opened.answers.npos);
  const auto both = told_in([&](auto handler) {
    fuzz::server_session(as_input(joined("t", 2) + "Hi" + joined("", 0)), handler,
                         {.start = fuzz::start::handshake, .content = fuzz::content::messages});
  });
  CHECK(both.events == opened.events);
  CHECK(both.answers == opened.answers);
  const auto refused = told_in([&](auto handler) {
    fuzz::server_session(as_input(joined("GET\r\n", 0)), handler, {.start = fuzz::start::handshake});
  });
  CHECK(refused.events.empty());
  const auto client =
      told_in([&](auto handler) { fuzz::client_session(as_input(joined(from_server::text("Hi"), 0)), handler); });
  CHECK(client.events == "text Hi;close ;");
}

TEST_CASE("fuzzing.md: the target of the page takes its seeds, and notices what it is there to notice") {
  const auto run = [](const std::string& input) {
    return LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  };
  const auto join = [](std::size_t size) {
    return joined("t", 6 + size) + "/join " + std::string(size, 'w') + joined("t", 5) + "hello" + joined("", 0);
  };
  for (const std::string& input : {std::string(), join(4), join(64), hex("81 00 00")}) CHECK(run(input) == 0);
  CHECK_THROWS_AS(run(join(65)), std::length_error);
}
