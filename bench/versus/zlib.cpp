// SPDX-License-Identifier: MIT
//
// zlib called bare, as fast as it goes: what the messages of others cost beside it is what is theirs.
#include <zlib.h>

#include <stdexcept>

#include "peer.hpp"

namespace bench {
namespace {

constexpr int window_bits = -15;  // without zlib's own header

class bare_deflater final : public deflater {
 public:
  static std::unique_ptr<deflater> make(takeover with) { return std::make_unique<bare_deflater>(with); }

  explicit bare_deflater(takeover with) : with_(with) {
    constexpr int level = 6;
    constexpr int memory_level = 8;
    if (deflateInit2(&zlib_, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::runtime_error("zlib has no memory");
  }
  bare_deflater(const bare_deflater&) = delete;
  ~bare_deflater() override { (void)deflateEnd(&zlib_); }

  std::size_t pass(std::span<const bytes> messages, std::span<std::byte> out) override {
    std::size_t size = 0;
    for (const bytes message : messages) {
      zlib_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(message.data()));
      zlib_.avail_in = static_cast<uInt>(message.size());
      zlib_.next_out = reinterpret_cast<Bytef*>(out.data() + size);
      zlib_.avail_out = static_cast<uInt>(out.size() - size);
      (void)::deflate(&zlib_, Z_SYNC_FLUSH);
      size = out.size() - zlib_.avail_out - deflated_tail.size();
      if (with_ == takeover::no) (void)deflateReset(&zlib_);
    }
    return size;
  }

 private:
  z_stream zlib_{};
  takeover with_;
};

class bare_inflater final : public decoder {
 public:
  static std::unique_ptr<decoder> make(takeover with) { return std::make_unique<bare_inflater>(with); }

  explicit bare_inflater(takeover with) : with_(with) {
    if (inflateInit2(&zlib_, window_bits) != Z_OK) throw std::runtime_error("zlib has no memory");
  }
  bare_inflater(const bare_inflater&) = delete;
  ~bare_inflater() override { (void)inflateEnd(&zlib_); }

  /// The payload and its tail at once, which is faster than by two calls.
  void pass(std::span<const bytes> reads, std::size_t, sink& told) override {
    static std::array<std::byte, max_message> out;
    for (const bytes read : reads) {
      zlib_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(read.data()));
      zlib_.avail_in = static_cast<uInt>(read.size() + deflated_tail.size());
      zlib_.next_out = reinterpret_cast<Bytef*>(out.data());
      zlib_.avail_out = static_cast<uInt>(out.size());
      (void)::inflate(&zlib_, Z_SYNC_FLUSH);
      told.message(bytes(out).first(out.size() - zlib_.avail_out));
      if (with_ == takeover::no) (void)inflateReset(&zlib_);
    }
  }

 private:
  z_stream zlib_{};
  takeover with_;
};

std::string about() {
  return zlibVersion();
}

}  // namespace

extern const peer zlib_peer;
constinit const peer zlib_peer{
    .name = "zlib",
    .about = about,
    .deflating = bare_deflater::make,
    .inflating = bare_inflater::make,
    .bare = true,
};

}  // namespace bench
