// SPDX-License-Identifier: MIT
//
// websocketpp.cpp: WebSocket++ as an echo server, and as a client of one.
//
//   websocketpp server|client PORT [deflate]
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <websocketpp/client.hpp>
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/config/asio_no_tls_client.hpp>
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>
#include <websocketpp/server.hpp>

namespace {

using handle = websocketpp::connection_hdl;
using websocketpp::frame::opcode::value;
namespace opcode = websocketpp::frame::opcode;

/// A configuration with permessage-deflate.
template <class Plain>
struct with_deflate : Plain {
  struct permessage_deflate_config {};
  using permessage_deflate_type = websocketpp::extensions::permessage_deflate::enabled<permessage_deflate_config>;
};

template <class Config>
void serve(unsigned short port) {
  using server = websocketpp::server<Config>;
  server peer;
  peer.clear_access_channels(websocketpp::log::alevel::all);
  peer.init_asio();
  peer.set_reuse_addr(true);
  peer.set_message_handler([&](handle connection, typename server::message_ptr message) {
    peer.send(connection, message->get_payload(), message->get_opcode());
  });
  peer.listen(boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), port));
  peer.start_accept();
  websocketpp::lib::asio::error_code error;
  std::printf("listening on port %d\n", peer.get_local_endpoint(error).port());
  std::fflush(stdout);
  peer.run();
}

struct message {
  std::string name;
  value kind;
  std::string payload;
};

/// Sends one message after the other, then a Ping, then a Close.
template <class Config>
class client {
 public:
  client() {
    for (const std::string text : {"", "Hello", "Kett und Schuß: 経と緯 🧵"})
      plan_.push_back({"text of " + std::to_string(text.size()) + " bytes", opcode::text, text});
    for (const std::size_t size : {0, 1, 125, 126, 65535, 65536, 1024 * 1024}) {
      std::string data(size, '\0');
      for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<char>(i * 31 + (i >> 8));
      plan_.push_back({"binary of " + std::to_string(size) + " bytes", opcode::binary, data});
    }
  }

  void run(const std::string& uri) {
    peer_.clear_access_channels(websocketpp::log::alevel::all);
    peer_.init_asio();
    peer_.set_open_handler([&](handle connection) { send_next(connection); });
    peer_.set_message_handler([&](handle connection, typename asio_client::message_ptr message) {
      const auto& sent = plan_.at(next_++);
      check(sent.name, message->get_payload() == sent.payload && message->get_opcode() == sent.kind);
      next_ < plan_.size() ? send_next(connection) : peer_.ping(connection, "beat");
    });
    peer_.set_pong_handler([&](handle connection, std::string payload) {
      check("a ping has its pong", payload == "beat");
      peer_.close(connection, 3001, "bye");
    });
    peer_.set_fail_handler([](handle) { throw std::runtime_error("no connection"); });
    peer_.set_close_handler([&](handle connection) {
      const auto ended = peer_.get_con_from_hdl(connection);
      const auto code = ended->get_remote_close_code();
      check("closed with " + std::to_string(code) + " " + ended->get_remote_close_reason(), next_ == plan_.size());
    });
    websocketpp::lib::error_code error;
    const auto connection = peer_.get_connection(uri, error);
    if (error) throw std::runtime_error(error.message());
    peer_.connect(connection);
    peer_.run();
  }

 private:
  using asio_client = websocketpp::client<Config>;

  static void check(const std::string& name, bool good) {
    if (!good) throw std::runtime_error(name + ": what came is not what was sent");
    std::printf("ok websocketpp: %s\n", name.c_str());
  }

  void send_next(handle connection) { peer_.send(connection, plan_.at(next_).payload, plan_.at(next_).kind); }

  asio_client peer_;
  std::vector<message> plan_;
  std::size_t next_ = 0;
};

}  // namespace

int main(int count, char** arguments) try {
  const std::string role = count == 3 || count == 4 ? arguments[1] : "";
  if (role != "server" && role != "client") throw std::runtime_error("usage: websocketpp server|client PORT [deflate]");
  using websocketpp::config::asio;
  using websocketpp::config::asio_client;
  if (role == "server") {
    const auto port = static_cast<unsigned short>(std::atoi(arguments[2]));
    count == 4 ? serve<with_deflate<asio>>(port) : serve<asio>(port);
  } else {
    const std::string uri = std::string("ws://127.0.0.1:") + arguments[2] + "/";
    count == 4 ? client<with_deflate<asio_client>>().run(uri) : client<asio_client>().run(uri);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "websocketpp: %s\n", error.what());
  return 1;
}
