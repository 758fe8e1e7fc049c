// SPDX-License-Identifier: MIT
//
// compressed_frames.hpp: any bytes to an endpoint that has agreed to compress, whole, cut at will and bytewise, with
// spans of any size. A message compressed by its engine is as it was, so that the slow decoder knows what must be told.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

#include "fuzz/check.hpp"
#include "fuzz/deflating.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "support/reference.hpp"

#include <weft/deflate/deflate.hpp>

namespace fuzz {

struct copying {
  struct settings {
    bool operator==(const settings&) const = default;
  };
  struct both {
    explicit both(std::uint8_t, const weft::memory_source&, const settings& = {}) noexcept {}
    [[nodiscard]] static bool ready() noexcept { return true; }
    static void reset() noexcept {}
    static std::size_t copy(std::span<const std::byte> in, std::span<std::byte> out) noexcept {
      const std::size_t size = std::min(in.size(), out.size());
      std::copy_n(in.begin(), size, out.begin());
      return size;
    }
  };
  struct inflater : both {
    using both::both;
    static weft::inflated inflate(std::span<const std::byte> in, std::span<std::byte> out, weft::fin last,
                                  std::uint64_t) noexcept {
      const std::size_t size = copy(in, out);
      const auto at_end = last == weft::fin::yes ? weft::inflation::whole : weft::inflation::more;
      return {size == in.size() ? at_end : weft::inflation::full, size, size};
    }
  };
  struct deflater : both {
    using both::both;
    static weft::deflated deflate(std::span<const std::byte> in, std::span<std::byte> out, weft::fin) noexcept {
      const std::size_t size = copy(in, out);
      return {size == in.size(), size, size};
    }
  };
  static constexpr std::uint8_t smallest_window_bits = 8;
  static constexpr bool whole_messages = false;
  static constexpr std::size_t inflater_bytes(std::uint8_t) noexcept { return 0; }
  static constexpr std::size_t deflater_bytes(std::uint8_t, const settings&) noexcept { return 0; }
};

template <role Role>
void compressed_frames_to(source from) {
  using endpoint =
      std::conditional_t<Role == role::server, weft::deflate_server<copying>, weft::deflate_client<copying>>;
  weft::limits limits = some_limits(from);
  limits.max_message_bytes = weft::unlimited;  // of which compressed ones may have more on the wire
  const std::size_t room = from.any_of<std::size_t>({1, 2, 3, 7, 64, 4096});
  const bool takeover = from.flag();
  const weft::deflate_parameters agreed{.server_no_context_takeover = !takeover,
                                        .client_no_context_takeover = !takeover};
  const cutter cut(from);

  support::reference_decoder reference(Role, limits, true);
  reference.feed(from.text());
  const std::string expected = reference.transcript();
  const auto check = [&](const cutter& pieces, std::string_view what) {
    std::array<std::byte, 4096> inflated;
    weft::engine_pool<copying> pool(engine_memory, std::span(inflated).first(room), {});
    receiver<Role, endpoint> ws(limits, agreed, pool);
    ws.take(from.rest(), pieces);
    same_transcript(what, expected, ws.transcript());
    ws.end();
  };
  check(cutter({}), "frames, whole");
  check(cut, "frames, cut");
  check(cutter({1}), "frames, bytewise");
}

inline void compressed_frames(std::span<const std::byte> input) {
  source from(input);
  from.flag() ? compressed_frames_to<role::client>(from) : compressed_frames_to<role::server>(from);
}

}  // namespace fuzz
