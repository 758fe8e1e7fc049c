// SPDX-License-Identifier: MIT
//
// response.hpp: a server's HTTP/1.1 response as ready bytes. RFC 9112 section 4, RFC 6455 section 4.2.2.
// Made by accept() and reject() in server.hpp, which check what goes into it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <weft/detail/isa.hpp>
#include <weft/error.hpp>
#include <weft/handshake/accept_key.hpp>
#include <weft/handshake/extensions.hpp>
#include <weft/handshake/fields.hpp>
#include <weft/handshake/head.hpp>

namespace weft::inline WEFT_ISA {

/// What a server says when it accepts.
struct acceptance {
  std::string_view protocol{};                  ///< one of those offered; empty for none
  std::optional<deflate_parameters> deflate{};  ///< what choose_deflate() makes of the offers; none without
  std::span<const field> fields{};              ///< further fields, such as Set-Cookie; none of those that weft writes
};

/// What a server says when it does not.
struct rejection {
  std::span<const field> fields{};  ///< further fields, such as Location or WWW-Authenticate
  std::string_view content{};
  std::string_view content_type = "text/plain; charset=utf-8";
};

/// A response ready to send, or none with the reason why. It holds views: send it before what it was made of goes.
class response : public written_head<response> {
 public:
  /// No response.
  constexpr explicit response(weft::refusal refusal) noexcept : written_head(refusal) {}
  /// What accept() has checked.
  constexpr response(const acceptance& with, std::string_view key, bool continue_first) noexcept
      : written_head(refusal::none),
        status_(101),
        continue_first_(continue_first),
        accept_(accept_key(key)),
        protocol_(with.protocol),
        deflate_(with.deflate),
        fields_(with.fields) {}
  /// What reject() has checked.
  constexpr response(const rejection& with, std::uint16_t status, bool head_only) noexcept
      : written_head(refusal::none),
        status_(status),
        head_only_(head_only),
        content_(with.content),
        content_type_(with.content_type),
        fields_(with.fields) {}

 private:
  friend written_head<response>;

  constexpr void write_to(auto& out) const noexcept { status_ == 101 ? write_acceptance(out) : write_rejection(out); }

  constexpr void write_acceptance(auto& out) const noexcept {
    if (continue_first_) out << "HTTP/1.1 100 Continue\r\n\r\n";
    out << "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        << std::string_view(accept_.data(), accept_.size()) << "\r\n";
    if (!protocol_.empty()) out << field{"Sec-WebSocket-Protocol", protocol_};
    if (deflate_) out << field{"Sec-WebSocket-Extensions", to_text(*deflate_).view()};
    for (const auto& field : fields_) out << field;
    out << "\r\n";
  }

  constexpr void write_rejection(auto& out) const noexcept {
    out << "HTTP/1.1 " << std::size_t{status_} << " " << phrase() << "\r\n";
    out << (status_ == 426 ? "Connection: close, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                           : "Connection: close\r\n");
    if (status_ == 405) out << "Allow: GET\r\n";
    if (status_ != 204 && status_ != 304) out << "Content-Length: " << content_.size() << "\r\n";
    if (!content_.empty()) out << field{"Content-Type", content_type_};
    for (const auto& field : fields_) out << field;
    out << "\r\n";
    if (!head_only_) out << content_;
  }

  [[nodiscard]] constexpr std::string_view phrase() const noexcept {
    switch (status_) {
      case 200: return "OK";
      case 204: return "No Content";
      case 301: return "Moved Permanently";
      case 302: return "Found";
      case 303: return "See Other";
      case 304: return "Not Modified";
      case 307: return "Temporary Redirect";
      case 308: return "Permanent Redirect";
      case 400: return "Bad Request";
      case 401: return "Unauthorized";
      case 403: return "Forbidden";
      case 404: return "Not Found";
      case 405: return "Method Not Allowed";
      case 408: return "Request Timeout";
      case 414: return "URI Too Long";
      case 426: return "Upgrade Required";
      case 429: return "Too Many Requests";
      case 431: return "Request Header Fields Too Large";
      case 500: return "Internal Server Error";
      case 501: return "Not Implemented";
      case 503: return "Service Unavailable";
      case 505: return "HTTP Version Not Supported";
      default: return "";  // RFC 9112 4: the phrase may be empty, the space before it stays
    }
  }

  std::uint16_t status_ = 0;
  bool continue_first_ = false;
  bool head_only_ = false;
  std::array<char, 28> accept_{};
  std::string_view protocol_;
  std::optional<deflate_parameters> deflate_;
  std::string_view content_;
  std::string_view content_type_;
  std::span<const field> fields_;
};

}  // namespace weft::inline WEFT_ISA
