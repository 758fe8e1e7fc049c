// SPDX-License-Identifier: MIT
//
// transcript.hpp: what an endpoint tells of its input, as text that a test can state: "text Hel; ping beat; text lo
// fin". Pieces of a message are merged where they touch, so that the text does not depend on how the input was cut.
#pragma once

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>

namespace support {

using sizes = std::initializer_list<std::size_t>;

/// Printable ASCII as it is, other bytes as \xNN, long texts as their beginning, size and a checksum.
inline std::string shown(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, 160)) {
    char escaped[5];
    std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(c));
    text += c >= ' ' && c <= '~' && c != '\\' ? std::string(1, c) : std::string(escaped);
  }
  if (bytes.size() <= 160) return text;
  std::uint64_t checksum = 14695981039346656037U;  // FNV-1a
  for (const char c : bytes) checksum = (checksum ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return text.substr(0, 40) + "... " + std::to_string(bytes.size()) + " bytes, checksum " + std::to_string(checksum);
}

class transcript {
 public:
  /// A piece of a message, merged with the one before where nothing came between.
  void data(std::string_view kind, std::string_view payload, bool last) {
    if (!in_piece_) {
      finish_entry();
      kind_ = kind;
    }
    piece_ += payload;
    in_piece_ = true;
    if (last) {
      last_ = true;
      finish_entry();
    }
  }

  void entry(std::string_view words) {
    finish_entry();
    append(words);
  }

  [[nodiscard]] std::string text() {
    finish_entry();
    return text_;
  }

 private:
  void finish_entry() {
    if (!in_piece_) return;
    append(kind_ + (piece_.empty() ? "" : " ") + shown(piece_) + (last_ ? " fin" : ""));
    piece_.clear();
    in_piece_ = last_ = false;
  }

  void append(std::string_view words) {
    if (!text_.empty()) text_ += "; ";
    text_ += words;
  }

  std::string text_, kind_, piece_;
  bool in_piece_ = false, last_ = false;
};

}  // namespace support
