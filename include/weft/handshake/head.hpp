// SPDX-License-Identifier: MIT
//
// head.hpp: HTTP/1.1 heads as lines: gathered in the caller's memory, cut strictly, parsed into views of it; and
// written. RFC 9112 sections 2 to 5. A line ends in CRLF and nothing else; a byte that can be in no head ends the
// reading at that byte. Bytes are looked at 64 at a time as they come, and names and values once more in a whole line.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>

#include <weft/detail/characters.hpp>
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
  const std::size_t i = detail::leading(detail::token_characters, line, detail::common_in_tokens);
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

namespace detail {

/// Where the colon stands that ends a field's name, or what is broken where.
[[nodiscard]] constexpr parse_error find_colon(std::string_view line) noexcept {
  std::size_t end = leading(line, common_in_tokens);
  if (end == line.size() || line[end] != ':') end += leading(token_characters, cut(line, end));
  if (end != 0 && end != line.size() && line[end] == ':') return {rule::none, end};
  const bool space = end != 0 && trimmed(cut(line, end)).starts_with(':');
  return {space ? rule::space_before_colon : rule::malformed_field, end};
}

/// The fields that a handshake knows.
enum class known : std::uint8_t {
  no,
  host,
  origin,
  expect,
  upgrade,
  connection,
  content_length,
  transfer_encoding,
  key,
  accept,
  version,
  protocol,
  extensions,
};

/// Which of them has that name, which is a token.
[[nodiscard]] constexpr known which(std::string_view name) noexcept {
  constexpr auto no = known::no;
  switch (name.size()) {
    case 4: return is_called(name, "Host") ? known::host : no;
    case 6: return is_called(name, "Origin") ? known::origin : is_called(name, "Expect") ? known::expect : no;
    case 7: return is_called(name, "Upgrade") ? known::upgrade : no;
    case 10: return is_called(name, "Connection") ? known::connection : no;
    case 14: return is_called(name, "Content-Length") ? known::content_length : no;
    case 17:
      if (is_called(name, "Sec-WebSocket-Key")) return known::key;
      return is_called(name, "Transfer-Encoding") ? known::transfer_encoding : no;
    case 20: return is_called(name, "Sec-WebSocket-Accept") ? known::accept : no;
    case 21: return is_called(name, "Sec-WebSocket-Version") ? known::version : no;
    case 22: return is_called(name, "Sec-WebSocket-Protocol") ? known::protocol : no;
    case 24: return is_called(name, "Sec-WebSocket-Extensions") ? known::extensions : no;
    default: return no;
  }
}

}  // namespace detail

/// Parses it, without its CRLF.
[[nodiscard]] constexpr field_line parse_field_line(std::string_view line) noexcept {
  const auto colon = detail::find_colon(line);
  if (colon.rule != rule::none) return {.error = colon};
  return {.field = {{line.data(), colon.at}, trimmed(detail::cut(line, colon.at + 1))}};
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
    return each(in, [](std::string_view) { return false; });
  }

  /// The same for all lines, each given to `take`, until that returns false: `complete` with the last. Of the storage
  /// behind text() as much as there is of `in`, up to 64 bytes, may be overwritten.
  template <byte_like Byte, class Take>
  [[nodiscard]] constexpr result each(std::span<Byte>& in, Take take) noexcept {
    const auto gather = [&](std::size_t count) {
      in = in.subspan(count);
      size_ += count;
    };
    const auto broken = [&](rule rule, std::size_t at) {
      gather(at);
      return result{.status = status::invalid, .error = {rule, size_}};
    };
    std::string_view line;
    const auto is_last = [&](std::size_t end) {  // where its CRLF ends
      line = {storage_.data() + line_, size_ + end - 2 - line_};
      line_ = size_ + end;
      return !take(line);
    };
    while (!in.empty()) {
      const std::size_t size = (std::min)(in.size(), storage_.size() - size_);
      if (size == 0) return broken(rule::head_too_long, 0);
      const auto is_lf = [&](std::size_t i) { return static_cast<char>(in[i]) == '\n'; };
      char* const text = storage_.data() + size_;
      if (size_ != line_ && text[-1] == '\r') {
        if (!is_lf(0)) return broken(rule::bare_line_end, 0);
        text[0] = '\n';
        const bool last = is_last(1);
        gather(1);
        if (last) return {.status = status::complete, .line = line};
        continue;
      }
      for (std::size_t at = 0; at < size; at += 64) {
        std::uint64_t marks = detail::copy_and_mark(text + at, in.data() + at, (std::min)(size - at, std::size_t{64}));
        for (; marks != 0; marks &= marks - 1) {
          const std::size_t i = at + static_cast<std::size_t>(std::countr_zero(marks));
          if (text[i] == '\r') {
            if (i + 1 == size) break;
            if (!is_lf(i + 1)) return broken(rule::bare_line_end, i + 1);
            marks &= marks - 1;  // its LF, unless that is the first of the next 64
            if (!is_last(i + 2)) continue;
            text[i + 1] = '\n';
            gather(i + 2);
            return {.status = status::complete, .line = line};
          }
          if (text[i] == '\n' && line_ != size_ + i + 1) return broken(rule::bare_line_end, i);
          if (text[i] != '\n' && !detail::is_in(detail::value_characters, text[i]))
            return broken(rule::control_character, i);
        }
      }
      gather(size);
    }
    return {};
  }

  /// All that is gathered so far.
  [[nodiscard]] constexpr std::string_view text() const noexcept { return {storage_.data(), size_}; }

 private:
  std::span<char> storage_;
  std::size_t size_ = 0;
  std::size_t line_ = 0;  ///< where the line being gathered begins
};

/// What the readers of both heads have in common; `Head` is what they read, with its status and its error.
template <class Head>
class head_reader {
 public:
  head_reader(const head_reader&) = delete;  // a copy would gather in the same storage
  head_reader& operator=(const head_reader&) = delete;

 protected:
  constexpr head_reader(std::span<char> storage, const head_limits& allowed) noexcept
      : lines_(storage), storage_(storage), allowed_(allowed) {}

  constexpr void fail(violation error) noexcept {
    head_.status = status::invalid;
    head_.error = error;
  }

  /// A broken rule that does not keep the rest from being read: the first of them ends the head.
  constexpr void note(rule rule, std::uint64_t offset) noexcept {
    if (noted_.rule == rule::none) noted_ = {rule, offset};
  }
  constexpr void note(rule rule, std::string_view at) noexcept { note(rule, offset_of(at)); }

  [[nodiscard]] constexpr std::uint64_t offset_of(std::string_view view) const noexcept {
    return before_ + static_cast<std::uint64_t>(view.data() - storage_.data());
  }

  /// Bits of what was seen.
  [[nodiscard]] constexpr bool saw(unsigned what) const noexcept { return (seen_ & what) != 0; }
  constexpr bool seen_first(unsigned what) noexcept {
    const bool first = !saw(what);
    seen_ |= what;
    return first;
  }

  /// The fields are the lines behind the first, up to that of which this is the end.
  constexpr void begin_fields(std::string_view first_line) noexcept {
    first_field_ = first_line.data() + first_line.size() + 2;
  }
  constexpr void end_fields(std::string_view line) noexcept {
    const char* end = line.data() + line.size() + 2;
    head_.fields = fields({first_field_, static_cast<std::size_t>(end - first_field_)});
  }

  /// RFC 9112 6.3: no handshake has content.
  constexpr void take_content_length(std::string_view value, bool first) noexcept {
    const auto all_of = [&](std::string_view digits) { return value.find_first_not_of(digits) == value.npos; };
    if (!first || value.empty() || !all_of("0123456789")) {
      note(rule::malformed_content_length, value);
    } else if (!all_of("0")) {
      note(rule::unexpected_content, value);
    }
  }

  line_reader lines_;
  std::span<char> storage_;
  head_limits allowed_;
  Head head_;
  violation noted_;
  std::uint64_t before_ = 0;  ///< bytes before this head
  const char* first_field_ = nullptr;
  std::uint32_t field_count_ = 0;
  unsigned seen_ = 0;
};

namespace detail {

/// Puts the pieces of a head one behind the other.
template <class Put>
class head_writer {
 public:
  constexpr explicit head_writer(Put put) noexcept : put_(put) {}
  constexpr head_writer& operator<<(std::string_view piece) noexcept {
    put_(piece);
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

 private:
  Put put_;
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
    std::size_t size = 0;
    write([&](std::string_view piece) { size += piece.size(); });
    return size;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return refusal_ != refusal::none; }
  [[nodiscard]] constexpr weft::refusal refusal() const noexcept { return refusal_; }

  /// Copies it to the front of `range` and returns the part that it fills; nothing where it does not fit.
  template <writable_range Range>
  [[nodiscard]] constexpr auto copy_to(Range&& range) const noexcept {
    const std::span to(std::data(range), std::size(range));
    const std::size_t needed = size();
    if (to.size() < needed) return to.first(0);
    char* at = detail::chars_at(to.data());
    write([&](std::string_view piece) {
      detail::copy(at, piece.data(), piece.size());
      at += piece.size();
    });
    return to.first(needed);
  }

 protected:
  constexpr explicit written_head(weft::refusal refusal) noexcept : refusal_(refusal) {}

 private:
  constexpr void write(auto put) const noexcept {
    if (refusal_ != refusal::none) return;
    detail::head_writer out(put);
    static_cast<const Head*>(this)->write_to(out);
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
