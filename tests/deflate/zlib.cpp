// SPDX-License-Identifier: MIT
//
// zlib.cpp: zlib as an engine: what it is given and gives back, at every size of either.
#include <weft/deflate/zlib.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#if defined(__linux__) && defined(__x86_64__)
#define WEFT_MAPS
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "support/counting.hpp"
#include "support/deflated.hpp"
#include "support/guarded.hpp"
#include "support/inflate.hpp"

using namespace support;
using weft::fin;
using weft::inflation;

static_assert(weft::zlib::settings{}.level == 6 && weft::zlib::settings{}.memory_level == 8);

namespace {

std::span<const std::byte> bytes_in(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
std::string text_in_bytes(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A message, or a piece, through an output of so many bytes.
std::string deflated_by(weft::zlib::deflater& engine, std::string_view text, std::size_t room, fin last = fin::yes) {
  guarded memory(room);
  const auto out = memory.span(room, flush::back);
  std::string all;
  for (;;) {
    const auto got = without_allocation([&] { return engine.deflate(bytes_in(text), out, last); });
    CHECK(got.made <= room);
    all += text_in_bytes(out.first(got.made));
    text.remove_prefix(got.taken);
    if (!got.done) continue;
    CHECK(text.empty());
    return all;
  }
}

}  // namespace

TEST_CASE(
    "7692 7.2.1 C-13 C-14 CVE-2018-25032 PD-24: all levels, of speed and of memory, at every size of the output") {
  counting_memory memory;
  const auto source = memory.source();
  std::vector<std::string> texts{records(2500), random_bytes(700), std::string(5000, 'a'), "", "x"};
  // many symbols with far references, which once overran zlib's buffer
  std::string far = random_bytes(3000);
  for (std::size_t i = 0; i < 900; ++i) far += far.substr((i * 7919) % 2500, 3 + i % 3) + static_cast<char>(i * 31);
  texts.push_back(far);
  std::size_t runs = 0;
  for (int level = 0; level <= 9; ++level) {
    for (int memory_level = 1; memory_level <= 9; ++memory_level) {
      for (const unsigned bits : {9U, 12U, 15U}) {
        if ((level * 9 + memory_level) % 4 != 0 && memory_level != 1) continue;
        weft::zlib::deflater engine(static_cast<std::uint8_t>(bits), source, {level, memory_level});
        REQUIRE(engine.ready());
        for (const std::size_t room : sizes{16, 17, 23, 64, 100000}) {
          reference_inflater reference(bits);
          for (const auto& text : texts) {
            const auto inflated = reference.inflate(deflated_by(engine, text, room));
            CHECK(inflated.broken == weft::rule::none);
            CHECK((inflated.payload == text));
            ++runs;
          }
          engine.reset();
        }
      }
    }
  }
  std::printf("deflate: %zu messages by levels 0 to 9 with memory levels 1 to 9\n", runs);
}

TEST_CASE("7692 7.2.1 C-14 PD-24 PD-25: the four bytes are taken off wherever the output ends") {
  counting_memory memory;
  const auto source = memory.source();
  weft::zlib::deflater engine(15, source, {});
  const std::string tail("\0\0\xff\xff", 4);
  for (std::size_t size = 0; size <= 64; ++size) {
    for (std::size_t room = weft::min_deflated_bytes; room <= 90; ++room) {
      const std::string text = random_bytes(size, static_cast<std::uint32_t>(size + 1));
      engine.reset();
      const std::string whole = deflated_by(engine, text, room);
      CHECK(reference_inflater().inflate(whole).payload == text);
      CHECK(reference_inflater().inflate(whole).broken == weft::rule::none);
      engine.reset();
      const std::string half = text.substr(0, size / 2);
      const std::string first = deflated_by(engine, half, room, fin::no);
      if (!half.empty()) CHECK(reference_inflater().inflate(less_tail(first)).payload == half);
      const std::string both = first + deflated_by(engine, text.substr(size / 2), room);
      CHECK(reference_inflater().inflate(both).payload == text);
      CHECK(reference_inflater().inflate(both).broken == weft::rule::none);
    }
  }
}

TEST_CASE("7692 7.2.1: a reset in the middle of a piece forgets all of it") {
  counting_memory memory;
  const auto source = memory.source();
  weft::zlib::deflater engine(15, source, {});
  const std::string text = random_bytes(1000);
  std::array<std::byte, 16> out{};
  for (std::size_t calls = 0; calls < 60; ++calls) {
    auto rest = bytes_in(text);
    for (std::size_t i = 0; i < calls; ++i) rest = rest.subspan(engine.deflate(rest, out, fin::yes).taken);
    engine.reset();
    CHECK(reference_inflater().inflate(deflated_by(engine, "Hello", 16)).payload == "Hello");
    engine.reset();
  }
}

TEST_CASE("7692 7.2.2 PD-28 PD-38: without room it tells whether there is more, and without input what it holds") {
  counting_memory memory;
  const auto source = memory.source();
  weft::zlib::inflater engine(15, source);
  REQUIRE(engine.ready());
  const std::string text = records(300);
  const std::string body = deflated(text);
  for (std::size_t room = 1; room <= 301; ++room) {
    CAPTURE(room);
    guarded place(room);
    const auto out = place.span(room, flush::back);
    engine.reset();
    auto got = engine.inflate(bytes_in(body), out, fin::yes, room);
    CHECK(got.made == std::min(room, text.size()));
    CHECK(text_in_bytes(out.first(got.made)) == text.substr(0, room));
    if (room > text.size()) {
      CHECK(got.progress == inflation::whole);
      continue;
    }
    const auto rest = bytes_in(body).subspan(got.taken);
    if (got.progress == inflation::whole) {
      CHECK(room == text.size());
      continue;
    }
    CHECK(got.progress == inflation::full);
    got = engine.inflate(rest, {}, fin::yes, 0);
    CHECK(got.made == 0);
    CHECK(got.progress == (room < text.size() ? inflation::full : inflation::whole));
    if (room == text.size()) continue;
    // what is left comes byte by byte
    std::string tail;
    auto left = rest.subspan(got.taken);
    std::array<std::byte, 1> byte{};
    do {
      got = engine.inflate(left, byte, fin::yes, 1000);
      left = left.subspan(got.taken);
      tail += text_in_bytes(std::span(byte).first(got.made));
    } while (got.progress == inflation::full && tail.size() < 1000);
    CHECK(got.progress == inflation::whole);
    CHECK(tail == text.substr(room));
  }
}

TEST_CASE("7692 7.2.2 C-10 PD-36: an engine comes to an end with every beginning of a message") {
  counting_memory memory;
  const auto source = memory.source();
  weft::zlib::inflater engine(15, source);
  raw_deflater raw({.level = 9});
  const std::string text = records(150) + random_bytes(30);
  std::vector<std::string> bodies{raw.message(text), blocks().stored(text).message(),
                                  blocks().fixed(true).literals("abc").match(10, 2).end().skip_to_byte().message(true)};
  for (const auto& body : bodies) {
    for (std::size_t size = 0; size <= body.size(); ++size) {
      const auto expected = reference_inflater().inflate(body.substr(0, size));
      for (const std::size_t room : sizes{1, 7, 1000}) {
        engine.reset();
        std::vector<std::byte> out(room);
        auto left = bytes_in(body).first(size);
        std::string seen;
        weft::inflated got;
        std::size_t calls = 0;
        do {
          got = engine.inflate(left, out, fin::yes, 1000);
          left = left.subspan(got.taken);
          seen += text_in_bytes(std::span(out).first(got.made));
        } while (got.progress == inflation::full && ++calls < 1000);
        CHECK(seen == expected.payload);
        const bool good = expected.broken == weft::rule::none;
        CHECK(got.progress == (good ? inflation::whole : inflation::truncated));
      }
    }
  }
}

TEST_CASE("7692 7.2.2 PD-38: without room what zlib holds is told from what there is not, wherever the input is cut") {
  counting_memory memory;
  const auto source = memory.source();
  weft::zlib::inflater engine(15, source);
  const std::vector<std::string> bodies{
      blocks().fixed().end().fixed().end().fixed().literals("x").end().message(),
      blocks().fixed().literals("x").end().message(), blocks().stored("").stored("x").stored("").message(),
      blocks().fixed(true).end().skip_to_byte().fixed().literals("x").end().message()};
  for (const auto& body : bodies) {
    for (std::size_t size = 0; size <= body.size(); ++size) {
      CAPTURE(size);
      const auto part = bytes_in(body).first(size);
      const auto expected = reference_inflater().inflate(body.substr(0, size));
      const bool good = expected.broken == weft::rule::none;
      for (const fin last : {fin::yes, fin::no}) {
        engine.reset();
        std::array<std::byte, 8> out{};
        auto got = engine.inflate(part, {}, last, 0);
        CHECK(got.made == 0);
        if (got.progress == inflation::full) {
          const auto left = part.subspan(got.taken);
          got = engine.inflate(left, out, last, out.size());
          got.taken += part.size() - left.size();
        } else {
          CHECK((last == fin::no || expected.payload.empty()));
        }
        if (last == fin::yes) {
          CHECK(text_in_bytes(std::span(out).first(got.made)) == expected.payload);
          CHECK(got.progress == (good ? inflation::whole : inflation::truncated));
          continue;
        }
        CHECK(got.progress == inflation::more);
        CHECK(got.taken == size);
        const std::string begun = text_in_bytes(std::span(out).first(got.made));
        got = engine.inflate(bytes_in(body).subspan(size), out, fin::yes, out.size());
        CHECK(got.progress == inflation::whole);
        CHECK(begun + text_in_bytes(std::span(out).first(got.made)) == "x");
      }
    }
  }
}

TEST_CASE("7692 7.2.2 C-10 PD-36: the four bytes end no message where they are the rest of a block's codes") {
  // 257 literals and 16 more, and 16 distances: lengths 0 and 4, of one bit each. The last 32 are 00 00 FF FF.
  blocks block;
  block.number(0, 1).number(2, 2).number(16, 5).number(15, 5).number(14, 4);
  for (const unsigned length : {16U, 17U, 18U, 0U, 8U, 7U, 9U, 6U, 10U, 5U, 11U, 4U, 12U, 3U, 13U, 2U, 14U, 1U})
    block.number(length == 0 || length == 4 ? 1 : 0, 3);
  for (unsigned symbol = 0; symbol <= 256; ++symbol) block.number(symbol > 240 ? 1 : 0, 1);
  REQUIRE(block.used_bits() == 8);
  CHECK(reference_inflater().inflate(block.bytes()).broken == weft::rule::truncated_deflate);
  counting_memory memory;
  const auto source = memory.source();
  weft::zlib::inflater engine(15, source);
  std::array<std::byte, 8> out{};
  CHECK(engine.inflate(bytes_in(block.bytes()), out, fin::yes, out.size()).progress == inflation::truncated);
}

#if defined(WEFT_MAPS)  // elsewhere it is run by emulators, to which a gibibyte is minutes

namespace {

/// A mebibyte again and again, for more than a gibibyte: memory in address alone.
class repeated_mebibyte {
 public:
  static constexpr std::size_t unit = std::size_t{1} << 20;
  static constexpr std::size_t size = (std::size_t{1} << 30) + unit;

  explicit repeated_mebibyte(const std::string& content) {
    const int file = memfd_create("weft", 0);
    REQUIRE(file >= 0);
    REQUIRE(ftruncate(file, unit) == 0);
    void* const place = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(place != MAP_FAILED);
    begin_ = static_cast<std::byte*>(place);
    for (std::size_t at = 0; at < size; at += unit)
      REQUIRE(mmap(begin_ + at, unit, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED);
    close(file);
    std::copy_n(bytes_in(content).begin(), content.size(), begin_);
  }
  repeated_mebibyte(const repeated_mebibyte&) = delete;
  repeated_mebibyte& operator=(const repeated_mebibyte&) = delete;
  ~repeated_mebibyte() { munmap(begin_, size); }

  [[nodiscard]] std::span<std::byte> first(std::size_t count) const { return {begin_, count}; }

 private:
  std::byte* begin_ = nullptr;
};

}  // namespace

TEST_CASE("7692 7.2.1 A: zlib, which counts in 32 bits, is given a gibibyte at a time, and no end but the last") {
  counting_memory memory;
  const auto source = memory.source();
  constexpr std::size_t gibibyte = std::size_t{1} << 30;
  blocks sixteen;
  for (int i = 0; i < 16; ++i) sixteen.stored(std::string(65531, 'x'));
  const repeated_mebibyte message(sixteen.bytes()), room("");
  const auto in = message.first(gibibyte + 1);  // whose last byte is that which ends a message

  weft::zlib::inflater inflater(15, source);
  auto inflated = inflater.inflate(in, room.first(room.size), fin::yes, room.size);
  CHECK(inflated.progress == inflation::more);
  CHECK(inflated.taken == gibibyte);
  CHECK(inflated.made == gibibyte / 65536 * 65531);
  inflated = inflater.inflate(in.last(1), room.first(room.size), fin::yes, room.size);
  CHECK(inflated.progress == inflation::whole);
  CHECK(inflated.made == 0);

  weft::zlib::deflater deflater(15, source, {.level = 1});
  const auto begun = deflater.deflate(in, room.first(room.size), fin::yes);
  CHECK_FALSE(begun.done);
  CHECK(begun.taken == gibibyte);
  const auto ended = deflater.deflate(in.last(1), room.first(room.size), fin::yes);
  CHECK(ended.done);
  CHECK(ended.taken == 1);
}

#endif

namespace {

/// What another zlib might answer: at a call of one's choice this instead of what zlib does.
struct {
  int calls_before = -1;  ///< that, or none where negative
  int answer = Z_OK;
} odd_inflate, odd_prime, odd_reset;

bool is_odd(auto& odd) {
  return odd.calls_before >= 0 && odd.calls_before-- == 0;
}

}  // namespace

extern "C" {
int __real_inflate(z_streamp, int);
int __real_inflatePrime(z_streamp, int, int);
int __real_inflateResetKeep(z_streamp);

int __wrap_inflate(z_streamp stream, int flush) {
  return is_odd(odd_inflate) ? odd_inflate.answer : __real_inflate(stream, flush);
}
int __wrap_inflatePrime(z_streamp stream, int bits, int value) {
  return is_odd(odd_prime) ? odd_prime.answer : __real_inflatePrime(stream, bits, value);
}
int __wrap_inflateResetKeep(z_streamp stream) {
  return is_odd(odd_reset) ? odd_reset.answer : __real_inflateResetKeep(stream);
}
}

TEST_CASE("C: a zlib that fails where none does, or stands still, ends a message, and never as if it were whole") {
  counting_memory memory;
  const auto source = memory.source();
  // The first ends behind a block and the second in the block that the four bytes end.
  const std::string plain = deflated("Hello"), with_tail = blocks().fixed().literals("x").end().message(true);
  std::array<std::byte, 64> out{};
  const auto inflate = [&](const std::string& body) {
    weft::zlib::inflater engine(15, source);
    return engine.inflate(bytes_in(body), out, fin::yes, out.size()).progress;
  };
  for (const auto& body : {plain, with_tail}) {
    CHECK(inflate(body) == inflation::whole);
    int calls = 0;
    for (auto told = inflation::more; told != inflation::whole; ++calls) {
      CAPTURE(calls);
      REQUIRE(calls < 10);
      odd_inflate = {calls, Z_OK};  // nothing moves
      const auto stood = inflate(body);
      odd_inflate = {calls, Z_MEM_ERROR};
      told = inflate(body);
      CHECK((told == inflation::out_of_memory || told == inflation::whole));
      CHECK((stood == inflation::invalid || stood == inflation::truncated || stood == told));
    }
    odd_inflate = {};
    CHECK(calls > 1);
  }
  // Without room it is no fault to stand in a stored block, and one at a block's end.
  {
    weft::zlib::inflater engine(15, source);
    const std::string stored = blocks().stored("x").message();
    CHECK(engine.inflate(bytes_in(stored).first(5), out, fin::no, out.size()).progress == inflation::more);
    CHECK(engine.inflate(bytes_in(stored).subspan(5), {}, fin::yes, 0).progress == inflation::full);
    CHECK(engine.inflate(bytes_in(stored).subspan(5), out, fin::yes, out.size()).progress == inflation::whole);
    engine.reset();
    odd_inflate = {1, Z_OK};
    const std::string two = blocks().fixed().end().fixed().literals("x").end().message();
    CHECK(engine.inflate(bytes_in(two), {}, fin::yes, 0).progress == inflation::invalid);
    CHECK(odd_inflate.calls_before < 0);
  }
  // A message that may not end in short ends at length.
  odd_prime = {0, Z_STREAM_ERROR};
  CHECK(inflate(plain) == inflation::whole);
  CHECK(text_in_bytes(out).starts_with("Hello"));
  CHECK(odd_prime.calls_before < 0);
  odd_reset = {0, Z_STREAM_ERROR};
  CHECK(inflate(with_tail) == inflation::truncated);
  CHECK(odd_reset.calls_before < 0);
}

TEST_CASE("zlib's memory is what it is said to be") {
  const auto is_near = [](std::size_t measured, std::size_t said) {
    return measured <= said + said / 20 && said <= measured + measured / 20;
  };
  for (unsigned bits = weft::zlib::smallest_window_bits; bits <= 15; ++bits) {
    const auto window = static_cast<std::uint8_t>(bits);
    counting_memory memory;
    const auto source = memory.source();
    {
      weft::zlib::inflater engine(window, source);
      std::array<std::byte, 8> out{};
      CHECK(engine.inflate(bytes_in(deflated("Hello")), out, fin::yes, 8).progress == inflation::whole);
      CHECK(is_near(memory.in_use, weft::zlib::inflater_bytes(window)));
    }
    for (const int level : {1, 9}) {
      const weft::zlib::settings with{.memory_level = level};
      const weft::zlib::deflater engine(window, source, with);
      CHECK(is_near(memory.in_use, weft::zlib::deflater_bytes(window, with)));
    }
  }
}

TEST_CASE("7692 7.1.2 C-04: windows that zlib has and has not, and memory that it has not") {
  counting_memory memory;
  const auto source = memory.source();
  for (const unsigned bits : {8U, 9U, 15U}) {
    CHECK(weft::zlib::inflater(static_cast<std::uint8_t>(bits), source).ready());
    CHECK(weft::zlib::deflater(static_cast<std::uint8_t>(bits), source, {}).ready() == (bits != 8));
  }
  CHECK_FALSE(weft::zlib::deflater(15, source, {.level = 10}).ready());
  CHECK_FALSE(weft::zlib::deflater(15, source, {.memory_level = 0}).ready());
  memory.fails_from = 0;
  CHECK_FALSE(weft::zlib::inflater(15, source).ready());
  CHECK_FALSE(weft::zlib::deflater(15, source, {}).ready());
}

TEST_CASE("7692 7.2.1 7.2.3.6: a reset forgets what is held of the end, and that there is more") {
  counting_memory memory;
  const auto source = memory.source();
  weft::zlib::deflater fresh(15, source, {});
  const std::string hello = deflated_by(fresh, "Hello", 16);
  weft::zlib::deflater engine(15, source, {});
  std::array<std::byte, 64> out{};
  for (std::size_t room = weft::min_deflated_bytes; room <= out.size(); ++room) {
    for (std::size_t size = 1; size <= 80; ++size) {
      const std::string text = random_bytes(size);
      for (const std::string_view next : {"", "Hello"}) {
        (void)engine.deflate(bytes_in(text), std::span(out).first(room), fin::yes);
        engine.reset();
        CHECK(deflated_by(engine, next, 16) == (next.empty() ? std::string(1, '\0') : hello));
        engine.reset();
      }
    }
  }
}
