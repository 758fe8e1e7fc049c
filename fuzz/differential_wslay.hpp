// SPDX-License-Identifier: MIT
//
// differential_wslay.hpp: wslay's event layer, which checks UTF-8 and gathers messages, beside weft.
#pragma once

#include <wslay/wslay.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/differential.hpp"
#include "fuzz/kit.hpp"

namespace fuzz {

template <role Role>
class wslay_peer {
 public:
  wslay_peer() {
    wslay_event_callbacks callbacks{};
    callbacks.recv_callback = recv;
    callbacks.send_callback = send;
    callbacks.genmask_callback = [](wslay_event_context_ptr, std::uint8_t* to, std::size_t size, void*) {
      std::memset(to, 0, size);
      return 0;
    };
    callbacks.on_msg_recv_callback = receive_message;
    const auto init = Role == role::server ? wslay_event_context_server_init : wslay_event_context_client_init;
    if (init(&context_, &callbacks, this) != 0) std::abort();
    wslay_event_config_set_max_recv_msg_length(context_, most_message_bytes);
  }
  wslay_peer(const wslay_peer&) = delete;
  wslay_peer& operator=(const wslay_peer&) = delete;
  ~wslay_peer() { wslay_event_context_free(context_); }

  bool take(std::span<const std::byte> piece) {
    rest_ = piece;
    wslay_event_recv(context_);
    if (wslay_event_get_read_enabled(context_) != 0) return true;
    if (!closed_) {  // its Close says why
      wslay_event_send(context_);
      told_.push_back({"violation " + std::to_string(wslay_event_get_status_code_sent(context_))});
    }
    return false;
  }
  [[nodiscard]] const entries& told() const { return told_; }

 private:
  static ssize_t recv(wslay_event_context_ptr context, std::uint8_t* to, std::size_t room, int, void* user) {
    auto& rest = static_cast<wslay_peer*>(user)->rest_;
    if (rest.empty()) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    const std::size_t size = (std::min)(room, rest.size());
    std::memcpy(to, rest.data(), size);
    rest = rest.subspan(size);
    return static_cast<ssize_t>(size);
  }
  static ssize_t send(wslay_event_context_ptr, const std::uint8_t*, std::size_t size, int, void*) {
    return static_cast<ssize_t>(size);
  }
  static void receive_message(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* event, void* user) {
    auto& self = *static_cast<wslay_peer*>(user);
    std::string_view payload(reinterpret_cast<const char*>(event->msg), event->msg_length);
    std::string name = event->opcode == 1   ? "text"
                       : event->opcode == 2 ? "binary"
                       : event->opcode == 9 ? "ping"
                                            : "pong";
    if (event->opcode == 8) {
      self.closed_ = true;
      name = "close " + std::to_string(event->status_code == 0 ? 1005 : event->status_code);
      payload.remove_prefix((std::min)(payload.size(), std::size_t{2}));
    }
    self.told_.push_back({name, std::string(payload)});
  }

  wslay_event_context_ptr context_ = nullptr;
  std::span<const std::byte> rest_;
  entries told_;
  bool closed_ = false;
};

inline void differential_wslay(std::span<const std::byte> input) {
  source from(input);
  from.flag() ? compare_with<role::client, wslay_peer<role::client>>("wslay", from)
              : compare_with<role::server, wslay_peer<role::server>>("wslay", from);
}

}  // namespace fuzz
