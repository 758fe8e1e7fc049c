// SPDX-License-Identifier: MIT
//
// header.hpp: the two to fourteen bytes before a payload <-> fields. RFC 6455 section 5.2.
//
//    byte 0            byte 1            then, each where it is needed
//   +-+-+-+-+-------+ +-+-------------+ +---------------------+----------------+
//   |F|R|R|R| op-   | |M| length:     | | length in 2 bytes   | masking key in |
//   |I|S|S|S| code  | |A| 0..125, 126 | | after 126, in 8     | 4 bytes where  |
//   |N|1|2|3| (4)   | |S| or 127 (7)  | | after 127 (63 bits) | MASK is set    |
//   +-+-+-+-+-------+ +K+-------------+ +---------------------+----------------+
//
// Rules here need nothing but the header and who sent it. They are judged byte by byte, each as early as it is certain.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/error.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// A frame's header. A frame is masked exactly where there is a key.
struct frame_header {
  weft::fin fin = fin::yes;
  weft::opcode opcode = opcode::text;
  std::uint64_t length = 0;  ///< of the payload, in bytes; below 2^63
  std::optional<masking_key> key{};
  weft::compressed compressed = compressed::no;  ///< RSV1: the frame begins a compressed message; RFC 7692 section 6
  bool operator==(const frame_header&) const = default;
};

/// What read_frame_header() found.
struct frame_header_result {
  weft::status status = status::partial;
  weft::rule rule = rule::none;  ///< invalid: what is wrong
  std::uint8_t at = 0;           ///< invalid: which byte decided
  std::uint8_t size = 2;         ///< complete: bytes of the header. partial: how many it needs, as far as is known
  std::uint8_t before_key = 0;   ///< bytes of it that come before the key, as soon as they are there
  frame_header header{};         ///< complete: all of it. partial: all but the key as soon as only the key is missing
};

/// Reads the header at the front of `in` (2 to 14 bytes) as `sender` must write it, and consumes nothing.
/// Breaks of RFC 6455 sections 5.1, 5.2, 5.5 and 5.5.1 are found: reserved_bit, reserved_opcode, fragmented_control,
/// missing_mask, unexpected_mask, control_too_long, close_of_one_byte, length_out_of_range, length_not_minimal.
/// RSV1 is a reserved bit like the others unless compression is `allowed`, and then only in a message's first frame.
[[nodiscard]] constexpr frame_header_result read_frame_header(std::span<const std::byte> in, role sender,
                                                              const strictness& strict = {},
                                                              compressed allowed = compressed::no) noexcept {
  const auto broken = [](rule rule, std::uint8_t at) {
    return frame_header_result{.status = status::invalid, .rule = rule, .at = at};
  };
  const auto partial = [](std::uint8_t needed) { return frame_header_result{.size = needed}; };

  if (in.empty()) return {};
  const auto first = std::to_integer<std::uint8_t>(in[0]);
  const auto code = static_cast<opcode>(first & 0x0F);
  const bool final = (first & 0x80) != 0;
  const bool rsv1 = (first & 0x40) != 0;
  const bool begins_message = code == opcode::text || code == opcode::binary;
  if ((first & 0x30) != 0 || (rsv1 && (allowed == compressed::no || !begins_message)))
    return broken(rule::reserved_bit, 0);
  if ((first & 0x07) > 2) return broken(rule::reserved_opcode, 0);
  if (is_control(code) && !final) return broken(rule::fragmented_control, 0);

  if (in.size() < 2) return {};
  const auto second = std::to_integer<std::uint8_t>(in[1]);
  const bool masked = (second & 0x80) != 0;
  const auto short_length = static_cast<std::uint8_t>(second & 0x7F);
  if (masked && sender == role::server) return broken(rule::unexpected_mask, 1);
  if (!masked && sender == role::client && strict.masking) return broken(rule::missing_mask, 1);
  if (is_control(code) && short_length > max_control_payload) return broken(rule::control_too_long, 1);
  if (code == opcode::close && short_length == 1) return broken(rule::close_of_one_byte, 1);

  const std::uint8_t length_size = short_length < 126 ? 0 : short_length == 126 ? 2 : 8;
  const auto size = static_cast<std::uint8_t>(2 + length_size + (masked ? 4 : 0));
  std::uint64_t length = short_length;
  if (length_size != 0) {
    if (length_size == 8 && in.size() > 2 && (in[2] & std::byte{0x80}) != std::byte{0})
      return broken(rule::length_out_of_range, 2);
    // A length is too small for its form as soon as the bytes that could have made it larger are there: both of a
    // 16-bit length, the first six of a 64-bit one.
    const std::size_t certain = length_size == 2 ? 4 : 8;
    if (in.size() < certain) return partial(size);
    const bool minimal = detail::load_network(in.data() + 2, certain - 2) >= (length_size == 2 ? 126U : 1U);
    if (!minimal && strict.minimal_lengths)
      return broken(rule::length_not_minimal, static_cast<std::uint8_t>(certain - 1));
    if (in.size() < std::size_t{2} + length_size) return partial(size);
    length = detail::load_network(in.data() + 2, length_size);
  }

  frame_header_result result{
      .size = size,
      .before_key = static_cast<std::uint8_t>(2 + length_size),
      .header = {.fin = fin{final}, .opcode = code, .length = length, .compressed = compressed{rsv1}}};
  if (in.size() < size) return result;
  result.status = status::complete;
  if (masked) {
    masking_key key;
    detail::copy(key.bytes.data(), in.data() + size - 4, 4);
    result.header.key = key;
  }
  return result;
}

namespace detail {

/// What most headers are: of a data frame, with its length in one byte or three.
struct plain_header {
  std::uint8_t size = 0;        ///< bytes, as far as is known; 0 where it is no such header, or breaks a rule
  std::uint8_t before_key = 0;  ///< bytes of it that come before the key; 0 until that is known
  weft::fin fin{};
  weft::opcode opcode{};
  weft::compressed compressed{};
  std::uint32_t length = 0;  ///< of the payload, in bytes

  [[nodiscard]] constexpr bool has_length(std::size_t seen) const noexcept {
    return before_key != 0 && seen >= before_key;
  }
  [[nodiscard]] constexpr bool is_whole(std::size_t seen) const noexcept { return before_key != 0 && seen >= size; }
};

/// Reads one byte of it or more, and says less than read_frame_header(), but sooner.
template <role Sender, compressed Allowed>
[[nodiscard]] WEFT_INLINE constexpr plain_header read_plain_header(std::span<const std::byte> in) noexcept {
  constexpr unsigned mask_bit = Sender == role::client ? 0x80 : 0;
  constexpr std::uint8_t key_size = Sender == role::client ? 4 : 0;
  const auto first = std::to_integer<unsigned>(in[0]);
  constexpr unsigned rsv1 = Allowed == compressed::yes ? 0x40 : 0;
  if ((first & (0x7C & ~rsv1)) != 0 || (first & 3) == 3) return {};
  if ((first & rsv1) != 0 && (first & 3) == 0) return {};
  plain_header plain{.size = 2,
                     .fin = fin{first >> 7 != 0},
                     .opcode = opcode{static_cast<std::uint8_t>(first & 3)},
                     .compressed = compressed{(first & rsv1) != 0}};
  if (in.size() < 2) return plain;
  plain.length = std::to_integer<unsigned>(in[1]) ^ mask_bit;
  if (plain.length > 126) return {};
  plain.before_key = 2;
  if (plain.length == 126) {
    plain.before_key = 4;
    if (in.size() >= 4) {
      plain.length = static_cast<std::uint32_t>(load_network(&in[2], 2));
      if (plain.length < 126) return {};
    }
  }
  plain.size = static_cast<std::uint8_t>(plain.before_key + key_size);
  return plain;
}

}  // namespace detail

/// A header as bytes, with its length in the shortest form.
class frame_header_bytes {
 public:
  constexpr frame_header_bytes() noexcept = default;
  constexpr explicit frame_header_bytes(const frame_header& header) noexcept {
    const unsigned first = (header.fin == fin::yes ? 0x80U : 0U) | (header.compressed == compressed::yes ? 0x40U : 0U) |
                           static_cast<unsigned>(header.opcode);
    const unsigned mask = header.key ? 0x80U : 0U;
    if (header.length <= 0xFFFF) {
      // At most 8 bytes are put together in a register, first byte lowest: who writes small pieces to memory, and reads
      // them at once as a larger one, makes the processor wait.
      const bool short_form = header.length < 126;
      std::uint64_t word = first | (mask | (short_form ? header.length : 126)) << 8;
      if (!short_form) word |= (header.length >> 8 | (header.length & 0xFF) << 8) << 16;
      size_ = short_form ? 2 : 4;
      if (header.key) {
        word |= detail::load_little(header.key->bytes.data(), 4) << 8 * size_;
        size_ += 4;
      }
      detail::store_little(bytes_.data(), word);
    } else {
      detail::store_network(bytes_.data(), std::uint64_t{first << 8 | mask | 127}, 2);
      detail::store_network(bytes_.data() + 2, header.length, 8);
      size_ = 10;
      if (header.key) append(header.key->bytes);
    }
  }

  [[nodiscard]] constexpr std::span<const std::byte> span() const noexcept { return std::span(bytes_).first(size_); }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }

  /// Adds the first bytes of a payload, where there is room.
  constexpr std::span<std::byte> append(std::span<const std::byte> bytes) noexcept {
    const auto to = std::span(bytes_).subspan(size_, bytes.size());
    detail::copy(to.data(), bytes.data(), bytes.size());
    size_ += static_cast<std::uint8_t>(bytes.size());
    return to;
  }

  /// Copies them to `to`, and touches nothing behind them.
  constexpr void copy_to(std::byte* to) const noexcept {
    if (size_ == 2) return detail::store(to, detail::load<std::uint16_t>(bytes_.data()));
    if (size_ > 8) return detail::copy(to, bytes_.data(), size_);
    // 4, 6 or 8 bytes are the first four and the last four.
    const auto first = detail::load<std::uint32_t>(bytes_.data());
    const auto last = detail::load<std::uint32_t>(&bytes_[size_ - 4U]);
    detail::store(to, first);
    detail::store(to + size_ - 4, last);
  }

 private:
  std::array<std::byte, max_frame_header> bytes_{};
  std::uint8_t size_ = 0;
};

/// Writes a header.
[[nodiscard]] constexpr frame_header_bytes write_frame_header(const frame_header& header) noexcept {
  return frame_header_bytes(header);
}

}  // namespace weft::inline WEFT_ISA
