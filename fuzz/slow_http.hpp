// SPDX-License-Identifier: MIT
//
// slow_http.hpp: what HTTP and the handshake's fields are, said once more, slowly, as the RFCs do and with no line of
// weft's: what the bodies that read heads compare with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fuzz::slow {

using texts = std::vector<std::string>;

inline bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_hexadecimal(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
inline bool is_one_of(char c, std::string_view all) {
  return all.find(c) != all.npos;
}

inline std::string lower(std::string_view text) {
  std::string all;
  for (const char c : text) all += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return all;
}
inline std::string trimmed(std::string_view text) {
  std::string all(text);
  while (!all.empty() && is_one_of(all.back(), " \t")) all.pop_back();
  while (!all.empty() && is_one_of(all.front(), " \t")) all.erase(0, 1);
  return all;
}

/// RFC 9110 5.6.2.
inline bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!is_letter(c) && !is_digit(c) && !is_one_of(c, "!#$%&'*+-.^_`|~")) return false;
  }
  return !text.empty();
}

/// RFC 9110 5.5.
inline bool is_value(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 32 && c != '\t') || byte == 127) return false;
  }
  return true;
}

/// Parted at a character outside of quoted strings, all parts trimmed. RFC 9110 5.6.4.
inline texts parted(std::string_view text, char at) {
  texts parts{""};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!quoted && text[i] == at) {
      parts.emplace_back();
      continue;
    }
    if (text[i] == '"') quoted = !quoted;
    parts.back() += text[i];
    if (quoted && text[i] == '\\' && i + 1 < text.size()) parts.back() += text[++i];
  }
  for (auto& part : parts) part = trimmed(part);
  return parts;
}

/// RFC 9110 5.6.1.2: without the empty ones.
inline texts list(std::string_view value) {
  texts elements;
  for (auto& part : parted(value, ',')) {
    if (!part.empty()) elements.push_back(part);
  }
  return elements;
}
inline bool has_element(std::string_view value, std::string_view name) {
  for (const auto& element : list(value)) {
    if (lower(element) == name) return true;
  }
  return false;
}

/// A parameter's value without quotes and backslashes; none where it is no token. RFC 6455 9.1.
inline std::optional<std::string> parameter_value(std::string_view text) {
  std::string value(text);
  if (text.starts_with('"')) {
    if (text.size() < 2 || !text.ends_with('"')) return {};
    value.clear();
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
      if (text[i] == '\\') ++i;
      if (i + 1 == text.size()) return {};  // what ended it was escaped
      value += text[i];
    }
  }
  if (!is_token(value)) return {};
  return value;
}

/// An extension: its name and its parameters, of which some have a value.
struct extension {
  struct parameter {
    std::string name;
    std::optional<std::string> value;
  };
  std::string name;
  std::vector<parameter> parameters;
};
inline std::optional<extension> parse_extension(std::string_view element) {
  extension parsed;
  bool first = true;
  for (const auto& part : parted(element, ';')) {
    const std::size_t equals = part.find('=');
    const std::string name = trimmed(std::string_view(part).substr(0, equals));
    if (!is_token(name)) return {};
    if (std::exchange(first, false)) {
      if (equals != part.npos) return {};
      parsed.name = name;
      continue;
    }
    extension::parameter one{name, {}};
    if (equals != part.npos) {
      one.value = parameter_value(trimmed(std::string_view(part).substr(equals + 1)));
      if (!one.value) return {};
    }
    parsed.parameters.push_back(one);
  }
  return parsed;
}

/// RFC 7692 7.1: the four parameters; -1 is a window that is not spoken of, 0 one without a value.
struct deflate {
  bool server_takes_over = true, client_takes_over = true;
  int server_bits = -1, client_bits = -1;
};
inline std::optional<deflate> parse_deflate(std::string_view element, bool offer) {
  const auto parsed = parse_extension(element);
  if (!parsed || lower(parsed->name) != "permessage-deflate") return {};
  deflate all;
  texts names;
  for (const auto& [name, value] : parsed->parameters) {
    const std::string known = lower(name);
    for (const auto& other : names) {
      if (other == known) return {};
    }
    names.push_back(known);
    int bits = 0;
    if (value) {
      for (int n = 8; n <= 15; ++n) {
        if (*value == std::to_string(n)) bits = n;
      }
    }
    if (known == "server_no_context_takeover" || known == "client_no_context_takeover") {
      if (value) return {};
      (known[0] == 's' ? all.server_takes_over : all.client_takes_over) = false;
    } else if (known == "server_max_window_bits") {
      if (bits == 0) return {};
      all.server_bits = bits;
    } else if (known == "client_max_window_bits") {
      if (bits == 0 && (value || !offer)) return {};
      all.client_bits = bits;
    } else {
      return {};
    }
  }
  return all;
}

/// Whether that may be answered to this. RFC 7692 7.1. A window of 15, which is what silence means, may go unsaid.
inline bool may_answer(const deflate& answer, const deflate& offer) {
  if (!offer.server_takes_over && answer.server_takes_over) return false;  // 7.1.1.1
  const int most = offer.server_bits > 0 ? offer.server_bits : 15;
  if ((answer.server_bits > 0 ? answer.server_bits : 15) > most) return false;  // 7.1.2.1
  if (answer.client_bits > 0 && offer.client_bits < 0) return false;            // 7.1.2.2
  return answer.client_bits <= 0 || offer.client_bits <= 0 || answer.client_bits <= offer.client_bits;
}

/// RFC 3986 3.2.2 and RFC 9110 4.2.4: reg-name or an address in brackets, of which only the characters count.
inline bool is_host_alone(std::string_view text) {
  if (text.starts_with('[')) {
    if (text.size() < 4 || !text.ends_with(']')) return false;
    for (const char c : text.substr(1, text.size() - 2)) {
      if (!is_hexadecimal(c) && c != ':' && c != '.') return false;
    }
    return true;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && is_hexadecimal(text[i + 1]) && is_hexadecimal(text[i + 2])) {
      i += 2;
    } else if (!is_letter(text[i]) && !is_digit(text[i]) && !is_one_of(text[i], "-._~!$&'()*+,;=")) {
      return false;
    }
  }
  return !text.empty();
}
/// Where the host ends: at the first ":" that is not within brackets, or at the end.
inline std::size_t end_of_host(std::string_view authority) {
  std::size_t from = 0;
  if (authority.starts_with('[')) from = authority.find(']');
  const std::size_t colon = authority.find(':', from);
  return colon < authority.size() ? colon : authority.size();
}
/// A port, which may be empty; none where it is no number up to 65535.
inline std::optional<unsigned> port_of(std::string_view digits) {
  unsigned port = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return {};
    port = port * 10 + static_cast<unsigned>(c - '0');
    if (port > 65535) return {};
  }
  return port;
}
inline bool is_host(std::string_view text) {
  const std::size_t end = end_of_host(text);
  if (!is_host_alone(text.substr(0, end))) return false;
  return end == text.size() || port_of(text.substr(end + 1)).has_value();
}

inline bool is_resource(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c > '~' || c == '#') return false;
  }
  return text.empty() || text[0] == '/' || text[0] == '?';
}

/// RFC 9112 3.2.1 and 3.2.2.
struct target {
  std::string authority, resource;
};
inline std::optional<target> parse_target(std::string_view text) {
  target parsed;
  if (!text.starts_with('/')) {
    const std::size_t slashes = text.find("://");
    if (slashes == text.npos) return {};
    const std::string scheme = lower(text.substr(0, slashes));
    if (scheme != "http" && scheme != "https" && scheme != "ws" && scheme != "wss") return {};
    text.remove_prefix(slashes + 3);
    std::size_t end = 0;
    while (end < text.size() && text[end] != '/' && text[end] != '?') ++end;
    parsed.authority = text.substr(0, end);
    text.remove_prefix(end);
    if (!is_host(parsed.authority)) return {};
    if (text.empty()) text = "/";
  }
  if (!is_resource(text)) return {};
  parsed.resource = text;
  return parsed;
}

/// A head: its first line and its fields, names in lower case; and how many bytes it has.
struct head {
  std::string first;
  std::vector<std::pair<std::string, std::string>> fields;
  std::size_t size = 0;

  [[nodiscard]] texts values(std::string_view name) const {
    texts all;
    for (const auto& [known, value] : fields) {
      if (known == name) all.push_back(value);
    }
    return all;
  }
  [[nodiscard]] bool any_has_element(std::string_view name, std::string_view element) const {
    for (const auto& value : values(name)) {
      if (has_element(value, element)) return true;
    }
    return false;
  }
};

enum class state { unfinished, good, bad };

/// Reads a head at the front of `text`, which ends at the first empty line behind its first. RFC 9112 2.1 and 2.2. In
/// one that may be folded a line that begins with white space continues the one before. RFC 9112 5.2.
inline state read_head(std::string_view text, head& to, bool folds) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == text.npos) return state::unfinished;
  to.size = end + 4;
  texts lines;
  for (std::string_view rest = text.substr(0, end + 2); !rest.empty();) {
    const std::size_t size = rest.find("\r\n");
    const std::string line(rest.substr(0, size));
    rest.remove_prefix(size + 2);
    if (!is_value(line)) return state::bad;
    if (folds && lines.size() > 1 && is_one_of(line[0], " \t")) {
      lines.back() += "  " + line;
    } else {
      lines.push_back(line);
      // What a line is must be certain without what continues it.
      if (lines.size() > 1 && line.find(':') == line.npos) return state::bad;
    }
  }
  to.first = lines[0];
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (!is_token(std::string_view(lines[i]).substr(0, colon))) return state::bad;
    to.fields.emplace_back(lower(lines[i].substr(0, colon)), trimmed(lines[i].substr(colon + 1)));
  }
  return state::good;
}

/// FIPS 180-1, one bit of its text after the other.
inline std::string sha1(std::string text) {
  const std::uint64_t bits = text.size() * 8;
  text += static_cast<char>(0x80);
  while (text.size() % 64 != 56) text += '\0';
  for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(bits >> shift);
  std::array<std::uint32_t, 5> h{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  const auto turned = [](std::uint32_t word, int by) { return word << by | word >> (32 - by); };
  for (std::size_t block = 0; block < text.size(); block += 64) {
    std::array<std::uint32_t, 80> w{};
    for (std::size_t i = 0; i < 64; ++i) w[i / 4] = w[i / 4] << 8 | static_cast<unsigned char>(text[block + i]);
    for (std::size_t i = 16; i < 80; ++i) w[i] = turned(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = h;
    for (std::size_t i = 0; i < 80; ++i) {
      const std::uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                              : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                              : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                       : (b ^ c ^ d) + 0xCA62C1D6;
      const std::uint32_t next = turned(a, 5) + f + e + w[i];
      e = d, d = c, c = turned(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
  std::string digest;
  for (const auto word : h) {
    for (int shift = 24; shift >= 0; shift -= 8) digest += static_cast<char>(word >> shift);
  }
  return digest;
}
inline std::string base64(std::string_view bytes) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned word = 0;
    for (std::size_t j = i; j < i + 3; ++j)
      word = word << 8 | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) text += i + j <= bytes.size() ? digits[word >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}
/// RFC 6455 4.2.2.
inline std::string accept_of(std::string_view key) {
  return base64(sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

}  // namespace fuzz::slow
