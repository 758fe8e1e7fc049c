// SPDX-License-Identifier: MIT
//
// echo_client.cpp: what `wstest -m fuzzingserver` talks to. It asks how many cases there are, echoes in each, and has
// the report written.
//
//   echo_client [--bytewise] ws://HOST:PORT AGENT
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <weft/weft.hpp>

#include "client.hpp"

namespace {

constexpr std::chrono::minutes time_for_a_case{10};  // the suite has cases of 8

/// Opens a connection and answers what comes until it is closed; a message with what `reply` makes of it.
void visit(const std::string& address, std::size_t read_size, auto reply) {
  client server(address, time_for_a_case, read_size);
  while (const auto event = server.next()) {
    const bool message = event->kind == weft::kind::text || event->kind == weft::kind::binary;
    server.say(message ? reply(server, *event) : server.ws.answer(server.keys(), *event));
  }
  server.finish();
}

weft::client::frame echo(client& server, const weft::event& event) {
  if (event.kind == weft::kind::binary) return server.ws.binary(server.keys(), event.payload);
  return server.ws.text(server.keys(), event.payload, weft::fin::yes, weft::utf8::unchecked);
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
  const std::size_t read_size = std::erase(words, "--bytewise") == 0 ? 64 * 1024 : 1;
  if (words.size() != 2) throw tcp::failure("usage: echo_client [--bytewise] ws://HOST:PORT AGENT");
  const std::string suite(words[0]);
  const std::string agent = "agent=" + std::string(words[1]);
  const auto silent = weft::client::frame();

  int cases = 0;
  visit(suite + "/getCaseCount", read_size, [&](client&, const weft::event& event) {
    cases = number_in(event.text());
    return silent;
  });
  for (int i = 1; i <= cases; ++i) visit(suite + "/runCase?case=" + std::to_string(i) + "&" + agent, read_size, echo);
  visit(suite + "/updateReports?" + agent, read_size, [&](auto&&...) { return silent; });
  std::printf("%d cases\n", cases);
} catch (const std::exception& failure) {
  std::fprintf(stderr, "echo_client: %s\n", failure.what());
  return 1;
}
