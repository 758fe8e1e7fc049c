// SPDX-License-Identifier: MIT
//
// kit.hpp: for who fuzzes what they built on weft; docs/fuzzing.md shows how. A fuzzer's bytes become a session: the
// handler is told its events as it would be by a socket, cut anywhere. Figures, such as where the cuts are, come off
// the END of the bytes, so that a corpus begins with what it is about. Needs nothing but weft.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/connection/client.hpp>
#include <weft/connection/server.hpp>
#include <weft/frame/header.hpp>
#include <weft/frame/mask.hpp>
#include <weft/frame/utf8.hpp>
#include <weft/handshake/server.hpp>
#include <weft/protocol.hpp>
#include <weft/sendable.hpp>

namespace fuzz {

/// What a fuzzer gives, read from both ends.
class source {
 public:
  constexpr explicit source(std::span<const std::byte> bytes) noexcept : rest_(bytes) {}

  /// A figure off the back; zero where nothing is left.
  constexpr std::uint8_t byte() noexcept {
    if (rest_.empty()) return 0;
    const auto last = std::to_integer<std::uint8_t>(rest_.back());
    rest_ = rest_.first(rest_.size() - 1);
    return last;
  }

  /// A number from 0 to `limit` - 1, of as few bytes as that takes.
  constexpr std::size_t below(std::size_t limit) noexcept {
    std::size_t number = byte();
    for (std::size_t most = limit - 1; most > 0xFF; most >>= 8) number = number << 8 | byte();
    return number % limit;
  }

  /// One of these.
  template <class T, std::size_t Size>
  constexpr T any_of(const T (&choices)[Size]) noexcept {
    return choices[below(Size)];
  }

  constexpr bool flag() noexcept { return byte() % 2 != 0; }

  /// So many bytes off the front, or as many as are left.
  constexpr std::span<const std::byte> front(std::size_t size) noexcept {
    const auto taken = rest_.first((std::min)(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  /// What is left between both ends.
  [[nodiscard]] constexpr std::span<const std::byte> rest() const noexcept { return rest_; }
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(rest_.data()), rest_.size()};
  }

 private:
  std::span<const std::byte> rest_;
};

/// Where bytes are cut: the number of sizes off the back, then each of them. The last is repeated; none leaves the
/// bytes whole. Sizes above 200 stand for hundreds, for large inputs.
class cutter {
 public:
  explicit cutter(source& from) {
    for (std::size_t count = from.below(12); count > 0; --count) {
      const std::size_t size = from.byte();
      sizes_.push_back(size <= 200 ? size : (size - 200) * 100);
    }
  }
  /// Pieces of these sizes.
  explicit cutter(std::vector<std::size_t> sizes) : sizes_(std::move(sizes)) {}

  /// Gives piece after piece to `take`, until it returns false.
  template <class Take>
  void operator()(std::span<const std::byte> bytes, Take&& take) const {
    for (std::size_t i = 0; !bytes.empty(); ++i) {
      std::size_t size = bytes.size();
      if (i < sizes_.size()) size = sizes_[i];
      if (i >= sizes_.size() && !sizes_.empty()) size = (std::max)(sizes_.back(), std::size_t{1});
      const auto piece = bytes.first((std::min)(size, bytes.size()));
      bytes = bytes.subspan(piece.size());
      if (!take(piece)) return;
    }
  }

 private:
  std::vector<std::size_t> sizes_;
};

/// Where a session begins.
enum class start {
  open,       ///< behind the handshake
  handshake,  ///< with the head of a request; only a server's
};

/// What the bytes are.
enum class content {
  wire,      ///< as a peer sends them, with all that it can do wrong
  messages,  ///< made into frames without fault, so that all of them reach the handler: see framed(); behind
             ///< good_request where a handshake is wanted
};

struct session_options {
  fuzz::start start = start::open;
  fuzz::content content = content::wire;
  weft::limits limits{};
};

/// One side of a connection, and what it sends.
template <class Endpoint>
struct session {
  Endpoint ws{};
  std::string out{};

  void send(const auto& ready) { weft::append(out, ready); }
};

/// Frames without fault, as `sender` writes them. Each byte that begins one says which by its last three bits, and the
/// next how long it is: 'p' Ping, 'q' Pong, 'b' binary, 'c' Close, 't' text, 'u' a fragment of text, 'v' of binary, 'w'
/// text without bytes. In text that is not UTF-8 what is not ASCII becomes '?'. Ends with the first Close.
inline std::string framed(std::span<const std::byte> bytes, weft::role sender) {
  std::string wire;
  auto begun = weft::opcode::continuation;  // a message that is not finished, if any
  for (bool closed = false; !bytes.empty() && !closed;) {
    const unsigned what = std::to_integer<unsigned>(bytes[0]) % 8;
    std::size_t size = what == 7 || bytes.size() < 2 ? 0 : std::to_integer<std::size_t>(bytes[1]);
    bytes = bytes.subspan((std::min)(bytes.size(), std::size_t{2}));
    static constexpr std::array kinds{weft::opcode::ping, weft::opcode::pong, weft::opcode::binary, weft::opcode::close,
                                      weft::opcode::text, weft::opcode::text, weft::opcode::binary, weft::opcode::text};
    weft::frame_header header{.fin = weft::fin{what != 5 && what != 6}, .opcode = kinds[what]};
    if (weft::is_control(header.opcode)) size %= weft::max_close_reason + 1;
    std::string payload(reinterpret_cast<const char*>(bytes.data()), (std::min)(size, bytes.size()));
    bytes = bytes.subspan(payload.size());

    const bool continues = !weft::is_control(header.opcode) && begun != weft::opcode::continuation;
    const bool is_text = (continues ? begun : header.opcode) == weft::opcode::text;
    closed = header.opcode == weft::opcode::close;
    if ((is_text || closed) && !weft::is_utf8(std::as_bytes(std::span(payload)))) {
      std::replace_if(
          payload.begin(), payload.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    }
    if (closed) payload.insert(0, "\x03\xe8");  // 1000
    if (!weft::is_control(header.opcode)) {
      const auto type = continues ? begun : header.opcode;
      if (continues) header.opcode = weft::opcode::continuation;
      begun = header.fin == weft::fin::yes ? weft::opcode::continuation : type;
    }
    header.length = payload.size();
    if (sender == weft::role::client) {
      header.key = weft::masking_key({std::byte{0x37}, std::byte{0xFA}, std::byte{0x21}, std::byte{0x3D}});
      weft::mask(std::as_writable_bytes(std::span(payload)), *header.key);
    }
    const auto head = weft::write_frame_header(header);
    wire.append(reinterpret_cast<const char*>(head.span().data()), head.size()).append(payload);
  }
  return wire;
}

/// A request, its key that of RFC 6455 section 1.3.
inline constexpr std::string_view good_request =
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

namespace detail {

/// A copy of a piece in memory of just its size, so that a sanitizer sees each step beside it.
class piece {
 public:
  explicit piece(std::span<const std::byte> from) : size_(from.size()), bytes_(new std::byte[from.size()]) {
    if (size_ != 0) std::memcpy(bytes_.get(), from.data(), size_);
  }
  [[nodiscard]] std::span<std::byte> span() const { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<std::byte[]> bytes_;
};

/// All that a socket would bring to an endpoint, and its end.
template <class Endpoint, class Handler>
void run(source from, const session_options& options, weft::role sender, Handler&& handler) {
  const cutter cut(from);
  std::string made;
  std::span<const std::byte> bytes = from.rest();
  if (options.content == content::messages) {
    if (options.start == start::handshake) made = good_request;
    made += framed(bytes, sender);
    bytes = std::as_bytes(std::span(made));
  }
  std::array<char, 4096> storage;
  weft::request_reader handshake(storage);
  bool open = options.start == start::open;
  session<Endpoint> one;
  cut(bytes, [&](std::span<const std::byte> some) {
    const piece copy(some);
    std::span<std::byte> in = copy.span();
    if (!open) {
      const auto& request = handshake.read(in);
      if (request.status == weft::status::partial) return true;
      open = request.status == weft::status::complete;
      open ? one.send(weft::accept(request)) : one.send(weft::reject(request));
      if (!open) return false;
    }
    while (const auto event = one.ws.next(in, options.limits)) handler(one, *event);
    return one.ws.state() != weft::state::closed;
  });
  if (!open) return;
  if (const auto event = one.ws.end()) handler(one, *event);
}

}  // namespace detail

/// A connection of a server to a fuzzer: `handler(session, event)` is called for each event, and answers by
/// `session.send(session.ws.text(...))`. The last event is a Close or a violation, also where the bytes just end.
template <class Handler>
void server_session(std::span<const std::byte> input, Handler&& handler, const session_options& options = {}) {
  detail::run<weft::server>(source(input), options, weft::role::client, handler);
}
template <class Handler>
void server_session(const std::uint8_t* data, std::size_t size, Handler&& handler,
                    const session_options& options = {}) {
  server_session(std::as_bytes(std::span(data, size)), handler, options);
}

/// The same for a client, whose sending calls begin with a masking key. Its handshake is done.
template <class Handler>
void client_session(std::span<const std::byte> input, Handler&& handler, const session_options& options = {}) {
  session_options open = options;
  open.start = start::open;
  detail::run<weft::client>(source(input), open, weft::role::server, handler);
}
template <class Handler>
void client_session(const std::uint8_t* data, std::size_t size, Handler&& handler,
                    const session_options& options = {}) {
  client_session(std::as_bytes(std::span(data, size)), handler, options);
}

}  // namespace fuzz
