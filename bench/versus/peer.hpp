// SPDX-License-Identifier: MIT
//
// peer.hpp: what a program may ask of a codec, and the one shape that all adapters have. Each adapter is a unit of its
// own and is called once a pass over many frames, weft's too, so that nobody pays more for the call than another.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace bench {

using bytes = std::span<const std::byte>;
using masking_key = std::array<std::byte, 4>;

/// Where an adapter tells what arrived: a call that no compiler sees through, the same for all.
class sink {
 public:
  virtual ~sink() = default;
  virtual void piece(bytes payload) = 0;    ///< of a message, and more of it comes
  virtual void message(bytes payload) = 0;  ///< all of it, or its last piece
  virtual void control(bytes payload) = 0;  ///< a Ping or Pong
};

/// What writev() would do: a header goes out, and the payload from where it lies.
class gathering {
 public:
  virtual ~gathering() = default;
  virtual void send(bytes header, bytes payload) = 0;
};

inline constexpr std::size_t max_read = 64 * 1024;

/// What recv() would do: one buffer for all connections, and a copy into it. Who has a buffer of his own copies there
/// instead, so each codec pays for one copy. Before and behind the bytes is room for who writes there.
inline std::span<std::byte> receive(bytes read) {
  constexpr std::size_t before = 2048;  // half a page from the stream's: see 4 KiB aliasing in the processor's manual
  alignas(4096) static std::array<std::byte, before + max_read + 64> buffer;
  std::memcpy(buffer.data() + before, read.data(), read.size());
  return std::span(buffer).subspan(before, read.size());
}

/// Where answers to Pings go.
inline std::array<std::byte, 256> answers;

/// A server's side of a connection that is open as soon as it is made: fed with what each read brings, it unmasks,
/// checks text to be UTF-8, gathers messages, tells them, and writes a Pong for each Ping.
template <class T>
concept connection = std::default_initializable<T> && requires(T& open, bytes read, sink& told) {
  open.feed(read, told);
};

/// One that takes its reads itself and cannot be told that there is none now: it goes around in them, and is done with
/// as many messages as they hold.
template <class T>
concept pulling_connection = connection<T> && requires(T& open, std::span<const bytes> reads, sink& told) {
  open.pull(reads, std::size_t{}, told);
};

class decoder {
 public:
  virtual ~decoder() = default;
  virtual void pass(std::span<const bytes> reads, std::size_t messages, sink& told) = 0;
};

template <connection T>
class decoder_of final : public decoder {
 public:
  static std::unique_ptr<decoder> make() { return std::make_unique<decoder_of>(); }
  void pass(std::span<const bytes> reads, std::size_t messages, sink& told) override {
    if constexpr (pulling_connection<T>) {
      open_.pull(reads, messages, told);
    } else {
      for (const bytes read : reads) open_.feed(read, told);
    }
  }

 private:
  T open_;
};

/// Many connections.
class fleet {
 public:
  virtual ~fleet() = default;
  /// Each in this order gets one whole frame, these in turn. Their number is a power of two.
  virtual void pass(std::span<const std::uint32_t> order, std::span<const bytes> frames, sink& told) = 0;
};

template <connection T>
class fleet_of final : public fleet {
 public:
  static std::unique_ptr<fleet> make(std::size_t size) { return std::make_unique<fleet_of>(size); }
  explicit fleet_of(std::size_t size) : open_(new T[size]()) {}
  void pass(std::span<const std::uint32_t> order, std::span<const bytes> frames, sink& told) override {
    std::size_t turn = 0;
    for (const auto which : order) open_[which].feed(frames[turn++ & (frames.size() - 1)], told);
  }

 private:
  std::unique_ptr<T[]> open_;
};

/// Whether a message may refer to those before it. RFC 7692 section 7.1.1.
enum class takeover : std::uint8_t { no, yes };

/// A server's side of a connection that compresses, at level 6, with memory level 8 and a window of 32 KiB.
class deflater {
 public:
  virtual ~deflater() = default;
  /// Text messages, each as frames, one behind the other; the bytes written.
  virtual std::size_t pass(std::span<const bytes> messages, std::span<std::byte> out) = 0;
};

inline constexpr std::size_t max_message = 128 * 1024;

/// What RFC 7692 section 7.2.1 takes off a compressed message.
inline constexpr std::array deflated_tail{std::byte{0x00}, std::byte{0x00}, std::byte{0xFF}, std::byte{0xFF}};

/// One payload with its masking key. In place, `to` is where `from` lies.
struct job {
  std::byte* to;
  bytes from;
  masking_key key;

  [[nodiscard]] std::span<std::byte> place() const { return {to, from.size()}; }
};

using jobs = std::span<const job>;

/// How many of them are so.
std::size_t count(jobs all, const auto& so) {
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), so));
}

/// What a codec has; what it has not is null, and the program leaves it out.
struct peer {
  std::string_view name;
  std::string (*about)() = nullptr;  ///< its version, or the instructions that it chose

  std::unique_ptr<decoder> (*decoding)() = nullptr;
  std::unique_ptr<fleet> (*connecting)(std::size_t size) = nullptr;

  void (*mask)(jobs) = nullptr;                    ///< in place; before each payload is room for a header
  void (*mask_copy)(jobs) = nullptr;               ///< from one place to another
  std::size_t (*validate)(jobs) = nullptr;         ///< how many are UTF-8
  std::size_t (*unmask_validate)(jobs) = nullptr;  ///< in place; how many are UTF-8
  bool unmasks_over_header = false;                ///< the payload lands where its header began
  std::size_t block = 1;                           ///< to so many bytes it rounds a payload up

  // A binary frame for each payload, one behind the other; the bytes written.
  std::size_t (*encode_server)(jobs, std::span<std::byte> out) = nullptr;
  std::size_t (*encode_client)(jobs, std::span<std::byte> out) = nullptr;
  void (*encode_header)(jobs, gathering& out) = nullptr;
  void (*make_keys)(std::span<masking_key>) = nullptr;

  // permessage-deflate
  std::unique_ptr<deflater> (*deflating)(takeover) = nullptr;
  std::unique_ptr<decoder> (*inflating)(takeover) = nullptr;
  /// It makes payloads without frames, and a read of it is one: neither framed nor masked, with deflated_tail behind
  /// it.
  bool bare = false;

  /// From the bytes of a request to those of the reply, which it counts; who only parses writes none.
  std::size_t (*handshake)(std::string_view request, std::span<char> reply) = nullptr;
  std::array<char, 28> (*accept_key)(std::string_view key) = nullptr;
};

/// Those that this build has, and the names of those that it has not.
extern const std::span<const peer* const> peers;
extern const std::string_view absent;

/// The copy that each of them pays for: see receive().
extern const peer memcpy_peer;

}  // namespace bench
