// SPDX-License-Identifier: MIT
//
// head.hpp: HTTP/1.1 heads as lines: gathered in the caller's memory, cut strictly, parsed into views of it; and
// written. RFC 9112 sections 2 to 5. A line ends in CRLF and nothing else; a byte that can be in no head ends the
// reading at that byte. Each byte is looked at twice: as it comes, and when its line is whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/error.hpp>
#include <weft/handshake/fields.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// A rule broken at a place of the text that was parsed, or none.
struct parse_error {
  weft::rule rule = rule::none;
  std::size_t at = 0;
};

/// The first line of a request. RFC 9112 section 3.
struct request_line {
  std::string_view method{};
  std::string_view target{};
  char major = '0';
  char minor = '0';
  parse_error error{};
};

/// Parses it, without its CRLF.
[[nodiscard]] constexpr request_line parse_request_line(std::string_view line) noexcept {
  const auto malformed = [](std::size_t at) { return request_line{.error = {rule::malformed_request_line, at}}; };
  std::size_t i = 0;
  while (i < line.size() && is_token(line[i])) ++i;
  if (i == 0 || i == line.size() || line[i] != ' ') return malformed(i);
  const std::size_t target = i + 1;
  const std::size_t end = line.find(' ', target);
  if (end == target || end == std::string_view::npos) return malformed(target);
  const std::string_view version = detail::cut(line, end + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(version[5]) || version[6] != '.' ||
      !digit(version[7])) {
    return malformed(end + 1);
  }
  return {.method = detail::cut(line, 0, i),
          .target = detail::cut(line, target, end - target),
          .major = version[5],
          .minor = version[7]};
}

/// The first line of a response; the phrase behind the code tells nothing. RFC 9112 section 4.
struct status_line {
  std::uint16_t code = 0;
  char major = '0';
  char minor = '0';
  parse_error error{};
};

/// Parses it, without its CRLF.
[[nodiscard]] constexpr status_line parse_status_line(std::string_view line) noexcept {
  const auto digit = [&](std::size_t i) { return line[i] >= '0' && line[i] <= '9'; };
  const auto malformed = [](std::size_t at) { return status_line{.error = {rule::malformed_status_line, at}}; };
  if (line.size() < 13 || !line.starts_with("HTTP/") || !digit(5) || line[6] != '.' || !digit(7) || line[8] != ' ')
    return malformed(0);
  if (!digit(9) || line[9] == '0' || !digit(10) || !digit(11) || line[12] != ' ') return malformed(9);
  const int code = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  return {.code = static_cast<std::uint16_t>(code), .major = line[5], .minor = line[7]};
}

/// A line behind the first. RFC 9112 section 5.
struct field_line {
  weft::field field{};
  parse_error error{};
};

/// Parses it, without its CRLF.
[[nodiscard]] constexpr field_line parse_field_line(std::string_view line) noexcept {
  const auto broken = [](rule rule, std::size_t at) { return field_line{.error = {rule, at}}; };
  std::size_t i = 0;
  while (i < line.size() && is_token(line[i])) ++i;
  const std::size_t colon = line.find_first_not_of(" \t", i);
  if (i == 0 || colon == std::string_view::npos || line[colon] != ':') return broken(rule::malformed_field, i);
  if (colon != i) return broken(rule::space_before_colon, i);
  return {.field = {detail::cut(line, 0, i), trimmed(detail::cut(line, i + 1))}};
}

/// Gathers the lines of a head in the caller's memory, each once it is whole.
class line_reader {
 public:
  struct result {
    weft::status status = status::partial;
    std::string_view line{};  ///< complete: the line in the caller's memory, without its CRLF
    violation error{};        ///< invalid: bare_line_end, control_character, head_too_long
  };

  constexpr explicit line_reader(std::span<char> storage) noexcept : storage_(storage) {}

  /// Takes bytes off `in` up to the end of a line, or all of them.
  template <byte_like Byte>
  [[nodiscard]] constexpr result next(std::span<Byte>& in) noexcept {
    for (std::size_t taken = 0; taken < in.size(); ++taken) {
      const auto c = static_cast<char>(in[taken]);
      if (size_ == storage_.size()) return stop(in, taken, rule::head_too_long);
      const bool ends = after_cr_ && c == '\n';
      if (!ends && (after_cr_ || c == '\n')) return stop(in, taken, rule::bare_line_end);
      after_cr_ = c == '\r';
      if (!ends && !after_cr_ && !is_field_value({&c, 1})) return stop(in, taken, rule::control_character);
      storage_[size_++] = c;
      if (ends) {
        in = in.subspan(taken + 1);
        const std::string_view line(storage_.data() + line_, size_ - line_ - 2);
        line_ = size_;
        return {.status = status::complete, .line = line};
      }
    }
    in = in.subspan(in.size());
    return {};
  }

  /// All that is gathered so far.
  [[nodiscard]] constexpr std::string_view text() const noexcept { return {storage_.data(), size_}; }

 private:
  template <byte_like Byte>
  constexpr result stop(std::span<Byte>& in, std::size_t taken, rule rule) const noexcept {
    in = in.subspan(taken);
    return {.status = status::invalid, .error = {rule, size_}};
  }

  std::span<char> storage_;
  std::size_t size_ = 0;
  std::size_t line_ = 0;  ///< where the line being gathered begins
  bool after_cr_ = false;
};

namespace detail {

/// Writes the pieces of a head one behind the other, or only counts them where it is not told whereto.
class head_writer {
 public:
  constexpr explicit head_writer(char* to = nullptr) noexcept : to_(to) {}
  constexpr head_writer& operator<<(std::string_view piece) noexcept {
    if (to_ != nullptr) copy(to_ + size_, piece.data(), piece.size());
    size_ += piece.size();
    return *this;
  }
  constexpr head_writer& operator<<(const field& field) noexcept {
    return *this << field.name << ": " << field.value << "\r\n";
  }
  constexpr head_writer& operator<<(std::size_t number) noexcept {
    std::array<char, 20> digits{};
    std::size_t first = digits.size();
    do {
      digits[--first] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return *this << std::string_view(digits.data() + first, digits.size() - first);
  }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }

 private:
  char* to_;
  std::size_t size_ = 0;
};

/// The characters at a place; in a constant expression only char will do.
template <class Byte>
[[nodiscard]] constexpr char* chars_at(Byte* place) noexcept {
  if constexpr (std::is_same_v<Byte, char>) {
    return place;
  } else {
    return reinterpret_cast<char*>(place);
  }
}

}  // namespace detail

/// A head ready to send, by what its class writes, or none with the reason why.
template <class Head>
class [[nodiscard]] written_head {
 public:
  /// Bytes, with any content. Zero is nothing to send.
  [[nodiscard]] constexpr std::size_t size() const noexcept {
    detail::head_writer counter;
    write(counter);
    return counter.size();
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return refusal_ != refusal::none; }
  [[nodiscard]] constexpr weft::refusal refusal() const noexcept { return refusal_; }

  /// Copies it to the front of `range` and returns the part that it fills; nothing where it does not fit.
  template <writable_range Range>
  [[nodiscard]] constexpr auto copy_to(Range&& range) const noexcept {
    const std::span to(std::data(range), std::size(range));
    if (to.size() < size()) return to.first(0);
    detail::head_writer copier(detail::chars_at(to.data()));
    write(copier);
    return to.first(copier.size());
  }

 protected:
  constexpr explicit written_head(weft::refusal refusal) noexcept : refusal_(refusal) {}

 private:
  constexpr void write(detail::head_writer& out) const noexcept {
    if (refusal_ == refusal::none) static_cast<const Head*>(this)->write_to(out);
  }

  weft::refusal refusal_;
};

/// What keeps further fields from being written: malformed, or of a name that weft itself writes. RFC 9110 sections 5.1
/// and 5.5.
[[nodiscard]] constexpr refusal check_fields(std::span<const field> fields,
                                             std::initializer_list<std::string_view> reserved) noexcept {
  for (const auto& field : fields) {
    if (!is_token(field.name) || !is_field_value(field.value)) return refusal::malformed_field;
    for (const auto name : reserved) {
      if (equal_ignoring_case(field.name, name)) return refusal::reserved_field;
    }
  }
  return refusal::none;
}

}  // namespace weft::inline WEFT_ISA
