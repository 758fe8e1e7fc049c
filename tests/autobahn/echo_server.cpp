// SPDX-License-Identifier: MIT
//
// echo_server.cpp: what `wstest -m fuzzingclient` talks to. One connection after the other, each message back whole,
// and compressed where the client offers it.
//
//   echo_server [--bytewise] PORT
#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weft/deflate/zlib.hpp>
#include <weft/weft.hpp>

#include "socket.hpp"

namespace {

constexpr std::chrono::minutes time_for_a_case{10};  // the suite has cases of 8
constexpr weft::limits allowed{.max_message_bytes = 64 * 1024 * 1024, .max_fragments = 1024 * 1024};

using connection = weft::deflate_server<weft::zlib>;

struct buffers {
  std::vector<std::byte> received;
  std::vector<std::byte> inflated = std::vector<std::byte>(64 * 1024);
  std::vector<std::byte> deflated = std::vector<std::byte>(64 * 1024);
  weft::engine_pool<weft::zlib> engines{weft::heap, inflated, deflated};
};

/// Reads a request off the front of what comes and answers it. What is left is in `in`.
std::optional<connection> shake_hands(tcp::stream& stream, buffers& with, std::span<std::byte>& in) {
  std::array<char, 8192> head;
  weft::request_reader reader(head);
  const weft::request& request = reader.read(in);
  while (request.status == weft::status::partial) {
    in = stream.receive(with.received);
    if (in.empty()) return {};
    reader.read(in);
  }
  const bool good = request.status == weft::status::complete;
  const auto agreed = good ? weft::choose_deflate<weft::zlib>(request.extensions()) : std::nullopt;
  std::vector<std::byte> out;
  weft::append(out, good ? weft::accept(request, {.deflate = agreed}) : weft::reject(request));
  stream.send(out);
  if (!good) return {};
  return connection(agreed, with.engines);
}

void echo(connection& ws, tcp::stream& stream, std::span<std::byte> buffer, std::span<std::byte> in) {
  weft::message_reader<std::vector<std::byte>> messages;
  std::vector<std::byte> out;
  for (;;) {
    while (const auto event = messages.next(ws, in, allowed)) {
      switch (event->kind) {
        case weft::kind::text: weft::append(out, ws.text(event->payload, weft::fin::yes, weft::utf8::unchecked)); break;
        case weft::kind::binary: weft::append(out, ws.binary(event->payload)); break;
        default: weft::append(out, ws.answer(*event));
      }
    }
    stream.send(out);
    out.clear();
    if (ws.state() == weft::state::closed) return;
    in = stream.receive(buffer);
    if (in.empty()) return;
  }
}

void serve(tcp::stream&& stream, buffers& with) {
  try {
    std::span<std::byte> in;
    if (auto ws = shake_hands(stream, with, in)) echo(*ws, stream, with.received, in);
    stream.shut();
    stream.drain();
  } catch (const tcp::failure& failure) {
    std::fprintf(stderr, "echo_server: %s\n", failure.what());  // of one connection, and the next one comes
  }
}

/// Listens on a port of the loopback interface. Port 0 becomes one that is free.
int listen_on(std::uint16_t& port) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  auto* const named = reinterpret_cast<sockaddr*>(&address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  tcp::set(listener, SOL_SOCKET, SO_REUSEADDR, 1);
  if (::bind(listener, named, size) < 0 || ::listen(listener, SOMAXCONN) < 0 ||
      ::getsockname(listener, named, &size) < 0) {
    tcp::fail("listen on port " + std::to_string(port));
  }
  port = ntohs(address.sin_port);
  return listener;
}

int accept_on(int listener) {
  const int socket = ::accept(listener, nullptr, nullptr);
  if (socket < 0) tcp::fail("accept a connection");
  return socket;
}

}  // namespace

int main(int count, char** arguments) try {
  std::vector<std::string_view> words(arguments + 1, arguments + count);
  buffers with{.received = std::vector<std::byte>(std::erase(words, "--bytewise") == 0 ? 64 * 1024 : 1)};
  if (words.size() != 1) throw tcp::failure("usage: echo_server [--bytewise] PORT");
  const std::string_view word = words[0];
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), port);
  if (error != std::errc() || end != word.data() + word.size())
    throw tcp::failure("'" + std::string(word) + "' is no port; name one from 1 to 65535, or 0 for any that is free");

  const int listener = listen_on(port);
  std::printf("listening on port %d\n", port);
  std::fflush(stdout);
  for (;;) serve(tcp::stream(accept_on(listener), time_for_a_case), with);
} catch (const std::exception& failure) {
  std::fprintf(stderr, "echo_server: %s\n", failure.what());
  return 1;
}
