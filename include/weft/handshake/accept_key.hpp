// SPDX-License-Identifier: MIT
//
// accept_key.hpp: Sec-WebSocket-Key -> Sec-WebSocket-Accept. RFC 6455 sections 4.1 and 4.2.2.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <weft/detail/base64.hpp>
#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/detail/sha1.hpp>

namespace weft::inline WEFT_ISA {

/// Whether a text is 16 bytes in base64: 22 characters and "==". The unused low bits of the last character may be
/// set, as they are in an example of the RFC itself (section 4.1, erratum 3150).
[[nodiscard]] constexpr bool is_key(std::string_view text) noexcept {
  if (text.size() != 24 || !text.ends_with("==")) return false;
  for (const char c : detail::cut(text, 0, 22)) {
    if (!detail::is_base64(c)) return false;
  }
  return true;
}

/// The answer to a key, which counts as it was sent: base64 of the SHA-1 of the key and a fixed GUID. 28 characters.
[[nodiscard]] constexpr std::array<char, 28> accept_key(std::string_view key) noexcept {
  return detail::base64(detail::sha1().update(key).update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest());
}

}  // namespace weft::inline WEFT_ISA
