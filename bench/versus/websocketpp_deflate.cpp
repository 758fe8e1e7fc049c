// SPDX-License-Identifier: MIT
//
// websocketpp with permessage-deflate: its processor as in websocketpp.cpp. Its memory level is always 4, and without
// takeover it ends a message by a full flush and resets nothing.
#include <websocketpp/http/request.hpp>
#include <websocketpp/http/response.hpp>
#include <websocketpp/message_buffer/alloc.hpp>
#include <websocketpp/message_buffer/message.hpp>
#include <websocketpp/processors/hybi13.hpp>

#include <sstream>
#include <stdexcept>
#include <string>

// Behind what it needs and does not include.
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>

#include "peer.hpp"

namespace bench {
namespace {

/// What the processor asks of its own configuration, with its own answers.
struct config {
  struct no_keys {
    std::uint32_t operator()() { return 0; }
  };
  using request_type = websocketpp::http::parser::request;
  using response_type = websocketpp::http::parser::response;
  using message_type = websocketpp::message_buffer::message<websocketpp::message_buffer::alloc::con_msg_manager>;
  using con_msg_manager_type = websocketpp::message_buffer::alloc::con_msg_manager<message_type>;
  using rng_type = no_keys;
  struct permessage_deflate_config {};
  using permessage_deflate_type = websocketpp::extensions::permessage_deflate::enabled<permessage_deflate_config>;
  static const bool enable_extensions = true;
  static const std::size_t max_message_size = 1024 * 1024;
};

using websocketpp::frame::opcode::value;

class server {
 public:
  explicit server(takeover with) {
    std::string offer = "permessage-deflate";
    if (with == takeover::no) offer += "; server_no_context_takeover; client_no_context_takeover";
    config::request_type request;
    request.append_header("Sec-WebSocket-Extensions", offer);
    const auto [error, answer] = frames.negotiate_extensions(request);
    if (error || answer != offer) throw std::runtime_error("websocketpp did not agree to " + offer);
  }

 protected:
  config::no_keys keys;
  config::con_msg_manager_type::ptr made = std::make_shared<config::con_msg_manager_type>();
  websocketpp::processor::hybi13<config> frames{false, true, made, keys};
};

class sending final : public deflater, server {
 public:
  using server::server;
  static std::unique_ptr<deflater> make(takeover with) { return std::make_unique<sending>(with); }

  std::size_t pass(std::span<const bytes> messages, std::span<std::byte> out) override {
    std::size_t size = 0;
    for (const bytes message : messages) {
      const auto one = made->get_message(value::text, message.size());
      one->append_payload(message.data(), message.size());
      one->set_compressed(true);
      const auto frame = made->get_message();
      if (frames.prepare_data_frame(one, frame)) return 0;
      for (const std::string* part : {&frame->get_header(), &frame->get_payload()}) {
        std::memcpy(out.data() + size, part->data(), part->size());
        size += part->size();
      }
    }
    return size;
  }
};

class receiving final : public decoder, server {
 public:
  using server::server;
  static std::unique_ptr<decoder> make(takeover with) { return std::make_unique<receiving>(with); }

  void pass(std::span<const bytes> reads, std::size_t, sink& told) override {
    websocketpp::lib::error_code error;
    for (const bytes read : reads) {
      for (auto in = receive(read); !in.empty();) {
        in = in.subspan(frames.consume(reinterpret_cast<std::uint8_t*>(in.data()), in.size(), error));
        if (error) return;
        if (!frames.ready()) continue;
        const auto message = frames.get_message();
        told.message(std::as_bytes(std::span(message->get_payload())));
      }
    }
  }
};

}  // namespace

extern const peer websocketpp_deflate_peer;
constinit const peer websocketpp_deflate_peer{
    .name = "websocketpp",
    .deflating = sending::make,
    .inflating = receiving::make,
};

}  // namespace bench
