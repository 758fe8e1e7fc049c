// SPDX-License-Identifier: MIT
//
// mask.hpp: masking at any size, place and cut, in place and while copying, by each width of vectors that the machine
// has, as RFC 6455 section 5.3 does it byte by byte; and nothing beside it is touched.
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

#include <weft/detail/kernels.hpp>
#include <weft/frame/mask.hpp>

namespace fuzz {

inline void mask(std::span<const std::byte> input) {
  source from(input);
  weft::masking_key key;
  for (std::byte& byte : key.bytes) byte = std::byte{from.byte()};
  const auto side = from.flag() ? support::flush::front : support::flush::back;
  const std::size_t from_end = from.below(64);
  const std::size_t times = from.any_of<std::size_t>({1, 1, 1, 2, 3, 7, 50, 400});  // large ones too, of few bytes
  const cutter cut(from);
  std::string plain;
  for (std::size_t i = 0; i < times && plain.size() < 20000; ++i) plain += from.text();
  std::string expected = plain;
  for (std::size_t i = 0; i < expected.size(); ++i)
    expected[i] = static_cast<char>(std::byte(expected[i]) ^ key.bytes[i % 4]);

  static support::guarded copies(1024 * 1024);
  const auto check = [&](std::string_view what, auto&& work) {
    const support::fenced in_place(support::shared_guarded(), plain, side, from_end);
    work(in_place.span(), in_place.span());
    same(what, expected, in_place.text());
    require(in_place.alone(), "masking wrote beside its bytes");
    const support::fenced origin(support::shared_guarded(), plain, side, from_end);
    const support::fenced copy(copies, std::string(plain.size(), '.'), side, from_end / 2);
    work(copy.span(), origin.span());
    same(what, expected, copy.text());
    same("what is copied while masking", plain, origin.text());
    require(copy.alone(), "masking wrote beside its copy");
  };
  check("masked at once", [&](std::span<std::byte> to, std::span<const std::byte> bytes) {
    const auto then = weft::mask(to, bytes, key);
    require(then == weft::rotated(key, plain.size()), "the key behind it");
  });
  check("masked in pieces", [&](std::span<std::byte> to, std::span<const std::byte> bytes) {
    auto now = key;
    cut(bytes, [&](std::span<const std::byte> piece) {
      now = weft::mask(to.first(piece.size()), piece, now);
      to = to.subspan(piece.size());
      return true;
    });
  });
  [[maybe_unused]] const auto word = std::bit_cast<std::uint32_t>(key);
#if defined(WEFT_VECTORS)
  if (plain.size() >= 32 && weft::detail::has_vectors<16>())
    check("masked by 16", [&](std::span<std::byte> to, std::span<const std::byte> bytes) {
      weft::detail::simd16::mask(to.data(), bytes.data(), bytes.size(), word);
    });
#endif
#if defined(WEFT_X86)
  if (plain.size() >= 64 && weft::detail::has_vectors<32>())
    check("masked by 32", [&](std::span<std::byte> to, std::span<const std::byte> bytes) {
      weft::detail::simd32::mask(to.data(), bytes.data(), bytes.size(), word);
    });
  if (plain.size() >= 128 && weft::detail::has_vectors<64>())
    check("masked by 64", [&](std::span<std::byte> to, std::span<const std::byte> bytes) {
      weft::detail::simd64::mask(to.data(), bytes.data(), bytes.size(), word);
    });
#endif
}

}  // namespace fuzz
