// SPDX-License-Identifier: MIT
//
// picohttpparser, which knows HTTP and not WebSocket: it parses the request and there is no reply.
#include <picohttpparser.c>  // all of it

#include "peer.hpp"

namespace bench {
namespace {

std::size_t parse(std::string_view request, std::span<char>) {
  const auto in = receive(std::as_bytes(std::span(request)));
  const char* method = nullptr;
  const char* target = nullptr;
  std::size_t method_size = 0;
  std::size_t target_size = 0;
  int version = 0;
  std::array<phr_header, 64> fields;
  std::size_t count = fields.size();
  const int size = phr_parse_request(reinterpret_cast<const char*>(in.data()), in.size(), &method, &method_size,
                                     &target, &target_size, &version, fields.data(), &count, 0);
  return size < 0 ? 0 : static_cast<std::size_t>(size);
}

}  // namespace

extern const peer picohttpparser_parse_peer;
constinit const peer picohttpparser_parse_peer{.name = "picohttpparser-parse", .handshake = parse};

}  // namespace bench
