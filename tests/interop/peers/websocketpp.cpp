// SPDX-License-Identifier: MIT
//
// websocketpp.cpp: WebSocket++ as an echo server, and as a client of one.
//
//   websocketpp server|client PORT
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
#include <websocketpp/server.hpp>

namespace {

using handle = websocketpp::connection_hdl;
using websocketpp::frame::opcode::value;
namespace opcode = websocketpp::frame::opcode;

void serve(unsigned short port) {
  using server = websocketpp::server<websocketpp::config::asio>;
  server peer;
  peer.clear_access_channels(websocketpp::log::alevel::all);
  peer.init_asio();
  peer.set_reuse_addr(true);
  peer.set_message_handler([&](handle connection, server::message_ptr message) {
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
    peer_.set_message_handler([&](handle connection, asio_client::message_ptr message) {
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
  using asio_client = websocketpp::client<websocketpp::config::asio_client>;

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
  const std::string role = count == 3 ? arguments[1] : "";
  if (role != "server" && role != "client") throw std::runtime_error("usage: websocketpp server|client PORT");
  if (role == "server") serve(static_cast<unsigned short>(std::atoi(arguments[2])));
  if (role == "client") client().run(std::string("ws://127.0.0.1:") + arguments[2] + "/");
} catch (const std::exception& error) {
  std::fprintf(stderr, "websocketpp: %s\n", error.what());
  return 1;
}
