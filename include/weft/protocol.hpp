// SPDX-License-Identifier: MIT
//
// protocol.hpp: the nouns and numbers of RFC 6455 that everything else speaks in,
// the limits that weft sets for what a peer may make it do, and a view of bytes
// that every kind of byte buffer turns into.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include <weft/detail/isa.hpp>

namespace weft::inline WEFT_ISA {

/// Which side of the connection an endpoint is. RFC 6455 section 1.2.
enum class role : std::uint8_t { server, client };

/// What a frame holds. The values not named are reserved and never accepted. RFC 6455 section 5.2.
enum class opcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

/// True for Close, Ping and Pong. RFC 6455 section 5.5.
[[nodiscard]] constexpr bool is_control(opcode code) noexcept {
  return static_cast<std::uint8_t>(code) >= 0x8;
}

/// Whether a frame, or a piece of a message, is the last of its message. RFC 6455 section 5.2.
enum class fin : bool { no, yes };

/// Whether a message is compressed: RSV1 of its first frame. RFC 7692 section 6.
enum class compressed : bool { no, yes };

/// Whether text that is sent is checked to be UTF-8, or known to be. RFC 6455 section 5.6.
enum class utf8 : bool { unchecked, checked };

/// Why a connection is closed: the registered codes of RFC 6455 section 7.4.1 and of IANA's registry. Codes of an
/// application are written `close_code{3000}`; see may_be_sent() and may_be_received() in frame/close.hpp.
enum class close_code : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,  ///< never on the wire: the peer's Close had no code
  abnormal = 1006,   ///< never on the wire: the transport ended without a Close
  invalid_payload = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  mandatory_extension = 1010,
  internal_error = 1011,
  service_restart = 1012,
  try_again_later = 1013,
  bad_gateway = 1014,
};

/// How far a reader got: it needs more bytes, it is done, or the peer broke a rule.
enum class status : std::uint8_t { partial, complete, invalid };

/// The four bytes with which a client masks one frame. RFC 6455 section 5.3.
struct masking_key {
  explicit masking_key() = default;  // zeros, and not to be had by writing {}
  constexpr explicit masking_key(std::array<std::byte, 4> from) noexcept : bytes(from) {}
  std::array<std::byte, 4> bytes{};
  bool operator==(const masking_key&) const = default;
};

inline constexpr std::size_t max_control_payload = 125;  ///< bytes; RFC 6455 section 5.5
inline constexpr std::size_t max_close_reason = 123;     ///< bytes: a control payload less the code's two
inline constexpr std::size_t max_frame_header = 14;      ///< bytes; RFC 6455 section 5.2
inline constexpr std::uint64_t unlimited = UINT64_MAX;   ///< for limits in bytes, where none is wanted

/// What weft is strict in, and a proxy, a test tool or an old peer may need otherwise; each choice with its reason is
/// in docs/conformance.md. All else that is forbidden is refused always.
struct strictness {
  bool masking = true;              ///< a client's frames are masked; section 5.1
  bool minimal_lengths = true;      ///< a length is in its shortest form; section 5.2
  bool unique_subprotocols = true;  ///< none is offered twice; section 4.1
};

/// What a peer may make us do once the connection is open, each figure inclusive. RFC 6455 section 10.4.
struct limits {
  /// Payload bytes of a whole message. Exceeded: Close 1009, as soon as a header declares too much. Of a compressed
  /// message the inflated bytes count, of which as many as allowed are told; on its way it may have an eighth, 1 KiB
  /// and 8 bytes for each of its frames more, which DEFLATE can need for what it cannot compress.
  std::uint64_t max_message_bytes = 1024 * 1024;
  /// Payload bytes of one frame, for who streams messages without end. Exceeded: Close 1009.
  std::uint64_t max_frame_bytes = unlimited;
  /// Frames of one message, the empty ones too: each costs work that no limit in bytes sees. Exceeded: Close 1008.
  std::uint32_t max_fragments = 4096;
  /// Ping and Pong frames since data last arrived. A codec has no clock, so this stops a flood and not a
  /// connection that is kept alive: at a Ping a second it is twelve days. Exceeded: Close 1008.
  std::uint32_t max_control_frames = 1024 * 1024;
  /// Inflated bytes of a compressed message for each byte of payload that its frames announced so far. DEFLATE can have
  /// 1032. Exceeded: Close 1009.
  std::uint32_t max_inflation = UINT32_MAX;

  weft::strictness strictness{};
};
inline constexpr limits default_limits{};

/// What a peer may make us do before the connection is open, each figure inclusive. The bytes of the whole head are
/// limited by the storage that the caller gives to the reader. Of a response only max_fields counts.
struct head_limits {
  std::uint32_t max_target_bytes = 4096;  ///< of the request-target; exceeded: 414
  std::uint32_t max_fields = 64;          ///< field lines; exceeded: 431

  weft::strictness strictness{};
};

/// Subprotocols that a client may offer, for each is compared with all others; exceeded: 400.
inline constexpr std::size_t max_subprotocols = 32;

/// Interim responses that a server may send before the one that counts; exceeded: too_many_interim_responses.
inline constexpr std::uint32_t max_interim_responses = 16;

/// The types a caller's bytes may have.
// clang-format off
template <class T>
concept byte_like = std::is_same_v<std::remove_cv_t<T>, std::byte> || std::is_same_v<std::remove_cv_t<T>, char> ||
                    std::is_same_v<std::remove_cv_t<T>, unsigned char> || std::is_same_v<std::remove_cv_t<T>, decltype(u8'c')>;
// clang-format on

/// The same, where they can be written to.
template <class T>
concept writable_byte = byte_like<T> && !std::is_const_v<T>;

/// Anything that holds such bytes one after the other: std::string, std::vector, std::span, std::array, an array.
template <class T>
concept byte_range = requires(const T& range) {
  { std::size(range) } -> std::convertible_to<std::size_t>;
  requires byte_like<std::remove_pointer_t<decltype(std::data(range))>>;
};

/// The same, where they can be written to.
template <class T>
concept writable_range = byte_range<T> && requires(T& range) {
  requires writable_byte<std::remove_pointer_t<decltype(std::data(range))>>;
};

/// A read-only view of the caller's bytes, which stay where they are; valid as long as they are.
/// Made without a cast from any byte_range, and from a pointer to a text that ends in zero. An array of char or
/// char8_t, such as a literal, is a text too: it counts up to its first zero, or whole. In a constant expression only
/// std::byte will do.
class bytes {
 public:
  constexpr bytes() noexcept = default;
  template <byte_range Range>
  constexpr bytes(const Range& range) noexcept : view_(of(std::data(range), size_of(range))) {}
  template <class Text>
  requires(std::is_same_v<Text, const char*> || std::is_same_v<Text, char*>) constexpr bytes(const Text& text) noexcept
      : bytes(std::string_view(text)) {}

  [[nodiscard]] constexpr std::span<const std::byte> span() const noexcept { return view_; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return view_.size(); }

 private:
  template <byte_range Range>
  static constexpr std::size_t size_of(const Range& range) noexcept {
    using element = std::remove_cv_t<std::remove_pointer_t<decltype(std::data(range))>>;
    std::size_t size = std::size(range);
    if constexpr (std::is_array_v<Range> &&
                  (std::is_same_v<element, char> || std::is_same_v<element, decltype(u8'c')>)) {
      for (std::size_t i = size; i > 0; --i) {
        if (range[i - 1] == 0) size = i - 1;
      }
    }
    return size;
  }

  template <byte_like T>
  static constexpr std::span<const std::byte> of(const T* first, std::size_t size) noexcept {
    if constexpr (std::is_same_v<T, std::byte>) {
      return {first, size};
    } else {
      return {reinterpret_cast<const std::byte*>(first), size};
    }
  }

  std::span<const std::byte> view_;
};

}  // namespace weft::inline WEFT_ISA
