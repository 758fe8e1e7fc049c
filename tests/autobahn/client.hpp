// SPDX-License-Identifier: MIT
//
// client.hpp: a WebSocket client over one socket, for small programs that do one thing after the other.
#pragma once

#include <sys/random.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weft/deflate/zlib.hpp>
#include <weft/weft.hpp>

#include "socket.hpp"

/// Fills a span from the kernel's generator.
inline void random_bytes(std::span<std::byte> out) {
  if (::getrandom(out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) tcp::fail("get random bytes");
}

inline weft::nonce random_nonce() {
  std::array<std::byte, 16> random;
  random_bytes(random);
  return weft::nonce(random);
}

/// A URI, or the reason why it is none.
inline weft::uri parse(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return tcp::failure("'" + std::string(text) + "' is " + std::string(why));
  };
  const weft::uri uri = weft::parse_uri(text);
  if (uri.refusal != weft::refusal::none) throw refuse(words(uri.refusal));
  if (uri.secure) throw refuse("for TLS, which is not here");
  return uri;
}

/// An offer of permessage-deflate as text, such as "permessage-deflate; client_max_window_bits".
inline weft::deflate_parameters parse_offer(std::string_view text) {
  const auto offer = weft::parse_deflate_offer(text);
  if (!offer) throw tcp::failure("'" + std::string(text) + "' is no offer of permessage-deflate");
  return *offer;
}

/// One connection, open from its first moment.
class client {
  std::vector<std::byte> inflated_ = std::vector<std::byte>(64 * 1024);
  std::vector<std::byte> deflated_ = std::vector<std::byte>(64 * 1024);
  weft::engine_pool<weft::zlib> engines_{weft::heap, inflated_, deflated_};

 public:
  /// `offers` are of permessage-deflate.
  client(std::string_view address, std::chrono::seconds time, std::size_t read_size = 64 * 1024,
         std::span<const weft::deflate_parameters> offers = {})
      : client(weft::opening{.uri = parse(address), .nonce = random_nonce(), .deflate = offers}, time, read_size) {}

  /// Puts frames behind those that wait to be sent.
  void say(auto&& frames) { weft::append(out_, frames); }

  /// The next message, control frame or end; nothing behind it. What waits to be sent goes before the waiting starts.
  std::optional<weft::event> next() {
    for (;;) {
      if (const auto event = messages_.next(*ws, in_, allowed)) return event;
      flush();
      if (ws->state() == weft::state::closed) return {};
      in_ = stream_.receive(buffer_);
      if (in_.empty()) return ws->end();
    }
  }

  /// Sends what waits, and gives the server the time to hang up first. RFC 6455 section 7.1.1.
  void finish() {
    flush();
    stream_.drain();
  }

  std::optional<weft::deflate_client<weft::zlib>> ws;
  weft::key_source<void (*)(std::span<std::byte>)> keys{random_bytes};

 private:
  static constexpr weft::limits allowed{.max_message_bytes = 64 * 1024 * 1024, .max_fragments = 1024 * 1024};

  client(const weft::opening& asked, std::chrono::seconds time, std::size_t read_size)
      : stream_(tcp::connect(without_brackets(asked.uri.host), asked.uri.port, time), time), buffer_(read_size) {
    weft::append(out_, weft::upgrade(asked));
    flush();
    std::array<char, 8192> head;
    weft::response_reader reader(head, asked);
    const weft::reply& reply = reader.read(in_);
    while (reply.status == weft::status::partial) {
      in_ = stream_.receive(buffer_);
      in_.empty() ? reader.end() : reader.read(in_);
    }
    if (reply.status == weft::status::complete) {
      ws.emplace(reply.deflate, engines_);
      return;
    }
    const auto rule = reply.error.rule;
    const std::string code = rule == weft::rule::not_switched ? " (" + std::to_string(reply.code) + ")" : "";
    throw tcp::failure("no WebSocket: " + std::string(weft::name(rule)) + ", " + std::string(weft::words(rule)) + code);
  }

  /// An IPv6 address has them in a URI, and not where it is looked up.
  static std::string without_brackets(std::string_view host) {
    return std::string(host.starts_with('[') ? host.substr(1, host.size() - 2) : host);
  }

  void flush() {
    stream_.send(out_);
    out_.clear();
  }

  tcp::stream stream_;
  weft::message_reader<std::vector<std::byte>> messages_;
  std::vector<std::byte> buffer_;
  std::span<std::byte> in_;
  std::vector<std::byte> out_;
};
