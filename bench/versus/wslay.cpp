// SPDX-License-Identifier: MIT
//
// wslay: its event layer to receive, which checks UTF-8 and gathers messages, and its frame layer to send, which is the
// faster. The library is Debian's, as it is built there.
#include <wslay/wslay.h>

#include <algorithm>
#include <new>

#include "peer.hpp"

namespace bench {
namespace {

class server {
 public:
  server() {
    wslay_event_callbacks callbacks{};
    callbacks.recv_callback = recv;
    callbacks.send_callback = send;
    callbacks.on_msg_recv_callback = receive_message;
    if (wslay_event_context_server_init(&context_, &callbacks, this) != 0) throw std::bad_alloc();
    wslay_event_config_set_max_recv_msg_length(context_, 1024 * 1024);
  }
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server() { wslay_event_context_free(context_); }

  void feed(bytes read, sink& told) {
    rest_ = read;
    told_ = &told;
    wslay_event_recv(context_);
    if (wslay_event_want_write(context_) != 0) wslay_event_send(context_);
  }

 private:
  static ssize_t recv(wslay_event_context_ptr context, std::uint8_t* to, std::size_t room, int, void* user) {
    auto& rest = static_cast<server*>(user)->rest_;
    if (rest.empty()) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    const std::size_t size = (std::min)(room, rest.size());
    std::memcpy(to, rest.data(), size);
    rest = rest.subspan(size);
    return static_cast<ssize_t>(size);
  }

  static ssize_t send(wslay_event_context_ptr, const std::uint8_t* from, std::size_t size, int, void*) {
    std::memcpy(answers.data(), from, (std::min)(size, answers.size()));
    return static_cast<ssize_t>(size);
  }

  static void receive_message(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* event, void* user) {
    const auto payload = std::as_bytes(std::span(event->msg, event->msg_length));
    auto& told = *static_cast<server*>(user)->told_;
    wslay_is_ctrl_frame(event->opcode) ? told.control(payload) : told.message(payload);
  }

  wslay_event_context_ptr context_ = nullptr;
  bytes rest_;
  sink* told_ = nullptr;
};

class sender {
 public:
  sender() {
    constexpr wslay_frame_callbacks callbacks{
        .send_callback = send, .recv_callback = nullptr, .genmask_callback = make_key};
    if (wslay_frame_context_init(&context_, &callbacks, this) != 0) throw std::bad_alloc();
  }
  sender(const sender&) = delete;
  sender& operator=(const sender&) = delete;
  ~sender() { wslay_frame_context_free(context_); }

  std::size_t encode(jobs all, std::span<std::byte> out, bool masked) {
    out_ = out.data();
    for (const auto& job : all) {
      key_ = job.key;
      wslay_frame_iocb frame{.fin = 1,
                             .rsv = 0,
                             .opcode = WSLAY_BINARY_FRAME,
                             .payload_length = job.from.size(),
                             .mask = masked,
                             .data = reinterpret_cast<const std::uint8_t*>(job.from.data()),
                             .data_length = job.from.size()};
      wslay_frame_send(context_, &frame);
    }
    return static_cast<std::size_t>(out_ - out.data());
  }

 private:
  static ssize_t send(const std::uint8_t* from, std::size_t size, int, void* user) {
    auto& out = static_cast<sender*>(user)->out_;
    std::memcpy(out, from, size);
    out += size;
    return static_cast<ssize_t>(size);
  }

  static int make_key(std::uint8_t* to, std::size_t size, void* user) {
    std::memcpy(to, static_cast<sender*>(user)->key_.data(), size);
    return 0;
  }

  wslay_frame_context_ptr context_ = nullptr;
  std::byte* out_ = nullptr;
  masking_key key_{};
};

template <bool Masked>
std::size_t encode(jobs all, std::span<std::byte> out) {
  static sender one;
  return one.encode(all, out, Masked);
}

}  // namespace

extern const peer wslay_peer;
constinit const peer wslay_peer{
    .name = "wslay",
    .decoding = decoder_of<server>::make,
    .connecting = fleet_of<server>::make,
    .encode_server = encode<false>,
    .encode_client = encode<true>,
};

}  // namespace bench
