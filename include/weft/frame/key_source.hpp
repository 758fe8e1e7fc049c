// SPDX-License-Identifier: MIT
//
// key_source.hpp: masking keys from the caller's entropy, bought in bulk. RFC 6455 sections 5.3 and 10.3.
// The generator is the caller's and there is no default: what is weak here lets a page write what it likes to a proxy.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>

#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/protocol.hpp>

namespace weft::inline WEFT_ISA {

/// Fills all of a span with bytes that nobody can foresee: getrandom(), getentropy(), BCryptGenRandom(), or a generator
/// made for cryptography. It returns nothing: one that can fail must end the program or throw.
template <class T>
concept entropy = requires(T& fill, std::span<std::byte> pool) {
  { fill(pool) } -> std::same_as<void>;
};

/// Gives a key for one frame at each call: a key_source, or a function of the caller's.
template <class T>
concept key_giver = requires(T& keys) {
  { keys() } -> std::same_as<masking_key>;
};

/// Hands out masking keys, 64 for each call of the generator. Each key is wiped here as it is given. Neither copied nor
/// to be used on both sides of a fork(), for then two connections would have the same keys.
template <entropy Entropy>
class key_source {
 public:
  constexpr explicit key_source(Entropy entropy) : entropy_(std::move(entropy)) {}
  key_source(const key_source&) = delete;
  key_source& operator=(const key_source&) = delete;

  /// A key for one frame.
  [[nodiscard]] constexpr masking_key operator()() {
    if (used_ == pool_.size()) {
      entropy_(std::span<std::byte>(pool_));
      used_ = 0;
    }
    masking_key key;
    for (std::byte& byte : key.bytes) byte = std::exchange(pool_[used_++], std::byte{0});
    return key;
  }

 private:
  Entropy entropy_;
  std::array<std::byte, 256> pool_{};
  std::size_t used_ = pool_.size();
};

}  // namespace weft::inline WEFT_ISA
