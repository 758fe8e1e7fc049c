// SPDX-License-Identifier: MIT
//
// beast.cpp: Boost.Beast as an echo server, and as a client of one. One thread, one connection after the other.
//
//   beast server|client PORT [deflate]
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = boost::asio::ip::tcp;

/// Offers or takes permessage-deflate, where that is asked for.
void set_deflate(websocket::stream<tcp::socket>& ws, bool deflate) {
  websocket::permessage_deflate options;
  options.server_enable = options.client_enable = deflate;
  ws.set_option(options);
}

void echo(tcp::socket socket, bool deflate) try {
  websocket::stream<tcp::socket> ws(std::move(socket));
  set_deflate(ws, deflate);
  ws.accept();
  for (beast::flat_buffer buffer;; buffer.clear()) {
    ws.read(buffer);
    ws.text(ws.got_text());
    ws.write(buffer.data());
  }
} catch (const beast::system_error& error) {
  if (error.code() != websocket::error::closed) std::fprintf(stderr, "beast: %s\n", error.what());
}

[[noreturn]] void serve(tcp::endpoint endpoint, bool deflate) {
  boost::asio::io_context context;
  tcp::acceptor acceptor(context, endpoint);
  std::printf("listening on port %d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  for (;;) echo(acceptor.accept(), deflate);
}

void check(const std::string& name, bool good) {
  if (!good) throw std::runtime_error(name + ": what came is not what was sent");
  std::printf("ok beast: %s\n", name.c_str());
}

std::string read(websocket::stream<tcp::socket>& ws) {
  beast::flat_buffer buffer;
  ws.read(buffer);
  return beast::buffers_to_string(buffer.data());
}

void ask(tcp::endpoint endpoint, bool deflate) {
  boost::asio::io_context context;
  websocket::stream<tcp::socket> ws(context);
  set_deflate(ws, deflate);
  ws.next_layer().connect(endpoint);
  ws.handshake("127.0.0.1:" + std::to_string(endpoint.port()), "/");

  for (const std::string text : {"", "Hello", "Kett und Schuß: 経と緯 🧵"}) {
    ws.text(true);
    ws.write(boost::asio::buffer(text));
    check("text of " + std::to_string(text.size()) + " bytes", read(ws) == text && ws.got_text());
  }
  ws.binary(true);
  for (const bool fragments : {false, true}) {
    ws.auto_fragment(fragments);
    for (const std::size_t size : {0, 1, 125, 126, 65535, 65536, 1024 * 1024}) {
      std::string data(size, '\0');
      for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<char>(i * 31 + (i >> 8));
      ws.write(boost::asio::buffer(data));
      const std::string name = "binary of " + std::to_string(size) + " bytes" + (fragments ? " in fragments" : "");
      check(name, read(ws) == data && ws.got_binary());
    }
  }

  std::string pong;
  ws.control_callback([&](websocket::frame_type type, beast::string_view payload) {
    if (type == websocket::frame_type::pong) pong = std::string(payload);
  });
  ws.text(true);
  const std::string whole = "Kett und Schuß";
  ws.write_some(false, boost::asio::buffer(whole.substr(0, 5)));
  ws.ping("beat");
  ws.write_some(true, boost::asio::buffer(whole.substr(5)));
  check("text in two fragments", read(ws) == whole);
  check("and the pong of a ping between them", pong == "beat");

  ws.close({websocket::close_code(3001), "bye"});
  check("closed with " + std::to_string(ws.reason().code) + " " + ws.reason().reason.c_str(), true);
}

}  // namespace

int main(int count, char** arguments) try {
  const std::string role = count == 3 || count == 4 ? arguments[1] : "";
  if (role != "server" && role != "client") throw std::runtime_error("usage: beast server|client PORT [deflate]");
  const bool deflate = count == 4;
  const auto port = static_cast<unsigned short>(std::atoi(arguments[2]));
  const tcp::endpoint endpoint(boost::asio::ip::address_v4::loopback(), port);
  role == "server" ? serve(endpoint, deflate) : ask(endpoint, deflate);
} catch (const std::exception& error) {
  std::fprintf(stderr, "beast: %s\n", error.what());
  return 1;
}
