// SPDX-License-Identifier: MIT
//
// utf8.hpp: text at any cut and place, plain and while it is unmasked, and by each width of vectors that the machine
// has, is UTF-8 as far as a slow decoder says (RFC 3629); and nothing behind the first bad byte is touched.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "fuzz/check.hpp"
#include "fuzz/kit.hpp"
#include "fuzz/receiver.hpp"
#include "support/fenced.hpp"
#include "support/texts.hpp"

#include <weft/detail/kernels.hpp>
#include <weft/frame/mask.hpp>
#include <weft/frame/utf8.hpp>

namespace fuzz {

/// As a client masks. RFC 6455 section 5.3.
inline std::string masked_by(const weft::masking_key& key, std::string_view text) {
  std::string wire(text);
  for (std::size_t i = 0; i < wire.size(); ++i) wire[i] = static_cast<char>(std::byte(wire[i]) ^ key.bytes[i % 4]);
  return wire;
}

/// One width's kernel, which may stop early and leaves the last three bytes to others. `before` is what it is told of
/// the bytes that come before, the last of which is its highest byte.
template <class Kernel>
void check_kernel(std::string_view text, const support::reach& reach, const std::string& wire, std::uint32_t key,
                  std::uint32_t before, std::size_t from_end, Kernel&& kernel) {
  const support::fenced bytes(support::shared_guarded(), wire, support::flush::back, from_end);
  const auto read = kernel(nullptr, bytes.span().data(), wire.size(), key, before);
  same("text that is only read", wire, bytes.text());
  const auto done = kernel(bytes.span().data(), bytes.span().data(), wire.size(), key, before);
  for (const auto& progress : {read, done}) {
    // Left to who asks: where a fault in the last three bytes begins, and whether a last byte may begin a character.
    const std::size_t left = progress.done < text.size() ? 3 : static_cast<unsigned char>(text.back()) >= 0xC0 ? 1 : 0;
    require(progress.done <= reach.valid + left, "a kernel passed over a fault", text);
    if (progress.whole) {
      equal("a whole text", text.size(), progress.done, text);
      require(reach.whole, "a kernel took a text for whole", text);
    }
  }
  same("what a kernel unmasked", std::string(text.substr(0, done.done)) + wire.substr(done.done), bytes.text());
  require(bytes.alone(), "a kernel wrote beside its text");
}

inline void utf8(std::span<const std::byte> input) {
  source from(input);
  weft::masking_key key;
  for (std::byte& byte : key.bytes) byte = std::byte{from.byte()};
  const auto side = from.flag() ? support::flush::front : support::flush::back;
  const std::size_t from_end = from.below(64);
  const std::size_t padding =
      from.any_of<std::size_t>({0, 0, 0, 1, 15, 31, 63, 64, 200, 3000});  // so that faults stand anywhere
  const std::string_view script = support::scripts[from.below(support::scripts.size())];
  [[maybe_unused]] std::size_t begun = from.below(4);  // bytes that the kernels are told of and do not see
  const cutter cut(from);
  const std::string text = support::text_in(script, padding) + std::string(from.text());
  const auto reach = support::reach_of(text);

  weft::utf8_validator at_once;
  const support::fenced plain(support::shared_guarded(), text, side, from_end);
  equal("how far a text is UTF-8", reach.valid, at_once.read(plain.span()), text);
  if (reach.valid == text.size()) equal("whether a text is whole", reach.whole, at_once.at_boundary(), text);
  equal("is_utf8()", reach.valid == text.size() && reach.whole, weft::is_utf8(plain.span()), text);
  require(plain.alone(), "reading text wrote beside it");

  const auto in_pieces = [&](std::string_view what, std::span<std::byte> bytes, auto&& read) {
    weft::utf8_validator validator;
    std::size_t valid = 0;
    cut(bytes, [&](std::span<const std::byte> piece) {
      const std::size_t good = read(validator, bytes.subspan(valid, piece.size()), valid);
      valid += good;
      return good == piece.size();
    });
    equal(what, reach.valid, valid, text);
    if (valid == text.size()) equal(what, reach.whole, validator.at_boundary(), text);
  };
  in_pieces("text in pieces", plain.span(),
            [](weft::utf8_validator& to, std::span<const std::byte> piece, std::size_t) { return to.read(piece); });

  const std::string wire = masked_by(key, text);
  const std::string half = text.substr(0, reach.valid) + wire.substr(reach.valid);
  const support::fenced masked(support::shared_guarded(), wire, side, from_end);
  in_pieces("masked text in pieces", masked.span(),
            [&](weft::utf8_validator& to, std::span<std::byte> piece, std::size_t at) {
              return to.unmask(piece, weft::rotated(key, at));
            });
  same("masked text, unmasked in pieces", half, masked.text());
  require(masked.alone(), "unmasking wrote beside its text");

#if defined(WEFT_VECTORS)
  using namespace weft::detail;
  if (begun > reach.valid) begun = 0;
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < begun; ++i)
    before |= std::uint32_t{static_cast<unsigned char>(text[i])} << 8 * (4 - begun + i);
  weft::masking_key there;
  for (std::size_t i = 0; i < 4; ++i) there.bytes[i] = key.bytes[(begun + i) % 4];
  const auto check = [&](auto&& kernel) {
    check_kernel(std::string_view(text).substr(begun), {reach.valid - begun, reach.whole}, wire.substr(begun),
                 std::bit_cast<std::uint32_t>(there), before, from_end, kernel);
  };
  const std::size_t size = text.size() - begun;
  if (size >= 16 && has_vectors<16>()) check([](auto... arguments) { return simd16::text(arguments...); });
#endif
#if defined(WEFT_X86)
  if (size >= 32 && has_vectors<32>()) check([](auto... arguments) { return simd32::text(arguments...); });
  if (size >= 64 && has_vectors<64>()) check([](auto... arguments) { return simd64::text(arguments...); });
#endif
}

}  // namespace fuzz
