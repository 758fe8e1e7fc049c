// SPDX-License-Identifier: MIT
//
// uWebSockets: its frame parser, its HTTP parser and its handshake, with what its WebSocketContext does around them but
// without sockets and compression. Compiled a second time with its own switch UWS_USE_SIMDUTF.
// It sees neither the MASK bit nor lengths that are not minimal.
#include <WebSocketProtocol.h>

#ifndef UWS_USE_SIMDUTF
#include <HttpParser.h>
#include <WebSocketHandshake.h>
#endif

#include <string>

#include "peer.hpp"

namespace bench {
namespace {

char* chars(std::byte* place) {
  return reinterpret_cast<char*>(place);
}

bool is_utf8(const char* text, std::size_t size) {
  return uWS::protocol::isValidUtf8(reinterpret_cast<unsigned char*>(const_cast<char*>(text)), size);
}

/// As its WebSocketData: the parser's state, and what is gathered of a message that comes in parts.
struct socket : uWS::WebSocketState<true> {
  std::string gathered;
  unsigned control_size = 0;
  bool failed = false;

  void feed(bytes read, sink& told);
};

struct context;
using protocol = uWS::WebSocketProtocol<true, context>;

struct reading {
  socket& from;
  sink& told;
};

struct context : protocol {
  using state = uWS::WebSocketState<true>;
  static constexpr std::uint64_t max_message = 1024 * 1024;

  static bool setCompressed(state*, void*) { return false; }
  static void forceClose(state*, void* user, std::string_view = {}) { static_cast<reading*>(user)->from.failed = true; }
  static bool refusePayloadLength(std::uint64_t length, state*, void*) { return length > max_message; }

  static bool handleFragment(char* data, std::size_t size, unsigned missing, int code, bool fin, state* parser,
                             void* user) {
    auto& [from, told] = *static_cast<reading*>(user);
    return code < 3 ? take_data({data, size}, missing, code, fin, parser, user, from, told)
                    : take_control({data, size}, missing, code, from, told);
  }

  static bool take_data(std::string_view piece, unsigned missing, int code, bool fin, state* parser, void* user,
                        socket& from, sink& told) {
    const bool last = missing == 0 && fin;
    const bool whole = last && from.gathered.empty();
    if (!whole) {
      if (from.gathered.empty()) from.gathered.reserve(piece.size() + missing);
      if (refusePayloadLength(piece.size() + from.gathered.size(), parser, user)) {
        forceClose(parser, user);
        return true;
      }
      from.gathered.append(piece);
      if (!last) return false;
      piece = from.gathered;
    }
    if (code == uWS::OpCode::TEXT && !is_utf8(piece.data(), piece.size())) {
      forceClose(parser, user);
      return true;
    }
    told.message(std::as_bytes(std::span(piece)));
    if (!whole) from.gathered.clear();
    return false;
  }

  static bool take_control(std::string_view piece, unsigned missing, int code, socket& from, sink& told) {
    const bool whole = missing == 0 && from.control_size == 0;
    if (!whole) {
      from.gathered.append(piece);
      from.control_size += static_cast<unsigned>(piece.size());
      if (missing != 0) return false;
      piece = std::string_view(from.gathered).substr(from.gathered.size() - from.control_size);
    }
    if (code == uWS::OpCode::PING) {
      uWS::protocol::formatMessage<true>(chars(answers.data()), piece.data(), piece.size(), uWS::OpCode::PONG,
                                         piece.size(), false, true);
    }
    told.control(std::as_bytes(std::span(piece)));
    if (!whole) {
      from.gathered.resize(from.gathered.size() - from.control_size);
      from.control_size = 0;
    }
    return false;
  }

  /// As for whole frames: the payload moves over the header before it, whose last bytes are the key.
  static void unmask(const job& job) {
    const auto size = static_cast<unsigned>(job.from.size());
    std::memcpy(job.to - 4, job.key.data(), 4);
    if (size < 126) {
      unmaskImpreciseCopyMask<6>(chars(job.to), size);
    } else if (size <= 0xFFFF) {
      unmaskImpreciseCopyMask<8>(chars(job.to), size);
    } else {
      unmaskImpreciseCopyMask<14>(chars(job.to), size);
    }
  }

  static char* unmasked(const job& job) {
    return chars(job.to) - (job.from.size() < 126 ? 6 : job.from.size() <= 0xFFFF ? 8 : 14);
  }
};

void socket::feed(bytes read, sink& told) {
  const auto in = receive(read);
  reading now{*this, told};
  protocol::consume(chars(in.data()), static_cast<unsigned>(in.size()), this, &now);
}

std::size_t unmask_validate(jobs all) {
  return count(all, [](const job& job) {
    context::unmask(job);
    return is_utf8(context::unmasked(job), job.from.size());
  });
}

#ifndef UWS_USE_SIMDUTF

void mask(jobs all) {
  for (const auto& job : all) context::unmask(job);
}

std::size_t validate(jobs all) {
  return count(all,
               [](const job& job) { return is_utf8(reinterpret_cast<const char*>(job.from.data()), job.from.size()); });
}

template <bool Server>
std::size_t format(char* to, bytes payload, std::size_t copied) {
  return uWS::protocol::formatMessage<Server>(to, reinterpret_cast<const char*>(payload.data()), copied,
                                              uWS::OpCode::BINARY, payload.size(), false, true);
}

/// A client's key is its own, by rand().
template <bool Server>
std::size_t encode(jobs all, std::span<std::byte> out) {
  std::size_t size = 0;
  for (const auto& job : all) size += format<Server>(chars(out.data()) + size, job.from, job.from.size());
  return size;
}

void encode_header(jobs all, gathering& out) {
  for (const auto& job : all) {
    std::array<std::byte, 10> header;
    const std::size_t size = format<true>(chars(header.data()), job.from, 0);
    out.send(std::span(header).first(size), job.from);
  }
}

std::array<char, 28> accept_key(std::string_view key) {
  std::array<char, 28> accept;
  uWS::WebSocketHandshake::generate(key.data(), accept.data());
  return accept;
}

/// As its upgrade() writes it, piece by piece.
std::size_t write_reply(uWS::HttpRequest& request, std::span<char> reply) {
  std::size_t size = 0;
  const auto write = [&](std::string_view piece) {
    std::memcpy(reply.data() + size, piece.data(), piece.size());
    size += piece.size();
  };
  const auto key = request.getHeader("sec-websocket-key");
  const auto protocols = request.getHeader("sec-websocket-protocol");
  (void)request.getHeader("sec-websocket-extensions");
  if (key.size() != 24) return 0;
  const auto accept = accept_key(key);
  write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
  write({accept.data(), accept.size()});
  if (!protocols.empty()) {
    write("\r\nSec-WebSocket-Protocol: ");
    write(protocols.substr(0, protocols.find(',')));
  }
  write("\r\n\r\n");
  return size;
}

std::size_t handshake(std::string_view request, std::span<char> reply) {
  const auto in = receive(std::as_bytes(std::span(request)));
  std::size_t size = 0;
  uWS::HttpParser parser;
  parser.consumePostPadded(
      chars(in.data()), static_cast<unsigned>(in.size()), &parser, nullptr,
      [&](void*, uWS::HttpRequest* head) -> void* {
        size = write_reply(*head, reply);
        return nullptr;
      },
      [](void* user, std::string_view, std::uint64_t) -> void* { return user; });
  return size;
}

#endif

}  // namespace

#ifdef UWS_USE_SIMDUTF

extern const peer uws_simdutf_peer;
constinit const peer uws_simdutf_peer{
    .name = "uws+simdutf",
    .decoding = decoder_of<socket>::make,
    .unmask_validate = unmask_validate,
};

#else

extern const peer uws_peer;
constinit const peer uws_peer{
    .name = "uws",
    .decoding = decoder_of<socket>::make,
    .connecting = fleet_of<socket>::make,
    .mask = mask,
    .validate = validate,
    .unmask_validate = unmask_validate,
    .unmasks_over_header = true,
    .encode_server = encode<true>,
    .encode_client = encode<false>,
    .encode_header = encode_header,
    .handshake = handshake,
    .accept_key = accept_key,
};

#endif

}  // namespace bench
