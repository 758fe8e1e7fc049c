// SPDX-License-Identifier: MIT
//
// What anybody would write: copies, plain loops and system calls with nothing around them.
#include <sys/random.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <cstdlib>

#include "peer.hpp"

namespace bench {
namespace {

struct received {
  void feed(bytes read, sink&) { (void)receive(read); }
};

void copy(jobs all) {
  for (const auto& job : all) std::memcpy(job.to, job.from.data(), job.from.size());
}

std::size_t copy_out(jobs all, std::span<std::byte> out) {
  std::size_t size = 0;
  for (const auto& job : all) {
    std::memcpy(out.data() + size, job.from.data(), job.from.size());
    size += job.from.size();
  }
  return size;
}

void mask_bytes(jobs all) {
  for (const auto& job : all) {
    for (std::size_t i = 0; i < job.from.size(); ++i) job.to[i] = job.from[i] ^ job.key[i % 4];
  }
}

void getrandom_keys(std::span<masking_key> all) {
  for (auto& key : all) {
    if (getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) std::abort();
  }
}

// Whole blocks of the widest vectors that the machine has, without a thought for lengths: the last block of a payload
// reaches behind it.

#ifdef __x86_64__

int key_of(const job& job) {
  int number;
  std::memcpy(&number, job.key.data(), sizeof number);
  return number;
}

void xor_sse2(jobs all) {
  for (const auto& job : all) {
    const auto keys = _mm_set1_epi32(key_of(job));
    for (std::size_t i = 0; i < job.from.size(); i += 16) {
      const auto block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(job.from.data() + i));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(job.to + i), _mm_xor_si128(block, keys));
    }
  }
}

[[gnu::target("avx2")]] void xor_avx2(jobs all) {
  for (const auto& job : all) {
    const auto keys = _mm256_set1_epi32(key_of(job));
    for (std::size_t i = 0; i < job.from.size(); i += 32) {
      const auto block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(job.from.data() + i));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(job.to + i), _mm256_xor_si256(block, keys));
    }
  }
}

[[gnu::target("avx512f")]] void xor_avx512(jobs all) {
  for (const auto& job : all) {
    const auto keys = _mm512_set1_epi32(key_of(job));
    for (std::size_t i = 0; i < job.from.size(); i += 64) {
      _mm512_storeu_si512(job.to + i, _mm512_xor_si512(_mm512_loadu_si512(job.from.data() + i), keys));
    }
  }
}

std::string about() {
  return __builtin_cpu_supports("avx512f") ? "AVX-512" : __builtin_cpu_supports("avx2") ? "AVX2" : "SSE2";
}

void xor_blocks(jobs all) {
  if (__builtin_cpu_supports("avx512f")) return xor_avx512(all);
  if (__builtin_cpu_supports("avx2")) return xor_avx2(all);
  xor_sse2(all);
}

#else

std::string about() {
  return "16 bytes";
}

void xor_blocks(jobs all) {
  using words = std::uint32_t __attribute__((vector_size(16)));
  for (const auto& job : all) {
    std::uint32_t number;
    std::memcpy(&number, job.key.data(), sizeof number);
    for (std::size_t i = 0; i < job.from.size(); i += 16) {
      words block;
      std::memcpy(&block, job.from.data() + i, sizeof block);
      block ^= number;
      std::memcpy(job.to + i, &block, sizeof block);
    }
  }
}

#endif

}  // namespace

constinit const peer memcpy_peer{
    .name = "memcpy",
    .decoding = decoder_of<received>::make,
    .mask_copy = copy,
    .encode_server = copy_out,
    .encode_client = copy_out,
    .inflating = [](takeover) { return decoder_of<received>::make(); },
};

extern const peer bytes_peer;
constinit const peer bytes_peer{.name = "bytes", .mask = mask_bytes, .mask_copy = mask_bytes};

extern const peer xor_peer;
constinit const peer xor_peer{.name = "xor", .about = about, .mask = xor_blocks, .mask_copy = xor_blocks, .block = 64};

extern const peer getrandom_peer;
constinit const peer getrandom_peer{.name = "getrandom", .make_keys = getrandom_keys};

}  // namespace bench
