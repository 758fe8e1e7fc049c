// SPDX-License-Identifier: MIT
//
// fields.hpp: what is in HTTP fields: names, lists, parameters, cookies. Views only, each read from front to back
// once. RFC 9110 section 5, with strict grammar: what is lenient is said where it is.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <weft/detail/characters.hpp>
#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>

namespace weft::inline WEFT_ISA {

/// One field line.
struct field {
  std::string_view name;
  std::string_view value;
};

namespace detail {

/// A byte in each byte of a word.
template <class Word>
inline constexpr auto each = [](unsigned byte) { return static_cast<Word>(static_cast<Word>(-1) / 0xFF * byte); };

/// Whether two texts of one size are equal once `fold` was done to them, a word at a time; the last may overlap.
template <class Word, class Fold>
WEFT_INLINE constexpr bool equal_words(std::string_view a, std::string_view b, Fold fold) noexcept {
  const auto word_at = [&](const char* from) {
    std::array<char, sizeof(Word)> raw{};
    copy(raw.data(), from, raw.size());
    return fold(std::bit_cast<Word>(raw));
  };
  const std::size_t last = a.size() - sizeof(Word);
  for (std::size_t i = 0; i < last; i += sizeof(Word)) {
    if (word_at(a.data() + i) != word_at(b.data() + i)) return false;
  }
  return word_at(a.data() + last) == word_at(b.data() + last);
}

/// Whether a text without control characters is a name, of at least four letters and "-", in any case: no other of its
/// characters differs from one of the name's in nothing but bit 5.
WEFT_INLINE constexpr bool is_called(std::string_view text, std::string_view name) noexcept {
  const auto fold = []<class Word>(Word word) { return static_cast<Word>(word | each<Word>(0x20)); };
  if (text.size() != name.size()) return false;
  return name.size() >= 8 ? equal_words<std::uint64_t>(text, name, fold) : equal_words<std::uint32_t>(text, name, fold);
}

}  // namespace detail

/// ASCII case does not count. RFC 9110 section 5.1.
[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = []<class Word>(Word word) {
    const auto low = static_cast<Word>(word & detail::each<Word>(0x7F));
    const auto from_a = static_cast<Word>(low + detail::each<Word>(0x80 - 'A'));
    const auto behind_z = static_cast<Word>(low + detail::each<Word>(0x7F - 'Z'));
    return static_cast<Word>(word | (from_a & ~behind_z & ~word & detail::each<Word>(0x80)) >> 2);
  };
  if (a.size() != b.size()) return false;
  if (a.size() >= 8) return detail::equal_words<std::uint64_t>(a, b, lower);
  if (a.size() >= 4) return detail::equal_words<std::uint32_t>(a, b, lower);
  return a.empty() || detail::equal_words<std::uint8_t>(a, b, lower);
}

/// Whether all of a text is a token, and whether one character may stand in a token. RFC 9110 section 5.6.2.
[[nodiscard]] constexpr bool is_token(char c) noexcept {
  return detail::is_in(detail::token_characters, c);
}
[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && detail::leading(detail::token_characters, text, detail::common_in_tokens) == text.size();
}

/// Whether a text may stand in a field's value: no control character but tab. RFC 9110 section 5.5.
[[nodiscard]] constexpr bool is_field_value(std::string_view text) noexcept {
  return detail::all_in(detail::value_characters, text);
}

/// A text without the spaces and tabs at its ends. RFC 9110 section 5.6.3.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  const char* first = text.data();
  const char* last = first + text.size();
  while (first != last && blank(*first)) ++first;
  while (first != last && blank(last[-1])) --last;
  return {first, static_cast<std::size_t>(last - first)};
}

/// Makes a range of a reader with `next()`, for `for (auto x : range)`.
template <class Reader>
class pulled : public Reader {
 public:
  using Reader::Reader;

  struct sentinel {};
  class iterator {
   public:
    using value_type = typename decltype(std::declval<Reader&>().next())::value_type;
    using difference_type = std::ptrdiff_t;

    constexpr explicit iterator(Reader reader) noexcept : reader_(reader), current_(reader_.next()) {}
    constexpr const value_type& operator*() const noexcept { return *current_; }
    constexpr iterator& operator++() noexcept {
      current_ = reader_.next();
      return *this;
    }
    constexpr void operator++(int) noexcept { ++*this; }
    constexpr bool operator==(sentinel) const noexcept { return !current_; }

   private:
    Reader reader_;
    std::optional<value_type> current_;
  };

  [[nodiscard]] constexpr iterator begin() const noexcept { return iterator(*this); }
  [[nodiscard]] constexpr sentinel end() const noexcept { return {}; }
};

/// Reads field lines that are known to be well formed, each ended by CRLF.
class field_reader {
 public:
  constexpr field_reader() noexcept = default;
  constexpr explicit field_reader(std::string_view lines) noexcept : rest_(lines) {}

  [[nodiscard]] constexpr std::optional<field> next() noexcept {
    if (rest_.empty()) return {};
    const std::string_view line = detail::cut(rest_, 0, rest_.find('\r'));
    rest_.remove_prefix(line.size() + 2 < rest_.size() ? line.size() + 2 : rest_.size());
    const auto colon = line.find(':');
    return field{detail::cut(line, 0, colon), trimmed(detail::cut(line, colon + 1))};
  }

 private:
  std::string_view rest_;
};

/// The fields of a head, in the order they came.
class fields : public pulled<field_reader> {
 public:
  using pulled::pulled;

  /// The value of the first field of that name.
  [[nodiscard]] constexpr std::optional<std::string_view> find(std::string_view name) const noexcept {
    for (const auto& field : *this) {
      if (equal_ignoring_case(field.name, name)) return field.value;
    }
    return {};
  }
};

/// Reads the elements of one comma-separated value, trimmed; empty ones are passed over, and a comma in a quoted
/// string parts nothing. RFC 9110 section 5.6.1.
class list_reader {
 public:
  constexpr list_reader() noexcept = default;
  constexpr explicit list_reader(std::string_view value) noexcept : rest_(value) {}

  [[nodiscard]] constexpr std::optional<std::string_view> next() noexcept {
    while (!rest_.empty()) {
      const std::size_t end = end_of_element();
      const std::string_view element = trimmed(detail::cut(rest_, 0, end));
      rest_.remove_prefix(end < rest_.size() ? end + 1 : end);
      if (!element.empty()) return element;
    }
    return {};
  }

 private:
  [[nodiscard]] constexpr std::size_t end_of_element() const noexcept {
    bool quoted = false;
    std::size_t i = 0;
    for (; i < rest_.size(); ++i) {
      i += detail::leading(detail::token_characters, detail::cut(rest_, i), detail::common_in_tokens);
      if (i == rest_.size()) break;
      if (quoted && rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '"') {
        quoted = !quoted;
      } else if (rest_[i] == ',' && !quoted) {
        break;
      }
    }
    return i < rest_.size() ? i : rest_.size();
  }

  std::string_view rest_;
};

/// Reads the elements of a list that may be spread over several fields of one name: they count as one list, in
/// their order. RFC 9110 section 5.3.
class field_list_reader {
 public:
  constexpr field_list_reader(fields fields, std::string_view name) noexcept : fields_(fields), name_(name) {}

  [[nodiscard]] constexpr std::optional<std::string_view> next() noexcept {
    for (;;) {
      if (const auto element = list_.next()) return element;
      const auto field = fields_.next();
      if (!field) return {};
      if (equal_ignoring_case(field->name, name_)) list_ = list_reader(field->value);
    }
  }

 private:
  field_reader fields_;
  std::string_view name_;
  list_reader list_;
};
/// The elements of a list over all fields of its name, for `for (const auto element : list)`.
using field_list = pulled<field_list_reader>;

/// Whether one of the list's elements is this token, in any case.
[[nodiscard]] constexpr bool contains_token(std::string_view list, std::string_view token) noexcept {
  for (list_reader elements(list); const auto element = elements.next();) {
    if (equal_ignoring_case(*element, token)) return true;
  }
  return false;
}

namespace detail {

/// How many characters at the front are an extension with its parameters and the white space behind, none if it is
/// broken: see is_extension().
[[nodiscard]] constexpr std::size_t leading_extension(std::string_view text) noexcept {
  std::size_t i = 0;
  const auto skip_space = [&] {
    while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
  };
  const auto skip_token = [&] {
    const std::size_t size = leading(token_characters, cut(text, i), common_in_tokens);
    i += size;
    return size > 0;
  };
  const auto skip_quoted = [&] {
    const std::size_t start = ++i;
    for (; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] == '\\') ++i;
      if (i == text.size() || !is_token(text[i])) return false;
    }
    return i > start && i++ < text.size();
  };

  if (!skip_token()) return 0;
  for (skip_space(); i < text.size() && text[i] == ';'; skip_space()) {
    ++i;
    skip_space();
    if (!skip_token()) return 0;
    skip_space();
    if (i == text.size() || text[i] != '=') continue;
    ++i;
    skip_space();
    const bool quoted = i < text.size() && text[i] == '"';
    if (!(quoted ? skip_quoted() : skip_token())) return 0;
  }
  return i;
}

}  // namespace detail

/// Whether an element is an extension with parameters: token *( ";" token [ "=" ( token / quoted-string ) ] ), where
/// a quoted string holds a token once its backslashes are gone. RFC 6455 section 9.1. White space may stand around
/// ";" and "=", as in the HTTP of that RFC's time.
[[nodiscard]] constexpr bool is_extension(std::string_view element) noexcept {
  return !element.empty() && detail::leading_extension(element) == element.size();
}

/// The value of the first cookie of that name in a Cookie field; names differ by case. RFC 6265 section 4.2.1.
[[nodiscard]] constexpr std::optional<std::string_view> find_cookie(std::string_view cookies,
                                                                    std::string_view name) noexcept {
  while (!cookies.empty()) {
    const std::string_view pair = trimmed(detail::cut(cookies, 0, cookies.find(';')));
    cookies.remove_prefix(cookies.find(';') == std::string_view::npos ? cookies.size() : cookies.find(';') + 1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && detail::cut(pair, 0, equals) == name) return detail::cut(pair, equals + 1);
  }
  return {};
}

}  // namespace weft::inline WEFT_ISA
