// SPDX-License-Identifier: MIT
//
// socket.hpp: TCP for small programs that do one thing after the other. Nothing waits for ever, and what fails throws
// its reason.
#pragma once

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

namespace tcp {

using failure = std::runtime_error;

/// Throws what could not be done, and what the last call said.
[[noreturn]] inline void fail(const std::string& what) {
  throw failure("cannot " + what + ": " + std::strerror(errno));
}

void set(int descriptor, int level, int option, const auto& value) {
  ::setsockopt(descriptor, level, option, &value, sizeof value);
}

/// A connection that is given a time for all that it does.
class stream {
 public:
  explicit stream(int connected, std::chrono::seconds time) : socket_(connected) {
    set(socket_, IPPROTO_TCP, TCP_NODELAY, 1);
    ::fcntl(socket_, F_SETFL, O_NONBLOCK);
    give(time);
  }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  ~stream() { ::close(socket_); }

  /// Sets the time anew, from now on.
  void give(std::chrono::seconds time) { deadline_ = clock::now() + time; }

  /// What came, at the front of `buffer`; nothing where the peer has hung up.
  std::span<std::byte> receive(std::span<std::byte> buffer) {
    for (;;) {
      const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (size >= 0 && clock::now() < deadline_) return buffer.first(static_cast<std::size_t>(size));
      wait(size, POLLIN, "receive");
    }
  }

  void send(std::span<const std::byte> data) {
    while (!data.empty()) {
      const auto size = ::send(socket_, data.data(), data.size(), MSG_NOSIGNAL);
      if (size < 0) wait(size, POLLOUT, "send");
      if (size > 0) data = data.subspan(static_cast<std::size_t>(size));
    }
  }

  /// Nothing more will be sent. The other half stays: to close it on bytes that come is to reset what we said last.
  void shut() { ::shutdown(socket_, SHUT_WR); }

  /// Throws away what still comes, until the peer hangs up or has had its time to.
  void drain(std::chrono::seconds time = std::chrono::seconds(2)) {
    std::byte rest[4096];
    give(time);
    try {
      while (!receive(rest).empty()) continue;
    } catch (const failure&) {  // it hung up in its own way
    }
  }

 private:
  using clock = std::chrono::steady_clock;

  void wait(ssize_t outcome, short what, const char* doing) {
    if (outcome < 0 && errno != EAGAIN && errno != EINTR) fail(doing);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock::now()).count();
    pollfd polled{socket_, what, 0};
    if (left <= 0 || ::poll(&polled, 1, static_cast<int>(left)) == 0) throw failure("the time is over");
  }

  int socket_;
  clock::time_point deadline_;
};

/// A socket that is connected to the first address of a host that answers.
inline int connect(const std::string& host, std::uint16_t port, std::chrono::seconds time) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (error != 0) throw failure("cannot find " + host + ": " + ::gai_strerror(error));
  int connected = -1;
  for (const addrinfo* address = found; address != nullptr && connected < 0; address = address->ai_next) {
    const int socket = ::socket(address->ai_family, SOCK_STREAM, 0);
    set(socket, SOL_SOCKET, SO_SNDTIMEO, timeval{time.count(), 0});  // it bounds connect() too
    if (::connect(socket, address->ai_addr, address->ai_addrlen) == 0) {
      connected = socket;
    } else {
      ::close(socket);
    }
  }
  ::freeaddrinfo(found);
  if (connected < 0) fail("connect to " + host + " at port " + std::to_string(port));
  return connected;
}

}  // namespace tcp
