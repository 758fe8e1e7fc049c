// SPDX-License-Identifier: MIT
//
// utf8.hpp: validation of UTF-8 that stops and resumes at any byte and names the first bad one.
// RFC 3629 section 4: no overlong form, no surrogate, nothing above U+10FFFF. RFC 6455 sections 5.6 and 8.1.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <weft/detail/isa.hpp>
#include <weft/detail/small.hpp>
#include <weft/detail/text.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// Reads text in pieces cut anywhere, also inside a character. One byte of state.
class utf8_validator {
 public:
  /// Reads up to the first byte with which the text can no longer be UTF-8, and returns how many are before it:
  /// `text.size()` where all is well. After a bad byte the state is as it was before that byte.
  [[nodiscard]] constexpr std::size_t read(std::span<const std::byte> text) noexcept {
    return take(nullptr, text.data(), text.size(), 0);
  }

  /// The same of a masked payload, which it unmasks in place, in one pass, up to the bad byte. RFC 6455 section 5.3.
  [[nodiscard]] constexpr std::size_t unmask(std::span<std::byte> payload, masking_key key) noexcept {
    return take(payload.data(), payload.data(), payload.size(), std::bit_cast<std::uint32_t>(key));
  }

  /// Whether the text so far ends with a whole character.
  [[nodiscard]] constexpr bool at_boundary() const noexcept { return reader_.at_boundary(); }

 private:
  constexpr std::size_t take(std::byte* to, const std::byte* from, std::size_t size, std::uint32_t key) noexcept {
    if (!std::is_constant_evaluated() && size <= detail::max_small && at_boundary() &&
        detail::mask_small(to, from, size, key, detail::accept::ascii))
      return size;
    return reader_.take(to, from, size, key);
  }

  detail::text_reader reader_;
};

/// Whether a whole text is UTF-8.
[[nodiscard]] constexpr bool is_utf8(std::span<const std::byte> text) noexcept {
  utf8_validator validator;
  return validator.read(text) == text.size() && validator.at_boundary();
}

}  // namespace weft::inline WEFT_ISA
