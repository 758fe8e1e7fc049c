// SPDX-License-Identifier: MIT
//
// codec.cpp: a unit that uses all of the codec, and gathers messages in memory of its own. UNIT is its function's name,
// so that a program may have several.
#include <weft/weft.hpp>

#include <array>

struct fixed {
  std::array<std::byte, 64> bytes;
  std::size_t used = 0;
  std::byte* data() { return bytes.data(); }
  const std::byte* data() const { return bytes.data(); }
  std::size_t size() const { return used; }
  void resize(std::size_t size) { used = size <= bytes.size() ? size : bytes.size(); }
};

std::size_t UNIT(std::span<std::byte> in, std::span<char> storage, std::span<std::byte> out) {
  weft::request_reader reader(storage);
  const auto& request = reader.read(in);
  const auto response = request.status == weft::status::complete
                            ? weft::accept(request, {.protocol = request.offers("echo") ? "echo" : ""})
                            : weft::reject(request);
  std::size_t sent = response.copy_to(out).size();

  weft::server ws;
  weft::message_reader<fixed> messages;
  const auto send = [&](const weft::server::frame& frame) { sent += frame.copy_to(out.subspan(sent)).size(); };
  while (const auto event = messages.next(ws, in)) {
    switch (event->kind) {
      case weft::kind::text: send(ws.text(event->payload)); break;
      case weft::kind::binary: send(ws.binary(event->payload)); break;
      default: send(ws.answer(*event));
    }
  }
  send(ws.close(weft::close_code::going_away, "bye"));
  if (const auto event = ws.end()) send(ws.answer(*event));
  return sent;
}
