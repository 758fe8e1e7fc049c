// SPDX-License-Identifier: MIT
//
// A server of websocketpp over its transport for memory, with neither locks nor logs. C++17.
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/server.hpp>

#include <cstddef>
#include <cstring>

namespace bench {
namespace {

struct config : websocketpp::config::core {
  using concurrency_type = websocketpp::concurrency::none;
  using elog_type = websocketpp::log::stub;
  using alog_type = websocketpp::log::stub;

  struct transport_config : core::transport_config {
    using concurrency_type = config::concurrency_type;
    using elog_type = config::elog_type;
    using alog_type = config::alog_type;
  };
  using transport_type = websocketpp::transport::iostream::endpoint<transport_config>;
};

}  // namespace

std::size_t websocketpp_handshake(const char* request, std::size_t size, char* reply, std::size_t room) {
  static websocketpp::server<config> server;
  std::size_t written = 0;
  const auto connection = server.get_connection();
  connection->set_write_handler([&](websocketpp::connection_hdl, const char* from, std::size_t more) {
    if (more > room - written)
      return websocketpp::transport::error::make_error_code(websocketpp::transport::error::general);
    std::memcpy(reply + written, from, more);
    written += more;
    return websocketpp::lib::error_code();
  });
  connection->start();
  connection->read_all(request, size);
  return written;
}

}  // namespace bench
