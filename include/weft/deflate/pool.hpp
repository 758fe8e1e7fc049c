// SPDX-License-Identifier: MIT
//
// pool.hpp: the engines of many connections, and the two spans of bytes through which all of them work.
// An engine is borrowed for as long as its window is needed: with context takeover that is the connection's life, else
// one message, so that connections that are idle hold none. RFC 7692 section 7.1.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include <weft/connection/prepared.hpp>
#include <weft/deflate/engine.hpp>
#include <weft/detail/isa.hpp>
#include <weft/detail/memory.hpp>
#include <weft/handshake/extensions.hpp>
#include <weft/handshake/fields.hpp>
#include <weft/protocol.hpp>
#include <weft/sendable.hpp>

namespace weft::inline WEFT_ISA {

namespace detail {

/// Engines of one kind that nobody uses, kept for the next who needs one with such a window.
template <class Engine>
class idle_engines {
  struct node;

 public:
  /// An engine on loan, or none; it goes back by itself.
  class loan {
   public:
    loan() noexcept = default;
    loan(loan&& other) noexcept : from_(other.from_), node_(std::exchange(other.node_, nullptr)) {}
    loan& operator=(loan&& other) noexcept {
      std::swap(from_, other.from_);
      std::swap(node_, other.node_);
      return *this;
    }
    ~loan() { end(); }

    void end() noexcept {
      if (node_ != nullptr) from_->take_back(std::exchange(node_, nullptr));
    }
    explicit operator bool() const noexcept { return node_ != nullptr; }
    Engine* operator->() const noexcept { return &node_->engine; }

   private:
    friend idle_engines;
    loan(idle_engines* from, node* lent) noexcept : from_(from), node_(lent) {}
    idle_engines* from_ = nullptr;
    node* node_ = nullptr;
  };

  explicit idle_engines(const memory_source& memory) noexcept : memory_(&memory) {}
  idle_engines(const idle_engines&) = delete;
  idle_engines& operator=(const idle_engines&) = delete;
  ~idle_engines() { clear(); }

  /// Bytes of one, without what the engine takes for itself.
  static constexpr std::size_t node_bytes() noexcept { return sizeof(node); }

  /// None where there is no memory for one.
  template <class... Settings>
  [[nodiscard]] loan borrow(std::uint8_t window_bits, const Settings&... settings) noexcept {
    const std::size_t row = window_bits - smallest;  // fewer bits wrap around
    if (row >= first_.size()) return {};
    node*& first = first_[row];
    if (first != nullptr) return {this, std::exchange(first, first->next)};
    void* const place = memory_->allocate(memory_->owner, sizeof(node));
    if (place == nullptr) return {};
    auto* const made = new (place) node{window_bits, nullptr, Engine(window_bits, *memory_, settings...)};
    if (made->engine.ready()) return {this, made};
    destroy(made);
    return {};
  }

  void clear() noexcept {
    for (node*& first : first_) {
      while (first != nullptr) destroy(std::exchange(first, first->next));
    }
  }

 private:
  static constexpr std::size_t smallest = 8;  // window, as a logarithm

  struct node {
    std::uint8_t window_bits;
    node* next;
    Engine engine;
  };

  void take_back(node* returned) noexcept {
    returned->engine.reset();
    returned->next = std::exchange(first_[returned->window_bits - smallest], returned);
  }

  void destroy(node* old) noexcept {
    old->~node();
    memory_->release(memory_->owner, old);
  }

  const memory_source* memory_;
  std::array<node*, 8> first_{};  ///< for each size of window
};

}  // namespace detail

/// For the connections of one thread. It stays where it is, and lives longer than they do.
template <engine Engine>
class engine_pool {
 public:
  using settings = typename Engine::settings;

  /// What is inflated appears in `inflated`, any number of bytes from 1 up, and what is deflated leaves by `deflated`,
  /// which are at least min_deflated_bytes: a message that needs more is sent in several frames. 16 KiB are good for
  /// either; zlib inflates a message a sixth faster where it has room for all of it. They must not overlap, nor be
  /// touched in between, and all connections share them.
  engine_pool(const memory_source& memory, std::span<std::byte> inflated, std::span<std::byte> deflated,
              settings with = {}) noexcept
      : memory_(memory), inflated_(inflated), deflated_(deflated), settings_(with) {}
  engine_pool(const engine_pool&) = delete;
  engine_pool& operator=(const engine_pool&) = delete;

  /// Compresses a message for windows of these sizes, as logarithms, and keeps the forms that are shorter than it is.
  /// False where there is no memory for one, or no such window: who agreed to that has it uncompressed. A message that
  /// has a secret and what others chose side by side is not to be prepared so. RFC 7692 section 8.
  template <byte_container Container>
  bool prepare(prepared_message<Container>& message, std::initializer_list<std::uint8_t> window_bits = {15}) {
    bool all = true;
    for (const std::uint8_t bits : window_bits) {
      if (auto deflater = borrow_deflater(bits)) {
        keep_shorter(message, bits, deflater);
      } else {
        all = false;
      }
    }
    return all;
  }

  /// Gives the memory of engines that are idle back to its source.
  void trim() noexcept {
    inflaters_.clear();
    deflaters_.clear();
  }

 private:
  template <role Role, engine Other>
  friend class deflate_extension;
  using deflater_loan = typename detail::idle_engines<typename Engine::deflater>::loan;

  [[nodiscard]] deflater_loan borrow_deflater(std::uint8_t window_bits) noexcept {
    if (window_bits < Engine::smallest_window_bits || deflated_.size() < min_deflated_bytes) return {};
    return deflaters_.borrow(window_bits, settings_);
  }

  template <class Container>
  void keep_shorter(prepared_message<Container>& message, std::uint8_t window_bits, deflater_loan& deflater) {
    Container form{};
    auto rest = message.payload().span();
    for (bool done = false; !done && form.size() < message.payload().size();) {
      const auto got = deflater->deflate(rest, deflated_, fin::yes);
      rest = rest.subspan(got.taken);
      done = got.done;
      const std::size_t size = form.size();
      form.resize(size + got.made);
      detail::copy(form.data() + size, deflated_.data(), got.made);
    }
    if (form.size() < message.payload().size()) message.set_deflated(window_bits, std::move(form));
  }

  memory_source memory_;
  std::span<std::byte> inflated_;
  std::span<std::byte> deflated_;
  settings settings_;
  detail::idle_engines<typename Engine::inflater> inflaters_{memory_};
  detail::idle_engines<typename Engine::deflater> deflaters_{memory_};
};

/// What such engines have to agree to, for a client to offer. A fixed window of 32 KiB goes without saying.
template <engine Engine>
inline constexpr deflate_parameters parameters_for{.server_no_context_takeover = Engine::whole_messages,
                                                   .client_no_context_takeover = Engine::whole_messages};

/// A server's choice as choose_deflate(offers, ours) makes it, of what such engines can do.
template <engine Engine>
[[nodiscard]] constexpr std::optional<deflate_parameters> choose_deflate(field_list offers,
                                                                         deflate_parameters ours = {}) noexcept {
  ours.server_no_context_takeover |= parameters_for<Engine>.server_no_context_takeover;
  ours.client_no_context_takeover |= parameters_for<Engine>.client_no_context_takeover;
  return choose_deflate(offers, ours, Engine::smallest_window_bits);
}

/// Whether such engines can inflate all that the peer may send. If our window is too small for them nothing is
/// compressed, which is always right.
template <engine Engine>
[[nodiscard]] constexpr bool can_honour(const deflate_parameters& agreed, role ours) noexcept {
  const bool takeover = agreed.takeover(ours == role::server ? role::client : role::server);
  return detail::can_be(agreed) && (!Engine::whole_messages || !takeover);
}

/// What a connection takes of its memory source.
struct engine_bytes {
  std::size_t idle = 0;  ///< bytes between messages
  std::size_t busy = 0;  ///< bytes while a message is in work in either direction, the idle ones included
};

/// How much memory the engines of a connection need once both directions have been used, beyond sizeof the connection
/// and the pool's two spans; exact to a few in a hundred.
template <engine Engine>
[[nodiscard]] constexpr engine_bytes bytes_required(const deflate_parameters& agreed, role ours,
                                                    const typename Engine::settings& with = {}) noexcept {
  const role theirs = ours == role::server ? role::client : role::server;
  const std::size_t in = detail::idle_engines<typename Engine::inflater>::node_bytes() +
                         Engine::inflater_bytes(agreed.window_bits(theirs));
  const std::size_t out = detail::idle_engines<typename Engine::deflater>::node_bytes() +
                          Engine::deflater_bytes(agreed.window_bits(ours), with);
  return {.idle = (agreed.takeover(theirs) ? in : 0) + (agreed.takeover(ours) ? out : 0), .busy = in + out};
}

}  // namespace weft::inline WEFT_ISA
