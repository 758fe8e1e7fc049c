// SPDX-License-Identifier: MIT
//
// weft_client.cpp: weft as a client against any echo server. One line a check; the first that fails ends it with 1.
//
//   weft_client URI [SECONDS [OFFER]]
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <weft/weft.hpp>

#include "../../autobahn/client.hpp"

namespace {

void check(const std::string& name, bool good) {
  if (!good) throw tcp::failure(name + ": what came is not what was sent");
  std::printf("ok weft: %s\n", name.c_str());
}

/// The next event, which is to be of this kind. Pings on the way are answered; anything else is the end.
weft::event wait_for(weft::kind wanted, client& server) {
  while (const auto event = server.next()) {
    if (event->kind == wanted) return *event;
    server.say(server.ws->answer(server.keys(), *event));
    if (event->kind == weft::kind::ping || event->kind == weft::kind::pong) continue;
    server.finish();
    if (event->kind == weft::kind::violation)
      throw tcp::failure("the server broke a rule: " + std::string(weft::name(event->violation.rule)) + " at byte " +
                         std::to_string(event->violation.offset));
    if (event->kind == weft::kind::close)
      throw tcp::failure("the server closed: " + std::to_string(static_cast<int>(event->code)) + " " +
                         std::string(event->text()));
    throw tcp::failure("the server sent a message that nobody waits for");
  }
  throw tcp::failure("the connection is over");
}

/// `size` bytes without a period of the mask's four.
std::string bytes_of(std::size_t size) {
  std::string all(size, '\0');
  for (std::size_t i = 0; i < size; ++i) all[i] = static_cast<char>(i * 31 + (i >> 8));
  return all;
}

void messages(client& server) {
  const auto comes_back = [&](const std::string& name, weft::kind kind, const std::string& sent) {
    check(name, wait_for(kind, server).text() == sent);
  };
  const auto text = [&](const std::string& name, const std::string& sent) {
    server.say(server.ws->text(server.keys, sent));
    comes_back(name, weft::kind::text, sent);
  };
  const auto binary = [&](std::size_t size) {
    const std::string sent = bytes_of(size);
    server.say(server.ws->binary(server.keys, sent));
    comes_back("binary of " + std::to_string(size) + " bytes", weft::kind::binary, sent);
  };

  text("text", "Hello");
  text("text with characters of 2, 3 and 4 bytes", "Kett und Schuß: 経と緯 🧵");
  text("text of 0 bytes", "");
  for (const unsigned size : {0U, 1U, 125U, 126U, 65535U, 65536U, 1024U * 1024}) binary(size);

  const std::string whole = "Schuß";
  server.say(server.ws->text(server.keys, whole.substr(0, 5), weft::fin::no));  // in the middle of a character
  server.say(server.ws->text(server.keys, "", weft::fin::no));
  server.say(server.ws->text(server.keys, whole.substr(5)));
  comes_back("text in three fragments", weft::kind::text, whole);
}

void ping(client& server) {
  server.say(server.ws->ping(server.keys(), "beat"));
  check("a ping has its pong", wait_for(weft::kind::pong, server).text() == "beat");
}

void close(client& server) {
  server.say(server.ws->close(server.keys(), weft::close_code{3001}, "bye"));
  const weft::event event = wait_for(weft::kind::close, server);
  std::printf("ok weft: closed with %d %s\n", static_cast<int>(event.code), std::string(event.text()).c_str());
  server.finish();
}

}  // namespace

int main(int count, char** arguments) try {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::vector<std::string_view> words(arguments + 1, arguments + count);
  if (words.empty() || words.size() > 3) throw tcp::failure("usage: weft_client URI [SECONDS [OFFER]]");
  int seconds = 10;
  if (words.size() > 1) std::from_chars(words[1].data(), words[1].data() + words[1].size(), seconds);
  std::vector<weft::deflate_parameters> offers;
  if (words.size() > 2) offers.push_back(parse_offer(words[2]));
  client server(words[0], std::chrono::seconds(seconds), 64 * 1024, offers);
  if (const auto agreed = server.ws->agreed())
    std::printf("ok weft: agreed to %s\n", std::string(weft::to_text(*agreed).view()).c_str());
  messages(server);
  ping(server);
  close(server);
} catch (const std::exception& failure) {
  std::fprintf(stderr, "weft_client: %s\n", failure.what());
  return 1;
}
