// SPDX-License-Identifier: MIT
//
// engine.hpp: what an engine must offer that compresses and decompresses for weft: RFC 1951, as RFC 7692 section 7.2
// uses it. zlib.hpp and libdeflate.hpp are two; each needs its library, so each is included on purpose.
// Rule: an engine knows bytes and windows. Frames, limits and text are deflate.hpp's.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <weft/detail/isa.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// Where engines get their memory: the caller's own functions, which must not throw. It stays where it is as long as
/// anything that it gave is in use.
struct memory_source {
  /// So many bytes, aligned for any scalar type, or null where there are none.
  void* (*allocate)(void* owner, std::size_t size) = nullptr;
  /// Takes back what allocate() gave; never null.
  void (*release)(void* owner, void* memory) = nullptr;
  void* owner = nullptr;
};

/// malloc() and free(), for who asks for them.
inline constexpr memory_source heap{[](void*, std::size_t size) { return std::malloc(size); },
                                    [](void*, void* memory) { std::free(memory); }};

/// How far an inflater got.
enum class inflation : std::uint8_t {
  more,           ///< the input is taken and has given all it gives: the next piece goes on
  full,           ///< the output is full and there may be more: call again with what is left
  whole,          ///< the message is whole: its last bytes are taken and all is given
  invalid,        ///< no DEFLATE, or a reference beyond the window
  truncated,      ///< the message ends where no block does
  out_of_memory,  ///< the memory source gave none
};

/// What inflate() did.
struct inflated {
  inflation progress = inflation::more;
  std::size_t taken = 0;  ///< bytes of the input
  std::size_t made = 0;   ///< bytes of the output; also before an error
};

/// What deflate() did.
struct deflated {
  bool done = false;      ///< all of the piece is taken and all of it is in the output
  std::size_t taken = 0;  ///< bytes of the input
  std::size_t made = 0;   ///< bytes of the output
};

/// Decompresses message after message. A message is inflated in pieces cut anywhere, the last of which is told so; the
/// four bytes 00 00 FF FF that RFC 7692 section 7.2.2 wants behind it are the inflater's to add, and it must find a
/// block ended there. `room` bytes at most may follow in this message, which are no fewer than the output has. An
/// output without bytes asks whether there is more: then `full` says that there is. `full` with nothing made into an
/// output with bytes says that there are more than `room`. After an error, only reset().
template <class T>
concept inflater = requires(T& engine, std::span<const std::byte> in, std::span<std::byte> out, fin last,
                            std::uint64_t room) {
  { engine.inflate(in, out, last, room) }
  noexcept->std::same_as<inflated>;
  { engine.reset() }
  noexcept;  // to an empty window, at any time
};

/// The least that a deflater's output must hold.
inline constexpr std::size_t min_deflated_bytes = 16;

/// Compresses message after message, each in pieces; a piece is done when all of it is in the output and a reader can
/// inflate it, called again with the rest of it until then. The last piece ends without 00 00 FF FF, section 7.2.1.
template <class T>
concept deflater = requires(T& engine, std::span<const std::byte> in, std::span<std::byte> out, fin last) {
  { engine.deflate(in, out, last) }
  noexcept->std::same_as<deflated>;
  { engine.reset() }
  noexcept;  // to an empty window, at any time
};

/// Both, made for a window of 2^bits bytes with memory of the caller's. One whose `ready()` is false got too little of
/// it, and is destroyed. `whole_messages` says that it can neither be given pieces to compress nor keep a window from
/// message to message, `smallest_window_bits` the least window that it can compress with.
template <class T>
concept engine = inflater<typename T::inflater> && deflater<typename T::deflater> &&
    requires(const typename T::inflater& in, const typename T::deflater& out, const typename T::settings& settings) {
  requires std::constructible_from<typename T::inflater, std::uint8_t, const memory_source&>;
  requires std::constructible_from<typename T::deflater, std::uint8_t, const memory_source&, decltype(settings)>;
  { in.ready() } -> std::same_as<bool>;
  { out.ready() } -> std::same_as<bool>;
  { T::smallest_window_bits } -> std::convertible_to<std::uint8_t>;
  { T::whole_messages } -> std::convertible_to<bool>;
  { T::inflater_bytes(15) } -> std::same_as<std::size_t>;            // what it allocates with a window of so many bits
  { T::deflater_bytes(15, settings) } -> std::same_as<std::size_t>;  // the same
};

}  // namespace weft::inline WEFT_ISA
