// SPDX-License-Identifier: MIT
//
// weft with permessage-deflate, by zlib: a unit of its own, so that what is not compressed is built as without it.
// `weft` gathers whole messages and inflates into as much room as zlib has that is called bare; `weft-pieces` tells
// them as they come, in the 16 KiB that many connections may share.
#include <weft/deflate/deflate.hpp>
#include <weft/deflate/zlib.hpp>
#include <weft/weft.hpp>

#include <string>

#include "peer.hpp"

namespace bench {
namespace {

template <std::size_t Room>
class server {
 public:
  explicit server(takeover with) : agreed_(agreed(with)) {}

 private:
  static weft::deflate_parameters agreed(takeover with) {
    return {.server_no_context_takeover = with == takeover::no, .client_no_context_takeover = with == takeover::no};
  }

  std::array<std::byte, Room> inflated_;
  std::array<std::byte, 16 * 1024> deflated_;
  weft::deflate_parameters agreed_;
  weft::engine_pool<weft::zlib> engines_{weft::heap, inflated_, deflated_};

 protected:
  weft::deflate_server<weft::zlib> ws{agreed_, engines_};
};

class sending final : public deflater, server<1> {
 public:
  using server::server;
  static std::unique_ptr<deflater> make(takeover with) { return std::make_unique<sending>(with); }

  std::size_t pass(std::span<const bytes> messages, std::span<std::byte> out) override {
    std::size_t size = 0;
    for (const bytes message : messages) {
      for (const auto& frame : ws.text(message)) size += frame.copy_to(out.subspan(size)).size();
    }
    return size;
  }
};

class pieces final : public decoder, server<16 * 1024> {
 public:
  using server::server;
  static std::unique_ptr<decoder> make(takeover with) { return std::make_unique<pieces>(with); }

  void pass(std::span<const bytes> reads, std::size_t, sink& told) override {
    for (const bytes read : reads) {
      auto in = receive(read);
      while (const auto event = ws.next(in)) {
        event->fin == weft::fin::yes ? told.message(event->payload) : told.piece(event->payload);
      }
    }
  }
};

class messages final : public decoder, server<max_message> {
 public:
  using server::server;
  static std::unique_ptr<decoder> make(takeover with) { return std::make_unique<messages>(with); }

  void pass(std::span<const bytes> reads, std::size_t, sink& told) override {
    for (const bytes read : reads) {
      auto in = receive(read);
      while (const auto event = whole_.next(ws, in)) told.message(event->payload);
    }
  }

 private:
  weft::message_reader<std::string> whole_;
};

}  // namespace

extern const peer weft_deflate_peer;
constinit const peer weft_deflate_peer{
    .name = "weft",
    .deflating = sending::make,
    .inflating = messages::make,
};

extern const peer weft_deflate_pieces_peer;
constinit const peer weft_deflate_pieces_peer{.name = "weft-pieces", .inflating = pieces::make};

}  // namespace bench
