// SPDX-License-Identifier: MIT
#include <weft/frame/key_source.hpp>

#include <algorithm>
#include <concepts>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <weft/connection/client.hpp>

#include "support/allocation.hpp"
#include "support/constant.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::key_source;
using weft::masking_key;

namespace {

/// A generator whose byte number i is known, so that it can be found again in the keys. Not one to use: its next key
/// can be told from the last.
struct counter {
  std::uint32_t next = 0;  ///< the key to come
  int calls = 0;
  std::size_t size = 0;  ///< of the last span that was to be filled
  bool was_zero = true;  ///< whether each span came with nothing in it
  constexpr void operator()(std::span<std::byte> bytes) {
    ++calls;
    size = bytes.size();
    for (const std::byte byte : bytes) was_zero = was_zero && byte == std::byte{0};
    for (std::size_t i = 0; i < bytes.size(); i += 4, ++next) {
      for (std::size_t j = 0; j < 4; ++j) bytes[i + j] = static_cast<std::byte>(next >> (24 - 8 * j) & 0xFF);
    }
  }
};

std::uint32_t number_of(const masking_key& key) {
  std::uint32_t number = 0;
  for (const std::byte byte : key.bytes) number = number << 8 | std::to_integer<std::uint32_t>(byte);
  return number;
}

}  // namespace

TEST_CASE("5.3 SE-07 MK-05 E-02: every key is fresh: the generator's bytes in their order, each once") {
  counter generator;
  key_source keys(std::ref(generator));
  for (std::uint32_t i = 0; i < 1000000; ++i) {
    if (number_of(keys()) != i) FAIL_CHECK("key " << i);
  }
}

TEST_CASE("5.3 MK-06: 64 keys a call of the generator, and none before the first is wanted") {
  counter generator;
  key_source keys(std::ref(generator));
  CHECK(generator.calls == 0);
  for (int i = 0; i < 640; ++i) {
    (void)keys();
    CHECK(generator.calls == i / 64 + 1);
    CHECK(generator.size == 64 * 4);
  }
}

TEST_CASE("5.3 SE-15 MK-07 E-07: a key that was given is wiped: the generator finds nothing of those before") {
  counter generator{.next = 0x01010101};  // no byte of these keys is zero
  key_source keys(std::ref(generator));
  for (int i = 0; i < 64 * 100; ++i) (void)keys();
  CHECK(generator.calls == 100);
  CHECK(generator.was_zero);
}

TEST_CASE("5.3 E-03: a generator that fails throws; no key is made of nothing, and the next call asks it again") {
  int calls = 0;
  key_source keys([&](std::span<std::byte> bytes) {
    if (++calls == 2) throw std::runtime_error("no entropy");
    std::fill(bytes.begin(), bytes.end(), static_cast<std::byte>(calls));
  });
  for (int i = 0; i < 64; ++i) CHECK(number_of(keys()) == 0x01010101);
  CHECK_THROWS_AS((void)keys(), std::runtime_error);
  CHECK(number_of(keys()) == 0x03030303);
  CHECK(calls == 3);
}

TEST_CASE("5.3 MK-05: keys() is an argument of each call that sends, and two frames never share a key") {
  key_source keys(counter{.next = 0x37fa213d});
  weft::client ws;
  const auto bytes_of = [](const weft::client::frame& frame) {
    std::string bytes(frame.size(), '\0');
    (void)frame.copy_to(bytes);
    return bytes;
  };
  CHECK(bytes_of(ws.text(keys(), "Hello")) == hex("81 85 37fa213d 7f9f4d5158"));
  std::set<std::string> used{hex("37fa213d")};
  const weft::event beat{.kind = weft::kind::ping};
  for (const auto& frame : {ws.binary(keys(), "x"), ws.ping(keys()), ws.pong(keys()), ws.answer(keys(), beat),
                            ws.close(keys(), weft::close_code::normal, "bye")}) {
    CHECK(used.insert(frames_in(bytes_of(frame)).at(0).key).second);
  }
  CHECK(used.size() == 6);
  CHECK(*used.rbegin() == hex("37fa2142"));
}

TEST_CASE("nothing is allocated for keys") {
  counter generator;
  key_source keys(std::ref(generator));
  CHECK(number_of(without_allocation([&] {
          for (int i = 0; i < 999; ++i) (void)keys();
          return keys();
        })) == 999);
}

// Two sources with the same pool would give the same keys to two connections.
using source = key_source<counter>;
static_assert(!std::is_copy_constructible_v<source> && !std::is_copy_assignable_v<source>);
static_assert(!std::is_move_constructible_v<source> && !std::is_move_assignable_v<source>);
static_assert(!std::is_default_constructible_v<source>);  // E-03: there is no generator but the caller's
static_assert(!std::is_convertible_v<counter, source>);
static_assert(sizeof(source) <= sizeof(counter) + 256 + sizeof(std::size_t));

// What is no generator of bytes.
static_assert(weft::entropy<counter> && weft::entropy<std::reference_wrapper<counter>>);
static_assert(weft::entropy<void (*)(std::span<std::byte>)> && !weft::entropy<std::uint32_t (*)()>);
static_assert(!weft::entropy<void (*)(std::span<const std::byte>, int)> && !weft::entropy<int>);

static_assert([] {
  key_source keys(counter{.next = 0x37fa213d});
  const bool first = keys() == masking_key{constant("\x37\xfa\x21\x3d")};
  for (int i = 1; i < 64; ++i) (void)keys();
  return first && keys() == masking_key{constant("\x37\xfa\x21\x7d")};
}());
