// SPDX-License-Identifier: MIT
//
// program.cpp: runs two units made of codec.cpp, and checks what they answer.
#include <weft/weft.hpp>

#include <algorithm>
#include <array>
#include <string_view>

using namespace std::literals;
std::size_t first(std::span<std::byte>, std::span<char>, std::span<std::byte>);
std::size_t second(std::span<std::byte>, std::span<char>, std::span<std::byte>);

int main() {
  constexpr auto wire =
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
      "\x01\x82\x00\x00\x00\x00Hi\x80\x81\x00\x00\x00\x00!"sv;
  constexpr auto expected =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
      "\x81\x03Hi!\x88\x05\x03\xE9"
      "bye"sv;
  for (const auto unit : {first, second}) {
    std::array<char, 512> in{}, storage{}, out{};
    std::copy(wire.begin(), wire.end(), in.begin());
    const auto size =
        unit(std::as_writable_bytes(std::span(in).first(wire.size())), storage, std::as_writable_bytes(std::span(out)));
    if (std::string_view(out.data(), size) != expected) return 1;
  }
}
