// SPDX-License-Identifier: MIT
//
// zlib.hpp: zlib as an engine, of 1.2.9 or later, or zlib-ng where it stands in for zlib. Link with it: -lz.
// RFC 1950 to 1952 are its own; here is what RFC 7692 section 7.2 wants and zlib does not do by itself: a message ends
// where a block does, and a final block is not the end.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <weft/deflate/engine.hpp>
#include <weft/detail/isa.hpp>
#include <weft/protocol.hpp>

#if ZLIB_VERNUM < 0x1290
#error "weft needs zlib 1.2.9 or later"
#endif

namespace weft::inline WEFT_ISA {

/// zlib. It cannot compress with a window of 256 bytes. Known limit: it finds a reference beyond a window of less than
/// 32 KiB for certain only where the bytes in between came by an earlier call, so such a message of a peer that breaks
/// its promise may be inflated, rightly, or be refused.
struct zlib {
  struct settings {
    int level = 6;         ///< 0 to 9, from fast to small
    int memory_level = 8;  ///< 1 to 9, from small to fast
  };
  static constexpr std::uint8_t smallest_window_bits = 9;
  static constexpr bool whole_messages = false;

  /// Bytes of the memory source that one takes, its own object not counted, with zlib 1.2.9 to 1.3 on a 64-bit machine.
  [[nodiscard]] static constexpr std::size_t inflater_bytes(std::uint8_t window_bits) noexcept {
    return 7160 + (std::size_t{1} << window_bits);
  }
  [[nodiscard]] static constexpr std::size_t deflater_bytes(std::uint8_t window_bits, const settings& with) noexcept {
    return 5952 + (std::size_t{1} << (window_bits + 2)) + (std::size_t{1} << (with.memory_level + 9));
  }

  class inflater;
  class deflater;

 private:
  static constexpr std::size_t most_at_once = std::size_t{1} << 30;  // zlib counts in 32 bits

  /// zlib's own state, whose memory is of the caller's source.
  class stream {
   public:
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;
    [[nodiscard]] bool ready() const noexcept { return stream_.state != nullptr; }

   protected:
    explicit stream(const memory_source& memory) noexcept {
      stream_.zalloc = [](void* from, unsigned count, unsigned size) -> void* {
        const auto& source = *static_cast<const memory_source*>(from);
        return source.allocate(source.owner, std::size_t{count} * size);
      };
      stream_.zfree = [](void* from, void* used) {
        const auto& source = *static_cast<const memory_source*>(from);
        source.release(source.owner, used);
      };
      stream_.opaque = const_cast<memory_source*>(&memory);
    }

    void offer(std::span<const std::byte> in, std::span<std::byte> out) noexcept {
      stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
      stream_.avail_in = static_cast<uInt>(in.size());
      stream_.next_out = reinterpret_cast<Bytef*>(out.empty() ? &nothing_ : out.data());
      stream_.avail_out = static_cast<uInt>(out.size());
    }

    z_stream stream_{};

   private:
    std::byte nothing_{};  // zlib wants an address also of no bytes
  };
};

/// RFC 7692 section 7.2.2.
class zlib::inflater : public stream {
 public:
  inflater(std::uint8_t window_bits, const memory_source& memory) noexcept : stream(memory) {
    (void)inflateInit2(&stream_, -int{window_bits});
  }
  ~inflater() { (void)inflateEnd(&stream_); }

  void reset() noexcept {
    (void)inflateReset(&stream_);
    holds_output_ = false;
  }

  inflated inflate(std::span<const std::byte> in, std::span<std::byte> out, fin last, std::uint64_t) noexcept {
    const auto piece = in.first((std::min)(in.size(), most_at_once));
    const auto to = out.first((std::min)(out.size(), most_at_once));
    if (piece.size() != in.size()) last = fin::no;
    offer(piece, to);
    const auto so_far = [&](inflation progress) {
      return inflated{progress, piece.size() - stream_.avail_in, to.size() - stream_.avail_out};
    };
    bool header_waits = false;  // of a block: bits that zlib has taken and not yet looked at
    while (stream_.avail_in != 0 || (holds_output_ && !to.empty()) || header_waits) {
      const uInt had_in = stream_.avail_in, had_out = stream_.avail_out;
      const int was_at = stream_.data_type;
      const bool held = holds_output_;
      const int result = ::inflate(&stream_, Z_BLOCK);
      if (result == Z_MEM_ERROR) return so_far(inflation::out_of_memory);
      if (result != Z_OK && result != Z_BUF_ERROR) return so_far(inflation::invalid);
      const bool stands = stream_.avail_in == had_in && stream_.avail_out == had_out && stream_.data_type == was_at;
      // No zlib is known to stand still; one that did would do so for ever.
      if (stands && !held && (stream_.avail_out != 0 || at_block_end())) return so_far(inflation::invalid);
      if (stream_.avail_in != had_in) last_byte_ = stream_.next_in[-1];
      holds_output_ = stream_.avail_out == 0 && !at_block_end();
      header_waits = at_block_end() && !block_was_final() && unused_bits() >= 3;
      if (at_block_end()) {
        if (last == fin::yes && ends_plainly()) return so_far(inflation::whole);
        if (!pass_final_block()) return so_far(inflation::invalid);
      } else if ((stream_.avail_out == 0 && !to.empty()) || (had_in != 0 && stream_.avail_in == had_in)) {
        return so_far(inflation::full);
      }
    }
    if (last == fin::yes) return so_far(end_message());
    return so_far(!to.empty() && stream_.avail_out == 0 ? inflation::full : inflation::more);
  }

 private:
  // What zlib tells in data_type, once it has returned.
  [[nodiscard]] bool at_block_end() const noexcept { return (stream_.data_type & 128) != 0; }
  [[nodiscard]] bool behind_block_header() const noexcept { return (stream_.data_type & 256) != 0; }
  [[nodiscard]] bool block_was_final() const noexcept { return (stream_.data_type & 64) != 0; }
  [[nodiscard]] unsigned unused_bits() const noexcept { return static_cast<unsigned>(stream_.data_type) & 63; }

  /// 7.2.1: behind a final block the bits up to the next byte are zero, and then comes another block.
  bool pass_final_block() noexcept {
    if (!block_was_final()) return true;
    if (last_byte_ >> (8 - unused_bits()) != 0) return false;
    return inflateResetKeep(&stream_) == Z_OK;  // all but the window; declared, if not described, in each zlib.h
  }

  /// 7.2.1: most messages end so: behind a block, the header of a stored one up to the end of its byte. With the four
  /// bytes that one is empty, so zlib need not see it, and drops the bits that it has of it.
  bool ends_plainly() noexcept {
    if (stream_.avail_in > 1 || block_was_final()) return false;
    const unsigned size = unused_bits() + 8 * stream_.avail_in;
    const unsigned next = stream_.avail_in != 0 ? *stream_.next_in : 0U;
    const unsigned bits = unsigned{last_byte_} >> (8 - unused_bits()) | next << unused_bits();
    if (size < 3 || size >= 3 + 8 || (bits & 7) != 0 || inflatePrime(&stream_, -1, 0) != Z_OK) return false;
    stream_.avail_in = 0;
    return true;
  }

  /// 7.2.2: the four bytes must be the length of an empty block that the message began, and give nothing.
  inflation end_message() noexcept {
    static constexpr std::array<Bytef, 4> tail{0x00, 0x00, 0xFF, 0xFF};
    const uInt room = stream_.avail_out;
    stream_.next_in = const_cast<Bytef*>(tail.data());
    stream_.avail_in = tail.size();
    stream_.avail_out = 0;
    int result = ::inflate(&stream_, Z_TREES);  // which stops behind a block's header
    const uInt untaken = stream_.avail_in;
    const bool ends_header = untaken == 0 && behind_block_header() && unused_bits() == 0;
    if (ends_header) result = ::inflate(&stream_, Z_BLOCK);  // any other block than that has an end to come
    stream_.avail_in = 0;
    stream_.avail_out = room;
    if (result == Z_MEM_ERROR) return inflation::out_of_memory;
    if (result != Z_OK && result != Z_BUF_ERROR) return inflation::truncated;
    if (untaken == tail.size() && holds_output_) return inflation::full;
    if (!ends_header || !at_block_end()) return inflation::truncated;
    return pass_final_block() ? inflation::whole : inflation::truncated;
  }

  Bytef last_byte_ = 0;        ///< that was taken
  bool holds_output_ = false;  ///< whether zlib may have some that the output had no room for
};

/// RFC 7692 section 7.2.1.
class zlib::deflater : public stream {
 public:
  deflater(std::uint8_t window_bits, const memory_source& memory, const settings& with) noexcept : stream(memory) {
    (void)deflateInit2(&stream_, with.level, Z_DEFLATED, -int{window_bits}, with.memory_level, Z_DEFAULT_STRATEGY);
  }
  ~deflater() { (void)deflateEnd(&stream_); }

  void reset() noexcept {
    (void)deflateReset(&stream_);
    unfinished_ = false;
    held_size_ = 0;
  }

  deflated deflate(std::span<const std::byte> in, std::span<std::byte> out, fin last) noexcept {
    if (in.empty() && !unfinished_) {  // zlib flushes nothing twice; 7.2.3.6: a message ends in a block all the same
      if (last == fin::yes) out[0] = std::byte{0};
      return {.done = true, .made = last == fin::yes ? std::size_t{1} : 0};
    }
    const auto piece = in.first((std::min)(in.size(), most_at_once));
    const auto to = out.first((std::min)(out.size(), most_at_once));
    std::copy_n(held_.begin(), held_size_, to.begin());
    offer(piece, to.subspan(held_size_));
    const bool all = piece.size() == in.size();
    (void)::deflate(&stream_, all ? Z_SYNC_FLUSH : Z_NO_FLUSH);
    const bool full = stream_.avail_out == 0;
    std::size_t made = to.size() - stream_.avail_out;
    unfinished_ = full || !all;
    if (last == fin::yes && all) {
      // The last four bytes of the message are 00 00 FF FF and are not sent, wherever the output was cut.
      made -= held_.size();
      held_size_ = full ? held_.size() : 0;
      std::copy_n(to.begin() + static_cast<std::ptrdiff_t>(made), held_size_, held_.begin());
    }
    return {.done = !unfinished_, .taken = piece.size() - stream_.avail_in, .made = made};
  }

 private:
  bool unfinished_ = false;    ///< whether a piece is begun that is not all in the output
  std::size_t held_size_ = 0;  ///< of what may be the end of the message
  std::array<std::byte, 4> held_{};
};

static_assert(engine<zlib>);

}  // namespace weft::inline WEFT_ISA
