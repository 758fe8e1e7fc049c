// SPDX-License-Identifier: MIT
#include <weft/connection/message.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <weft/connection/client.hpp>

#include "support/cuts.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::kind;
using weft::message_reader;
using weft::server;

namespace {

/// Whole messages and control frames, one line each.
template <class Container>
std::string messages_of(std::string_view wire, const cut& pieces) {
  server ws;
  message_reader<Container> messages;
  std::string seen;
  feed(wire, pieces, flush::back, [&](std::span<std::byte> in) {
    while (const auto event = messages.next(ws, in)) {
      CHECK((event->kind != kind::text || event->whole()));
      seen += name_of(event->kind) + " " + shown(event->text()) + "; ";
    }
    CHECK(in.empty());
  });
  return seen;
}

}  // namespace

TEST_CASE("5.4 FG-01: whole messages, however fragmented and cut, in any container") {
  const std::string wire = text("one") + text("t", fin::no) + ping("beat") + continuation("w", fin::no) +
                           continuation("o", fin::yes) + binary("", fin::no) + continuation("", fin::yes) +
                           text("three") + close_frame(1000, "bye");
  const std::string expected = "text one; ping beat; text two; binary ; text three; close bye; ";
  for (const cut& pieces : cuts_of(wire.size())) {
    CHECK(messages_of<std::string>(wire, pieces) == expected);
    CHECK(messages_of<std::vector<std::byte>>(wire, pieces) == expected);
    CHECK(messages_of<std::vector<unsigned char>>(wire, pieces) == expected);
  }
}

TEST_CASE("a message that lies whole in the receive buffer is not copied") {
  server ws;
  message_reader<std::string> messages;
  std::string wire = text("Hello") + text("again");
  std::span in(wire);
  CHECK(messages.next(ws, in)->text().data() == wire.data() + 6);
  CHECK(messages.next(ws, in)->text().data() == wire.data() + 17);
}

TEST_CASE("the container's memory is kept from message to message") {
  server ws;
  std::string reserved;
  reserved.reserve(1000);
  message_reader<std::string> messages(std::move(reserved));
  for (int i = 0; i < 3; ++i) {
    std::string wire = text(std::string(400, 'a'), fin::no) + continuation(std::string(400, 'b'), fin::yes);
    std::span in(wire);
    const auto event = without_allocation([&] { return messages.next(ws, in); });
    CHECK(event->payload.size() == 800);
  }
}

TEST_CASE("limits and violations pass through") {
  server ws;
  message_reader<std::string> messages;
  std::string wire = text("12345", fin::no) + continuation("6", fin::yes);
  std::span in(wire);
  const auto event = messages.next(ws, in, {.max_message_bytes = 5});
  CHECK(event->violation.rule == weft::rule::message_too_long);
}

namespace {

/// A container with room for eight bytes.
struct small {
  std::array<char, 8> memory{};
  std::size_t used = 0;
  [[nodiscard]] std::size_t size() const { return used; }
  char* data() { return memory.data(); }
  [[nodiscard]] const char* data() const { return memory.data(); }
  void resize(std::size_t size) {
    if (size > memory.size()) throw std::length_error("eight bytes");
    used = size;
  }
};

}  // namespace

TEST_CASE("SE-14 A-10: memory grows with the bytes that came, not with those announced") {
  server ws;
  message_reader<small> messages;
  std::string wire = hex("82 ff 000000003fffffff 00000000") + "12345678";
  std::span in(wire);
  CHECK(!messages.next(ws, in, {.max_message_bytes = 1U << 30}).has_value());
  CHECK(in.empty());
}

TEST_CASE("a message that the container could not hold is not told with a hole, and the next is") {
  server ws;
  message_reader<small> messages;
  std::string wire = text("1234", fin::no) + continuation("56789", fin::no) + continuation("3", fin::yes) +
                     text("a", fin::no) + continuation("b", fin::yes);
  std::span in(wire);
  CHECK_THROWS_AS((void)messages.next(ws, in), std::length_error);
  const auto event = messages.next(ws, in);
  REQUIRE(event.has_value());
  CHECK(event->text() == "ab");
}

TEST_CASE("what a container throws reaches the caller") {
  server ws;
  message_reader<small> messages;
  std::string wire = text("12345678", fin::no) + continuation("9", fin::yes);
  std::span in(wire);
  CHECK_THROWS_AS((void)messages.next(ws, in), std::length_error);
}

// A client's input may be const, a server's may not.
template <class Endpoint, class Byte>
concept gathers = requires(message_reader<std::string> messages, Endpoint ws, std::span<Byte> in) {
  messages.next(ws, in);
};
static_assert(gathers<weft::client, const char> && gathers<server, char> && !gathers<server, const char>);
