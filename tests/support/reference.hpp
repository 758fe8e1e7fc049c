// SPDX-License-Identifier: MIT
//
// reference.hpp: the oracle. A decoder for either side that reads RFC 6455 one byte at a time, slowly and plainly,
// shares no code with weft but the names of its rules, and writes the same transcript.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/transcript.hpp"

#include <weft/protocol.hpp>

namespace support {

/// How far a text is UTF-8, by the grammar of RFC 3629 section 4: each alternative is a row of byte ranges.
class reference_utf8 {
 public:
  /// False with the first byte after which no text can follow that would make it UTF-8.
  bool add(unsigned char byte) {
    character_ += static_cast<char>(byte);
    bool possible = false;
    for (const auto& form : forms()) {
      bool fits = character_.size() <= form.size();
      for (std::size_t i = 0; fits && i < character_.size(); ++i) {
        const auto c = static_cast<unsigned char>(character_[i]);
        fits = c >= form[i].first && c <= form[i].second;
      }
      if (!fits) continue;
      possible = true;
      if (character_.size() == form.size()) {
        character_.clear();
        break;
      }
    }
    return possible;
  }
  [[nodiscard]] bool whole() const { return character_.empty(); }

 private:
  using range = std::pair<unsigned, unsigned>;
  static const std::vector<std::vector<range>>& forms() {
    static const range tail{0x80, 0xBF};
    static const std::vector<std::vector<range>> all{
        {{0x00, 0x7F}},
        {{0xC2, 0xDF}, tail},
        {{0xE0, 0xE0}, {0xA0, 0xBF}, tail},
        {{0xE1, 0xEC}, tail, tail},
        {{0xED, 0xED}, {0x80, 0x9F}, tail},
        {{0xEE, 0xEF}, tail, tail},
        {{0xF0, 0xF0}, {0x90, 0xBF}, tail, tail},
        {{0xF1, 0xF3}, tail, tail, tail},
        {{0xF4, 0xF4}, {0x80, 0x8F}, tail, tail},
    };
    return all;
  }
  std::string character_;
};

/// `may_compress` allows RSV1, RFC 7692 section 6.1, of messages whose compressed form is as they are: in their text a
/// violation is told at the first byte of their payload.
class reference_decoder {
 public:
  explicit reference_decoder(weft::role receiver, weft::limits limits = {}, bool may_compress = false)
      : from_client_(receiver == weft::role::server), limits_(limits), may_compress_(may_compress) {}

  void feed(std::string_view bytes) {
    for (const char c : bytes) {
      if (!over_) feed(static_cast<unsigned char>(c));
      ++offset_;
    }
  }

  [[nodiscard]] std::string transcript() { return seen_.text(); }

 private:
  void feed(unsigned char byte) {
    if (payload_left_ == 0) {
      header_ += static_cast<char>(byte);
      feed_header(byte);
    } else {
      feed_payload(unmasked(byte));
    }
  }

  [[nodiscard]] unsigned char unmasked(unsigned char byte) const {
    if (key_size_ == 0) return byte;
    return static_cast<unsigned char>(byte ^ static_cast<unsigned char>(header_[header_.size() - 4 + payload_at_ % 4]));
  }

  void feed_header(unsigned char byte) {
    const std::size_t at = header_.size() - 1;
    if (at == 0) {
      opcode_ = byte & 15U;
      fin_ = (byte & 128) != 0;
      const bool may = may_compress_ && (opcode_ == 1 || opcode_ == 2);
      if ((byte & (may ? 0x30 : 0x70)) != 0) return violation("reserved_bit", 1002);
      if ((opcode_ >= 3 && opcode_ <= 7) || opcode_ >= 11) return violation("reserved_opcode", 1002);
      if (opcode_ >= 8) {
        if (!fin_) return violation("fragmented_control", 1002);
        if (opcode_ != 8 && ++controls_ > limits_.max_control_frames) return violation("too_many_control_frames", 1008);
      } else {
        if (opcode_ == 0 && message_ == 0) return violation("stray_continuation", 1002);
        if (opcode_ != 0 && message_ != 0) return violation("interleaved_message", 1002);
        if (++fragments_ > limits_.max_fragments) return violation("too_many_fragments", 1008);
      }
      return;
    }
    if (at == 1) {
      const bool masked = (byte & 128) != 0;
      if (!masked && from_client_ && limits_.strictness.masking) return violation("missing_mask", 1002);
      if (masked && !from_client_) return violation("unexpected_mask", 1002);
      key_size_ = masked ? 4 : 0;
      length_ = byte & 127U;
      form_ = length_ == 126 ? 2 : length_ == 127 ? 8 : 0;
      if (opcode_ >= 8 && length_ > 125) return violation("control_too_long", 1002);
      if (opcode_ == 8 && length_ == 1) return violation("close_of_one_byte", 1002);
      if (form_ != 0) {
        length_ = 0;
        return;
      }
      check_length();
    } else if (at < 2 + form_) {
      length_ = length_ * 256 + byte;
      if (form_ == 8 && at == 2 && byte >= 128) return violation("length_out_of_range", 1002);
      const bool minimal = limits_.strictness.minimal_lengths;
      if (minimal && form_ == 2 && at == 3 && length_ < 126) return violation("length_not_minimal", 1002);
      if (minimal && form_ == 8 && at == 7 && length_ == 0) return violation("length_not_minimal", 1002);
      if (at + 1 == 2 + form_) check_length();
    }
    if (over_ || at + 1 < 2 + form_ + key_size_) return;

    if (opcode_ == 1 || opcode_ == 2) {
      message_ = opcode_;
      compressed_ = (static_cast<unsigned char>(header_[0]) & 0x40) != 0;
      message_at_ = offset_ + 1;
    }
    payload_left_ = length_;
    payload_at_ = 0;
    control_.clear();
    if (length_ == 0) end_frame();
  }

  void check_length() {
    if (opcode_ >= 8) return;
    if (length_ > limits_.max_frame_bytes) return violation("frame_too_long", 1009);
    if (length_ > limits_.max_message_bytes - message_bytes_) return violation("message_too_long", 1009);
  }

  void feed_payload(unsigned char byte) {
    const char c = static_cast<char>(byte);
    if (opcode_ >= 8) {
      control_ += c;
    } else {
      if (message_ == 1 && !utf8_.add(byte)) return text_violation("invalid_utf8", 0);
      controls_ = 0;
      ++message_bytes_;
      // The last byte is told by the end of its frame, which knows whether it is also the message's end.
      const bool ends = payload_left_ == 1 && fin_ && utf8_.whole();
      seen_.data(message_ == 1 ? "text" : "binary", {&c, 1}, ends);
    }
    ++payload_at_;
    if (--payload_left_ == 0) end_frame();
  }

  void end_frame() {
    if (opcode_ >= 8) {
      end_control();
    } else if (fin_) {
      if (!utf8_.whole()) return text_violation("truncated_utf8", 1);
      if (length_ == 0) seen_.data(message_ == 1 ? "text" : "binary", {}, true);
      message_ = 0;
      message_bytes_ = 0;
      fragments_ = 0;
    }
    header_.clear();
  }

  void end_control() {
    if (opcode_ == 9) return seen_.entry("ping" + spaced(shown(control_)));
    if (opcode_ == 10) return seen_.entry("pong" + spaced(shown(control_)));
    if (control_.empty()) {
      over_ = true;
      return seen_.entry("close 1005");
    }
    const unsigned code = static_cast<unsigned char>(control_[0]) * 256U + static_cast<unsigned char>(control_[1]);
    const bool allowed =
        (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    if (!allowed) return violation("invalid_close_code", 1002, -(static_cast<int>(control_.size()) - 2));
    reference_utf8 reason;
    for (std::size_t i = 2; i < control_.size(); ++i) {
      const int from_end = -(static_cast<int>(control_.size()) - 1 - static_cast<int>(i));
      if (!reason.add(static_cast<unsigned char>(control_[i]))) return violation("invalid_utf8", 1007, from_end);
    }
    if (!reason.whole()) return violation("truncated_utf8", 1007, 1);
    over_ = true;
    seen_.entry("close " + std::to_string(code) + spaced(shown(control_.substr(2))));
  }

  static std::string spaced(const std::string& words) { return words.empty() ? "" : " " + words; }

  void text_violation(std::string_view rule, int from_here) {
    violation(rule, 1007, compressed_ ? -static_cast<int>(offset_ - message_at_) : from_here);
  }

  /// At the byte being read, or so many bytes from it.
  void violation(std::string_view rule, int code, int from_here = 0) {
    over_ = true;
    const auto at = static_cast<std::uint64_t>(static_cast<std::int64_t>(offset_) + from_here);
    seen_.entry("violation " + std::string(rule) + " at " + std::to_string(at) + " close " + std::to_string(code));
  }

  bool from_client_;
  weft::limits limits_;
  support::transcript seen_;
  std::string header_, control_;
  unsigned opcode_ = 0, message_ = 0;
  bool may_compress_ = false, compressed_ = false, fin_ = false, over_ = false;
  std::size_t form_ = 0, key_size_ = 0;
  std::uint64_t length_ = 0, payload_left_ = 0, payload_at_ = 0, offset_ = 0;
  std::uint64_t message_at_ = 0, message_bytes_ = 0, fragments_ = 0, controls_ = 0;
  reference_utf8 utf8_;
};

}  // namespace support
