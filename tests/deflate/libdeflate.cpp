// SPDX-License-Identifier: MIT
//
// libdeflate.cpp: libdeflate as an engine: whole messages, their ends, their limits and their memory.
#include <weft/deflate/libdeflate.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <weft/deflate/deflate.hpp>
#include <weft/deflate/zlib.hpp>
#include <weft/handshake/extensions.hpp>

#include "support/allocation.hpp"
#include "support/transcript.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::inflation;
using weft::libdeflate;
using weft::role;
using weft::rule;

static_assert(weft::engine<libdeflate>);
static_assert(libdeflate::settings{}.level == 6);
static_assert(libdeflate::whole_messages && libdeflate::smallest_window_bits == 15);

namespace {

constexpr std::uint64_t plenty = std::uint64_t{1} << 40;

/// Memory that counts, and is not there from one call on or at one call.
struct counted {
  counted() = default;
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { CHECK(blocks.empty()); }

  weft::memory_source source{[](void* self, std::size_t size) { return static_cast<counted*>(self)->give(size); },
                             [](void* self, void* memory) { static_cast<counted*>(self)->take(memory); }, this};
  std::map<void*, std::size_t> blocks;
  std::size_t in_use = 0, most = 0, calls = 0;
  std::size_t fails_from = std::numeric_limits<std::size_t>::max(), fails = 0;

 private:
  void* give(std::size_t size) {
    const std::size_t call = calls++;
    if (call >= fails_from && call - fails_from < fails) return nullptr;
    const int forbidden = std::exchange(allocations_forbidden, 0);
    void* const memory = std::malloc(size);
    blocks.emplace(memory, size);
    allocations_forbidden = forbidden;
    most = std::max(most, in_use += size);
    return memory;
  }
  void take(void* memory) {
    const auto block = blocks.find(memory);
    REQUIRE(block != blocks.end());
    in_use -= block->second;
    blocks.erase(block);
    std::free(memory);
  }
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

struct outcome {
  inflation progress;
  std::string text;
  bool operator==(const outcome&) const = default;
};

/// A message in pieces of so many bytes, into an output of so many, as deflate_extension gives it.
template <class Inflater>
outcome inflate(Inflater& engine, std::string_view message, std::size_t out_size = 65536,
                std::size_t piece = std::string_view::npos, std::uint64_t room = plenty) {
  std::vector<std::byte> out(out_size);
  std::string text;
  for (int idle = 0; idle < 3;) {
    const auto in = message.substr(0, piece);
    const auto to =
        std::span(out).first(static_cast<std::size_t>(std::min<std::uint64_t>(out_size, room - text.size())));
    const weft::fin last{in.size() == message.size()};
    const auto got = without_allocation([&] { return engine.inflate(bytes_of(in), to, last, room - text.size()); });
    REQUIRE(got.made <= to.size());
    REQUIRE(got.taken <= in.size());
    message.remove_prefix(got.taken);
    text.append(reinterpret_cast<const char*>(out.data()), got.made);
    if (got.progress == inflation::full && got.made == 0) return {inflation::full, text};
    if (got.progress != inflation::more && got.progress != inflation::full) return {got.progress, text};
    idle = got.taken == 0 && got.made == 0 ? idle + 1 : 0;
  }
  FAIL("a hang");
  return {inflation::more, text};
}

outcome inflate(std::string_view message, std::uint64_t room = plenty) {
  libdeflate::inflater engine(15, weft::heap);
  REQUIRE(engine.ready());
  return inflate(engine, message, 65536, std::string_view::npos, room);
}

/// A message as it is sent, by an output of so many bytes.
template <class Deflater>
std::string deflate(Deflater& engine, std::string_view text, std::size_t out_size = 65536,
                    weft::fin last = weft::fin::yes) {
  std::vector<std::byte> out(out_size);
  std::string message;
  for (;;) {
    const auto got = without_allocation([&] { return engine.deflate(bytes_of(text), out, last); });
    REQUIRE(got.made <= out_size);
    REQUIRE((got.done || got.made != 0));
    text.remove_prefix(got.taken);
    message.append(reinterpret_cast<const char*>(out.data()), got.made);
    if (got.done) break;
  }
  CHECK(text.empty());
  return message;
}

std::string deflate(std::string_view text, int level = 6) {
  libdeflate::deflater engine(15, weft::heap, {.level = level});
  REQUIRE(engine.ready());
  return deflate(engine, text);
}

outcome whole(std::string_view text) {
  return {inflation::whole, std::string(text)};
}

bool is_refused(std::string_view message) {
  const auto got = inflate(message);
  return (got.progress == inflation::invalid || got.progress == inflation::truncated) && got.text.empty();
}

std::vector<std::string> samples() {
  std::mt19937 random(7692);
  std::vector<std::size_t> of{65535, 65536, 1 << 20};
  for (std::size_t size = 0; size <= 300; ++size) of.push_back(size);
  std::vector<std::string> all;
  for (const std::size_t size : of) {
    std::string noise(size, 0), words;
    for (char& c : noise) c = static_cast<char>(random());
    while (words.size() < size) words += "word " + std::to_string(random() % 100) + ", ";
    words.resize(size);
    all.insert(all.end(), {std::string(size, '\0'), noise, words});
  }
  return all;
}

/// Bits as RFC 1951 section 3.1.1 packs them.
class bit_writer {
 public:
  void number(unsigned value, unsigned bits) {
    for (unsigned i = 0; i < bits; ++i) bit(value >> i & 1);
  }
  void code(unsigned value, unsigned bits) {
    while (bits-- > 0) bit(value >> bits & 1);
  }
  void bit(unsigned value) {
    if (count_ % 8 == 0) bytes_ += '\0';
    bytes_.back() = static_cast<char>(static_cast<unsigned char>(bytes_.back()) | value << count_ % 8);
    ++count_;
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::size_t count_ = 0;
};

/// A stored block, RFC 1951 section 3.2.4, of which this is the content or the begin of it.
std::string stored(std::string_view content, std::size_t size, char header = 0) {
  const auto low = static_cast<char>(size), high = static_cast<char>(size >> 8);
  return std::string{header, low, high, static_cast<char>(~low), static_cast<char>(~high)} + std::string(content);
}

/// What libdeflate by itself leaves of these bytes, where it makes anything of them.
std::optional<std::size_t> left_of(std::string_view bytes) {
  auto* const plain = libdeflate_alloc_decompressor();
  std::vector<char> out(1 << 17);
  std::size_t taken = 0, made = 0;
  const auto result =
      libdeflate_deflate_decompress_ex(plain, bytes.data(), bytes.size(), out.data(), out.size(), &taken, &made);
  libdeflate_free_decompressor(plain);
  return result == LIBDEFLATE_SUCCESS ? std::optional(bytes.size() - taken) : std::nullopt;
}

}  // namespace

TEST_CASE("7692 7.2.3: the examples of the RFC are inflated by libdeflate") {
  const std::array<std::string, 5> hello{hex("f2 48 cd c9 c9 07 00"), hex("00 05 00 fa ff 48 65 6c 6c 6f 00"),
                                         hex("f3 48 cd c9 c9 07 00 00"), hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"),
                                         deflate("Hello")};
  for (const auto& message : hello) {
    for (const std::size_t out : sizes{1, 2, 3, 7, 31, 4096}) {
      for (const std::size_t piece : sizes{1, 2, 3, 100}) {
        libdeflate::inflater engine(15, weft::heap);
        for (int times = 0; times < 3; ++times) CHECK(inflate(engine, message, out, piece) == whole("Hello"));
      }
    }
  }
  CHECK(inflate(hex("00")) == whole(""));
}

TEST_CASE("7692 7.2.3.2: what refers to an earlier message is invalid, for there is no window") {
  libdeflate::inflater engine(15, weft::heap);
  CHECK(inflate(engine, hex("f2 48 cd c9 c9 07 00")) == whole("Hello"));
  CHECK(inflate(engine, hex("f2 00 11 00 00")) == outcome{inflation::invalid, ""});
}

TEST_CASE("7692 7.2.3.4: blocks behind a final one") {
  const std::string final_hello = hex("f3 48 cd c9 c9 07 00");
  CHECK(inflate(final_hello + final_hello + hex("f2 48 cd c9 c9 07 00")) == whole("HelloHelloHello"));
  CHECK(inflate(final_hello + hex("00 00 00 ff ff") + hex("00")) == whole("Hello"));
  CHECK(inflate(final_hello + hex("01")) == whole("Hello"));  // the last is one too
  CHECK(inflate(hex("01")) == whole(""));
  CHECK(inflate(final_hello) == outcome{inflation::truncated, ""});
  CHECK(is_refused(final_hello + hex("f2 00 11 00 00")));  // refers to what is before it
  std::string many;
  for (int i = 0; i < 100000; ++i) many += hex("03 00");
  CHECK(inflate(many + final_hello + hex("00")) == whole("Hello"));
}

TEST_CASE(
    "7692 7.2.2: a message that does not end with a block is refused, and gives nothing of what is put behind it") {
  for (const std::string_view message : {"",
                                         "00 ff ff 00 00 41",
                                         "f2 48 cd c9 c9 07",
                                         "f2 48 cd",
                                         "f2",
                                         "00 05 00 fa ff 48 65",
                                         "00 04 00 fb ff",
                                         "00 00",
                                         "00 00 00 ff",
                                         "00 00 00 ff ff",
                                         "00 06 00 f9 ff 48 65",
                                         "01 04 00 fb ff",
                                         "07",
                                         "04",
                                         "05",
                                         "02",
                                         "03",
                                         "03 00",
                                         "ed fd",
                                         "fa 48 cd c9 c9 07 00",
                                         "00 00 00 ff fe 00"}) {
    CAPTURE(message);
    CHECK(is_refused(hex(message)));
  }
}

TEST_CASE("7692 7.2.2: no stored block takes what is put behind the message, however long it is") {
  for (std::size_t missing = 1; missing < 1000; ++missing) {
    CAPTURE(missing);
    for (const char header : {'\0', '\1'}) {
      CHECK(is_refused(stored("He", 2 + missing, header)));
      CHECK(is_refused(stored("", missing, header)));
      CHECK(is_refused(stored("He", 2 + 65535 - missing, header)));
    }
    // a message that ends as such a block would
    std::string text = "He" + stored("", missing).substr(1);
    CHECK(inflate(stored(text, text.size()) + '\0') == whole(text));
    CHECK(inflate(stored(text, text.size(), '\1') + '\0') == whole(text));
    CHECK(inflate(stored(text, text.size()) + '\1') == whole(text));
    text += stored("", missing + 1).substr(1);
    CHECK(inflate(deflate(text)) == whole(text));
    CHECK(is_refused(stored(text, text.size() + missing)));
    text += std::string(missing, '\xff');
    CHECK(inflate(deflate(text)) == whole(text));
  }
}

TEST_CASE("7692 7.2.2: no block of codes takes what is put behind the message") {
  // Two codes of lengths and three of literals, so that 00 00 FF FF is the rest of one match, a second, a third, and
  // the end of the block; then the final block that a decompressor at once needs is what it seems.
  bit_writer bits;
  bits.number(0, 3);  // 32768 zeros to refer to
  while (bits.count() % 8 != 0) bits.bit(0);
  for (const char c : stored(std::string(32768, '\0'), 32768).substr(1)) bits.number(static_cast<unsigned char>(c), 8);
  bits.number(0, 1), bits.number(2, 2), bits.number(285 - 257, 5), bits.number(30 - 1, 5), bits.number(18 - 4, 4);
  for (const std::size_t symbol : sizes{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1})
    bits.number(symbol == 0 ? 1 : symbol <= 2 ? 2 : 0, 3);
  const auto length = [&](unsigned of) { of == 0 ? bits.code(0, 1) : bits.code(of == 1 ? 2 : 3, 2); };
  for (unsigned symbol = 0; symbol < 285; ++symbol)
    length(symbol == 'A' || symbol == 256 ? 2 : symbol == 284 ? 1 : 0);                          // 10, 11, 0
  for (unsigned symbol = 0; symbol < 30; ++symbol) length(symbol == 0 || symbol == 29 ? 1 : 0);  // 0, 1
  while (bits.count() % 8 != 4) {
    if (bits.count() % 2 == 0) {
      bits.code(2, 2);
    } else {
      bits.code(0, 7);
    }
  }
  bits.code(0, 4);  // of a match of 7 bits
  const std::string message = bits.bytes();
  CHECK(left_of(message + hex("00 00 ff ff 01 00 00 ff ff")) == 0U);
  CHECK(is_refused(message));
}

TEST_CASE("7692 7.2.2: no block that begins elsewhere in what is put behind the message leads to its end") {
  // The bytes are those of libdeflate.hpp. A run that is left is to be left at its own end, or before the last 6 bytes.
  for (const std::size_t run : sizes{302, 303}) {
    const std::string end = stored(std::string(run, '\xff'), run).substr(1) + stored("\xff", 1, '\1');
    bit_writer all;
    for (const char c : end) all.number(static_cast<unsigned char>(c), 8);
    for (std::size_t from = 0; from < 8 * end.size(); ++from) {
      bit_writer bits;
      while (bits.count() % 8 != from % 8) {  // blocks of the fixed codes: of 10 bits, and one of 19
        bits.number(2, 3);
        if ((from + bits.count() + 1) % 2 != 0 && bits.count() == 3 && from % 2 != 0) bits.code(0x190, 9);
        bits.code(0, 7);
      }
      for (std::size_t i = from; i < 8 * end.size(); ++i) bits.bit(static_cast<unsigned char>(end[i / 8]) >> i % 8 & 1);
      const auto left = left_of(bits.bytes());
      CAPTURE(from);
      CHECK((left == 0U) == (from == 8 * (4 + run)));
      CHECK(left != 6U);
    }
  }
}

TEST_CASE("libdeflate inflates of broken messages what zlib inflates") {
  std::mt19937 random(1951);
  weft::zlib::inflater other(15, weft::heap);
  libdeflate::inflater engine(15, weft::heap);
  weft::zlib::deflater deflater(15, weft::heap, {});
  std::size_t good = 0;
  const auto check = [&](const std::string& message) {
    const auto expected = inflate(other, message, 65536);
    const auto got = inflate(engine, message, 65536);
    other.reset();
    engine.reset();
    CAPTURE(shown(message));
    // What is no DEFLATE to zlib may be some to libdeflate, but their messages have the same ends.
    if (expected.progress == inflation::truncated) CHECK(got.progress != inflation::whole);
    if (got.progress != inflation::whole) CHECK(got.text == "");
    if (expected.progress != inflation::whole) return;
    ++good;
    CHECK((got == expected));
  };
  for (int times = 0; times < 200; ++times) {
    std::string text;
    for (std::size_t n = random() % 60; n-- > 0;) text += static_cast<char>('a' + random() % (1 + random() % 20));
    deflater.reset();
    const std::string message = deflate(deflater, text);
    for (std::size_t cut = 0; cut <= message.size(); ++cut) check(message.substr(0, cut));
    for (int i = 0; i < 100; ++i) {
      std::string flipped = message;
      flipped[random() % flipped.size()] ^= static_cast<char>(1U << random() % 8);
      check(flipped);
    }
  }
  for (int times = 0; times < 20000; ++times) {
    std::string message(random() % 12, '\0');
    for (char& c : message) c = static_cast<char>(random());
    check(message);
    check(message + '\0');
  }
  CHECK(good > 200);
}

TEST_CASE("7692 7.2: what libdeflate deflates it inflates, by outputs of any size") {
  for (const std::size_t size : sizes{1, 2, 3, 7, 31, 4096}) {
    const std::size_t out = std::max<std::size_t>(size, weft::min_deflated_bytes);
    libdeflate::deflater deflater(15, weft::heap, {});
    libdeflate::inflater inflater(15, weft::heap);
    for (const auto& text : samples()) {
      if (text.size() > 100000 && size < 31) continue;
      const std::string message = deflate(deflater, text, out);
      CHECK((inflate(inflater, message, size, size + 100) == whole(text)));
    }
  }
}

TEST_CASE("7692 7.2: libdeflate and zlib inflate what the other deflates") {
  for (int level = 0; level <= 12; ++level) {
    libdeflate::deflater deflater(15, weft::heap, {level});
    weft::zlib::inflater inflater(15, weft::heap);
    weft::zlib::deflater other(15, weft::heap, {std::min(level, 9)});
    libdeflate::inflater engine(15, weft::heap);
    for (const auto& text : samples()) {
      if (level != 6 && text.size() > 200 && level % 5 != 0) continue;
      inflater.reset();
      CHECK((inflate(inflater, deflate(deflater, text)) == whole(text)));
      other.reset();
      CHECK((inflate(engine, deflate(other, text)) == whole(text)));
    }
  }
  CHECK(deflate("") == hex("00"));
  CHECK_FALSE(libdeflate::deflater(15, weft::heap, {13}).ready());
  CHECK_FALSE(libdeflate::deflater(14, weft::heap, {}).ready());
  CHECK(libdeflate::inflater(8, weft::heap).ready());
}

TEST_CASE("B: a message of more bytes than its room gives none, and takes no more memory than that") {
  for (const std::size_t size : sizes{1, 2, 3, 100, 258, 259, 1000, 65536, 1 << 20}) {
    const std::string text(size, 'a');
    const std::string random = samples()[1].substr(0, size);
    for (const std::size_t out : sizes{1, 31, 4096, 1 << 21}) {
      if (size > 100000 && out < 31) continue;
      for (const auto& sample : {text, random}) {
        counted memory;
        libdeflate::inflater engine(15, memory.source);
        const std::string message = deflate(sample);
        CHECK((inflate(engine, message, out, 100000, sample.size()) == whole(sample)));
        engine.reset();
        for (const std::size_t less : sizes{1, 2, 300, 70000}) {
          if (less > sample.size()) continue;
          memory.most = 0;
          CHECK((inflate(engine, message, out, 100000, sample.size() - less) == outcome{inflation::full, ""}));
          CHECK(memory.most <= sample.size() - less + 313 + 2 * (message.size() + 313));
          engine.reset();
        }
        CHECK(memory.in_use == 0);
      }
    }
  }
  const std::string bomb = deflate(std::string(100 << 20, '\0'));
  counted memory;
  libdeflate::inflater engine(15, memory.source);
  CHECK(inflate(engine, bomb, 16384, 1000, 65536).progress == inflation::full);
  CHECK(memory.most <= 65536 + 313 + 2 * (bomb.size() + 313));
  CHECK(inflate(deflate("a"), 0) == outcome{inflation::full, ""});
  CHECK(inflate(hex("00"), 0) == whole(""));
  CHECK(inflate(deflate("a"), weft::unlimited) == whole("a"));
}

namespace {

std::size_t taken_by_malloc = 0;

}  // namespace

TEST_CASE("libdeflate's own memory is what it is said to be, and of the source there is none between messages") {
  libdeflate_set_memory_allocator(
      [](std::size_t size) {
        taken_by_malloc += size;
        return std::malloc(size);
      },
      std::free);
  const auto close_to = [](std::size_t said, std::size_t is) { return is <= said + said / 20 && said <= is + is / 20; };
  counted memory;
  {
    taken_by_malloc = 0;
    const libdeflate::inflater engine(15, memory.source);
    CHECK(close_to(libdeflate::inflater_bytes(15), taken_by_malloc));
  }
  for (int level = 0; level <= 12; ++level) {
    taken_by_malloc = 0;
    const libdeflate::deflater engine(15, memory.source, {level});
    CHECK(close_to(libdeflate::deflater_bytes(15, {level}), taken_by_malloc));
  }
  CHECK(memory.calls == 0);
  libdeflate_set_memory_allocator(std::malloc, std::free);

  libdeflate::inflater inflater(15, memory.source);
  libdeflate::deflater deflater(15, memory.source, {});
  const std::string text(100000, 'a');
  const std::string message = deflate(deflater, text, 100);
  CHECK(memory.in_use == 0);
  CHECK((inflate(inflater, message, 100, 10) == whole(text)));
  CHECK(memory.in_use == 0);
  CHECK(deflate(deflater, text, 200000).size() == message.size());
  CHECK(memory.in_use == 0);
}

TEST_CASE("without memory libdeflate stores, and what it cannot inflate is out_of_memory") {
  for (const auto& text : {std::string("Hello"), std::string(300, 'a'), samples()[1].substr(0, 50000), samples()[6]}) {
    for (std::size_t fails = 1; fails < 100; fails += 98) {
      for (std::size_t call = 0; call < 8; ++call) {
        counted memory;
        libdeflate::deflater deflater(15, memory.source, {});
        libdeflate::inflater inflater(15, memory.source);
        memory.fails_from = call;
        memory.fails = fails;
        const std::string message = deflate(deflater, text, call % 2 == 0 ? 16 : 1000);
        CHECK((inflate(message) == whole(text)));
        memory.fails_from = memory.calls + call;
        const auto got = inflate(inflater, message, 64, 1000);
        CHECK((got == whole(text) || got == outcome{inflation::out_of_memory, ""}));
        if (fails == 1 || got.progress == inflation::whole) continue;
        memory.fails = 0;
        inflater.reset();
        CHECK((inflate(inflater, message, 64, 1000) == whole(text)));
      }
    }
  }
}

TEST_CASE("7692 7.2.1: of a message that goes on libdeflate makes no end, with memory or without") {
  for (const std::size_t out_size : sizes{16, 1000}) {
    for (const std::size_t fails : sizes{0, 100}) {
      counted memory;
      memory.fails_from = 0;
      memory.fails = fails;
      libdeflate::deflater engine(15, memory.source, {});
      const std::string text(200, 'a');
      const std::string message = deflate(engine, text, out_size, fin::no) + deflate(engine, "", out_size, fin::no) +
                                  deflate(engine, text, out_size);
      CHECK((inflate(message) == whole(text + text)));
      CHECK(message.back() == '\0');  // 7.2.3.4
    }
  }
}

namespace {

template <class Engine>
struct pool {
  explicit pool(const weft::memory_source& memory = weft::heap, std::size_t size = 1000)
      : inflated(size), deflated(size), engines(memory, inflated, deflated) {}
  std::vector<std::byte> inflated, deflated;
  weft::engine_pool<Engine> engines;
};

template <class Connection>
std::string told(Connection& ws, std::string_view bytes) {
  std::vector<std::byte> copy(bytes_of(bytes).begin(), bytes_of(bytes).end());
  transcript all;
  for (std::span<std::byte> in(copy); auto event = ws.next(in);) {
    const std::string_view payload(reinterpret_cast<const char*>(event->payload.data()), event->payload.size());
    if (event->kind == weft::kind::violation) {
      all.entry("violation " + std::string(weft::name(event->violation.rule)));
    } else {
      all.data(event->kind == weft::kind::text ? "text" : "binary", payload, event->fin == fin::yes);
    }
  }
  return all.text();
}

std::string wire_of(auto&& frames) {
  std::string wire;
  for (const auto& frame : frames) weft::append(wire, frame);
  CHECK(frames.refusal() == weft::refusal::none);
  return wire;
}

std::string told_of(std::string_view text) {
  transcript all;
  all.data("binary", text, true);
  return all.text();
}

constexpr auto keys = [] { return weft::masking_key{}; };

}  // namespace

TEST_CASE("7692 7.1.1: libdeflate agrees to no context takeover and to no small window") {
  constexpr auto ours = weft::parameters_for<libdeflate>;
  static_assert(weft::parameters_for<weft::zlib> == weft::deflate_parameters{});
  static_assert(ours.server_no_context_takeover && ours.client_no_context_takeover);
  CHECK(weft::can_honour<libdeflate>(ours, role::server));
  CHECK(weft::can_honour<libdeflate>(ours, role::client));
  CHECK_FALSE(weft::can_honour<libdeflate>({.server_no_context_takeover = true}, role::server));
  CHECK(weft::can_honour<libdeflate>({.server_no_context_takeover = true}, role::client));
  CHECK(weft::can_honour<libdeflate>({.client_no_context_takeover = true}, role::server));
  CHECK_FALSE(weft::can_honour<libdeflate>({.client_no_context_takeover = true}, role::client));
  static_assert(weft::can_honour<weft::zlib>({}, role::server));
  static_assert(weft::bytes_required<libdeflate>(ours, role::server).idle == 0);
}

TEST_CASE("7692 7.2: a server with libdeflate and a client with zlib, and the other way round") {
  constexpr auto agreed = weft::parameters_for<libdeflate>;
  counted memory;
  {
    pool<libdeflate> fast(memory.source);
    pool<weft::zlib> other(memory.source);
    weft::deflate_server<libdeflate> server(agreed, fast.engines);
    weft::deflate_client<weft::zlib> client(agreed, other.engines);
    weft::deflate_server<weft::zlib> other_server(agreed, other.engines);
    weft::deflate_client<libdeflate> fast_client(agreed, fast.engines);
    CHECK((server.agreed() && client.agreed() && other_server.agreed() && fast_client.agreed()));
    for (const auto& text : samples()) {
      if (text.size() > 100000) continue;
      const std::string expected = told_of(text);
      const auto how = weft::compression::yes;
      CHECK(told(client, wire_of(server.binary(text, fin::yes, how))) == expected);
      CHECK(told(server, wire_of(client.binary(keys, text, fin::yes, how))) == expected);
      CHECK(told(other_server, wire_of(fast_client.binary(keys, text, fin::yes, how))) == expected);
      CHECK(told(fast_client, wire_of(other_server.binary(text, fin::yes, how))) == expected);
    }
    // pieces are not compressed by who compresses whole messages
    std::string wire = wire_of(server.binary("Hello", fin::no, weft::compression::yes));
    wire += wire_of(server.binary(", world", fin::yes));
    CHECK(wire == from_server::binary("Hello", fin::no) + unmasked(0x80, ", world"));
    CHECK(told(client, wire) == "binary Hello, world fin");
  }
  CHECK(memory.in_use == 0);
}

TEST_CASE("7692 7.1.1: where the peer may refer to earlier messages libdeflate agrees to nothing") {
  pool<libdeflate> fast;
  pool<weft::zlib> other;
  const weft::deflate_parameters takeover{};
  weft::deflate_server<libdeflate> server(takeover, fast.engines);
  CHECK_FALSE(server.agreed());
  weft::deflate_client<weft::zlib> client(takeover, other.engines);
  CHECK(told(server, wire_of(client.binary(keys, "Hello", fin::yes, weft::compression::yes))) ==
        "violation reserved_bit");

  // but where only it may, every message begins anew, and a peer that keeps its window does not mind
  const weft::deflate_parameters ours_only{.client_no_context_takeover = true};
  weft::deflate_server<libdeflate> second(ours_only, fast.engines);
  weft::deflate_client<weft::zlib> reader(ours_only, other.engines);
  CHECK(second.agreed());
  const std::string text(500, 'a');
  for (int times = 0; times < 5; ++times) {
    CHECK(told(reader, wire_of(second.binary(text))) == told_of(text));
    CHECK(told(second, wire_of(reader.binary(keys, text))) == told_of(text));
  }
}

TEST_CASE("B: a connection with libdeflate refuses what inflates too far") {
  constexpr auto agreed = weft::parameters_for<libdeflate>;
  pool<libdeflate> fast;
  weft::deflate_client<libdeflate> client(agreed, fast.engines);
  const std::string wire = wire_of(client.binary(keys, std::string(100000, 'a')));
  const auto told_within = [&](weft::limits allowed) {
    weft::deflate_server<libdeflate> server(agreed, fast.engines);
    std::vector<std::byte> copy(bytes_of(wire).begin(), bytes_of(wire).end());
    std::size_t size = 0;
    for (std::span<std::byte> in(copy); auto event = server.next(in, allowed);) {
      if (event->kind == weft::kind::violation) return std::pair(event->violation.rule, size);
      size += event->payload.size();
    }
    return std::pair(rule::none, size);
  };
  CHECK(told_within({.max_message_bytes = 100000}) == std::pair(rule::none, std::size_t{100000}));
  CHECK(told_within({.max_message_bytes = 99999}) == std::pair(rule::message_too_long, std::size_t{0}));
  CHECK(told_within({.max_message_bytes = 100000, .max_inflation = 10}) ==
        std::pair(rule::inflated_too_far, std::size_t{0}));
}

TEST_CASE(
    "a connection with libdeflate whose memory fails at any call sends all the same, and says what it cannot read") {
  constexpr auto agreed = weft::parameters_for<libdeflate>;
  std::string text = samples()[1].substr(0, 3000) + std::string(3000, 'a');
  const std::string expected = told_of(text);
  for (std::size_t fails = 1; fails < 100; fails += 98) {
    for (std::size_t call = 0; call < 12; ++call) {
      CAPTURE(call);
      counted memory;
      pool<libdeflate> failing(memory.source);
      pool<libdeflate> reading;
      memory.fails_from = call;
      memory.fails = fails;
      weft::deflate_server<libdeflate> server(agreed, failing.engines);
      weft::deflate_client<libdeflate> client(agreed, reading.engines);
      for (int times = 0; times < 2; ++times) {
        CHECK(told(client, wire_of(server.binary(text))) == expected);
        const std::string got = told(server, wire_of(client.binary(keys, text)));
        CHECK((got == expected || got == "violation out_of_memory"));
        if (got != expected) break;
      }
    }
  }
}

TEST_CASE(
    "RFC 1951 3.2.4: what is stored without memory is exact, whatever the output held, and fits it to the last byte") {
  counted memory;
  libdeflate::deflater deflater(15, memory.source, {});
  memory.fails_from = 0;
  memory.fails = std::numeric_limits<std::size_t>::max();
  const auto stored = [&](std::string text, std::size_t room, weft::fin last) {
    std::string out(room, '\xff');
    const auto got = deflater.deflate(std::as_bytes(std::span(text)), std::as_writable_bytes(std::span(out)), last);
    return std::pair(got.taken, out.substr(0, got.made));
  };
  const std::string hello("\x00\x05\x00\xfa\xffHello\x00", 11);
  CHECK(stored("Hello", 16, weft::fin::yes) == std::pair(std::size_t{5}, hello));
  CHECK(stored("Hello", 16, weft::fin::no) == std::pair(std::size_t{5}, hello.substr(0, 10)));
  CHECK(stored("HelloHello", 12, weft::fin::yes).first == 6);
  CHECK(stored("", 16, weft::fin::yes) == std::pair(std::size_t{0}, std::string(1, '\0')));
  const auto longest = stored(std::string(70000, 'x'), 70000, weft::fin::yes);
  CHECK(longest.first == 65535);
  CHECK(longest.second.substr(0, 5) == std::string("\x00\xff\xff\x00\x00", 5));
}

TEST_CASE("7692 5 7.1.1: libdeflate's answer is without context takeover, whatever was offered and wanted") {
  const weft::fields offers("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  const weft::field_list list(offers, "Sec-WebSocket-Extensions");
  for (const bool wanted : {false, true}) {
    const auto answer = weft::choose_deflate<libdeflate>(
        list, {.server_no_context_takeover = wanted, .client_no_context_takeover = wanted});
    REQUIRE(answer.has_value());
    CHECK(answer->server_no_context_takeover);
    CHECK(answer->client_no_context_takeover);
  }
}

namespace {

/// How many bytes less libdeflate says that it made.
std::size_t held_back = 0;

}  // namespace

extern "C" {
libdeflate_result __real_libdeflate_deflate_decompress_ex(libdeflate_decompressor*, const void*, std::size_t, void*,
                                                          std::size_t, std::size_t*, std::size_t*);
libdeflate_result __wrap_libdeflate_deflate_decompress_ex(libdeflate_decompressor* decompressor, const void* in,
                                                          std::size_t in_size, void* out, std::size_t out_size,
                                                          std::size_t* taken, std::size_t* made) {
  const auto result = __real_libdeflate_deflate_decompress_ex(decompressor, in, in_size, out, out_size, taken, made);
  if (result == LIBDEFLATE_SUCCESS) *made -= std::min(*made, held_back);
  return result;
}
}

TEST_CASE("C: of a libdeflate that makes less than was put in, no message is whole") {
  libdeflate::deflater engine(15, weft::heap, {});
  const std::string message = deflate(engine, "Hello");
  CHECK((inflate(message) == whole("Hello")));
  for (held_back = 1; held_back < 400; ++held_back) {
    CAPTURE(held_back);
    CHECK(inflate(message).progress == inflation::truncated);
  }
  held_back = 0;
}
