// SPDX-License-Identifier: MIT
//
// echo_client.cpp: what `wstest -m fuzzingserver` talks to. It asks how many cases there are, echoes in each, and has
// the report written.
//
//   echo_client [--bytewise] [--deflate] ws://HOST:PORT AGENT
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weft/weft.hpp>

#include "client.hpp"

namespace {

constexpr std::chrono::minutes time_for_a_case{10};  // the suite has cases of 8

/// Takes any window and either takeover.
constexpr weft::deflate_parameters offer{.client_max_window_bits = 15};

struct settings {
  std::size_t read_size = 64 * 1024;
  std::span<const weft::deflate_parameters> offers{};
};

/// Opens a connection and answers what comes until it is closed; a message is given to `take`.
void visit(const std::string& address, const settings& with, auto take) {
  client server(address, time_for_a_case, with.read_size, with.offers);
  while (const auto event = server.next()) {
    const bool message = event->kind == weft::kind::text || event->kind == weft::kind::binary;
    message ? take(server, *event) : server.say(server.ws->answer(server.keys(), *event));
  }
  server.finish();
}

void echo(client& server, const weft::event& event) {
  if (event.kind == weft::kind::binary) return server.say(server.ws->binary(server.keys, event.payload));
  server.say(server.ws->text(server.keys, event.payload, weft::fin::yes, weft::utf8::unchecked));
}

int number_in(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0)
    throw tcp::failure("'" + std::string(text) + "' is no number of cases");
  return number;
}

}  // namespace

int main(int count, char** arguments) try {
  std::vector<std::string_view> words(arguments + 1, arguments + count);
  settings with;
  if (std::erase(words, "--bytewise") != 0) with.read_size = 1;
  if (std::erase(words, "--deflate") != 0) with.offers = {&offer, 1};
  if (words.size() != 2) throw tcp::failure("usage: echo_client [--bytewise] [--deflate] ws://HOST:PORT AGENT");
  const std::string suite(words[0]);
  const std::string agent = "agent=" + std::string(words[1]);

  int cases = 0;
  visit(suite + "/getCaseCount", with, [&](client&, const weft::event& event) { cases = number_in(event.text()); });
  for (int i = 1; i <= cases; ++i) visit(suite + "/runCase?case=" + std::to_string(i) + "&" + agent, with, echo);
  visit(suite + "/updateReports?" + agent, with, [&](auto&&...) {});
  std::printf("%d cases\n", cases);
} catch (const std::exception& failure) {
  std::fprintf(stderr, "echo_client: %s\n", failure.what());
  return 1;
}
