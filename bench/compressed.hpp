// SPDX-License-Identifier: MIT
//
// compressed.hpp: messages as servers of JSON send them, and as clients send them compressed by zlib. The same bytes on
// every machine with the same zlib.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "versus/peer.hpp"
#include "wire.hpp"

namespace bench {

inline constexpr std::array document_sizes{"200", "2048", "65536"};
inline constexpr std::array takeovers{"takeover", "no-takeover"};

inline takeover takeover_of(std::string_view name) {
  return name == "takeover" ? takeover::yes : takeover::no;
}

/// Who compresses for the others, if it is there.
inline const peer* bare_peer() {
  const auto found = std::find_if(peers.begin(), peers.end(), [](const peer* who) { return who->bare; });
  return found == peers.end() ? nullptr : *found;
}

namespace detail {

inline std::string digits(std::uint64_t number) {
  return std::to_string(number);
}

inline std::string price(dice& roll) {
  const auto cents = roll(100, 2'000'000);
  return digits(cents / 100) + "." + static_cast<char>('0' + cents / 10 % 10) + static_cast<char>('0' + cents % 10);
}

inline std::string hex(std::size_t size, dice& roll) {
  std::string text;
  while (text.size() < size) text += "0123456789abcdef"[roll(0, 15)];
  return text;
}

/// An order, of 130 to 200 bytes.
inline std::string order(dice& roll) {
  constexpr std::array symbols{"AAPL", "MSFT", "GOOG", "AMZN",    "SAP",    "TSLA",
                               "NVDA", "ASML", "SHEL", "BTC-USD", "ETH-USD"};
  constexpr std::array states{"open", "partially_filled", "filled", "cancelled"};
  constexpr std::array names{"anna",  "björn", "chen", "dmitri", "eve",   "françois", "grace", "hannah", "ivan",
                             "jamal", "kofi",  "lena", "mehmet", "nadia", "oscar",    "priya", "quentin"};
  return "{\"id\":\"" + hex(16, roll) + "\",\"symbol\":\"" + symbols[roll(0, symbols.size() - 1)] + "\",\"side\":\"" +
         (roll(0, 1) == 0 ? "buy" : "sell") + "\",\"price\":" + price(roll) + ",\"quantity\":" + digits(roll(1, 900)) +
         ",\"status\":\"" + states[roll(0, states.size() - 1)] + "\",\"user\":\"" + names[roll(0, names.size() - 1)] +
         "\",\"ts\":" + digits(1763843706123 + roll(0, 86'400'000)) + "}";
}

/// A document of just so many bytes, which a note fills up.
inline std::string document(std::size_t size, std::uint64_t number, dice& roll) {
  const std::string_view end = "\"}";
  std::string text = size < 256 ? "{\"order\":" : "{\"seq\":" + digits(number) + ",\"orders\":[";
  text += order(roll);
  if (size >= 256) {
    for (auto next = order(roll); text.size() + next.size() + 32 < size; next = order(roll)) text += "," + next;
    text += "]";
  }
  text += ",\"note\":\"";
  while (text.size() + end.size() < size) text += word("ascii", roll);
  return text.substr(0, size - end.size()) + std::string(end);
}

}  // namespace detail

/// Different ones, half a megabyte of them and at least 64, so that a window never meets the same one again; or so
/// many.
class documents {
 public:
  explicit documents(std::string_view size, std::size_t count = 0) {
    const auto each = std::stoul(std::string(size));
    dice roll(7692);
    if (count == 0) count = std::max<std::size_t>(64, 512 * 1024 / each);
    for (std::size_t i = 0; i < count; ++i) texts_.push_back(detail::document(each, i, roll));
    for (const auto& text : texts_) all_.push_back(std::as_bytes(std::span(text)));
    bytes_ = count * each;
  }
  documents(const documents&) = delete;
  documents& operator=(const documents&) = delete;

  [[nodiscard]] std::span<const bytes> all() const { return all_; }
  [[nodiscard]] std::size_t payload_bytes() const { return bytes_; }

 private:
  std::vector<std::string> texts_;
  std::vector<bytes> all_;
  std::size_t bytes_ = 0;
};

/// Compressed messages of one connection, as bare payloads, and as a client's frames in reads.
class compressed_stream {
 public:
  compressed_stream() = default;
  compressed_stream(std::span<const bytes> messages, takeover with) {
    const auto zlib = bare_peer()->deflating(with);
    for (const bytes message : messages) {
      std::vector<std::byte> payload(message.size() + 1024);
      payload.resize(zlib->pass({&message, 1}, payload));
      add(std::move(payload), message);
    }
    end();
  }
  compressed_stream(const compressed_stream&) = delete;
  compressed_stream& operator=(const compressed_stream&) = delete;

  /// One more message, which says that; after the last, end().
  void add(std::vector<std::byte> payload, bytes message) {
    const std::size_t begin = wire_.size();
    append_frame(wire_, 0x1, payload, roll_.key());
    wire_[begin] |= std::byte{0x40};
    frames_.push_back(wire_.size());
    const std::size_t size = payload.size();
    payload.insert(payload.end(), deflated_tail.begin(), deflated_tail.end());
    owned_.push_back(std::move(payload));
    payloads_.push_back(bytes(owned_.back()).first(size));
    all_.message(message);
  }

  /// As many whole frames a read as it holds; a frame that is larger is cut.
  void end() {
    std::size_t begin = 0;
    const auto read_to = [&](std::size_t end) {
      for (; begin < end; begin += reads_.back().size())
        reads_.push_back(bytes(wire_).subspan(begin, std::min(max_read, end - begin)));
    };
    std::size_t whole = 0;
    for (const std::size_t end : frames_) {
      if (end - begin > max_read) read_to(whole);
      whole = end;
    }
    read_to(whole);
    said = all_.seen;
  }

  /// What that peer takes.
  [[nodiscard]] std::span<const bytes> reads(const peer& who) const { return who.bare ? payloads_ : reads_; }
  [[nodiscard]] std::size_t wire_bytes() const { return wire_.size(); }

  events said;

 private:
  dice roll_{6455};
  witness all_;
  std::vector<std::byte> wire_;
  std::vector<std::size_t> frames_;  ///< where they end
  std::vector<bytes> reads_;
  std::vector<std::vector<std::byte>> owned_;
  std::vector<bytes> payloads_;
};

/// Whether what that peer makes of these messages, one by one, can be inflated to them.
inline bool deflates(deflater& codec, std::span<const bytes> messages, const peer& who, takeover with) {
  const auto zlib = bare_peer()->inflating(with);
  witness sent, got;
  for (const bytes message : messages) {
    std::vector<std::byte> made(message.size() + 1024);
    bytes rest = bytes(made).first(codec.pass({&message, 1}, made));
    std::vector<std::byte> payload;
    const auto number = [&](std::size_t at, std::size_t size) {
      std::size_t value = 0;
      for (const auto byte : rest.subspan(at, size)) value = value << 8 | std::to_integer<std::size_t>(byte);
      return value;
    };
    for (bool first = true, last = who.bare; first || !last; first = false) {
      std::size_t header = who.bare ? 0 : 2;
      std::size_t size = rest.size();
      if (!who.bare) {
        if (rest.size() < 10) return false;
        last = (rest[0] & std::byte{0x80}) != std::byte{0};
        if ((rest[0] & std::byte{0x7F}) != (first ? std::byte{0x41} : std::byte{0x00})) return false;
        size = number(1, 1);
        if (size == 126 || size == 127) {
          const std::size_t more = size == 126 ? 2 : 8;
          size = number(2, more);
          header += more;
        }
        if (size > rest.size() - header) return false;
      }
      payload.insert(payload.end(), rest.begin() + static_cast<std::ptrdiff_t>(header),
                     rest.begin() + static_cast<std::ptrdiff_t>(header + size));
      rest = rest.subspan(header + size);
    }
    if (!rest.empty()) return false;
    const std::size_t size = payload.size();
    payload.insert(payload.end(), deflated_tail.begin(), deflated_tail.end());
    const bytes read = bytes(payload).first(size);
    zlib->pass({&read, 1}, 1, got);
    sent.message(message);
  }
  return sent.seen == got.seen;
}

}  // namespace bench
