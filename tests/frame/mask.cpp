// SPDX-License-Identifier: MIT
#include <weft/frame/mask.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

#include <doctest/doctest.h>

#include "support/constant.hpp"
#include "support/fenced.hpp"
#include "support/guarded.hpp"
#include "support/transcript.hpp"

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
  std::size_t cases = 0;
  guarded memory(4096);
  for (std::size_t size = 0; size <= 300; ++size) {
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
  CHECK(cases == 301 * 4 * 4 * 64 * 2);
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

TEST_CASE("5.3 MK-08: what the compiler does is the same") {
  for (std::size_t size = 0; size <= 70; ++size) {
    const std::string payload = pattern(size);
    for (const auto& key : keys) {
      std::string to(size, '\0');
      const auto bytes = std::as_writable_bytes(std::span(to));
      CHECK(weft::detail::mask_each(bytes.data(), std::as_bytes(std::span(payload)), key) == weft::rotated(key, size));
      CHECK(to == expected(payload, key, 0));
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

TEST_CASE("5.3 MK-08 MK-10: payloads around each size from which another way is taken, and large ones") {
  std::size_t cases = 0;
  guarded source(1 << 20);
  guarded target(1 << 20);
  const auto check = [&](std::size_t size, std::size_t phase, std::size_t from_end, flush side) {
    const std::string payload = pattern(size);
    const std::string want = expected(payload, keys[2], phase);
    const fenced from(source, payload, side, from_end);
    const fenced to(target, payload, side, (from_end * 5 + 3) % 64);
    const masking_key key = rotated(keys[2], phase);
    if (mask(to.span(), from.span(), key) != rotated(key, size) || to.text() != want || from.text() != payload)
      FAIL("copying " << size << " phase " << phase << " from end " << from_end);
    if (mask(from.span(), key) != rotated(key, size) || from.text() != want)
      FAIL("size " << size << " phase " << phase << " from end " << from_end);
    if (!from.alone() || !to.alone()) FAIL("size " << size << ": wrote outside");
    cases += 2;
  };
  for (const std::size_t threshold : sizes{128, 512, 2048}) {
    for (std::size_t size = threshold - 17; size <= threshold + 65; ++size) {
      for (std::size_t from_end = 0; from_end < 64; ++from_end)
        check(size, cases / 2, from_end, (size + from_end) % 2 == 0 ? flush::back : flush::front);
    }
  }
  for (const std::size_t size : sizes{65535, 65536, 1000003}) check(size, cases / 2, size % 64, flush::back);
  std::printf("mask: %llu payloads around 128, 512 and 2048 bytes\n", static_cast<unsigned long long>(cases));
}
