// SPDX-License-Identifier: MIT
//
// echo_server.cpp: an echo server on POSIX sockets and poll(): one thread, many clients, and a page to try it with.
//
//   c++ -std=c++20 -O2 -Iinclude docs/examples/echo_server.cpp -lz -o echo_server && ./echo_server [port]
//
// weft knows the protocol. What no codec can know is here: sockets, memory, time, and when to hang up. zlib is here for
// compression only; without it `ws` is a weft::server, and the lines with `engines` and `deflate` go.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weft/deflate/zlib.hpp>
#include <weft/weft.hpp>

namespace {

using namespace std::chrono_literals;
using instant = std::chrono::steady_clock::time_point;

// Whatever a peer can make us hold or wait for has an end.
constexpr std::size_t max_peers = 500;
constexpr std::size_t max_head_bytes = 8 * 1024;
constexpr std::size_t max_unsent_bytes = 1024 * 1024;  // a peer that does not read is not read from
constexpr auto handshake_time = 10s;                   // for the whole head: dripping does not stretch it
constexpr auto stall_time = 10s;                       // for a peer to take any of what waits for it
constexpr auto silence_time = 10s;                     // until a peer is pinged, then until it is given up
constexpr auto linger_time = 2s;                       // for a peer to hang up after us
constexpr auto farewell_time = 3s;                     // for everybody's Close when the server stops
constexpr instant never = instant::max();

extern const std::string_view page;  // at the end of the file

instant from_now(std::chrono::milliseconds duration) {
  return std::chrono::steady_clock::now() + duration;
}

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "weft echo server: %s\n", why.c_str());
  std::exit(1);
}

/// What all peers share: the buffer that is read into, and engines with the two buffers that they work through.
struct shared {
  std::vector<std::byte> received = std::vector<std::byte>(64 * 1024);
  std::vector<std::byte> inflated = std::vector<std::byte>(16 * 1024);
  std::vector<std::byte> deflated = std::vector<std::byte>(16 * 1024);
  weft::engine_pool<weft::zlib> engines{weft::heap, inflated, deflated};
};

// Each message is compressed by itself: so a peer holds engines, which are 300 KiB, only while a message is in work.
constexpr weft::deflate_parameters deflate{.server_no_context_takeover = true, .client_no_context_takeover = true};

struct handshake {
  std::array<char, max_head_bytes> head;
  weft::request_reader reader{head};
};

struct peer {
  explicit peer(int accepted) : socket(accepted) {}
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;
  ~peer() { ::close(socket); }

  bool reads() const {
    return stage == handshaking || stage == lingering || (stage == open && unsent.size() < max_unsent_bytes);
  }

  int socket;
  enum {
    handshaking,  // the head of its request is read
    open,         // frames go both ways
    ending,       // everything is said, but not yet sent
    lingering,    // everything is sent: what still comes is thrown away until it hangs up too
    gone,
  } stage = handshaking;
  instant deadline = from_now(handshake_time);
  std::unique_ptr<handshake> opening = std::make_unique<handshake>();  // its 8 KiB are freed as soon as it is over
  std::optional<weft::deflate_server<weft::zlib>> ws;                  // from then on
  std::vector<std::byte> unsent;
  bool pinged = false;
};

/// Appends frames or a response to what is to be sent. What is empty says nothing, which is how weft declines.
void say(peer& p, auto&& message) {
  if (p.unsent.empty()) p.deadline = from_now(stall_time);
  weft::append(p.unsent, message);
}

/// Whether the last call on a socket only asks for patience: poll() will tell when.
bool not_now() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/// Sends what the kernel takes. After the last word it only shuts our half: to close a socket while the peer still
/// sends is to reset it, and a reset can overtake that word.
void flush(peer& p) {
  if (p.stage != peer::open && p.stage != peer::ending) return;
  while (!p.unsent.empty()) {
    const auto sent = ::send(p.socket, p.unsent.data(), p.unsent.size(), 0);
    if (sent < 0) {
      if (!not_now()) p.stage = peer::gone;
      return;
    }
    p.unsent.erase(p.unsent.begin(), p.unsent.begin() + sent);
    p.deadline = from_now(stall_time);
  }
  p.unsent.shrink_to_fit();  // an idle peer holds no buffer
  if (p.stage == peer::ending) {
    ::shutdown(p.socket, SHUT_WR);
    p.stage = peer::lingering;
  }
  p.deadline = from_now(p.stage == peer::open ? silence_time : linger_time);
}

/// Takes the request off `in`; what is left there are frames already.
void shake_hands(peer& p, shared& all, std::span<std::byte>& in) {
  const weft::request& request = p.opening->reader.read(in);
  switch (request.status) {
    case weft::status::partial: return;
    case weft::status::complete: {
      // Any web page may have its echo. A server with something to guard looks at request.origin here.
      const auto agreed = weft::choose_deflate<weft::zlib>(request.extensions(), deflate);
      say(p, weft::accept(request, {.deflate = agreed}));
      p.ws.emplace(agreed, all.engines);
      p.stage = peer::open;
      break;
    }
    case weft::status::invalid:
      if (request.error.rule != weft::rule::missing_upgrade) {
        say(p, weft::reject(request));
      } else if (request.target != "/") {
        say(p, weft::reject(request, 404, {.content = "There is nothing here but a page at / and an echo.\n"}));
      } else {
        say(p, weft::reject(request, 200, {.content = page, .content_type = "text/html; charset=utf-8"}));
      }
      p.stage = peer::ending;
      break;
  }
  p.opening.reset();
}

/// Sends each piece back as it comes, so no message is ever held. Text was validated on its way in. What one read holds
/// may inflate to a thousand times as much; who cannot spare the time for that sets limits::max_inflation.
void echo(peer& p, std::span<std::byte> in) {
  while (const auto event = p.ws->next(in)) {
    switch (event->kind) {
      case weft::kind::text: say(p, p.ws->text(event->payload, event->fin, weft::utf8::unchecked)); break;
      case weft::kind::binary: say(p, p.ws->binary(event->payload, event->fin)); break;
      case weft::kind::ping:
      case weft::kind::pong:
      case weft::kind::close:
      case weft::kind::violation: say(p, p.ws->answer(*event)); break;
    }
  }
  if (p.ws->state() == weft::state::closed) p.stage = peer::ending;
}

/// Reads once, so that no flood keeps the others waiting.
void read(peer& p, shared& all) {
  const auto size = ::recv(p.socket, all.received.data(), all.received.size(), 0);
  if (size < 0) {
    if (!not_now()) p.stage = peer::gone;
    return;
  }
  if (size == 0) {
    if (p.ws) p.ws->end();  // it may have shut its own half only, so what is unsent is still sent
    if (p.stage != peer::open) p.stage = peer::gone;
  }
  p.pinged = false;
  auto in = std::span(all.received).first(static_cast<std::size_t>(size));
  if (p.stage == peer::handshaking) shake_hands(p, all, in);
  if (p.stage == peer::open) echo(p, in);
  flush(p);
}

/// What a deadline means: a peer that is only silent may be there all the same, and is asked.
void expire(peer& p) {
  if (p.stage == peer::open && p.unsent.empty() && !p.pinged) {
    p.pinged = true;
    say(p, p.ws->ping());
    flush(p);
  } else {
    p.stage = peer::gone;
  }
}

/// Accepts all who wait. False where there is no descriptor or memory for one more.
bool welcome(int listener, std::list<peer>& peers) {
  while (peers.size() < max_peers) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    peers.emplace_back(socket);
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::fcntl(socket, F_SETFL, O_NONBLOCK);
  }
  return true;
}

/// Says Close to every open connection, and hangs up on those that are none yet.
void dismiss(std::list<peer>& peers) {
  for (peer& p : peers) {
    if (p.stage == peer::handshaking) p.stage = peer::gone;
    if (p.stage == peer::open) say(p, p.ws->close(weft::close_code::going_away, "the server stops"));
    flush(p);
  }
}

/// Serves until `stop` can be read from.
void serve(int listener, int stop) {
  shared all;
  std::list<peer> peers;
  std::vector<pollfd> polled;
  instant accept_again = instant::min();
  instant stopped = never;
  for (;;) {
    const instant now = std::chrono::steady_clock::now();
    for (peer& p : peers) {
      if (p.deadline <= now) expire(p);
    }
    std::erase_if(peers, [](const peer& p) { return p.stage == peer::gone; });
    if (stopped <= now || (stopped != never && peers.empty())) return;

    instant next = std::min(now + 1min, stopped);
    if (now < accept_again) next = std::min(next, accept_again);
    const bool accepts = now >= accept_again && peers.size() < max_peers;
    polled = {{stop, POLLIN, 0}, {accepts ? listener : -1, POLLIN, 0}};  // poll() passes over -1
    for (const peer& p : peers) {
      const int events = (p.reads() ? POLLIN : 0) | (p.unsent.empty() ? 0 : POLLOUT);
      polled.push_back({p.socket, static_cast<short>(events), 0});
      next = std::min(next, p.deadline);
    }
    const auto patience = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
    if (::poll(polled.data(), static_cast<nfds_t>(polled.size()), static_cast<int>(patience)) < 0 && errno != EINTR)
      fail(std::string("cannot wait for sockets: ") + std::strerror(errno));

    auto happened = polled.begin() + 2;
    for (peer& p : peers) {
      const int what = (happened++)->revents;
      if (p.reads() && (what & ~POLLOUT) != 0) {
        read(p, all);
      } else if (what != 0) {
        flush(p);
      }
    }
    if (polled[1].revents != 0 && !welcome(listener, peers)) accept_again = from_now(100ms);
    if (polled[0].revents != 0) {
      ::close(listener);
      dismiss(peers);
      stopped = from_now(farewell_time);
      stop = listener = -1;
    }
  }
}

/// A socket that listens on a port of the loopback interface. Port 0 becomes one that is free.
int listen_on(std::uint16_t& port) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  auto* const named = reinterpret_cast<sockaddr*>(&address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;  // else the connections of a server that just ended keep the port for a minute
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  ::fcntl(listener, F_SETFL, O_NONBLOCK);
  if (::bind(listener, named, size) < 0 || ::listen(listener, SOMAXCONN) < 0 ||
      ::getsockname(listener, named, &size) < 0) {
    fail("cannot listen on port " + std::to_string(port) + ": " + std::strerror(errno) +
         "; name another port, or 0 for any that is free");
  }
  port = ntohs(address.sin_port);
  return listener;
}

std::uint16_t port_from(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size())
    fail("'" + std::string(text) + "' is no port; name one from 1 to 65535, or 0 for any that is free");
  return port;
}

std::array<int, 2> stop_pipe;

/// Lets serve() say goodbye. A second signal ends the process at once.
extern "C" void stop_serving(int signal) {
  const int interrupted = errno;
  std::signal(signal, SIG_DFL);
  [[maybe_unused]] const auto written = ::write(stop_pipe[1], "", 1);
  errno = interrupted;
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 2) fail("too many arguments; usage: echo_server [port]");
  std::uint16_t port = count == 2 ? port_from(arguments[1]) : std::uint16_t{4000};
  const int listener = listen_on(port);

  if (::pipe(stop_pipe.data()) < 0) fail(std::string("cannot make a pipe: ") + std::strerror(errno));
  std::signal(SIGINT, stop_serving);
  std::signal(SIGTERM, stop_serving);
  std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up while we write ends its connection, not this process

  std::printf("weft echo server: open http://127.0.0.1:%d/ in a browser (Ctrl-C ends it)\n", port);
  std::fflush(stdout);
  serve(listener, stop_pipe[0]);
}

namespace {

const std::string_view page = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>weft echo</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; --ink: #1e2530; --soft: #5a6270; --paper: #f4f2ec; --card: #fff; --line: #d6d2c6;
          --weft: #0b6e5f; --ours: #e3f0ed; --wait: #8a5a00 }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e8e6e1; --soft: #a5abb5; --paper: #14171c; --card: #1d2127; --line: #3a404a;
            --weft: #5fc9b4; --ours: #1b3833; --wait: #e6b450 } }
  * { box-sizing: border-box }
  body { max-width: 44rem; margin: auto; padding: 1.5rem 1rem; font: 1rem/1.5 system-ui, sans-serif;
         background: var(--paper); color: var(--ink) }
  header, form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; justify-content: space-between }
  h1 { margin: 0; font-size: 1.5rem }
  form, ol { margin: 1rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: .75rem;
             background: var(--card) }
  label { display: grid; gap: .25rem; color: var(--soft); font-size: .875rem }
  .wide { flex: 1 1 12rem }
  input, button { padding: .5rem .75rem; border: 1px solid var(--soft); border-radius: .5rem; font: 1rem/1.5 system-ui }
  input { width: 100%; background: var(--paper); color: var(--ink) }
  button { border-color: var(--weft); background: var(--weft); color: var(--card); font-weight: 600; cursor: pointer }
  button[type=button] { background: none; color: var(--weft) }
  button:disabled { opacity: .45; cursor: default }
  :focus-visible { outline: 3px solid var(--weft); outline-offset: 2px }
  #state { margin: 0; padding: 0 .75rem; border: 2px solid; border-radius: 1rem; font-weight: 600; color: var(--wait) }
  #state.open { color: var(--weft) }
  #state.closed { color: var(--soft) }
  #log { height: 40vh; overflow: auto; scrollbar-color: var(--line) transparent; list-style: none }
  li { width: fit-content; max-width: 85%; margin: 0 auto .5rem 0; padding: .25rem .75rem;
       border: 1px solid var(--line); border-radius: .75rem; white-space: pre-wrap; overflow-wrap: anywhere }
  li.ours { margin-left: auto; margin-right: 0; background: var(--ours) }
  li.note { margin-inline: auto; border: 0; color: var(--soft) }
  li::before { color: var(--soft); font-size: .8125rem }
  li.ours::before { content: "you " }
  li.theirs::before { content: "echo " }
</style>
<header><h1>weft echo</h1><p id="state" role="status"></p></header>
<main>
  <form id="talk">
    <label class="wide">Message<input id="message" autocomplete="off" autofocus></label>
    <button>Send</button>
    <button id="mebibyte" type="button">Send 1 MiB</button>
  </form>
  <ol id="log" role="log" aria-label="Messages" tabindex="0"></ol>
  <form id="leave">
    <label>Close code<input id="code" type="number" value="1000" min="1000" max="4999" required></label>
    <label class="wide">Reason<input id="reason" autocomplete="off"></label>
    <button id="close">Close</button>
    <button id="again" type="button">Connect again</button>
  </form>
</main>
<script>
  const $ = id => document.getElementById(id);
  let ws;

  function show() {
    $('state').textContent = $('state').className = ['connecting', 'open', 'closing', 'closed'][ws.readyState];
    for (const button of document.querySelectorAll('button')) button.disabled = ws.readyState !== WebSocket.OPEN;
    $('again').disabled = ws.readyState !== WebSocket.CLOSED;
  }
  function log(kind, data) {
    const line = document.createElement('li');
    line.className = kind;
    line.textContent = typeof data === 'string' ? data : `${data.byteLength.toLocaleString('en')} bytes of binary`;
    $('log').append(line);
    $('log').scrollTop = $('log').scrollHeight;
  }
  function send(data) {
    log('ours', data);
    ws.send(data);
  }
  function connect() {
    ws = new WebSocket(`ws://${location.host}/`);
    ws.binaryType = 'arraybuffer';
    ws.onopen = show;
    ws.onmessage = event => log('theirs', event.data);
    ws.onclose = ({ code, reason, wasClean }) => {
      log('note', `closed ${wasClean ? 'cleanly' : 'without a goodbye'}: code ${code}, reason ${reason || 'none'}`);
      show();
    };
    show();
  }

  $('talk').onsubmit = event => {
    event.preventDefault();
    send($('message').value);
    $('message').value = '';
  };
  $('mebibyte').onclick = () => send(new ArrayBuffer(1024 * 1024));
  $('leave').onsubmit = event => {
    event.preventDefault();
    try {
      ws.close(Number($('code').value), $('reason').value);
      log('note', `you close: code ${$('code').value}, reason ${$('reason').value || 'none'}`);
    } catch (error) {
      log('note', error.message);
    }
    show();
  };
  $('again').onclick = connect;
  connect();
</script>
)html";

}  // namespace
