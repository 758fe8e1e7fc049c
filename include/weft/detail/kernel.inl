// SPDX-License-Identifier: MIT
//
// kernel.inl: masking and UTF-8 over long payloads, once for every width of vector: kernels.hpp includes it inside of a
// namespace with `vector` and its operations, and defines WEFT_TARGET. `to` may be `from`, so a byte is stored when all
// loads of it are done: the two ends, which overlap what lies between them, are loaded first and stored last.

inline constexpr std::size_t width = sizeof(vector);

WEFT_TARGET WEFT_INLINE vector load(const std::byte* from) noexcept {
  vector v;
  std::memcpy(&v, from, width);
  return v;
}

WEFT_TARGET WEFT_INLINE void store(std::byte* to, vector v) noexcept {
  std::memcpy(to, &v, width);
}

/// The key over and over, as the byte `at` of the payload meets it.
WEFT_TARGET WEFT_INLINE vector repeated(std::uint32_t key, std::size_t at) noexcept {
  return (vector)(keys{} + turned(key, at));
}

/// At least two vectors of payload.
WEFT_TARGET [[gnu::noinline]] inline void mask(std::byte* to, const std::byte* from, std::size_t size,
                                               std::uint32_t key) noexcept {
  const vector head = load(from) ^ repeated(key, 0);
  const vector tail = load(from + size - width) ^ repeated(key, size);
  std::size_t i = size < worth_aligning ? width : until_aligned(to, width);
  const vector k = repeated(key, i);
  for (; size - i >= 4 * width; i += 4 * width) {
    const vector a = load(from + i) ^ k;
    const vector b = load(from + i + width) ^ k;
    const vector c = load(from + i + 2 * width) ^ k;
    const vector d = load(from + i + 3 * width) ^ k;
    store(to + i, a);
    store(to + i + width, b);
    store(to + i + 2 * width, c);
    store(to + i + 3 * width, d);
  }
  for (; size - i > width; i += width) store(to + i, load(from + i) ^ k);
  store(to, head);
  store(to + size - width, tail);
}

// UTF-8 by three lookups: what the high and low half of a byte and the high half of the next allow is a set of faults,
// and a pair is faulty where all three share one. Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per
// Byte", 2021. A fault is set at the later byte of a pair, so an unfinished character at the end is none.

/// The last bytes of it.
WEFT_TARGET WEFT_INLINE vector constant(const std::array<unsigned char, 64>& bytes) noexcept {
  vector v;
  std::memcpy(&v, bytes.data() + 64 - width, width);
  return v;
}

/// Not zero where `v`, with `before` before it, cannot be UTF-8.
WEFT_TARGET WEFT_INLINE vector faults(vector before, vector v) noexcept {
  const vector last = preceding<1>(before, v);
  const vector pair = lookup(constant(by_high), last >> 4) & lookup(constant(by_low), last & 0x0F) &
                      lookup(constant(by_next_high), v >> 4);
  // The third and fourth byte of a character must be a tail, which `pair` takes for a fault.
  const vector due = above(preceding<2>(before, v), vector{} + 0x60) | above(preceding<3>(before, v), vector{} + 0x70);
  return pair ^ (due & 0x80);
}

/// A vector that ends with these four bytes: of what precedes a vector, the last three count.
WEFT_TARGET WEFT_INLINE vector ending(std::uint32_t last) noexcept {
  keys v{};
  v[width / 4 - 1] = last;
  return (vector)v;
}

/// What precedes `at`, unmasked, as far as it is of the text: what came before it is forgotten, which at worst makes a
/// fault of none, and the caller looks again byte by byte. `word` is the four bytes before `at` or, where there are
/// fewer, the first four.
WEFT_TARGET WEFT_INLINE vector ending(std::uint32_t word, std::size_t at, std::uint32_t key) noexcept {
  const std::size_t first = at < 4 ? 0 : at - 4;
  return ending(static_cast<std::uint32_t>(std::uint64_t{word ^ turned(key, first)} << 8 * (first + 4 - at)));
}

/// At least one vector of text, XORed with `key` and written to `to`, or only read where that is null. Four bytes
/// precede it. What is done is all, or what lies before the step in which a fault is.
WEFT_TARGET [[gnu::noinline]] inline text_progress text(std::byte* to, const std::byte* from, std::size_t size,
                                                        std::uint32_t key, std::uint32_t preceding) noexcept {
  const std::size_t last = size - width;
  const vector head = load(from) ^ repeated(key, 0);
  const vector tail = load(from + last) ^ repeated(key, size);
  const auto before_tail = detail::load<std::uint32_t>(from + (last < 4 ? 0 : last - 4));
  vector before = ending(preceding);
  std::size_t i = width;
  if (preceding == 0 && !any_high(head)) {
    if (size >= worth_aligning) i = until_aligned(to != nullptr ? to : from, width);
  } else {
    if (any(faults(before, head))) return {};
    before = head;
    if (size >= text_worth_aligning) {
      i = until_aligned(to != nullptr ? to : from, width);
      before = ending(detail::load<std::uint32_t>(from + (i < 4 ? 0 : i - 4)), i, key);
    }
  }

  const vector k = repeated(key, i);
  for (; size - i > 4 * width; i += 4 * width) {
    const vector a = load(from + i) ^ k;
    const vector b = load(from + i + width) ^ k;
    const vector c = load(from + i + 2 * width) ^ k;
    const vector d = load(from + i + 3 * width) ^ k;
    if (any_high(before | a | b | c | d) && any(faults(before, a) | faults(a, b) | faults(b, c) | faults(c, d))) break;
    before = d;
    if (to == nullptr) continue;
    store(to + i, a);
    store(to + i + width, b);
    store(to + i + 2 * width, c);
    store(to + i + 3 * width, d);
  }
  for (; size - i > width; i += width) {
    const vector a = load(from + i) ^ k;
    if (any_high(before | a) && any(faults(before, a))) break;
    before = a;
    if (to != nullptr) store(to + i, a);
  }
  if (to != nullptr) store(to, head);
  if (i < last) return {i < width ? width : i, false};
  bool whole = true;
  if (any_high(before | tail)) {
    if (last != 0 && any(faults(ending(before_tail, last, key), tail))) return {i, false};
    whole = !any(above(tail, constant(last_of_whole)));
  }
  if (to != nullptr) store(to + last, tail);
  return {size, whole};
}
