// SPDX-License-Identifier: MIT
//
// head.hpp: HTTP/1.1 heads as lines: gathered in the caller's memory, cut strictly, parsed into views of it.
// RFC 9112 sections 2 to 5. A line ends in CRLF and nothing else; a byte that can be in no head ends the reading at
// that byte. Each byte is looked at twice: as it comes, and when its line is whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include <weft/detail/memory.hpp>
#include <weft/error.hpp>
#include <weft/handshake/fields.hpp>
#include <weft/protocol.hpp>

namespace weft {

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

/// A line behind the first. RFC 9112 section 5.
struct field_line {
  weft::field field{};
  parse_error error{};
};

[[nodiscard]] constexpr field_line parse_field_line(std::string_view line) noexcept {
  const auto broken = [](rule rule, std::size_t at) { return field_line{.error = {rule, at}}; };
  std::size_t i = 0;
  while (i < line.size() && is_token(line[i])) ++i;
  const std::size_t colon = line.find_first_not_of(" \t", i);
  if (i == 0 || colon == std::string_view::npos || line[colon] != ':') return broken(rule::malformed_field, i);
  if (colon != i) return broken(rule::space_before_colon, i);
  return {.field = {detail::cut(line, 0, i), trimmed(detail::cut(line, i + 1))}};
}

/// What a request-target names, as RFC 6455 section 3 has it: an authority, empty in origin-form, and a resource.
struct target_parts {
  std::string_view authority;
  std::string_view resource;  ///< path and query; begins with "/", or with "?" where an absolute-form has no path
  bool valid = false;
};

/// Whether a text is `host [":" port]`, not empty, the port at most 65535. RFC 3986 section 3.2.2.
[[nodiscard]] constexpr bool is_host(std::string_view text) noexcept {
  const auto one_of = [](std::string_view set, char c) { return set.find(c) != std::string_view::npos; };
  const auto hex = [&](char c) { return one_of("0123456789abcdefABCDEF", c); };
  std::size_t i = 0;
  if (text.starts_with('[')) {
    i = text.find(']');
    if (i == std::string_view::npos || i < 3) return false;
    for (const char c : detail::cut(text, 1, i - 1)) {
      if (!hex(c) && c != ':' && c != '.') return false;
    }
    ++i;
  } else {
    for (; i < text.size() && text[i] != ':'; ++i) {
      const bool escape = text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) && hex(text[i + 2]);
      const bool plain = one_of("();=,", text[i]) || (is_token(text[i]) && !one_of("#%^`|", text[i]));
      if (!escape && !plain) return false;
    }
    if (i == 0) return false;
  }
  if (i == text.size()) return true;
  if (text[i++] != ':') return false;
  std::uint32_t port = 0;
  for (; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    port = port * 10 + static_cast<std::uint32_t>(text[i] - '0');
    if (port > 65535) return false;
  }
  return true;
}

/// Parts a target in origin-form or absolute-form with a scheme of HTTP or WebSocket. RFC 9112 section 3.2.
[[nodiscard]] constexpr target_parts parse_target(std::string_view target) noexcept {
  for (const char c : target) {
    if (c <= ' ' || c > '~' || c == '#') return {};
  }
  if (target.starts_with('/')) return {{}, target, true};
  for (const std::string_view scheme : {"http://", "https://", "ws://", "wss://"}) {
    if (!equal_ignoring_case(detail::cut(target, 0, scheme.size()), scheme)) continue;
    const std::string_view rest = detail::cut(target, scheme.size());
    const std::size_t end = rest.find_first_of("/?");
    const std::string_view authority = detail::cut(rest, 0, end);
    return {authority, end == std::string_view::npos ? std::string_view("/") : detail::cut(rest, end),
            is_host(authority)};
  }
  return {};
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

}  // namespace weft
