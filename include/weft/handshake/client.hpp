// SPDX-License-Identifier: MIT
//
// client.hpp: the client's side of the opening handshake: a request as bytes, and the response read as it comes.
// RFC 6455 section 4.1, on HTTP/1.1. The connection is open when the server has said 101 and every word of it was
// checked against what was asked. What another status means, a redirect or a challenge, the caller decides.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <weft/detail/base64.hpp>
#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/error.hpp>
#include <weft/handshake/accept_key.hpp>
#include <weft/handshake/extensions.hpp>
#include <weft/handshake/fields.hpp>
#include <weft/handshake/head.hpp>
#include <weft/handshake/uri.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// 16 random bytes, fresh for each connection, of which the key is made. There is no default. RFC 6455 section 4.1.
struct nonce {
  constexpr explicit nonce(std::array<std::byte, 16> from) noexcept : bytes(from) {}
  std::array<std::byte, 16> bytes;
};

namespace detail {

[[nodiscard]] constexpr std::array<char, 24> key_of(const nonce& nonce) noexcept {
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < words.size(); ++i)
    words[i] = static_cast<std::uint32_t>(load_network(nonce.bytes.data() + 4 * i, 4));
  return base64(words);
}

}  // namespace detail

/// What a client asks for. What its views show must stay until the response is read.
struct opening {
  weft::uri uri{};
  weft::nonce nonce;
  std::span<const std::string_view> subprotocols{};  ///< in order of preference, each once
  std::span<const deflate_parameters> deflate{};     ///< offers of permessage-deflate, in order of preference
  std::span<const std::string_view> extensions{};    ///< behind those, as text with parameters; section 9.1
  std::string_view origin{};                         ///< for who acts for a web page; empty for none
  std::span<const field> fields{};                   ///< further fields, such as Cookie or Authorization
};

/// A request ready to send, or none with the reason why. It holds views: send it before what it was made of goes.
class upgrade_request : public written_head<upgrade_request> {
 public:
  /// What upgrade() has checked, or why it is refused.
  constexpr upgrade_request(weft::refusal refusal, const opening& opening) noexcept
      : written_head(refusal), opening_(opening), key_(detail::key_of(opening.nonce)) {}

 private:
  friend written_head<upgrade_request>;

  constexpr void write_to(auto& out) const noexcept {
    const uri& uri = opening_.uri;
    out << "GET " << (uri.resource.starts_with('/') ? "" : "/") << uri.resource << " HTTP/1.1\r\nHost: " << uri.host;
    if (!uri.has_default_port()) out << ":" << std::size_t{uri.port};
    out << "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
    out << field{"Sec-WebSocket-Key", {key_.data(), key_.size()}};
    if (!opening_.origin.empty()) out << field{"Origin", opening_.origin};
    write_list(out, "Sec-WebSocket-Protocol", {}, opening_.subprotocols);
    write_list(out, "Sec-WebSocket-Extensions", opening_.deflate, opening_.extensions);
    for (const auto& field : opening_.fields) out << field;
    out << "\r\n";
  }

  static constexpr void write_list(auto& out, std::string_view name, std::span<const deflate_parameters> offers,
                                   std::span<const std::string_view> elements) noexcept {
    if (offers.empty() && elements.empty()) return;
    out << name << ": ";
    std::string_view comma;
    for (const auto& offer : offers) out << std::exchange(comma, ", ") << to_offer_text(offer).view();
    for (const auto& element : elements) out << std::exchange(comma, ", ") << element;
    out << "\r\n";
  }

  opening opening_;
  std::array<char, 24> key_;
};

namespace detail {

/// Whether an extension is as it should be sent: without the white space that is only read, but for one space behind
/// ";". RFC 9110 section 5.6.3.
[[nodiscard]] constexpr bool is_tidy_extension(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool space = text[i] == ' ' || text[i] == '\t';
    if (space && (text[i] == '\t' || i == 0 || text[i - 1] != ';')) return false;
  }
  return is_extension(text);
}

}  // namespace detail

/// The request that asks for a connection. Refused: what parse_uri() refused, malformed_subprotocol,
/// malformed_extension (also a window that is not 0 or 8 to 15), malformed_field, reserved_field. RFC 6455 section 4.1.
[[nodiscard]] constexpr upgrade_request upgrade(const opening& opening) noexcept {
  if (opening.uri.refusal != refusal::none) return {opening.uri.refusal, opening};
  const uri& uri = opening.uri;
  const bool with_port = uri.host.find(':', uri.host.starts_with('[') ? uri.host.find(']') : 0) != uri.host.npos;
  if (!is_host(uri.host) || with_port) return {refusal::malformed_host, opening};
  if (uri.port == 0) return {refusal::malformed_port, opening};
  if (!is_path_and_query(uri.resource)) return {refusal::malformed_resource, opening};
  for (const auto& subprotocol : opening.subprotocols) {
    if (!is_token(subprotocol)) return {refusal::malformed_subprotocol, opening};
    for (const auto& other : opening.subprotocols) {
      if (&other != &subprotocol && other == subprotocol) return {refusal::malformed_subprotocol, opening};
    }
  }
  for (const auto& offer : opening.deflate) {
    if (!detail::can_be(offer)) return {refusal::malformed_extension, opening};
  }
  for (const auto& extension : opening.extensions) {
    if (!detail::is_tidy_extension(extension)) return {refusal::malformed_extension, opening};
  }
  if (!is_field_value(opening.origin)) return {refusal::malformed_field, opening};
  const auto refused = check_fields(
      opening.fields, {"Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin",
                       "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Content-Length", "Transfer-Encoding"});
  return {refused, opening};
}

/// A server's response. All views lie in the storage given to the reader. While the status is partial, they and `code`
/// may be those of an interim response, and are overwritten by the next.
struct reply {
  weft::status status = status::partial;
  violation error{};  ///< invalid: what was wrong; not_switched of a good response of another status.
                      ///< What was read until then is set below

  std::uint16_t code = 0;          ///< the HTTP status; with 4xx see also the fields Retry-After, WWW-Authenticate
  std::string_view subprotocol{};  ///< what the server chose of those offered; empty for none
  /// What was agreed of opening::deflate; none where nothing was. It is what the server said: hints of the offer that
  /// it did not take up bind nobody. A client's window of 8 bits is here only where it was offered: zlib has none.
  std::optional<deflate_parameters> deflate{};
  weft::fields fields{};  ///< all of them; in a 3xx Location says whereto

  /// Extensions that the server agrees to, with their parameters, as they stand. RFC 6455 section 9.1.
  [[nodiscard]] constexpr field_list extensions() const noexcept { return {fields, "Sec-WebSocket-Extensions"}; }
};

/// Reads the response to one request from bytes as they come. Interim responses (1xx but 101) are passed over.
class response_reader : public head_reader<reply> {
 public:
  /// The head is gathered in `storage`, whose size is the limit of the head's. `asked` is what the request was made of.
  constexpr response_reader(std::span<char> storage, const opening& asked, const head_limits& allowed = {}) noexcept
      : head_reader(storage, allowed), asked_(asked) {}
  response_reader(std::span<unsigned char> storage, const opening& asked, const head_limits& allowed = {}) noexcept
      : response_reader(std::as_writable_bytes(storage), asked, allowed) {}
  response_reader(std::span<std::byte> storage, const opening& asked, const head_limits& allowed = {}) noexcept
      : response_reader(std::span(detail::chars_at(storage.data()), storage.size()), asked, allowed) {}

  /// Takes the head's bytes off `in`, and none behind it. `partial`: all of `in` is taken, more is needed.
  /// `complete`: the connection is open, and what is left of `in` are frames. `invalid`: there is no connection; of
  /// a response that is not_switched what is left of `in` is its content as far as it has come.
  /// Offsets count from the first byte of all. Then, and when called again, nothing changes and nothing is taken.
  template <byte_like Byte>
  constexpr const reply& read(std::span<Byte>& in) noexcept {
    while (head_.status == status::partial) {
      const auto line = lines_.next(in);
      if (line.status == status::partial) break;
      if (line.status == status::invalid) {
        fail({line.error.rule, before_ + line.error.offset});
      } else {
        take_line(line.line);
      }
    }
    return head_;
  }
  constexpr const reply& read(std::string_view& in) noexcept {
    std::span<const char> rest(in);
    const reply& reply = read(rest);
    in.remove_prefix(in.size() - rest.size());
    return reply;
  }

  /// The transport ended. A response that was not read whole is invalid. RFC 6455 section 7.2.1.
  constexpr const reply& end() noexcept {
    if (head_.status == status::partial) fail({rule::truncated_head, before_ + lines_.text().size()});
    return head_;
  }

 private:
  enum seen : unsigned {
    saw_upgrade = 1,
    saw_connection_upgrade = 2,
    saw_accept = 4,
    saw_protocol = 8,
    saw_content_length = 16,
    saw_extensions = 32,
    saw_extension = 64,
  };

  constexpr void take_line(std::string_view line) noexcept {
    if (head_.code == 0) return take_status_line(line);
    if (!line.empty() && (line[0] == ' ' || line[0] == '\t')) return fold(line);
    if (!unfolded_.empty()) take_field();
    if (line.empty()) return finish(offset_of(line));
    check_field_line(line);
  }

  constexpr void take_status_line(std::string_view line) noexcept {
    const auto parsed = parse_status_line(line);
    if (parsed.error.rule != rule::none) return fail({parsed.error.rule, offset_of(line) + parsed.error.at});
    if (parsed.major != '1') return fail({rule::unsupported_http_version, offset_of(line) + 5});
    head_.code = parsed.code;
    if (parsed.minor == '0') note(rule::unsupported_http_version, detail::cut(line, 7));
    begin_fields(line);
  }

  /// RFC 9112 5.2: in a response a line that is continued on the next is one line, with spaces for the line end.
  constexpr void fold(std::string_view line) noexcept {
    if (unfolded_.empty()) return fail({rule::space_before_field, offset_of(line)});
    const auto start = static_cast<std::size_t>(line.data() - storage_.data());
    storage_[start - 2] = storage_[start - 1] = ' ';
    unfolded_ = {unfolded_.data(), unfolded_.size() + 2 + line.size()};
    end_fields(line);
  }

  /// What a line is, is certain when it is whole; its value only when the next line does not continue it.
  constexpr void check_field_line(std::string_view line) noexcept {
    const auto parsed = parse_field_line(line);
    if (parsed.error.rule != rule::none) return fail({parsed.error.rule, offset_of(line) + parsed.error.at});
    if (++field_count_ > allowed_.max_fields) return fail({rule::too_many_fields, offset_of(line)});
    unfolded_ = line;
    end_fields(line);
  }

  constexpr void take_field() noexcept {
    const auto field = parse_field_line(unfolded_).field;
    take_field(field.name, field.value);
  }

  constexpr void take_field(std::string_view name, std::string_view value) noexcept {
    using detail::known;
    switch (detail::which(name)) {
      case known::upgrade:
        if (!seen_first(saw_upgrade) || !equal_ignoring_case(value, "websocket")) note(rule::wrong_upgrade, value);
        break;
      case known::connection:
        if (contains_token(value, "upgrade")) seen_ |= saw_connection_upgrade;
        break;
      case known::accept:
        if (!seen_first(saw_accept)) note(rule::repeated_accept, name);
        if (!answers_key(value)) note(rule::wrong_accept, value);
        break;
      case known::protocol:
        if (!seen_first(saw_protocol)) note(rule::repeated_choice_of_subprotocol, name);
        if (!offered(value)) note(rule::unoffered_subprotocol, value);
        head_.subprotocol = value;
        break;
      case known::extensions:
        seen_ |= saw_extensions;
        take_extensions(value);
        break;
      case known::content_length: take_content_length(value, seen_first(saw_content_length)); break;
      case known::transfer_encoding: note(rule::unexpected_content, name); break;
      default: break;
    }
  }

  [[nodiscard]] constexpr bool answers_key(std::string_view value) const noexcept {
    const auto key = detail::key_of(asked_.nonce);
    const auto expected = accept_key({key.data(), key.size()});
    return value == std::string_view(expected.data(), expected.size());
  }

  [[nodiscard]] constexpr bool offered(std::string_view chosen) const noexcept {
    for (const auto& subprotocol : asked_.subprotocols) {
      if (subprotocol == chosen) return true;
    }
    return false;
  }

  constexpr void take_extensions(std::string_view value) noexcept {
    for (list_reader agreed(value); const auto extension = agreed.next();) {
      seen_ |= saw_extension;
      if (++extension_count_ > max_extensions) return note(rule::too_many_extensions, *extension);
      if (!is_extension(*extension)) note(rule::malformed_extension, *extension);
      if (!asked_.deflate.empty() && detail::is_deflate(*extension)) {
        take_deflate(*extension);
        continue;
      }
      bool known = false;
      for (const auto& asked : asked_.extensions) {
        known = known || equal_ignoring_case(detail::extension_name(*extension), detail::extension_name(asked));
      }
      if (!known) note(rule::unoffered_extension, *extension);
    }
  }

  constexpr void take_deflate(std::string_view extension) noexcept {
    if (head_.deflate) return note(rule::repeated_extension, extension);
    const auto answer = parse_deflate_answer(extension);
    if (!answer || !detail::is_acceptable(*answer, asked_.deflate))
      return note(rule::unacceptable_extension, extension);
    head_.deflate = answer;
  }

  constexpr void finish(std::uint64_t end) noexcept {
    if (head_.code < 200 && head_.code != 101) return pass_over(end);
    if (head_.code != 101) return fail({rule::not_switched, end});
    const auto require = [&](bool there, rule missing) {
      if (!there) note(missing, end);
    };
    require(saw(saw_upgrade), rule::missing_upgrade);
    require(saw(saw_connection_upgrade), rule::missing_connection_upgrade);
    require(saw(saw_accept), rule::missing_accept);
    require(saw(saw_extension) || !saw(saw_extensions), rule::malformed_extension);
    if (noted_.rule != rule::none) return fail(noted_);
    head_.status = status::complete;
  }

  /// RFC 9110 15.2: an interim response is followed by another; the storage serves again.
  constexpr void pass_over(std::uint64_t end) noexcept {
    if (++interim_count_ > max_interim_responses) return fail({rule::too_many_interim_responses, end});
    before_ += lines_.text().size();
    lines_ = line_reader(storage_);
    head_ = {};
    noted_ = {};
    unfolded_ = {};
    field_count_ = 0;
    extension_count_ = 0;
    seen_ = 0;
  }

  opening asked_;
  std::string_view unfolded_;  ///< a field line that the next line may continue
  std::uint32_t interim_count_ = 0;
  std::uint32_t extension_count_ = 0;
};

}  // namespace weft::inline WEFT_ISA
