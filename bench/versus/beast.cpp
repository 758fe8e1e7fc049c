// SPDX-License-Identifier: MIT
//
// Boost.Beast: websocket::stream over a socket in memory, by its synchronous calls, which are its fastest: no handler
// is kept or dispatched. They take the end of what there is for a failure, so a pass goes around in its reads.
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/version.hpp>

#include <stdexcept>

#include "peer.hpp"

namespace bench {
namespace {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::beast::error_code;

net::io_context& context() {
  static net::io_context one(1);
  return one;
}

/// A socket in memory: reads go around, and what is written goes to `out` or is gathered.
class memory_socket {
 public:
  using executor_type = net::io_context::executor_type;
  executor_type get_executor() noexcept { return context().get_executor(); }

  std::span<std::byte> out;
  gathering* gathered = nullptr;
  bytes (*when_dry)() = nullptr;  ///< what comes where there is nothing to read

  /// Goes on in reads that it has already begun.
  void read_from(std::span<const bytes> reads) {
    if (reads.data() == reads_.data() && reads.size() == reads_.size()) return;
    reads_ = reads;
    at_ = 0;
    rest_ = {};
  }

  template <class Buffers>
  std::size_t read_some(const Buffers& to, error_code& error) {
    error = {};
    if (rest_.empty()) {
      if (!reads_.empty()) {
        rest_ = reads_[at_];
        at_ = at_ + 1 == reads_.size() ? 0 : at_ + 1;
      } else if (when_dry != nullptr) {
        rest_ = when_dry();
      } else {
        error = net::error::eof;
      }
    }
    const std::size_t size = net::buffer_copy(to, net::const_buffer(rest_.data(), rest_.size()));
    rest_ = rest_.subspan(size);
    return size;
  }

  template <class Buffers>
  std::size_t write_some(const Buffers& from, error_code& error) {
    error = {};
    if (gathered != nullptr) return gather(from);
    const std::size_t size = net::buffer_copy(net::mutable_buffer(out.data(), out.size()), from);
    out = out.subspan(size);
    if (size == 0) error = net::error::no_buffer_space;
    return size;
  }

  template <class Buffers>
  std::size_t read_some(const Buffers& to) {
    return or_throw([&](error_code& error) { return read_some(to, error); });
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& from) {
    return or_throw([&](error_code& error) { return write_some(from, error); });
  }

 private:
  static std::size_t or_throw(const auto& call) {
    error_code error;
    const std::size_t size = call(error);
    if (error) throw boost::beast::system_error(error);
    return size;
  }

  std::size_t gather(const auto& from) {
    auto piece = net::buffer_sequence_begin(from);
    const net::const_buffer header(*piece);
    const net::const_buffer payload(*++piece);
    gathered->send({static_cast<const std::byte*>(header.data()), header.size()},
                   {static_cast<const std::byte*>(payload.data()), payload.size()});
    return header.size() + payload.size();
  }

  std::span<const bytes> reads_;
  bytes rest_;
  std::size_t at_ = 0;
};

void teardown(boost::beast::role_type, memory_socket&, error_code& error) {
  error = {};
}

using stream = websocket::stream<memory_socket, false>;

/// Answers a request; the bytes of the reply.
template <bool Deflates>
std::span<std::byte> accept(websocket::stream<memory_socket, Deflates>& ws, bytes request, std::span<std::byte> room) {
  auto& socket = ws.next_layer();
  socket.out = room;
  socket.read_from({&request, 1});
  error_code error;
  ws.accept(error);
  socket.read_from({});
  return room.first(error ? 0 : room.size() - socket.out.size());
}

std::size_t handshake(std::string_view request, std::span<char> reply) {
  stream ws;
  return accept(ws, std::as_bytes(std::span(request)), std::as_writable_bytes(reply)).size();
}

struct server {
  stream ws;

  server() {
    constexpr std::string_view request =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    std::array<std::byte, 1024> room;
    if (accept(ws, std::as_bytes(std::span(request)), room).empty()) throw std::runtime_error("Beast did not accept");
    ws.read_message_max(1024 * 1024);
    ws.auto_fragment(false);
    ws.binary(true);
    ws.control_callback([this](websocket::frame_type, boost::beast::string_view payload) {
      ws.next_layer().out = answers;
      told_->control(std::as_bytes(std::span(payload.data(), payload.size())));
    });
  }

  void feed(bytes read, sink& told) { pull({&read, 1}, 1, told); }

  void pull(std::span<const bytes> reads, std::size_t messages, sink& told) {
    static boost::beast::flat_buffer message;
    ws.next_layer().read_from(reads);
    told_ = &told;
    for (; messages > 0; --messages) {
      ws.read(message);
      told.message({static_cast<const std::byte*>(message.data().data()), message.size()});
      message.consume(message.size());
    }
  }

 private:
  sink* told_ = nullptr;
};

/// Its key is of its own making, by its fast generator.
struct client {
  stream ws;

  client() {
    static std::array<std::byte, 1024> asked;
    static std::array<std::byte, 1024> reply;
    ws.next_layer().out = asked;
    ws.next_layer().when_dry = [] {
      stream server;
      return bytes(accept(server, asked, reply));
    };
    ws.secure_prng(false);
    ws.handshake("localhost", "/");
    ws.auto_fragment(false);
    ws.binary(true);
  }
};

template <class Side>
std::size_t encode(jobs all, std::span<std::byte> out) {
  static Side side;
  auto& socket = side.ws.next_layer();
  socket.out = out;
  for (const auto& job : all) side.ws.write(net::const_buffer(job.from.data(), job.from.size()));
  return out.size() - socket.out.size();
}

void encode_header(jobs all, gathering& out) {
  static server side;
  side.ws.next_layer().gathered = &out;
  for (const auto& job : all) side.ws.write(net::const_buffer(job.from.data(), job.from.size()));
}

void unmask(const job& job) {
  std::uint32_t number;
  std::memcpy(&number, job.key.data(), 4);
  websocket::detail::prepared_key key;
  websocket::detail::prepare_key(key, number);
  websocket::detail::mask_inplace(net::mutable_buffer(job.to, job.from.size()), key);
}

bool is_utf8(bytes text) {
  return websocket::detail::check_utf8(reinterpret_cast<const char*>(text.data()), text.size());
}

void mask(jobs all) {
  for (const auto& job : all) unmask(job);
}

void mask_copy(jobs all) {
  for (const auto& job : all) {
    std::memcpy(job.to, job.from.data(), job.from.size());
    unmask(job);
  }
}

std::size_t validate(jobs all) {
  return count(all, [](const job& job) { return is_utf8(job.from); });
}

std::size_t unmask_validate(jobs all) {
  return count(all, [](const job& job) {
    unmask(job);
    return is_utf8(job.from);
  });
}

/// With permessage-deflate, by its own port of zlib.
class deflating_server {
 public:
  explicit deflating_server(takeover with) {
    std::string offer = "permessage-deflate";
    if (with == takeover::no) offer += "; server_no_context_takeover; client_no_context_takeover";
    const std::string request =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Extensions: " +
        offer + "\r\n\r\n";
    websocket::permessage_deflate options;
    options.server_enable = true;
    options.server_no_context_takeover = with == takeover::no;
    options.client_no_context_takeover = with == takeover::no;
    options.compLevel = 6;
    options.memLevel = 8;
    ws.set_option(options);
    std::array<std::byte, 1024> room;
    const auto reply = accept(ws, std::as_bytes(std::span(request)), room);
    const std::string_view head(reinterpret_cast<const char*>(reply.data()), reply.size());
    if (head.find("Sec-WebSocket-Extensions: " + offer + "\r\n") == head.npos)
      throw std::runtime_error("Beast did not agree to " + offer);
    ws.read_message_max(1024 * 1024);
    ws.auto_fragment(false);
    ws.write_buffer_bytes(64 * 1024);  // what it compresses it sends in frames of that size
    ws.text(true);
  }

 protected:
  websocket::stream<memory_socket, true> ws;
};

class sending final : public deflater, deflating_server {
 public:
  using deflating_server::deflating_server;
  static std::unique_ptr<deflater> make(takeover with) { return std::make_unique<sending>(with); }

  std::size_t pass(std::span<const bytes> messages, std::span<std::byte> out) override {
    auto& socket = ws.next_layer();
    socket.out = out;
    for (const bytes message : messages) ws.write(net::const_buffer(message.data(), message.size()));
    return out.size() - socket.out.size();
  }
};

class receiving final : public decoder, deflating_server {
 public:
  using deflating_server::deflating_server;
  static std::unique_ptr<decoder> make(takeover with) { return std::make_unique<receiving>(with); }

  void pass(std::span<const bytes> reads, std::size_t messages, sink& told) override {
    ws.next_layer().read_from(reads);
    for (; messages > 0; --messages) {
      ws.read(message_);
      told.message({static_cast<const std::byte*>(message_.data().data()), message_.size()});
      message_.consume(message_.size());
    }
  }

 private:
  boost::beast::flat_buffer message_;
};

std::string about() {
  return "Boost " BOOST_LIB_VERSION;
}

std::array<char, 28> accept_key(std::string_view key) {
  websocket::detail::sec_ws_accept_type accept;
  websocket::detail::make_sec_ws_accept(accept, {key.data(), key.size()});
  std::array<char, 28> copy;
  std::memcpy(copy.data(), accept.data(), copy.size());
  return copy;
}

}  // namespace

extern const peer beast_peer;
constinit const peer beast_peer{
    .name = "beast",
    .about = about,
    .decoding = decoder_of<server>::make,
    .connecting = fleet_of<server>::make,
    .mask = mask,
    .mask_copy = mask_copy,
    .validate = validate,
    .unmask_validate = unmask_validate,
    .encode_server = encode<server>,
    .encode_client = encode<client>,
    .encode_header = encode_header,
    .deflating = sending::make,
    .inflating = receiving::make,
    .handshake = handshake,
    .accept_key = accept_key,
};

}  // namespace bench
