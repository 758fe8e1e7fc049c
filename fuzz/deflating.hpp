// SPDX-License-Identifier: MIT
//
// deflating.hpp: what the bodies about permessage-deflate have in common: pools, endpoints, and zlib as it is.
#pragma once

#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"

#include <weft/deflate/deflate.hpp>
#include <weft/deflate/zlib.hpp>

namespace fuzz {

template <role Role>
using deflate_endpoint =
    std::conditional_t<Role == role::server, weft::deflate_server<weft::zlib>, weft::deflate_client<weft::zlib>>;

/// Engines may allocate, by this, where nothing else may.
inline constexpr weft::memory_source engine_memory{[](void*, std::size_t size) {
                                                     const int forbidden =
                                                         std::exchange(support::allocations_forbidden, 0);
                                                     void* const memory = std::malloc(size);
                                                     support::allocations_forbidden = forbidden;
                                                     return memory;
                                                   },
                                                   [](void*, void* memory) { std::free(memory); }};

/// Engines whose spans have these sizes.
class engines {
 public:
  engines(std::size_t inflated, std::size_t deflated, const weft::zlib::settings& with = {})
      : inflated_(inflated, '\0'),
        deflated_(deflated, '\0'),
        pool(engine_memory, std::as_writable_bytes(std::span(inflated_)), std::as_writable_bytes(std::span(deflated_)),
             with) {}

 private:
  std::string inflated_, deflated_;

 public:
  weft::engine_pool<weft::zlib> pool;
};

/// A whole compressed message, as zlib by itself has it, with 32 KiB that came before; none where it is no DEFLATE.
/// RFC 7692 7.2.2. A final block is followed by another stream with the same window.
inline std::optional<std::string> bare_inflate(std::string_view message, std::string_view before) {
  std::string in(message);
  in += std::string_view("\0\0\xff\xff", 4);
  std::string out;
  for (std::size_t at = 0; at < in.size();) {
    std::string window(before);
    window += out;
    if (window.size() > 32768) window.erase(0, window.size() - 32768);
    z_stream stream{};
    if (inflateInit2(&stream, -15) != Z_OK) std::abort();
    inflateSetDictionary(&stream, reinterpret_cast<const Bytef*>(window.data()), static_cast<uInt>(window.size()));
    stream.next_in = reinterpret_cast<Bytef*>(in.data() + at);
    stream.avail_in = static_cast<uInt>(in.size() - at);
    int result = Z_OK;
    while (result == Z_OK) {
      std::array<char, 4096> room;
      stream.next_out = reinterpret_cast<Bytef*>(room.data());
      stream.avail_out = room.size();
      result = ::inflate(&stream, Z_SYNC_FLUSH);
      out.append(room.data(), room.size() - stream.avail_out);
    }
    at = in.size() - stream.avail_in;
    inflateEnd(&stream);
    if (result != Z_STREAM_END && result != Z_BUF_ERROR) return {};
  }
  return out;
}

}  // namespace fuzz
