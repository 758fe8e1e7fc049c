// SPDX-License-Identifier: MIT
//
// accept_key.hpp: Sec-WebSocket-Key -> Sec-WebSocket-Accept. RFC 6455 sections 4.1 and 4.2.2.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include <weft/detail/base64.hpp>
#include <weft/detail/characters.hpp>
#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/detail/sha1.hpp>

namespace weft::inline WEFT_ISA {

/// Whether a text is 16 bytes in base64: 22 characters and "==". The unused low bits of the last character may be
/// set, as they are in an example of the RFC itself (section 4.1, erratum 3150).
[[nodiscard]] constexpr bool is_key(std::string_view text) noexcept {
  using namespace detail;
  return text.size() == 24 && text.ends_with("==") &&
         leading(base64_characters, cut(text, 0, 22), common_in_base64) == 22;
}

namespace detail {

inline constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The GUID as it lies behind a key.
inline constexpr auto guid_block = [] {
  sha1_block block{};
  copy(block.data() + 24, guid.data(), guid.size());
  block[60] = std::byte{0x80};
  return block;
}();

}  // namespace detail

/// The answer to a key, which counts as it was sent: base64 of the SHA-1 of the key and a fixed GUID. 28 characters.
[[nodiscard]] constexpr std::array<char, 28> accept_key(std::string_view key) noexcept {
  using namespace detail;
  if (key.size() != 24) return base64(sha1(key, guid));
#if defined(WEFT_SHA)
  if (!std::is_constant_evaluated() && sha::is_there()) return base64(sha1_of_60_by_four(key.data(), guid_block));
#endif
  return base64(sha1_of_60(key.data(), guid_block));
}

}  // namespace weft::inline WEFT_ISA
