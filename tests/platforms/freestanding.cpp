// SPDX-License-Identifier: MIT
//
// freestanding.cpp: a server on a bare machine: no operating system, no C library but memcpy() and its kin, no
// exceptions, no RTTI. It takes a handshake and echoes what comes, as it would from a UART.
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <weft/connection/server.hpp>
#include <weft/handshake/server.hpp>

namespace {

std::array<char, 512> head;
std::array<std::byte, 512> sent;
std::size_t sent_size = 0;
weft::request_reader handshake(head);
std::optional<weft::server> ws;

void send(const auto& ready) {
  sent_size += ready.copy_to(std::span(sent).subspan(sent_size)).size();
}

void take(std::span<std::byte> in) {
  if (!ws) {
    const auto& request = handshake.read(in);
    if (request.status == weft::status::partial) return;
    if (request.status == weft::status::invalid) return send(weft::reject(request));
    send(weft::accept(request));
    ws.emplace();
  }
  while (const auto event = ws->next(in)) {
    switch (event->kind) {
      case weft::kind::text: send(ws->text(event->payload, event->fin, weft::utf8::unchecked)); break;
      case weft::kind::binary: send(ws->binary(event->payload, event->fin)); break;
      default: send(ws->answer(*event));
    }
  }
}

// The examples of RFC 6455 sections 1.3 and 5.7, a Close, and what is sent for them.
constexpr std::string_view received =
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x88\x82\x37\xfa\x21\x3d\x34\x12";
constexpr std::string_view expected =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    "\x81\x05Hello\x88\x02\x03\xe8";

bool echoes() {
  static std::array<std::byte, received.size()> in;
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::byte>(received[i]);
  take(std::span(in).first(100));
  take(std::span(in).subspan(100));
  if (sent_size != expected.size() || ws->state() != weft::state::closed) return false;
  for (std::size_t i = 0; i < sent_size; ++i) {
    if (sent[i] != static_cast<std::byte>(expected[i])) return false;
  }
  return true;
}

/// Semihosting, as Arm has it: SYS_EXIT, with ADP_Stopped_ApplicationExit or another reason. qemu-arm, which is no
/// board, takes `svc` also from code for Cortex-M, where a board has `bkpt`.
[[noreturn]] void exit_with(bool good) {
  register unsigned operation asm("r0") = 0x18;
  register unsigned reason asm("r1") = good ? 0x20026 : 0x20023;
  asm volatile("svc 0xAB" : : "r"(operation), "r"(reason) : "memory");
  for (;;) {
  }
}

}  // namespace

extern "C" {

// What is left of a board's start-up code: objects that are not constant are made.
extern void (*const __init_array_start[])();
extern void (*const __init_array_end[])();

[[noreturn]] void _start() {
  for (auto* init = __init_array_start; init != __init_array_end; ++init) (*init)();
  exit_with(echoes());
}

}  // extern "C"
