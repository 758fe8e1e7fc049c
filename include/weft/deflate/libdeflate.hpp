// SPDX-License-Identifier: MIT
//
// libdeflate.hpp: libdeflate as an engine, of 1.14 or later: fast, for whole messages, with no window from one to the
// next. Link with it: -ldeflate. It is meant for agreements such as parameters_for<libdeflate>, see pool.hpp.
// It reads a stream at once, up to a final block, and does not say in which block it stood where a message ends. So a
// message is gathered, and here is how its end is known.
#pragma once

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <weft/deflate/engine.hpp>
#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// libdeflate. Its window is of 32 KiB: it compresses for no smaller one, and inflates what goes beyond that of a peer
/// that promised one. Where the peer may refer to earlier messages it cannot be used, and deflate_extension takes that
/// for no agreement. Where we may refer to ours we do not, which is always right. Known limit: 1.14 also inflates some
/// that is no DEFLATE, such as codes of lengths that repeat too far, and any bits between a final block and the next.
///
/// Memory of the source is taken for a message and given back when it is whole. For one received: up to twice its
/// compressed bytes, to gather them, and to inflate it, where the output may not do, up to four times the compressed
/// bytes or twice the larger of its own and the output's, but at most its room and 313. For one sent: its own bytes and
/// some, unless the output has as many. What libdeflate takes when an engine is made is not of the source: it asks
/// malloc(), or what libdeflate_set_memory_allocator() set for the whole program.
struct libdeflate {
  struct settings {
    int level = 6;  ///< 1 to 12, from fast to small; 0 stores
  };
  static constexpr std::uint8_t smallest_window_bits = 15;
  static constexpr bool whole_messages = true;

  /// Bytes that one takes by malloc(), with 1.14 on a 64-bit machine. Of the source it has none between messages.
  [[nodiscard]] static constexpr std::size_t inflater_bytes(std::uint8_t) noexcept { return 11560; }
  [[nodiscard]] static constexpr std::size_t deflater_bytes(std::uint8_t, const settings& with) noexcept {
    return with.level == 0 ? 6119 : with.level == 1 ? 202759 : with.level < 10 ? 668295 : 9009543;
  }

  class inflater;
  class deflater;

 private:
  /// Memory of the source, or none, and the part of it that counts.
  struct buffer {
    explicit buffer(const memory_source& source) noexcept : memory(&source) {}
    buffer(const buffer&) = delete;
    buffer& operator=(const buffer&) = delete;
    ~buffer() { release(); }

    /// Other memory with the same bytes; false where there is none, and all stays as it is.
    bool grow(std::size_t size) noexcept {
      void* const more = memory->allocate(memory->owner, size);
      if (more == nullptr) return false;
      const std::span larger(static_cast<std::byte*>(more), size);
      const auto kept = larger.first(held.size());
      detail::copy(kept.data(), held.data(), held.size());
      release();
      all = larger;
      held = kept;
      return true;
    }
    std::size_t give(std::span<std::byte> out) noexcept {
      const std::size_t size = (std::min)(held.size(), out.size());
      detail::copy(out.data(), held.data(), size);
      held = held.subspan(size);
      if (held.empty()) release();
      return size;
    }
    void release() noexcept {
      if (!all.empty()) memory->release(memory->owner, all.data());
      all = held = {};
    }

    const memory_source* memory;
    std::span<std::byte> all, held;
  };

  /// RFC 1951 section 3.2.4: LEN and NLEN of a stored block.
  static constexpr std::array<std::byte, 4> stored_length(std::size_t size) noexcept {
    const auto low = static_cast<std::byte>(size & 0xFF);
    const auto high = static_cast<std::byte>(size >> 8 & 0xFF);
    return {low, high, ~low, ~high};
  }
};

/// RFC 7692 section 7.2.2. A message's end must have come before any of it is given, and one of more bytes than `room`
/// gives none. Blocks behind a final one, section 7.2.3.4, are inflated, but where they refer to what is before it,
/// which libdeflate no longer sees, the message is `invalid`. So is most of what is truncated.
class libdeflate::inflater {
 public:
  inflater(std::uint8_t, const memory_source& memory) noexcept
      : gathered_(memory), inflated_(memory), decompressor_(libdeflate_alloc_decompressor()) {}
  ~inflater() { libdeflate_free_decompressor(decompressor_); }
  [[nodiscard]] bool ready() const noexcept { return decompressor_ != nullptr; }

  void reset() noexcept {
    gathered_.release();
    inflated_.release();
  }

  inflated inflate(std::span<const std::byte> in, std::span<std::byte> out, fin last, std::uint64_t room) noexcept {
    if (!inflated_.held.empty()) return give(out, 0);
    if (!gather(in, last)) return {.progress = inflation::out_of_memory};
    if (last == fin::no) return {.taken = in.size()};

    // Straight to the output where that is likely to do, else to memory that grows up to the room.
    const std::size_t likely = 4 * gathered_.held.size() + end_bytes;
    const std::uint64_t most = room + (std::min<std::uint64_t>)(end_bytes, unlimited - room);
    auto to = out;
    auto got = likely <= out.size() ? decompress(to) : inflated{inflation::full};
    while (got.progress == inflation::full && to.size() < most) {
      const std::uint64_t larger = (std::max)(likely, 2 * to.size());
      inflated_.release();
      if (!inflated_.grow(static_cast<std::size_t>((std::min)(larger, most))))
        return {.progress = inflation::out_of_memory};
      to = inflated_.all;
      got = decompress(to);
    }
    if (got.progress == inflation::whole && got.made > room) got = {.progress = inflation::full};
    got.taken = in.size();
    if (got.progress != inflation::whole) return got;
    gathered_.release();
    if (inflated_.all.empty()) return got;
    inflated_.held = to.first(got.made);
    return give(out, in.size());
  }

 private:
  inflated give(std::span<std::byte> out, std::size_t taken) noexcept {
    const std::size_t made = inflated_.give(out);
    return {inflated_.held.empty() ? inflation::whole : inflation::full, taken, made};
  }

  /// With room for an end behind it.
  bool gather(std::span<const std::byte> in, fin last) noexcept {
    const std::size_t size = gathered_.held.size();
    const std::size_t needed = size + in.size() + end_bytes;
    if (needed > gathered_.all.size() && !gathered_.grow(last == fin::yes ? needed : 2 * needed)) return false;
    detail::copy(gathered_.all.data() + size, in.data(), in.size());
    gathered_.held = gathered_.all.first(size + in.size());
    return true;
  }

  // 7.2.2: a message ends in the header of a stored block. Behind it is put not the length of an empty one but that of
  // a run of ones, and then a final block of one byte of ones. What reads that otherwise is found out:
  // - A block of codes that ends where the run does, or in the very last byte, does so by ones, for an end-of-block has
  //   15 bits at most. So it would have ended sooner: a symbol has 48 bits at most and what describes the codes 2325,
  //   hence one begins in the run with 15 bits of it left. And there a block of type 3 follows, which is none.
  // - No block that begins elsewhere in these bytes leads to their end, as the tests try at each bit.
  // - A stored block that ends with the run has these four bytes of length before it. Where the message may rightly
  //   end in the same four, a run of another length settles it.
  static constexpr std::size_t shorter_run = 302;
  static constexpr std::size_t final_bytes = 6;
  static constexpr std::size_t end_bytes = 4 + shorter_run + 1 + final_bytes;
  static_assert(8 * shorter_run >= 2325 + 48 + 15);

  inflated decompress(std::span<std::byte> to) noexcept {
    const auto got = decompress(to, shorter_run);
    const bool in_doubt = got.made >= 4 && std::ranges::equal(to.subspan(got.made - 4, 4), stored_length(shorter_run));
    return in_doubt ? decompress(to, shorter_run + 1) : got;
  }

  inflated decompress(std::span<std::byte> to, std::size_t run) noexcept {
    auto in = gathered_.all.first(gathered_.held.size() + 4 + run + final_bytes);
    const auto end = in.subspan(gathered_.held.size());
    const auto ones = end.subspan(4, run);
    std::ranges::copy(stored_length(run), end.begin());
    std::ranges::fill(end.subspan(4), std::byte{0xFF});
    end[4 + run] = std::byte{1};
    std::ranges::copy(stored_length(1), end.last(5).begin());

    std::size_t made = 0;
    do {  // once for each final block
      const auto room = to.subspan(made);
      std::size_t taken = 0, added = 0;
      const auto result = libdeflate_deflate_decompress_ex(decompressor_, in.data(), in.size(), room.data(),
                                                           room.size(), &taken, &added);
      if (result == LIBDEFLATE_INSUFFICIENT_SPACE) return {.progress = inflation::full};
      if (result != LIBDEFLATE_SUCCESS) return {.progress = inflation::invalid};
      in = in.subspan(taken);
      made += added;
    } while (in.size() > end.size());

    const bool was_final = in.size() == final_bytes;  // the message's own last block
    const std::size_t ours = run + (was_final ? 0 : 1);
    const bool ends = (was_final || in.empty()) && made >= ours;
    if (!ends || !std::ranges::equal(to.subspan(made - ours, run), ones)) return {.progress = inflation::truncated};
    return {.progress = inflation::whole, .made = made - ours};
  }

  buffer gathered_, inflated_;
  libdeflate_decompressor* decompressor_;
};

/// RFC 7692 section 7.2.1. What it sends ends in a final block and a byte 00, as section 7.2.3.4 has it. Without memory
/// for a message it stores what it is given, which needs none.
class libdeflate::deflater {
 public:
  deflater(std::uint8_t window_bits, const memory_source& memory, const settings& with) noexcept
      : deflated_(memory), compressor_(window_bits == 15 ? libdeflate_alloc_compressor(with.level) : nullptr) {}
  ~deflater() { libdeflate_free_compressor(compressor_); }
  [[nodiscard]] bool ready() const noexcept { return compressor_ != nullptr; }
  void reset() noexcept { deflated_.release(); }

  deflated deflate(std::span<const std::byte> in, std::span<std::byte> out, fin last) noexcept {
    if (!deflated_.held.empty()) return give(out, 0);
    const std::size_t most = libdeflate_deflate_compress_bound(compressor_, in.size());
    const bool direct = most < out.size();
    const bool room = !in.empty() && (direct || deflated_.grow(most + 1));
    const auto to = direct ? out : deflated_.all;
    const std::size_t size =
        room ? libdeflate_deflate_compress(compressor_, in.data(), in.size(), to.data(), to.size() - 1) : 0;
    if (size == 0) return store(in, out, last);
    to[size] = std::byte{0};
    const std::size_t made = size + (last == fin::yes ? 1 : 0);
    if (direct) return {.done = true, .taken = in.size(), .made = made};
    deflated_.held = to.first(made);
    return give(out, in.size());
  }

 private:
  deflated give(std::span<std::byte> out, std::size_t taken) noexcept {
    const std::size_t made = deflated_.give(out);
    return {deflated_.held.empty(), taken, made};
  }

  /// As much as goes into one stored block, RFC 1951 section 3.2.4, and of nothing only that byte.
  static deflated store(std::span<const std::byte> in, std::span<std::byte> out, fin last) noexcept {
    const std::size_t header = in.empty() ? 0 : 5;
    const std::size_t size = (std::min)({in.size(), std::size_t{65535}, out.size() - header - 1});
    out[0] = std::byte{0};
    std::ranges::copy(stored_length(size), out.begin() + 1);
    detail::copy(out.data() + header, in.data(), size);
    out[header + size] = std::byte{0};
    const bool done = size == in.size();
    return {done, size, header + size + (done && last == fin::yes ? 1 : 0)};
  }

  buffer deflated_;
  libdeflate_compressor* compressor_;
};

static_assert(engine<libdeflate>);

}  // namespace weft::inline WEFT_ISA
