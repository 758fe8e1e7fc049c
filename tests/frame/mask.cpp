// SPDX-License-Identifier: MIT
#include <weft/frame/mask.hpp>

#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include "support/constant.hpp"
#include "support/guarded.hpp"

using namespace support;
using weft::mask;
using weft::masking_key;

namespace {

std::string pattern(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 31 + 7);
  return bytes;
}

/// RFC 6455 section 5.3 as it stands.
std::string expected(const std::string& payload, const masking_key& key, std::size_t offset) {
  std::string bytes;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes += static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^
                               std::to_integer<std::uint8_t>(key.bytes[(i + offset) % 4]));
  }
  return bytes;
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const masking_key keys[] = {masking_key(constant("\x00\x00\x00\x00")), masking_key(constant("\xff\xff\xff\xff")),
                            masking_key(constant("\x37\xfa\x21\x3d")), masking_key(constant("\x01\x00\x00\x00"))};

}  // namespace

// The masked "Hello" of RFC 6455 section 5.7.
static_assert([] {
  auto payload = constant("Hello");
  mask(payload, masking_key(constant("\x37\xfa\x21\x3d")));
  return equal(payload, constant("\x7f\x9f\x4d\x51\x58"));
}());

TEST_CASE("5.3 MK-08 MK-11 MK-13 E-08: each length, key phase, alignment and key, in place, inside its memory") {
  std::uint64_t cases = 0;
  guarded memory(4096);
  for (std::size_t size = 0; size <= 257; ++size) {
    const std::string payload = pattern(size);
    for (std::size_t phase = 0; phase < 4; ++phase) {
      for (const auto& key : keys) {
        const std::string want = expected(payload, key, phase);
        for (std::size_t from_edge = 0; from_edge < 64; ++from_edge) {
          // From either edge, so that each alignment occurs and the nearest ones fault on any step outside.
          for (const flush side : {flush::back, flush::front}) {
            const auto room = memory.place(
                side == flush::back ? payload + std::string(from_edge, '.') : std::string(from_edge, '.') + payload,
                side);
            const auto at = side == flush::back ? room.first(size) : room.last(size);
            const masking_key next = mask(at, rotated(key, phase));
            ++cases;
            if (text_of(at) != want || next != rotated(key, phase + size)) {
              FAIL_CHECK("size " << size << " phase " << phase << " from edge " << from_edge);
            }
            const auto rest = side == flush::back ? room.last(from_edge) : room.first(from_edge);
            if (text_of(rest) != std::string(from_edge, '.')) FAIL_CHECK("size " << size << ": wrote outside");
          }
        }
      }
    }
  }
  CHECK(cases == 258 * 4 * 4 * 64 * 2);
}

TEST_CASE("5.3 MK-10: masking while copying leaves the source as it is, even where it cannot be written") {
  guarded source(4096);
  const std::string payload = pattern(4096);
  source.place(payload, flush::front);
  source.make_read_only();
  guarded target(4096);
  for (std::size_t size = 0; size <= 300; ++size) {
    const auto from = source.span(4096, flush::front).first(size);
    const auto to = target.span(size, flush::back);
    const masking_key next = mask(to, from, keys[2]);
    CHECK(text_of(to) == expected(payload.substr(0, size), keys[2], 0));
    CHECK(next == rotated(keys[2], size));
  }
}

TEST_CASE("5.3 MK-13: pieces masked one after the other are as the whole") {
  const std::string payload = pattern(100);
  const std::string want = expected(payload, keys[2], 0);
  for (std::size_t first = 0; first <= 100; ++first) {
    for (std::size_t second = first; second <= 100; second += 7) {
      std::string bytes = payload;
      const std::span all(reinterpret_cast<std::byte*>(bytes.data()), bytes.size());
      auto key = mask(all.first(first), keys[2]);
      key = mask(all.subspan(first, second - first), key);
      mask(all.subspan(second), key);
      CHECK(bytes == want);
    }
  }
}

TEST_CASE("5.3: masking twice is unmasking") {
  for (const auto& key : keys) {
    std::string bytes = pattern(77);
    const std::span all(reinterpret_cast<std::byte*>(bytes.data()), bytes.size());
    mask(all, key);
    mask(all, key);
    CHECK(bytes == pattern(77));
  }
}
