// SPDX-License-Identifier: MIT
//
// examined.cpp: how often weft looks at what it was given, counted and not timed. clang tells each load of this program
// to the functions below (-fsanitize-coverage=trace-loads); what the C library copies, compares and searches for it is
// told by the linker (--wrap), unless the compiler does it inline. Counted is what lies in the input or in the memory
// where a head is gathered; a load is counted once for each of its bytes. Loads of more than 16 bytes are told to
// nobody, so no wider vectors are used. Of zlib its calls are counted, and nothing that it does in one.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/deflate/deflate.hpp>
#include <weft/deflate/zlib.hpp>
#include <weft/weft.hpp>

#include "support/wire.hpp"

#if WEFT_WIDEST_VECTOR > 16
#error "to be built with -DWEFT_WIDEST_VECTOR=16 or less"
#endif

namespace {

#define UNWATCHED __attribute__((no_sanitize("coverage")))

struct {
  bool on = false;
  std::array<std::span<const std::byte>, 2> places;  ///< the input, and the memory of a head or of what is inflated
  std::uint64_t bytes = 0;                           ///< of these places, that were loaded
  std::uint64_t loads = 0;                           ///< of anything
  std::uint64_t calls = 0;                           ///< of zlib
  std::uint64_t told = 0;                            ///< bytes of messages
} watched;

UNWATCHED void saw(const void* from, std::size_t size) {
  if (!watched.on) return;
  ++watched.loads;
  const auto at = reinterpret_cast<std::uintptr_t>(from);
  for (const auto place : watched.places) {
    const auto begin = reinterpret_cast<std::uintptr_t>(place.data());
    if (at >= begin && at < begin + place.size()) watched.bytes += size;
  }
}

}  // namespace

extern "C" {
UNWATCHED void __sanitizer_cov_load1(const std::uint8_t* from) {
  saw(from, 1);
}
UNWATCHED void __sanitizer_cov_load2(const std::uint16_t* from) {
  saw(from, 2);
}
UNWATCHED void __sanitizer_cov_load4(const std::uint32_t* from) {
  saw(from, 4);
}
UNWATCHED void __sanitizer_cov_load8(const std::uint64_t* from) {
  saw(from, 8);
}
UNWATCHED void __sanitizer_cov_load16(const __int128* from) {
  saw(from, 16);
}

void* __real_memcpy(void*, const void*, std::size_t);
void* __real_memmove(void*, const void*, std::size_t);
void* __real_memchr(const void*, int, std::size_t);
int __real_memcmp(const void*, const void*, std::size_t);
int __real_bcmp(const void*, const void*, std::size_t);

UNWATCHED void* __wrap_memcpy(void* to, const void* from, std::size_t size) {
  saw(from, size);
  return __real_memcpy(to, from, size);
}
UNWATCHED void* __wrap_memmove(void* to, const void* from, std::size_t size) {
  saw(from, size);
  return __real_memmove(to, from, size);
}
UNWATCHED void* __wrap_memchr(const void* from, int byte, std::size_t size) {
  const void* const found = __real_memchr(from, byte, size);
  saw(from, found == nullptr
                ? size
                : static_cast<std::size_t>(static_cast<const char*>(found) - static_cast<const char*>(from)) + 1);
  return const_cast<void*>(found);
}
UNWATCHED int __wrap_memcmp(const void* a, const void* b, std::size_t size) {
  saw(a, size);
  saw(b, size);
  return __real_memcmp(a, b, size);
}
UNWATCHED int __wrap_bcmp(const void* a, const void* b, std::size_t size) {
  return __wrap_memcmp(a, b, size);
}

int __real_inflate(z_streamp, int);
int __real_inflatePrime(z_streamp, int, int);
int __real_inflateReset(z_streamp);
int __real_inflateResetKeep(z_streamp);
}

namespace {

template <class... Arguments>
UNWATCHED int called(int (*real)(Arguments...), Arguments... with) {
  ++watched.calls;
  const bool was_on = std::exchange(watched.on, false);
  const int result = real(with...);
  watched.on = was_on;
  return result;
}

}  // namespace

extern "C" {
UNWATCHED int __wrap_inflate(z_streamp stream, int flush) {
  return called(__real_inflate, stream, flush);
}
UNWATCHED int __wrap_inflatePrime(z_streamp stream, int bits, int value) {
  return called(__real_inflatePrime, stream, bits, value);
}
UNWATCHED int __wrap_inflateReset(z_streamp stream) {
  return called(__real_inflateReset, stream);
}
UNWATCHED int __wrap_inflateResetKeep(z_streamp stream) {
  return called(__real_inflateResetKeep, stream);
}
}

namespace {

using weft::fin;

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

/// Calls `take` with the input in pieces of a size, watching.
template <class Take>
void feed(std::string& input, std::size_t piece, std::span<const std::byte> beside, Take&& take) {
  const auto all = std::as_writable_bytes(std::span(input));
  watched = {.on = true, .places = {all, beside}};
  for (std::size_t at = 0; at < all.size(); at += piece) take(all.subspan(at, std::min(piece, all.size() - at)));
  watched.on = false;
}

constexpr weft::head_limits generous{.max_target_bytes = 1 << 30, .max_fields = 1 << 30};

bool request(std::string& input, std::size_t piece) {
  std::vector<char> storage(input.size());
  weft::request_reader reader(std::span(storage), generous);
  bool whole = false;
  feed(input, piece, std::as_bytes(std::span(storage)),
       [&](std::span<std::byte> in) { whole = reader.read(in).status != weft::status::partial; });
  return whole;
}

bool response(std::string& input, std::size_t piece) {
  std::vector<char> storage(input.size());
  const auto uri = weft::parse_uri("ws://a/");
  weft::response_reader reader(std::span(storage), {.uri = uri, .nonce = weft::nonce({})}, generous);
  bool whole = false;
  feed(input, piece, std::as_bytes(std::span(storage)),
       [&](std::span<std::byte> in) { whole = reader.read(in).status != weft::status::partial; });
  return whole;
}

/// Where it is made part of another function it is watched.
[[gnu::noinline]] UNWATCHED void count(const weft::event& event) {
  watched.told += event.payload.size();
}

bool read_frames(auto& ws, std::string& input, std::size_t piece, std::span<const std::byte> beside) {
  const weft::limits allowed{
      .max_message_bytes = weft::unlimited, .max_fragments = 1 << 30, .max_control_frames = 1 << 30};
  bool whole = true;
  feed(input, piece, beside, [&](std::span<std::byte> in) {
    while (const auto event = ws.next(in, allowed)) count(*event);
    whole = whole && in.empty();
  });
  return whole;
}

bool frames(std::string& input, std::size_t piece) {
  weft::server ws;
  return read_frames(ws, input, piece, {});
}

/// Messages that are compressed, with so many bytes for what is inflated.
template <std::size_t Span>
bool inflated(std::string& input, std::size_t piece) {
  std::vector<std::byte> span(Span);
  std::array<std::byte, weft::min_deflated_bytes> none;
  weft::engine_pool<weft::zlib> engines(weft::heap, span, none);
  weft::deflate_server<weft::zlib> ws(weft::deflate_parameters{.client_no_context_takeover = true}, engines);
  return read_frames(ws, input, piece, span) && ws.state() == weft::state::open;
}

struct question {
  const char* name;
  std::string (*input)(std::size_t size);
  bool (*read)(std::string& input, std::size_t piece);
  double most;       ///< bytes examined for a byte of input or of what it says, in whatever pieces
  double calls = 0;  ///< of zlib, at most, for the same
};

constexpr weft::masking_key key(std::array{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}});

/// Frames as a client sends them, of so many bytes in all or a little less.
template <class Say>
std::string sent(std::size_t size, const std::string& payload, Say&& say) {
  std::string wire;
  weft::client ws;
  do weft::append(wire, say(ws, payload));
  while (wire.size() + payload.size() < size);
  return wire;
}
constexpr auto text = [](auto& ws, auto& payload) { return ws.text(key, payload, fin::yes, weft::utf8::unchecked); };
constexpr auto binary = [](auto& ws, auto& payload) { return ws.binary(key, payload); };
constexpr auto fragment = [](auto& ws, auto& payload) { return ws.binary(key, payload, fin::no); };
constexpr auto ping = [](auto& ws, auto& payload) { return ws.ping(key, payload); };

std::string request_of(std::string_view more) {
  return "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         std::string(more) + "\r\n";
}
std::string response_of(std::string_view more) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + std::string(more) +
         "\r\n";
}

/// A whole message, and one in fragments of a byte.
std::string compressed(const std::string& payload) {
  return support::frame(0xC1, payload);
}
std::string in_fragments(const std::string& payload) {
  std::string wire;
  for (std::size_t at = 0; at < payload.size(); ++at)
    wire += support::frame((at == 0 ? 0x41U : 0U) | (at + 1 == payload.size() ? 0x80U : 0U), payload.substr(at, 1));
  return wire;
}

/// What RFC 1950 puts around it is taken off. It ends in a final block, so another follows: RFC 7692 section 7.2.3.4.
std::string deflated(const std::string& payload) {
  auto size = compressBound(payload.size());
  std::string all(size, '\0');
  compress2(reinterpret_cast<Bytef*>(all.data()), &size, reinterpret_cast<const Bytef*>(payload.data()), payload.size(),
            9);
  return all.substr(2, size - 6) + '\0';
}

std::string numbers(std::size_t size) {
  std::string all;
  for (unsigned i = 0; all.size() < size; ++i) all += std::to_string(i * 2654435761U) + ' ';
  return all;
}

std::string stored_blocks(std::size_t n) {
  return compressed(repeated(support::hex("00 00 00 ff ff"), n / 5) + '\0');
}
std::string fixed_blocks(std::size_t n) {  // of ten bits
  return compressed(repeated(support::hex("02 08 20 80 00"), n / 5) + '\0');
}
std::string final_blocks(std::size_t n) {
  return compressed(repeated(support::hex("03 00"), n / 2) + '\0');
}
std::string one_byte_fragments(std::size_t n) {
  return in_fragments(deflated(numbers(n / 3)));
}
std::string one_byte_messages(std::size_t n) {
  return repeated(compressed(support::hex("4a 04 00")), n / 9);
}
std::string inflates_little(std::size_t n) {
  return compressed(deflated(numbers(n)));
}
std::string inflates_far(std::size_t n) {
  return compressed(deflated(repeated("\u20ac", n / 3)));
}

// How often a byte may be loaded. Of a head: when it is copied, when its line is cut and when that is parsed; a target
// once more, to be taken apart. Where elements are of a byte or two, with what stands behind them, for 16 are loaded at
// once. Of a payload: when it is looked at and when it is unmasked, and where it comes alone, once more for its class.
// A character that comes byte by byte is put together again with each. Of what is deflated zlib's last byte is looked
// at too; it is called for each piece, block and filled span, and twice where a final block ends.
constexpr double of_head = 3.5, of_target = 4.5, of_short_elements = 16, of_payload = 3.5, of_characters = 11;
constexpr double of_deflated = 4.5, of_inflated_characters = 8, often = 1.6, seldom = 0.02;

const question questions[] = {
    {"request with a long target", [](std::size_t n) { return "GET /" + std::string(n, 'x') + " HTTP/1.1\r\n\r\n"; },
     request, of_target},
    {"request with a long field", [](std::size_t n) { return request_of("A: " + std::string(n, 'x') + "\r\n"); },
     request, of_head},
    {"request with a long name", [](std::size_t n) { return request_of(std::string(n, 'x') + ": a\r\n"); }, request,
     of_head},
    {"request with short fields", [](std::size_t n) { return request_of(repeated("a:b\r\n", n / 5)); }, request,
     of_head},
    {"request with commas",
     [](std::size_t n) { return request_of("Sec-WebSocket-Extensions: a" + std::string(n, ',') + "\r\n"); }, request,
     of_head},
    {"request with a Connection of many",
     [](std::size_t n) { return request_of("Connection: " + repeated("a, ", n / 3) + "\r\n"); }, request,
     of_short_elements},
    {"request with a bad byte at its end",
     [](std::size_t n) { return request_of("A: " + std::string(n, 'x') + "\x01\r\n"); }, request, of_head},
    {"response with a long field", [](std::size_t n) { return response_of("A: " + std::string(n, 'x') + "\r\n"); },
     response, of_head},
    {"response with short fields", [](std::size_t n) { return response_of(repeated("a:b\r\n", n / 5)); }, response,
     of_short_elements},
    {"binary message", [](std::size_t n) { return sent(n, std::string(n, 'x'), binary); }, frames, of_payload},
    {"text in ASCII", [](std::size_t n) { return sent(n, std::string(n, 'x'), text); }, frames, of_payload},
    {"text of three-byte characters", [](std::size_t n) { return sent(n, repeated("\u20ac", n / 3), text); }, frames,
     of_characters},
    {"text with a fault at its end", [](std::size_t n) { return sent(n, std::string(n, 'x') + '\xFF', text); }, frames,
     of_payload},
    {"empty Pings", [](std::size_t n) { return sent(n, "", ping); }, frames, of_payload},
    {"Pings of 125 bytes", [](std::size_t n) { return sent(n, std::string(125, 'x'), ping); }, frames, of_payload},
    {"texts of one byte", [](std::size_t n) { return sent(n, "a", text); }, frames, of_payload},
    {"empty fragments", [](std::size_t n) { return sent(n, "", fragment); }, frames, of_payload},
    {"bytes behind a violation", [](std::size_t n) { return std::string(n, '\x8F'); }, frames, 0.01},
    {"empty stored blocks, by 1 byte", stored_blocks, inflated<1>, of_deflated, often},
    {"empty stored blocks, by 64 KiB", stored_blocks, inflated<65536>, of_deflated, often},
    {"empty fixed blocks, by 1 byte", fixed_blocks, inflated<1>, of_deflated, often},
    {"empty fixed blocks, by 64 KiB", fixed_blocks, inflated<65536>, of_deflated, often},
    {"empty final blocks, by 1 byte", final_blocks, inflated<1>, of_deflated, often},
    {"empty final blocks, by 64 KiB", final_blocks, inflated<65536>, of_deflated, often},
    {"deflated in fragments of a byte, by 1 byte", one_byte_fragments, inflated<1>, of_deflated, often},
    {"deflated in fragments of a byte, by 64 KiB", one_byte_fragments, inflated<65536>, of_deflated, often},
    {"deflated texts of one byte, by 1 byte", one_byte_messages, inflated<1>, of_deflated, often},
    {"deflated texts of one byte, by 64 KiB", one_byte_messages, inflated<65536>, of_deflated, often},
    {"text deflated to half, by 1 byte", inflates_little, inflated<1>, of_inflated_characters, often},
    {"text deflated to half, by 64 KiB", inflates_little, inflated<65536>, of_deflated, often},
    {"text deflated to a thousandth, by 1 byte", inflates_far, inflated<1>, of_inflated_characters, often},
    {"text deflated to a thousandth, by 64 KiB", inflates_far, inflated<65536>, of_deflated, seldom},
};

/// Of inputs that come in pieces of one size: the most for a byte of input, or of what it says where that is more.
struct figures {
  double examined = 0;  ///< bytes
  double loads = 0;     ///< of anything
  double calls = 0;     ///< of zlib
  double growth = 0;    ///< loads or calls for a byte of much input, beside those of little
  bool read = true;
};

std::size_t largest(const question& what) {
  return std::size_t{1} << (what.calls > 0 ? 19 : 22);  // zlib takes its time
}

figures answer(const question& what, std::size_t piece) {
  figures most;
  double first_loads = 0, first_calls = 0;
  for (const std::size_t size : {std::size_t{1} << 12, std::size_t{1} << 16, largest(what)}) {
    std::string input = what.input(size);
    most.read = what.read(input, piece) && most.read;
    const auto bytes = static_cast<double>(std::max<std::uint64_t>(input.size(), watched.told));
    const double loads = static_cast<double>(watched.loads) / bytes;
    const double calls = static_cast<double>(watched.calls) / bytes;
    if (first_loads == 0) first_loads = loads;
    if (first_calls == 0) first_calls = calls;
    most.examined = std::max(most.examined, static_cast<double>(watched.bytes) / bytes);
    most.loads = std::max(most.loads, loads);
    most.calls = std::max(most.calls, calls);
    most.growth = std::max({most.growth, loads / first_loads, calls == 0 ? 0 : calls / first_calls});
  }
  return most;
}

}  // namespace

int main() {
  int failed = 0;
  for (const auto& what : questions) {
    bool good = true;
    double growth = 0;
    std::printf("examined: %-42s", what.name);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1460}, ~std::size_t{0}}) {
      const auto of = answer(what, piece);
      const bool counted = of.loads > 0 && of.examined > 0 && (of.calls > 0) == (what.calls > 0);
      good = good && of.read && counted && of.examined <= what.most && of.calls <= what.calls && of.growth < 1.1;
      growth = std::max(growth, of.growth);
      std::printf(" %5.2f (%5.2f", of.examined, of.loads);
      if (what.calls > 0) std::printf("; %4.2f", of.calls);
      std::printf(")%s", piece == 1 ? " bytewise," : piece == 1460 ? " in packets," : " whole;");
    }
    std::printf(" in %zu KiB %4.2f times as many%s\n", largest(what) >> 10, growth,
                good ? "" : ": NOT AS IT SHOULD BE");
    failed += !good;
  }
  return failed == 0 ? 0 : 1;
}
