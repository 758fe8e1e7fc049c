// SPDX-License-Identifier: MIT
//
// server.hpp: the server's side of the opening handshake: a request read as it comes, and the response as bytes.
// RFC 6455 sections 4.2 and 4.4, on HTTP/1.1. The reader knows every rule and no policy: who may connect, and to what,
// the caller decides between the two. Nothing behind the head is touched.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/error.hpp>
#include <weft/handshake/accept_key.hpp>
#include <weft/handshake/extensions.hpp>
#include <weft/handshake/fields.hpp>
#include <weft/handshake/head.hpp>
#include <weft/handshake/response.hpp>
#include <weft/handshake/uri.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// A client's opening handshake. All views lie in the storage given to the reader and live as long.
struct request {
  weft::status status = status::partial;
  violation error{};  ///< invalid: what was wrong; missing_upgrade of good HTTP that wants something else.
                      ///< What was read until then is set below

  std::string_view method;
  std::string_view target;  ///< path and query, without scheme and authority; RFC 6455 section 3
  std::string_view host;    ///< and port, where there is one; an absolute target's goes before Host's; RFC 9112 3.2.2
  std::optional<std::string_view> origin;  ///< browsers always send it, others seldom; RFC 6455 section 10.2
  std::string_view key;
  bool expects_continue = false;  ///< accept() then says 100 first; RFC 9110 section 10.1.1
  weft::fields fields;            ///< all of them

  /// Subprotocols in the client's order of preference. RFC 6455 section 11.3.4.
  [[nodiscard]] constexpr field_list subprotocols() const noexcept { return {fields, "Sec-WebSocket-Protocol"}; }
  /// Offered extensions with their parameters, as they stand. RFC 6455 section 11.3.2.
  [[nodiscard]] constexpr field_list extensions() const noexcept { return {fields, "Sec-WebSocket-Extensions"}; }
  /// The value of a cookie.
  [[nodiscard]] constexpr std::optional<std::string_view> cookie(std::string_view name) const noexcept {
    return find_cookie(fields.find("Cookie").value_or(std::string_view{}), name);
  }

  /// Whether it is one of the subprotocols.
  [[nodiscard]] constexpr bool offers(std::string_view subprotocol) const noexcept {
    for (const auto offered : subprotocols()) {
      if (offered == subprotocol) return true;
    }
    return false;
  }
};

/// Reads one request from bytes as they come.
class request_reader : public head_reader<request> {
 public:
  /// The head is gathered in `storage`, whose size is the limit of the head's: 8 KiB is customary.
  constexpr explicit request_reader(std::span<char> storage, const head_limits& allowed = {}) noexcept
      : head_reader(storage, allowed) {}
  explicit request_reader(std::span<unsigned char> storage, const head_limits& allowed = {}) noexcept
      : request_reader(std::as_writable_bytes(storage), allowed) {}
  explicit request_reader(std::span<std::byte> storage, const head_limits& allowed = {}) noexcept
      : request_reader(std::span(reinterpret_cast<char*>(storage.data()), storage.size()), allowed) {}

  /// Takes the head's bytes off `in`, and none behind it. `partial`: all of `in` is taken, more is needed.
  /// `complete`: a valid handshake, answer it with accept() or reject(). `invalid`: answer it with reject().
  /// A line that breaks HTTP's grammar is invalid as soon as it is whole, a byte that is in no head at once; a head
  /// that is HTTP but no handshake when it is whole. Offsets count from the head's first byte. Of several broken rules
  /// the first is named, what lacks comes last. Then, and when called again, nothing changes and nothing is taken.
  template <byte_like Byte>
  constexpr const request& read(std::span<Byte>& in) noexcept {
    if (head_.status != status::partial) return head_;
    const auto end = lines_.each(in, [&](std::string_view line) {
      take_line(line);
      return head_.status == status::partial;
    });
    if (end.status == status::invalid) {
      const bool in_target = end.error.rule == rule::head_too_long && head_.method.empty();
      fail({in_target ? rule::target_too_long : end.error.rule, end.error.offset});
    }
    return head_;
  }
  constexpr const request& read(std::string_view& in) noexcept {
    std::span<const char> rest(in);
    const request& request = read(rest);
    in.remove_prefix(in.size() - rest.size());
    return request;
  }

 private:
  using known = detail::known;

  enum seen : unsigned {
    saw_host = 1,
    saw_origin = 2,
    saw_upgrade = 4,
    saw_connection_upgrade = 8,
    saw_version = 16,
    saw_key = 32,
    saw_protocol = 64,
    saw_content_length = 128,
    saw_extensions = 256,
    saw_extension = 512,
  };

  [[gnu::noinline]] constexpr void take_line(std::string_view line) noexcept {
    if (head_.method.empty()) {
      const bool leading_empty_line = line.empty() && offset_of(line) == 0;  // RFC 9112 2.2
      if (!leading_empty_line) take_request_line(line);
    } else if (line.empty()) {
      finish(offset_of(line));
    } else {
      take_field_line(line);
    }
  }

  constexpr void take_request_line(std::string_view line) noexcept {
    const auto parsed = parse_request_line(line);
    if (parsed.error.rule != rule::none) return fail({parsed.error.rule, offset_of(line) + parsed.error.at});
    head_.method = parsed.method;
    if (parsed.major != '1') return fail({rule::unsupported_http_version, offset_of(line) + line.size() - 3});
    if (parsed.target.size() > allowed_.max_target_bytes)
      return fail({rule::target_too_long, offset_of(parsed.target) + allowed_.max_target_bytes});
    const auto target = parse_target(parsed.target);
    const bool get = parsed.method == "GET";
    if (get && !target.valid) return fail({rule::malformed_target, offset_of(parsed.target)});
    if (!get) note(method_known(parsed.method) ? rule::method_not_allowed : rule::unknown_method, parsed.method);
    head_.target = target.resource;
    head_.host = target.authority;
    absolute_ = !target.authority.empty();
    upgradable_ = parsed.minor != '0';
    begin_fields(line);
  }

  static constexpr bool method_known(std::string_view method) noexcept {
    for (const std::string_view known : {"HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}) {
      if (method == known) return true;
    }
    return false;
  }

  constexpr void take_field_line(std::string_view line) noexcept {
    const auto colon = detail::find_colon(line);
    if (colon.rule != rule::none) {
      if (line[0] != ' ' && line[0] != '\t') return fail({colon.rule, offset_of(line) + colon.at});
      return fail({field_count_ == 0 ? rule::space_before_field : rule::folded_field, offset_of(line)});
    }
    if (++field_count_ > allowed_.max_fields) return fail({rule::too_many_fields, offset_of(line)});
    end_fields(line);
    const std::string_view name(line.data(), colon.at);
    const auto field = detail::which(name);
    if (field != known::no) take_field(field, name, trimmed(detail::cut(line, colon.at + 1)));
  }

  constexpr void take_field(known field, std::string_view name, std::string_view value) noexcept {
    switch (field) {
      case known::host:
        if (!seen_first(saw_host)) note(rule::repeated_host, name);
        if (!is_host(value)) note(rule::malformed_host, value);
        if (!absolute_) head_.host = value;
        break;
      case known::connection:
        if (detail::is_called(value, "Upgrade") || contains_token(value, "upgrade")) seen_ |= saw_connection_upgrade;
        break;
      case known::upgrade:
        // RFC 9110 7.8: in HTTP/1.0 it is passed over, so there is no handshake, but perhaps a page to serve.
        if (upgradable_ && (detail::is_called(value, "websocket") || contains_token(value, "websocket"))) {
          seen_ |= saw_upgrade;
        }
        break;
      case known::version:
        if (!seen_first(saw_version)) note(rule::repeated_version, name);
        if (value != "13") note(rule::unsupported_version, value);
        break;
      case known::key:
        if (!seen_first(saw_key)) note(rule::repeated_key, name);
        if (!is_key(value)) note(rule::malformed_key, value);
        head_.key = value;
        break;
      case known::origin:
        if (!seen_first(saw_origin)) note(rule::repeated_origin, name);
        head_.origin = value;
        break;
      case known::protocol:
        seen_ |= saw_protocol;
        take_subprotocols(value);
        break;
      case known::extensions:
        seen_ |= saw_extensions;
        take_extensions(value);
        break;
      case known::content_length: take_content_length(value, seen_first(saw_content_length)); break;
      case known::transfer_encoding: note(rule::unexpected_content, name); break;
      case known::expect:
        if (contains_token(value, "100-continue")) head_.expects_continue = true;
        break;
      default: break;
    }
  }

  // Seldom needed, and not to take registers from what is needed always.
  [[gnu::noinline]] constexpr void take_subprotocols(std::string_view value) noexcept {
    for (list_reader elements(value); const auto element = elements.next();) {
      if (!is_token(*element)) note(rule::malformed_subprotocol, *element);
      if (offered_count_ == offered_.size()) return note(rule::too_many_subprotocols, *element);
      for (const auto& other : std::span(offered_).first(offered_count_)) {
        const bool repeated =
            std::string_view(other.data, other.size) == *element && allowed_.strictness.unique_subprotocols;
        if (repeated) note(rule::repeated_subprotocol, *element);
      }
      offered_[offered_count_++] = {element->data(), element->size()};
    }
  }

  [[gnu::noinline]] constexpr void take_extensions(std::string_view value) noexcept {
    for (;;) {
      while (!value.empty() && (value[0] == ',' || value[0] == ' ' || value[0] == '\t')) value.remove_prefix(1);
      if (value.empty()) return;
      seen_ |= saw_extension;
      const std::size_t size = detail::leading_extension(value);
      if (size == 0 || (size < value.size() && value[size] != ',')) return note(rule::malformed_extension, value);
      value.remove_prefix(size);
    }
  }

  [[gnu::noinline]] constexpr void finish(std::uint64_t end) noexcept {
    const auto require = [&](bool there, rule missing) {
      if (!there) note(missing, end);
    };
    require(saw(saw_host) || !upgradable_, rule::missing_host);
    require(saw(saw_upgrade), rule::missing_upgrade);
    require(saw(saw_connection_upgrade), rule::missing_connection_upgrade);
    require(saw(saw_version), rule::missing_version);
    require(saw(saw_key), rule::missing_key);
    // RFC 9110 5.6.1: a list of one or more elements has one at least, in one of its fields.
    require(offered_count_ != 0 || !saw(saw_protocol), rule::malformed_subprotocol);
    require(saw(saw_extension) || !saw(saw_extensions), rule::malformed_extension);
    if (noted_.rule != rule::none) return fail(noted_);
    head_.status = status::complete;
  }

  struct offer {
    const char* data;
    std::size_t size;
  };
  std::array<offer, max_subprotocols> offered_;  // of which so many are set
  std::size_t offered_count_ = 0;
  bool absolute_ = false;
  bool upgradable_ = false;
};

/// The 101 that opens the connection: what follows on it are frames, both ways. Refused: handshake_not_complete,
/// subprotocol_not_offered, extension_not_offered, malformed_field, reserved_field. RFC 6455 section 4.2.2.
[[nodiscard]] constexpr response accept(const request& request, const acceptance& with = {}) noexcept {
  if (request.status != status::complete) return response(refusal::handshake_not_complete);
  if (!with.protocol.empty() && !request.offers(with.protocol)) return response(refusal::subprotocol_not_offered);
  if (with.deflate && !fits(*with.deflate, request.extensions())) return response(refusal::extension_not_offered);
  const auto refused =
      check_fields(with.fields, {"Upgrade", "Connection", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol",
                                 "Sec-WebSocket-Extensions", "Content-Length", "Transfer-Encoding"});
  if (refused != refusal::none) return response(refused);
  return response(with, request.key, request.expects_continue);
}

/// An ordinary response of the caller's choice, 200 to 599, after which the connection is closed: 403 for an origin
/// that is not welcome, 404, a redirect, a page. 405 says which method is allowed, 426 which version and how.
/// To a HEAD the content is announced and left out. Refused: unsendable_status (also of content with 204, 205 and 304),
/// malformed_field, reserved_field. RFC 6455 section 4.2.2.
[[nodiscard]] constexpr response reject(const request& request, std::uint16_t status,
                                        const rejection& with = {}) noexcept {
  if (status < 200 || status > 599) return response(refusal::unsendable_status);
  if ((status == 204 || status == 205 || status == 304) && !with.content.empty())
    return response(refusal::unsendable_status);
  const auto refused = check_fields(with.fields, {"Connection", "Content-Length", "Content-Type", "Transfer-Encoding",
                                                  "Upgrade", "Sec-WebSocket-Accept", "Sec-WebSocket-Version", "Allow"});
  if (refused != refusal::none) return response(refused);
  if (!is_field_value(with.content_type)) return response(refusal::malformed_field);
  return response(with, status, request.method == "HEAD");
}

/// The response to an invalid request: its rule's status, and its words as content.
[[nodiscard]] constexpr response reject(const request& request) noexcept {
  return reject(request, http_status_for(request.error.rule), {.content = words(request.error.rule)});
}

}  // namespace weft::inline WEFT_ISA
