// SPDX-License-Identifier: MIT
//
// vectors.cpp: every table of vectors.hpp twice: by the compiler, which accepts no undefined behaviour in a constant
// expression, and by the program.
#include "vectors.hpp"

#include <cstdio>
#include <string>

#include <doctest/doctest.h>

#include "support/reference.hpp"
#include "support/transcript.hpp"

using namespace support;

static_assert(proven<good_headers> && proven<bad_headers>);
static_assert(proven<maskings>);
static_assert(proven<utf8_texts>);
static_assert(proven<close_payloads>);
static_assert(proven<accepted_keys>);
static_assert(proven<words_of_fields> && proven<lists> && proven<cookies>);
static_assert(proven<request_targets> && proven<websocket_uris>);
static_assert(proven<request_heads> && proven<more_response_heads>);
static_assert(proven<streams>);
static_assert(proven<vulnerabilities> && proven<response_heads> && proven<injections>);

namespace {

constexpr std::size_t vectors_in(std::span<const vulnerability> entries) {
  std::size_t count = 0;
  for (const auto& entry : entries) count += is_vector(entry) ? 1U : 0U;
  return count;
}

constexpr std::size_t vectors = std::size(good_headers) + std::size(bad_headers) + std::size(maskings) +
                                std::size(utf8_texts) + std::size(close_payloads) + std::size(accepted_keys) +
                                std::size(words_of_fields) + std::size(lists) + std::size(cookies) +
                                std::size(request_targets) + std::size(websocket_uris) + std::size(request_heads) +
                                std::size(more_response_heads) + std::size(streams) + vectors_in(vulnerabilities) +
                                vectors_in(response_heads) + std::size(injections);
static_assert(vectors >= 300);

std::string_view input_of_vector(const vulnerability& entry) {
  return entry.bytes;
}
std::string_view input_of_vector(const injection& entry) {
  return entry.text;
}
template <class Vector>
std::string_view input_of_vector(const Vector& vector) {
  return vector.input;
}

template <class Table>
void run(const Table& table) {
  for (const auto& vector : table) {
    if (!holds(vector)) FAIL_CHECK("vector " << &vector - std::data(table) << ": " << shown(input_of_vector(vector)));
  }
}

void agrees_with_oracle(const stream& vector) {
  CAPTURE(vector.input);
  reference_decoder reference(vector.receiver, vector.limits);
  reference.feed(hex(vector.input));
  CHECK(reference.transcript() == vector.expected);
}

}  // namespace

TEST_CASE("headers, masks, texts and closes at run time, as at compile time") {
  run(good_headers);
  run(bad_headers);
  run(maskings);
  run(utf8_texts);
  run(close_payloads);
}

TEST_CASE("keys, fields, targets and URIs at run time, as at compile time") {
  run(accepted_keys);
  run(words_of_fields);
  run(lists);
  run(cookies);
  run(request_targets);
  run(websocket_uris);
}

TEST_CASE("heads at run time, as at compile time") {
  run(request_heads);
  run(more_response_heads);
}

TEST_CASE("streams at run time, as at compile time, and as the oracle tells them") {
  run(streams);
  for (const auto& vector : streams) agrees_with_oracle(vector);
}

TEST_CASE("known vulnerabilities at run time, as at compile time") {
  run(vulnerabilities);
  run(response_heads);
  run(injections);
}

TEST_CASE("the figures of the vectors") {
  std::printf("vectors: %zu at compile time\n", vectors);
}
