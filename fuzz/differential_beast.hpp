// SPDX-License-Identifier: MIT
//
// differential_beast.hpp: Boost.Beast's websocket::stream over a socket in memory, beside weft.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <cstddef>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/differential.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/slow_http.hpp"

namespace fuzz {

namespace beast_peer_detail {

namespace net = boost::asio;
using boost::beast::error_code;

/// Reads are what there is, and then the end. What is written is gone, but for a client's request, which is answered.
class memory_socket {
 public:
  using executor_type = net::io_context::executor_type;
  executor_type get_executor() noexcept {
    static net::io_context one(1);
    return one.get_executor();
  }

  std::string rest{};

  template <class Buffers>
  std::size_t read_some(const Buffers& to, error_code& error) {
    error = {};
    if (rest.empty()) error = net::error::eof;
    const std::size_t size = net::buffer_copy(to, net::buffer(rest));
    rest.erase(0, size);
    return size;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& from, error_code& error) {
    error = {};
    const std::string written = boost::beast::buffers_to_string(from);
    static constexpr std::string_view name = "Sec-WebSocket-Key: ";
    if (const std::size_t at = written.find(name); written.starts_with("GET ") && at != written.npos)
      rest = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
             slow::accept_of(written.substr(at + name.size(), 24)) + "\r\n\r\n";
    return written.size();
  }
  template <class Buffers>
  std::size_t read_some(const Buffers&) {
    std::abort();  // only those above are called
  }
  template <class Buffers>
  std::size_t write_some(const Buffers&) {
    std::abort();
  }
};

inline void teardown(boost::beast::role_type, memory_socket&, error_code& error) {
  error = {};
}

}  // namespace beast_peer_detail

/// All bytes at once: the end of what there is would be a failure to it.
template <role Role>
class beast_peer {
 public:
  using error_code = boost::beast::error_code;

  beast_peer() {
    error_code error;
    if constexpr (Role == role::server) {
      socket().rest = good_request;
      ws_.accept(error);
    } else {
      ws_.handshake("localhost", "/", error);
    }
    if (error) std::abort();
    ws_.read_message_max(most_message_bytes);
    ws_.control_callback([this](boost::beast::websocket::frame_type type, boost::beast::string_view payload) {
      using boost::beast::websocket::frame_type;
      if (type == frame_type::close) return;
      told_.push_back({type == frame_type::ping ? "ping" : "pong", {payload.data(), payload.size()}});
    });
  }

  bool take(std::span<const std::byte> piece) {
    gathered_ += view_of(piece);
    return true;
  }

  const entries& told() {
    namespace websocket = boost::beast::websocket;
    socket().rest = gathered_;
    for (;;) {
      boost::beast::flat_buffer message;
      error_code error;
      ws_.read(message, error);
      if (!error) {
        const auto bytes = message.data();
        told_.push_back({ws_.got_text() ? "text" : "binary", {static_cast<const char*>(bytes.data()), bytes.size()}});
        continue;
      }
      if (error == boost::asio::error::eof) return told_;
      if (error == websocket::error::closed) {
        const auto& reason = ws_.reason();
        told_.push_back({"close " + std::to_string(reason.code == 0 ? 1005 : reason.code),
                         {reason.reason.data(), reason.reason.size()}});
      } else {
        const bool payload = error == websocket::error::bad_frame_payload;
        const bool size = error == websocket::error::message_too_big || error == websocket::error::buffer_overflow;
        told_.push_back({payload ? "violation 1007" : size ? "violation 1009" : "violation 1002"});
      }
      return told_;
    }
  }

 private:
  beast_peer_detail::memory_socket& socket() { return ws_.next_layer(); }

  boost::beast::websocket::stream<beast_peer_detail::memory_socket, false> ws_;
  std::string gathered_;
  entries told_;
};

inline void differential_beast(std::span<const std::byte> input) {
  source from(input);
  from.flag() ? compare_with<role::client, beast_peer<role::client>>("beast", from)
              : compare_with<role::server, beast_peer<role::server>>("beast", from);
}

}  // namespace fuzz
