// SPDX-License-Identifier: MIT
//
// encode/server/SIZE/WHO: binary frames of payloads of 16 KiB together, or of one, into one buffer.
// encode/header/SIZE/WHO: the same for writev(): headers, and payloads where they lie.
// encode/client/SIZE/WHO: masked as well, with keys that are given; uws and beast make their own, by rand() and by a
// fast generator. `memcpy` copies payloads and nothing else. key/WHO: a masking key that nobody can foresee.
#include "payloads.hpp"
#include "question.hpp"

namespace bench {
namespace {

constexpr std::array payload_sizes{"16", "125", "1024", "16384"};

/// Whether these bytes are a frame for each payload, masked or not.
bool says(bytes wire, jobs all, bool masked) {
  for (const auto& job : all) {
    std::vector<std::byte> frame;
    append_frame(frame, 0x2, job.from, {});
    const std::size_t key_at = frame.size() - job.from.size() - 4;
    if (!masked) {
      frame[1] &= std::byte{0x7F};
      frame.erase(frame.begin() + static_cast<std::ptrdiff_t>(key_at),
                  frame.begin() + static_cast<std::ptrdiff_t>(key_at + 4));
    } else if (wire.size() >= key_at + 4) {
      masking_key key;
      std::copy_n(wire.begin() + static_cast<std::ptrdiff_t>(key_at), 4, key.begin());
      frame.clear();
      append_frame(frame, 0x2, job.from, key);
    }
    if (wire.size() < frame.size() || !std::equal(frame.begin(), frame.end(), wire.begin())) return false;
    wire = wire.subspan(frame.size());
  }
  return wire.empty();
}

class gatherer final : public gathering {
 public:
  void send(bytes header, bytes payload) override {
    sent.insert(sent.end(), header.begin(), header.end());
    sent.insert(sent.end(), payload.begin(), payload.end());
  }
  std::vector<std::byte> sent;
};

class measurer final : public gathering {
 public:
  void send(bytes header, bytes payload) override { size += header.size() + payload.size(); }
  std::size_t size = 0;
};

payloads work_of(const std::string& size) {
  return {"bin", size, 16 * 1024, spacing::packed, 1, payloads::where::in_place};
}

auto encode(const std::string& size, std::size_t (*peer::*encoder)(jobs, std::span<std::byte>), bool masked) {
  return [=](benchmark::State& state, const peer& who) {
    const payloads work = work_of(size);
    const memory room(3 * work.payload_bytes());
    const std::span out(room.at(2053), 3 * work.payload_bytes());
    const std::size_t written = (who.*encoder)(work.all(), out);
    if (&who != &memcpy_peer && !says(out.first(written), work.all(), masked)) {
      return fail(state, "other bytes");
    }
    time(state, {work.all().size(), work.payload_bytes()},
         [&] { benchmark::DoNotOptimize((who.*encoder)(work.all(), out)); });
  };
}

auto encode_header(const std::string& size) {
  return [=](benchmark::State& state, const peer& who) {
    const payloads work = work_of(size);
    gatherer first;
    who.encode_header(work.all(), first);
    if (!says(first.sent, work.all(), false)) return fail(state, "other bytes");
    measurer out;
    time(state, {work.all().size(), 0}, [&] { who.encode_header(work.all(), out); });
    if (out.size != first.sent.size() * static_cast<std::size_t>(state.iterations()))
      fail(state, "other bytes on a later pass");
  };
}

void make_keys(benchmark::State& state, const peer& who) {
  std::array<masking_key, 1024> keys{};
  time(state, {keys.size(), 0}, [&] {
    who.make_keys(keys);
    benchmark::DoNotOptimize(keys);
  });
}

}  // namespace

void ask() {
  for (const std::string size : payload_sizes) {
    put("encode/server/" + size, &peer::encode_server, encode(size, &peer::encode_server, false));
    put("encode/header/" + size, &peer::encode_header, encode_header(size));
    put("encode/client/" + size, &peer::encode_client, encode(size, &peer::encode_client, true));
  }
  put("key", &peer::make_keys, make_keys);
}

}  // namespace bench
