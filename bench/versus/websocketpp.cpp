// SPDX-License-Identifier: MIT
//
// websocketpp: its processor for RFC 6455, as its connection uses it. The handshake is a unit of its own, for a server
// of it does not compile as C++20.
#include <websocketpp/extensions/permessage_deflate/disabled.hpp>
#include <websocketpp/http/request.hpp>
#include <websocketpp/http/response.hpp>
#include <websocketpp/message_buffer/alloc.hpp>
#include <websocketpp/message_buffer/message.hpp>
#include <websocketpp/processors/hybi13.hpp>
#include <websocketpp/version.hpp>

#include <stdexcept>
#include <string>

#include "peer.hpp"

namespace bench {

std::size_t websocketpp_handshake(const char* request, std::size_t size, char* reply, std::size_t room);

namespace {

masking_key next_key;

/// Hands out the keys that are given.
struct given_keys {
  std::uint32_t operator()() {
    std::uint32_t number;
    std::memcpy(&number, next_key.data(), 4);
    return number;
  }
};

/// What the processor asks of its own configuration, with its own answers.
struct config {
  using request_type = websocketpp::http::parser::request;
  using response_type = websocketpp::http::parser::response;
  using message_type = websocketpp::message_buffer::message<websocketpp::message_buffer::alloc::con_msg_manager>;
  using con_msg_manager_type = websocketpp::message_buffer::alloc::con_msg_manager<message_type>;
  using rng_type = given_keys;
  struct permessage_deflate_config {};
  using permessage_deflate_type = websocketpp::extensions::permessage_deflate::disabled<permessage_deflate_config>;
  static const bool enable_extensions = false;
  static const std::size_t max_message_size = 1024 * 1024;
};

using processor = websocketpp::processor::hybi13<config>;
using websocketpp::frame::opcode::value;

std::string_view view(bytes payload) {
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

struct side {
  given_keys keys;
  config::con_msg_manager_type::ptr made = std::make_shared<config::con_msg_manager_type>();
  processor frames;

  explicit side(bool server) : frames(false, server, made, keys) {}

  config::message_type::ptr message(value code, bytes payload) {
    const auto message = made->get_message(code, payload.size());
    message->append_payload(payload.data(), payload.size());
    return message;
  }
};

struct server : side {
  server() : side(true) {}

  void feed(bytes read, sink& told) {
    auto in = receive(read);
    websocketpp::lib::error_code error;
    while (!in.empty()) {
      const std::size_t size = frames.consume(reinterpret_cast<std::uint8_t*>(in.data()), in.size(), error);
      if (error) return;
      in = in.subspan(size);
      if (frames.ready()) tell(*frames.get_message(), told);
    }
  }

 private:
  void tell(const config::message_type& message, sink& told) {
    const auto& payload = message.get_payload();
    const auto all = std::as_bytes(std::span(payload));
    if (!websocketpp::frame::opcode::is_control(message.get_opcode())) return told.message(all);
    const auto pong = made->get_message();
    frames.prepare_pong(payload, pong);
    write(*pong, answers.data());
    told.control(all);
  }

 public:
  static std::size_t write(const config::message_type& frame, std::byte* to) {
    const auto& header = frame.get_header();
    const auto& payload = frame.get_payload();
    std::memcpy(to, header.data(), header.size());
    std::memcpy(to + header.size(), payload.data(), payload.size());
    return header.size() + payload.size();
  }
};

template <bool Server>
std::size_t encode(jobs all, std::span<std::byte> out) {
  static side one(Server);
  std::size_t size = 0;
  for (const auto& job : all) {
    next_key = job.key;
    const auto frame = one.made->get_message();
    if (one.frames.prepare_data_frame(one.message(value::binary, job.from), frame)) return 0;
    size += server::write(*frame, out.data() + size);
  }
  return size;
}

websocketpp::frame::masking_key_type number_of(const masking_key& key) {
  websocketpp::frame::masking_key_type number;
  std::memcpy(&number.i, key.data(), 4);
  return number;
}

void mask(jobs all) {
  using namespace websocketpp::frame;
  for (const auto& job : all) {
    byte_mask_circ(reinterpret_cast<std::uint8_t*>(job.to), job.from.size(), prepare_masking_key(number_of(job.key)));
  }
}

void mask_copy(jobs all) {
  for (const auto& job : all) {
    const auto from = view(job.from);
    websocketpp::frame::byte_mask(from.begin(), from.end(), reinterpret_cast<char*>(job.to), number_of(job.key));
  }
}

std::size_t handshake(std::string_view request, std::span<char> reply) {
  return websocketpp_handshake(request.data(), request.size(), reply.data(), reply.size());
}

/// As its processor makes one.
std::array<char, 28> accept_key(std::string_view key) {
  const std::string text = std::string(key) + websocketpp::processor::constants::handshake_guid;
  unsigned char digest[20];
  websocketpp::sha1::calc(text.data(), text.size(), digest);
  const std::string accept = websocketpp::base64_encode(digest, 20);
  std::array<char, 28> copy;
  std::memcpy(copy.data(), accept.data(), copy.size());
  return copy;
}

std::size_t validate(jobs all) {
  return count(all, [](const job& job) {
    const auto text = view(job.from);
    websocketpp::utf8_validator::validator validator;
    return validator.decode(text.begin(), text.end()) && validator.complete();
  });
}

std::string about() {
  return std::to_string(websocketpp::major_version) + "." + std::to_string(websocketpp::minor_version) + "." +
         std::to_string(websocketpp::patch_version);
}

}  // namespace

extern const peer websocketpp_peer;
constinit const peer websocketpp_peer{
    .name = "websocketpp",
    .about = about,
    .decoding = decoder_of<server>::make,
    .connecting = fleet_of<server>::make,
    .mask = mask,
    .mask_copy = mask_copy,
    .validate = validate,
    .encode_server = encode<true>,
    .encode_client = encode<false>,
    .handshake = handshake,
    .accept_key = accept_key,
};

}  // namespace bench
