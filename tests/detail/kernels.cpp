// SPDX-License-Identifier: MIT
#include <weft/detail/kernels.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "support/fenced.hpp"
#include "support/texts.hpp"
#include "support/transcript.hpp"
#include "support/wire.hpp"

using namespace support;
namespace detail = weft::detail;

namespace {

constexpr std::size_t longest_short = 300;  ///< bytes, up to which all lengths are tried

/// A way to mask, and how few bytes it takes.
struct masker {
  std::string name;
  std::size_t least;
  void (*run)(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key) noexcept;
};

/// A way to read text: how many bytes it takes, in which steps, and whether it can tell that all is whole. Of steps of
/// none nothing is known.
struct reader {
  std::string name;
  std::size_t least, most, step;
  bool tells_whole;
  detail::text_progress (*run)(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key,
                               std::uint32_t preceding) noexcept;
};

struct ways {
  std::vector<masker> maskers;
  std::vector<reader> readers;
};

constexpr std::size_t any = 1 << 20;

[[maybe_unused]] void add(ways& all, bool has, const masker& mask, const reader& text) {
  if (has) {
    all.maskers.push_back(mask);
    all.readers.push_back(text);
  } else {
    std::printf("kernels: %s and %s are skipped: no such vectors here\n", mask.name.c_str(), text.name.c_str());
  }
}

/// All that this machine can run, and what chooses among them.
const ways& all_ways() {
  static const ways all = [] {
    ways found;
    std::size_t step = 0;
#if defined(WEFT_VECTORS)
    const bool has_16 = detail::has_vectors<16>();
    if (has_16) step = 128;
    add(found, has_16, {"simd16::mask", 32, detail::simd16::mask},
        {"simd16::text", 16, any, 32, true, detail::simd16::text});
    if (has_16) found.readers.push_back({"simd16::short_text", 1, 15, 16, false, detail::simd16::short_text});
#endif
#if defined(WEFT_X86)
    add(found, detail::has_vectors<32>(), {"simd32::mask", 64, detail::simd32::mask},
        {"simd32::text", 32, any, 64, true, detail::simd32::text});
    add(found, detail::has_vectors<64>(), {"simd64::mask", 128, detail::simd64::mask},
        {"simd64::text", 64, any, 128, true, detail::simd64::text});
#endif
    found.maskers.push_back(
        {"mask", 0, [](std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key) noexcept {
           detail::mask(to, from, size, key);
         }});
    found.readers.push_back({"text", 1, any, step, false,
                             [](std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key,
                                std::uint32_t preceding) noexcept {
                               return detail::text(to, from, size, key, static_cast<unsigned char>(preceding >> 24));
                             }});
    return found;
  }();
  return all;
}

/// Bytes that change with their place, so that none can be taken for another.
const sample& bytes_of_all_kinds() {
  static const sample bytes = sample_of([] {
    std::string plain;
    for (std::size_t i = 0; i < largest_sample; ++i) plain += static_cast<char>(i * 31 + i / 256 + 7);
    return plain;
  }());
  return bytes;
}

guarded& second_guarded() {
  static guarded memory(2 * 1024 * 1024);
  return memory;
}

constexpr flush sides[] = {flush::back, flush::front};

/// Where bytes lie: so far from an end of the memory.
struct place {
  flush side;
  std::size_t from_end;
};

bool masks_in_place(const masker& kernel, std::string_view plain, std::string_view masked, key k, place at) {
  const fenced bytes(shared_guarded(), plain, at.side, at.from_end);
  kernel.run(bytes.span().data(), bytes.span().data(), plain.size(), std::bit_cast<std::uint32_t>(k));
  return bytes.text() == masked && bytes.alone();
}

bool masks_copying(const masker& kernel, std::string_view plain, std::string_view masked, key k, place at) {
  const fenced from(second_guarded(), plain, at.side, (at.from_end * 5 + 3) % 64);
  const fenced to(shared_guarded(), plain, at.side, at.from_end);
  kernel.run(to.span().data(), from.span().data(), plain.size(), std::bit_cast<std::uint32_t>(k));
  return to.text() == masked && to.alone() && from.text() == plain && from.alone();
}

/// How a reader is asked to leave the text: unmasked where it is, or elsewhere, or only looked at.
enum class target { itself, other, none };
constexpr target targets[] = {target::itself, target::other, target::none};

/// Whether it goes as far as it must, and writes what it has read, and nothing else. `lead` precedes the text, or zero.
bool reads(const reader& kernel, std::string_view plain, std::string_view masked, const reach& want, key k,
           target target, place at, unsigned char lead = 0) {
  const auto run = [&](std::byte* to, const std::byte* from) {
    return kernel.run(to, from, masked.size(), std::bit_cast<std::uint32_t>(k), std::uint32_t{lead} << 24);
  };
  const fenced from(target == target::itself ? shared_guarded() : second_guarded(), masked, at.side, at.from_end);
  detail::text_progress progress;
  if (target == target::other) {
    const fenced to(shared_guarded(), masked, at.side, (at.from_end * 5 + 3) % 64);
    progress = run(to.span().data(), from.span().data());
    const std::size_t done = std::min(progress.done, masked.size());
    if (to.text().substr(0, done) != plain.substr(0, done) || to.text().substr(done) != masked.substr(done))
      return false;
    if (!to.alone()) return false;
  } else {
    progress = run(target == target::none ? nullptr : from.span().data(), from.span().data());
  }
  if (progress.done > masked.size()) return false;
  const std::size_t unmasked = target == target::itself ? progress.done : 0;
  if (from.text().substr(0, unmasked) != plain.substr(0, unmasked)) return false;
  if (from.text().substr(unmasked) != masked.substr(unmasked) || !from.alone()) return false;

  const bool faultless = want.valid == plain.size();
  // Left to who asks is where in the last three bytes a fault begins that is told, and whether a last byte can begin
  // one.
  const bool begins = static_cast<unsigned char>(plain.back()) >= 0xC0;
  const std::size_t left = progress.done < plain.size() ? 3 : begins ? 1 : 0;
  if (progress.done > want.valid + left) return false;
  const bool all = progress.done == plain.size();
  if (progress.whole && (!faultless || !want.whole || !all)) return false;
  if (kernel.step == 0) return true;
  // Where its second step begins in the first four bytes it forgets what precedes the text, and stops there in vain.
  const bool may_stop = lead != 0 && progress.done != 0;
  if (progress.done < plain.size() && (!faultless || may_stop))
    return may_stop || progress.done + kernel.step > want.valid;
  const bool whole = faultless && want.whole;
  return all && (!kernel.tells_whole || progress.whole == whole);
}

/// What the text is behind this byte, or from its beginning on.
reach reach_behind(unsigned char lead, const std::string& text) {
  if (lead == 0) return reach_of(text);
  reach found = reach_of(static_cast<char>(lead) + text);
  --found.valid;
  return found;
}

/// Sizes around those at which another way is taken, and a few large ones.
std::vector<std::size_t> sizes_at_thresholds() {
  std::vector<std::size_t> all;
  for (const std::size_t threshold : {detail::max_small, std::size_t{512}, std::size_t{2048}, std::size_t{4096}}) {
    for (const std::size_t off : sizes{0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257})
      all.push_back(threshold + off);
    for (const std::size_t off : sizes{1, 16, 63}) all.push_back(threshold - off);
  }
  all.insert(all.end(), {65535, 65536, 100003, largest_sample});
  return all;
}

}  // namespace

TEST_CASE("5.3 MK-08 MK-10 MK-11: each kernel masks each length, at each alignment and key phase, inside its memory") {
  std::size_t cases = 0;
  for (const auto& kernel : all_ways().maskers) {
    const auto check = [&](std::size_t size, std::size_t phase, place at) {
      const auto plain = std::string_view(bytes_of_all_kinds().plain).substr(0, size);
      const auto want = std::string_view(bytes_of_all_kinds().masked[phase % 4]).substr(0, size);
      if (!masks_in_place(kernel, plain, want, key_at(phase), at) ||
          !masks_copying(kernel, plain, want, key_at(phase), at))
        FAIL(kernel.name << ": size " << size << " phase " << phase << " from end " << at.from_end);
      cases += 2;
    };
    for (std::size_t size = kernel.least; size <= longest_short; ++size) {
      for (std::size_t from_end = 0; from_end < 64; ++from_end) {
        for (std::size_t phase = 0; phase < 4; ++phase) {
          for (const flush side : sides) check(size, phase, {side, from_end});
        }
      }
    }
    for (const std::size_t size : sizes_at_thresholds()) {
      if (size < kernel.least) continue;
      for (std::size_t from_end = 0; from_end < 64; from_end += size < 65535 ? 1 : 21)
        check(size, from_end / 2, {sides[(size + from_end) % 2], from_end});
    }
  }
  std::printf("kernels: ways to mask: %zu, payloads: %llu\n", all_ways().maskers.size(),
              static_cast<unsigned long long>(cases));
}

TEST_CASE("8.1 UT-01: each kernel reads UTF-8 of each length, at each alignment and key phase, inside its memory") {
  std::size_t cases = 0;
  for (std::size_t script = 0; script < scripts.size(); ++script) {
    const sample& text = text_sample(script);
    const auto check = [&](std::size_t size, std::size_t phase, std::size_t from_end) {
      const auto plain = std::string_view(text.plain).substr(0, size);
      const auto hidden = std::string_view(text.masked[phase % 4]).substr(0, size);
      const reach want = reach_of(plain);
      for (const auto& kernel : all_ways().readers) {
        if (size < kernel.least || size > kernel.most) continue;
        const target target = targets[cases % 3];
        const flush side = sides[cases / 3 % 2];
        if (!reads(kernel, plain, hidden, want, key_at(phase), target, {side, from_end}))
          FAIL(kernel.name << ": " << shown(plain) << ", phase " << phase << " from end " << from_end);
        ++cases;
      }
    };
    for (std::size_t size = 1; size <= longest_short; ++size) {
      for (std::size_t from_end = 0; from_end < 64; ++from_end) {
        for (std::size_t phase = 0; phase < 4; ++phase) check(size, phase, from_end);
      }
    }
    for (const std::size_t size : sizes_at_thresholds()) {
      for (std::size_t from_end = 0; from_end < 64; from_end += size < 65535 ? 3 : 21) check(size, from_end, from_end);
    }
  }
  std::printf("kernels: ways to read text: %zu, texts without a fault: %llu\n", all_ways().readers.size(),
              static_cast<unsigned long long>(cases));
}

TEST_CASE("8.1 UT-02 UT-03 UT-04: each kernel stops before each fault, and leaves masked what is behind") {
  std::size_t cases = 0;
  const auto check = [&](std::size_t size, std::size_t at, std::string_view bad) {
    const auto begun = characters[cases / 7 % characters.size()];
    const auto lead = static_cast<unsigned char>(begun.empty() ? '\0' : begun.front());
    const std::size_t phase = cases / 3;
    const auto text = faulty_text(text_sample(cases), size, phase, at, bad, begun.substr(lead == 0 ? 0 : 1));
    const reach want = reach_behind(lead, text.plain);
    for (const auto& kernel : all_ways().readers) {
      if (size < kernel.least || size > kernel.most) continue;
      const place where{sides[cases % 2], cases / 2 % 64};
      if (!reads(kernel, text.plain, text.masked, want, key_at(phase), targets[cases % 3], where, lead))
        FAIL(kernel.name << ": " << shown(text.plain) << ", from end " << where.from_end << " behind " << shown(begun));
      ++cases;
    }
  };
  for (std::size_t size = 1; size <= longest_short; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {  // at its end: none
      for (const auto bad : bad_sequences) check(size, at, bad);
    }
  }
  for (const std::size_t size : sizes{511, 512, 700, 2047, 2048, 2049, 2303}) {
    for (std::size_t at = 0; at <= size; ++at) check(size, at, bad_sequences[at % bad_sequences.size()]);
  }
  std::printf("kernels: texts with a fault: %llu\n", static_cast<unsigned long long>(cases));
}

TEST_CASE("whatever vectors a machine has, payloads are masked and text is read up to where it can be") {
  const std::array<unsigned char, 4> key_bytes{0x37, 0xfa, 0x21, 0x3d};
  const auto key = std::bit_cast<std::uint32_t>(key_bytes);
  const auto bytes = [](std::string& text) { return std::as_writable_bytes(std::span(text)).data(); };
  for (std::size_t size = 0; size <= 600; ++size) {
    for (const bool ascii : {true, false}) {
      std::string plain(size, 'a');
      if (!ascii && size > 2) plain.replace(size / 2, 2, "\xc3\xa4");
      std::string masked(size, '\0');
      detail::mask(bytes(masked), bytes(plain), size, key);
      for (std::size_t i = 0; i < size; ++i)
        REQUIRE(static_cast<unsigned char>(masked[i] ^ plain[i]) == key_bytes[i % 4]);
      for (const unsigned lead : {0U, 0xC2U}) {
        if (size == 0) continue;
        std::string read = masked;
        const auto got = detail::text(bytes(read), bytes(read), size, key, static_cast<unsigned char>(lead));
        REQUIRE(got.done <= size);
        CHECK(read == plain.substr(0, got.done) + masked.substr(got.done));
        const auto looked_at = detail::text(nullptr, bytes(plain), size, 0, static_cast<unsigned char>(lead));
        CHECK(looked_at.done == got.done);
        if (lead != 0) CHECK(got.done == 0);
        if (lead == 0) CHECK(got.done + 8 > (ascii ? size : size / 2));
      }
    }
  }
}

#if defined(WEFT_VECTORS)

TEST_CASE("RFC 3629 4: of all 65,536 pairs of bytes the table faults those that no text has") {
  std::vector<bool> possible(65536);  // inside of a character
  std::array<bool, 256> ends_character{};
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string bytes = encoded(c);
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    for (std::size_t i = 1; i < bytes.size(); ++i) possible[byte(i - 1) * 256U + byte(i)] = true;
    ends_character[byte(bytes.size() - 1)] = true;
  }

  int faultless = 0;
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const int faults = detail::by_high[first >> 4] & detail::by_low[first & 15] & detail::by_next_high[second >> 4];
      faultless += faults == 0 ? 1 : 0;
      const bool tails = first >> 6 == 2 && second >> 6 == 2;
      // Whether a lead is one is told by the pair that it begins.
      const bool begins = ends_character[first] && (second < 0x80 || second >= 0xC0);
      // Two tails have a bit of their own, which a third or fourth byte of a character clears.
      const bool faultless_pair = begins || possible[first * 256 + second];
      const bool right = tails ? faults == 0x80 : faults < 0x80 && (faults == 0) == faultless_pair;
      if (!right) FAIL("pair " << first << " " << second << ": " << faults);
    }
  }
  CHECK(faultless == 192 * 192 + (30 + 14) * 64 + 2 * 32 + 3 * 64 + 48 + 16);
}

TEST_CASE("each table is the same 16 bytes for all widths") {
  for (const auto& table : {detail::by_high, detail::by_low, detail::by_next_high}) {
    for (std::size_t i = 16; i < table.size(); ++i) CHECK(table[i] == table[i - 16]);
  }
}

TEST_CASE("the next aligned byte is one to a vector's width away") {
  alignas(64) const std::byte bytes[192]{};
  for (const std::size_t width : sizes{16, 32, 64}) {
    for (std::size_t i = 0; i < 128; ++i) {
      const std::size_t by = detail::until_aligned(bytes + i, width);
      CHECK((by >= 1 && by <= width && (i + by) % width == 0));
    }
  }
}

#endif
