// SPDX-License-Identifier: MIT
//
// libwebsockets.cpp: libwebsockets as an echo server, and as a client of one.
//
//   libwebsockets server|client PORT
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <libwebsockets.h>

namespace {

using context = std::unique_ptr<lws_context, decltype(&lws_context_destroy)>;

/// A message that arrives in pieces, behind the room that lws_write() wants before what it sends.
struct gathered {
  std::vector<unsigned char> data = std::vector<unsigned char>(LWS_PRE);
  bool whole = false;  // a socket becomes writeable at other times too

  void add(const void* piece, std::size_t size) {
    const auto* const bytes = static_cast<const unsigned char*>(piece);
    data.insert(data.end(), bytes, bytes + size);
  }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(data.data()) + LWS_PRE, data.size() - LWS_PRE};
  }
  void write(lws* wsi, int kind) {
    const std::size_t size = data.size() - LWS_PRE;
    if (lws_write(wsi, data.data() + LWS_PRE, size, static_cast<lws_write_protocol>(kind)) < static_cast<int>(size))
      throw std::runtime_error("a message was not taken");
  }
};

int write_later(lws* wsi) {
  lws_callback_on_writable(wsi);
  return 0;
}

int serve(lws* wsi, lws_callback_reasons reason, void* session, void* in, std::size_t size) {
  auto& message = *static_cast<gathered**>(session);
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED: message = new gathered; return 0;
    case LWS_CALLBACK_CLOSED: delete message; return 0;
    case LWS_CALLBACK_RECEIVE:
      message->add(in, size);
      if (!lws_is_final_fragment(wsi)) return 0;
      message->whole = true;
      lws_rx_flow_control(wsi, 0);  // until it is sent
      return write_later(wsi);
    case LWS_CALLBACK_SERVER_WRITEABLE:
      if (!message->whole) return 0;
      message->write(wsi, lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
      *message = {};
      lws_rx_flow_control(wsi, 1);
      return 0;
    default: return 0;
  }
}

/// One frame after the other is sent; where a message ends, or a Ping is sent, its answer comes first.
struct step {
  std::string name;
  int kind;
  std::string payload, answer;
};

struct {
  std::vector<step> plan;
  std::size_t next = 0;
  bool waiting = false;  // for the answer to the next of the plan
  gathered answer;
  bool over = false;
} asked;

void make_plan() {
  for (const std::string text : {"", "Hello", "Kett und Schuß: 経と緯 🧵"})
    asked.plan.push_back({"text of " + std::to_string(text.size()) + " bytes", LWS_WRITE_TEXT, text, text});
  for (const std::size_t size : {0, 1, 125, 126, 65535, 65536, 1024 * 1024}) {
    std::string data(size, '\0');
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<char>(i * 31 + (i >> 8));
    asked.plan.push_back({"binary of " + std::to_string(size) + " bytes", LWS_WRITE_BINARY, data, data});
  }
  asked.plan.push_back({"", LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, "Kett ", ""});
  asked.plan.push_back({"", LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN, "und ", ""});
  asked.plan.push_back({"text in three fragments", LWS_WRITE_CONTINUATION, "Schuß", "Kett und Schuß"});
  asked.plan.push_back({"a ping has its pong", LWS_WRITE_PING, "beat", "beat"});
}

int take_answer(lws* wsi) {
  const step& sent = asked.plan[asked.next++];
  if (asked.answer.text() != sent.answer) throw std::runtime_error(sent.name + ": what came is not what was sent");
  std::printf("ok libwebsockets: %s\n", sent.name.c_str());
  asked.answer = {};
  asked.waiting = false;
  return write_later(wsi);
}

int send_next(lws* wsi) {
  if (asked.waiting) return 0;
  if (asked.next == asked.plan.size()) {
    unsigned char reason[] = "bye";
    lws_close_reason(wsi, static_cast<lws_close_status>(3001), reason, 3);
    return -1;
  }
  const step& next = asked.plan[asked.next];
  gathered out;
  out.add(next.payload.data(), next.payload.size());
  out.write(wsi, next.kind);
  asked.waiting = !next.name.empty();
  if (asked.waiting) return 0;
  ++asked.next;
  return write_later(wsi);
}

int ask(lws* wsi, lws_callback_reasons reason, void*, void* in, std::size_t size) {
  switch (reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: throw std::runtime_error("no connection");
    case LWS_CALLBACK_CLIENT_ESTABLISHED: return write_later(wsi);
    case LWS_CALLBACK_CLIENT_WRITEABLE: return send_next(wsi);
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG: asked.answer.add(in, size); return take_answer(wsi);
    case LWS_CALLBACK_CLIENT_RECEIVE:
      asked.answer.add(in, size);
      return lws_is_final_fragment(wsi) ? take_answer(wsi) : 0;
    case LWS_CALLBACK_CLIENT_CLOSED: asked.over = true; return 0;
    default: return 0;
  }
}

int run(const std::string& role, int port) {
  const bool server = role == "server";
  const lws_protocols protocols[] = {
      {"echo", server ? serve : ask, sizeof(gathered*), 64 * 1024, 0, nullptr, 0},
      {nullptr, nullptr, 0, 0, 0, nullptr, 0},
  };
  lws_set_log_level(LLL_ERR, nullptr);
  lws_context_creation_info wanted{};
  wanted.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  wanted.port = server ? port : CONTEXT_PORT_NO_LISTEN;
  wanted.iface = "127.0.0.1";
  wanted.protocols = protocols;
  const context made(lws_create_context(&wanted), lws_context_destroy);
  lws_vhost* const host = made ? lws_create_vhost(made.get(), &wanted) : nullptr;
  if (host == nullptr) throw std::runtime_error("no context");
  if (server) {
    std::printf("listening on port %d\n", lws_get_vhost_listen_port(host));
    std::fflush(stdout);
  } else {
    make_plan();
    lws_client_connect_info to{};
    to.context = made.get();
    to.vhost = host;
    to.address = to.host = "127.0.0.1";
    to.port = port;
    to.path = "/";
    if (lws_client_connect_via_info(&to) == nullptr) throw std::runtime_error("no connection");
  }
  while (!asked.over && lws_service(made.get(), 0) >= 0) continue;
  if (asked.next != asked.plan.size()) throw std::runtime_error("closed before the end");
  if (!server) std::printf("ok libwebsockets: closed\n");
  return 0;
}

}  // namespace

int main(int count, char** arguments) try {
  const std::string role = count == 3 ? arguments[1] : "";
  if (role != "server" && role != "client") throw std::runtime_error("usage: libwebsockets server|client PORT");
  return run(role, std::atoi(arguments[2]));
} catch (const std::exception& error) {
  std::fprintf(stderr, "libwebsockets: %s\n", error.what());
  return 1;
}
