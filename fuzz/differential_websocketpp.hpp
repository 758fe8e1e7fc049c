// SPDX-License-Identifier: MIT
//
// differential_websocketpp.hpp: WebSocket++'s processor for RFC 6455, as its connection uses it, beside weft.
#pragma once

#include <websocketpp/close.hpp>
#include <websocketpp/extensions/permessage_deflate/disabled.hpp>
#include <websocketpp/http/request.hpp>
#include <websocketpp/http/response.hpp>
#include <websocketpp/message_buffer/alloc.hpp>
#include <websocketpp/message_buffer/message.hpp>
#include <websocketpp/processors/hybi13.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/differential.hpp"
#include "fuzz/kit.hpp"

namespace fuzz {

template <role Role>
class websocketpp_peer {
 public:
  bool take(std::span<const std::byte> piece) {
    std::string in(view_of(piece));
    for (std::size_t at = 0; at < in.size();) {
      websocketpp::lib::error_code error;
      at += frames_.consume(reinterpret_cast<std::uint8_t*>(in.data() + at), in.size() - at, error);
      if (error) return fail(error);
      if (frames_.ready() && !tell(*frames_.get_message())) return false;
    }
    return true;
  }
  [[nodiscard]] const entries& told() const { return told_; }

 private:
  struct keys {
    std::uint32_t operator()() { return 0; }
  };
  /// What the processor asks of its own configuration, with its own answers.
  struct config {
    using request_type = websocketpp::http::parser::request;
    using response_type = websocketpp::http::parser::response;
    using message_type = websocketpp::message_buffer::message<websocketpp::message_buffer::alloc::con_msg_manager>;
    using con_msg_manager_type = websocketpp::message_buffer::alloc::con_msg_manager<message_type>;
    using rng_type = keys;
    struct permessage_deflate_config {};
    using permessage_deflate_type = websocketpp::extensions::permessage_deflate::disabled<permessage_deflate_config>;
    static const bool enable_extensions = false;
    static const std::size_t max_message_size = most_message_bytes;
  };

  bool fail(const websocketpp::lib::error_code& error) {
    using namespace websocketpp::processor;
    told_.push_back({"violation " + std::to_string(error::to_ws(error))});
    return false;
  }

  bool tell(const typename config::message_type& message) {
    namespace opcode = websocketpp::frame::opcode;
    const auto& payload = message.get_payload();
    switch (message.get_opcode()) {
      case opcode::text: told_.push_back({"text", payload}); return true;
      case opcode::binary: told_.push_back({"binary", payload}); return true;
      case opcode::ping: told_.push_back({"ping", payload}); return true;
      case opcode::pong: told_.push_back({"pong", payload}); return true;
      default: break;
    }
    websocketpp::lib::error_code error;
    const auto code = websocketpp::close::extract_code(payload, error);
    if (error) {
      told_.push_back({"violation 1002"});
      return false;
    }
    const auto reason = websocketpp::close::extract_reason(payload, error);
    told_.push_back(error ? entry{"violation 1007"} : entry{"close " + std::to_string(code), reason});
    return false;
  }

  keys keys_;
  typename config::con_msg_manager_type::ptr made_ = std::make_shared<typename config::con_msg_manager_type>();
  websocketpp::processor::hybi13<config> frames_{false, Role == role::server, made_, keys_};
  entries told_;
};

inline void differential_websocketpp(std::span<const std::byte> input) {
  source from(input);
  from.flag() ? compare_with<role::client, websocketpp_peer<role::client>>("websocketpp", from)
              : compare_with<role::server, websocketpp_peer<role::server>>("websocketpp", from);
}

}  // namespace fuzz
