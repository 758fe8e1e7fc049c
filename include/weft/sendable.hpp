// SPDX-License-Identifier: MIT
//
// sendable.hpp: what is ready to send, responses and frames alike, and where it goes.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include <weft/detail/isa.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// Has a size in bytes, zero where there is nothing to say, and copies itself to the front of any range of bytes.
template <class T>
concept sendable = requires(const T& ready, std::span<std::byte> room) {
  { ready.size() } -> std::convertible_to<std::size_t>;
  ready.copy_to(room);
};

/// Grows as needed: std::string, std::vector<std::byte>, or the like of one's own, whose resize() gives just the size
/// that it was told or does not return. If it has append(pointer, size) or insert(end, first, last), they mean what
/// they mean there.
template <class T>
concept byte_container = writable_range<T> && requires(T& container) {
  container.resize(container.size());
};

/// Puts what is ready behind what a container holds. It must not be made of the container's own bytes, which may move.
/// What the container throws, where it cannot grow, goes through.
template <byte_container Container, sendable Ready>
constexpr void append(Container& out, const Ready& ready) {
  const std::size_t before = out.size();
  out.resize(before + ready.size());
  (void)ready.copy_to(std::span(out.data(), out.size()).subspan(before));
}

/// Several of them, each made when it is asked for.
template <class T>
concept sendables = requires(T& frames) {
  { *frames.next() } -> sendable;
  {static_cast<bool>(frames.next())};
};

/// The same for all of them. Where the container throws, what was not put into it is lost.
template <byte_container Container, class Frames>
requires sendables<std::remove_reference_t<Frames>>
constexpr void append(Container& out, Frames&& frames) {
  while (const auto ready = frames.next()) append(out, *ready);
}

}  // namespace weft::inline WEFT_ISA
