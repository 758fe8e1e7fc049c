// SPDX-License-Identifier: MIT
//
// weft as its users have it: `weft` gathers whole messages, as every peer does; `weft-pieces` is weft::server alone,
// which tells them as they come.
#include <weft/weft.hpp>

#include <sys/random.h>

#include <cstdlib>
#include <string>

#include "peer.hpp"

namespace bench {
namespace {

void tell(weft::server& ws, const weft::event& event, sink& told) {
  switch (event.kind) {
    case weft::kind::text:
    case weft::kind::binary:
      event.fin == weft::fin::yes ? told.message(event.payload) : told.piece(event.payload);
      break;
    default:
      if (event.kind != weft::kind::pong) (void)ws.answer(event).copy_to(answers);
      told.control(event.payload);
  }
}

struct pieces {
  weft::server ws;

  void feed(bytes read, sink& told) {
    auto in = receive(read);
    while (const auto event = ws.next(in)) tell(ws, *event, told);
  }
};

struct messages {
  weft::server ws;
  weft::message_reader<std::string> whole;

  void feed(bytes read, sink& told) {
    auto in = receive(read);
    while (const auto event = whole.next(ws, in)) tell(ws, *event, told);
  }
};

void mask(jobs all) {
  for (const auto& job : all) weft::mask(job.place(), weft::masking_key(job.key));
}

void mask_copy(jobs all) {
  for (const auto& job : all) weft::mask(job.place(), job.from, weft::masking_key(job.key));
}

std::size_t validate(jobs all) {
  return count(all, [](const job& job) { return weft::is_utf8(job.from); });
}

/// In one pass, where weft has it.
template <class Validator>
std::size_t unmask(Validator& validator, std::span<std::byte> payload, weft::masking_key key) {
  if constexpr (requires { validator.unmask(payload, key); }) {
    return validator.unmask(payload, key);
  } else {
    weft::mask(payload, key);
    return validator.read(payload);
  }
}

std::size_t unmask_validate(jobs all) {
  return count(all, [](const job& job) {
    weft::utf8_validator validator;
    return unmask(validator, job.place(), weft::masking_key(job.key)) == job.from.size() && validator.at_boundary();
  });
}

std::size_t encode_server(jobs all, std::span<std::byte> out) {
  weft::server ws;
  std::size_t size = 0;
  for (const auto& job : all) size += ws.binary(job.from).copy_to(out.subspan(size)).size();
  return size;
}

std::size_t encode_client(jobs all, std::span<std::byte> out) {
  weft::client ws;
  std::size_t size = 0;
  for (const auto& job : all) {
    size += ws.binary(weft::masking_key(job.key), job.from).copy_to(out.subspan(size)).size();
  }
  return size;
}

void encode_header(jobs all, gathering& out) {
  weft::server ws;
  for (const auto& job : all) {
    const auto frame = ws.binary(job.from);
    out.send(frame.header(), frame.payload());
  }
}

void fill(std::span<std::byte> pool) {
  if (getrandom(pool.data(), pool.size(), 0) != static_cast<ssize_t>(pool.size())) std::abort();
}

void make_keys(std::span<masking_key> all) {
  static weft::key_source source(fill);
  for (auto& key : all) key = source().bytes;
}

std::size_t handshake(std::string_view request, std::span<char> reply) {
  std::array<char, 8192> head;
  weft::request_reader reader(head);
  auto in = receive(std::as_bytes(std::span(request)));
  return weft::accept(reader.read(in)).copy_to(reply).size();
}

}  // namespace

extern const peer weft_peer;
constinit const peer weft_peer{
    .name = "weft",
    .decoding = decoder_of<messages>::make,
    .connecting = fleet_of<pieces>::make,
    .mask = mask,
    .mask_copy = mask_copy,
    .validate = validate,
    .unmask_validate = unmask_validate,
    .encode_server = encode_server,
    .encode_client = encode_client,
    .encode_header = encode_header,
    .make_keys = make_keys,
    .handshake = handshake,
    .accept_key = weft::accept_key,
};

extern const peer weft_pieces_peer;
constinit const peer weft_pieces_peer{.name = "weft-pieces", .decoding = decoder_of<pieces>::make};

}  // namespace bench
