// SPDX-License-Identifier: MIT
//
// sender.cpp: the sending half by itself, of either role. The calls under their own names are in server.cpp and
// client.cpp.
#include <weft/connection/sender.hpp>

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "support/constant.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::close_code;
using weft::kind;
using weft::opcode;
using weft::refusal;
using weft::role;
using weft::utf8;
using weft::detail::happening;

namespace {

template <role Role>
class open_sender : public weft::sender<Role> {
  using base = weft::sender<Role>;

 public:
  using base::advance;

  static std::optional<weft::masking_key> key() {
    if (Role == role::server) return {};
    return weft::masking_key(constant("\x37\xfa\x21\x3d"));
  }

  std::string text(std::string_view piece, fin last = fin::yes, utf8 validity = utf8::checked) {
    return said(base::text_frame(key(), piece, last, validity));
  }
  std::string binary(std::string_view piece, fin last = fin::yes) {
    return said(base::binary_frame(key(), piece, last));
  }
  std::string ping(std::string_view payload) { return said(base::control_frame(key(), opcode::ping, payload)); }
  std::string close(close_code code, std::string_view reason) { return said(base::close_frame(key(), code, reason)); }
  std::string send(const weft::prepared_message<std::string>& message) { return said(base::prepared_frame(message)); }
  std::string answer(const weft::event& event) { return said(base::answer_frame(key(), event)); }

 private:
  /// The first byte and the payload, or why there is none.
  static std::string said(const weft::outgoing<Role>& frame) {
    std::string bytes(frame.size(), '\0');
    (void)frame.copy_to(bytes);
    if (bytes.empty()) return std::string(weft::words(frame.refusal()));
    const auto frames = frames_in(bytes);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].masked == (Role == role::client));
    return hex_of(static_cast<char>(frames[0].first)) + " " + frames[0].payload;
  }
  static std::string hex_of(char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    return {digits[value >> 4], digits[value & 15]};
  }
};

template <class Test>
void for_both_roles(Test&& test) {
  {
    INFO("a server");
    test(open_sender<role::server>());
  }
  INFO("a client");
  test(open_sender<role::client>());
}

const std::string closed(weft::words(refusal::closed));
const std::string no_utf8(weft::words(refusal::invalid_utf8));
const std::string unfinished(weft::words(refusal::other_message_unfinished));
const std::string too_long(weft::words(refusal::control_too_long));

}  // namespace

TEST_CASE("a sender begins open, with no message begun, and can be copied as bytes") {
  const weft::sender<role::server> server;
  CHECK(server.state() == weft::state::open);
  CHECK_FALSE(server.sending());
  static_assert(std::is_trivially_copyable_v<weft::sender<role::client>>);
}

TEST_CASE("5.4: a message is one frame or several, of one type, with control frames between and no other message") {
  for_both_roles([](auto ws) {
    CHECK(ws.text("Hello") == "81 Hello");
    CHECK(ws.text("Hel", fin::no) == "01 Hel");
    CHECK(ws.sending());
    CHECK(ws.binary("x") == unfinished);
    CHECK(ws.ping("beat") == "89 beat");
    CHECK(ws.text("l", fin::no) == "00 l");
    CHECK(ws.text("o") == "80 o");
    CHECK_FALSE(ws.sending());
    CHECK(ws.binary("x", fin::no) == "02 x");
    CHECK(ws.text("x") == unfinished);
    CHECK(ws.binary("") == "80 ");
  });
}

TEST_CASE("5.6: text is UTF-8, also over pieces, unless the caller knows it is; what is refused changes nothing") {
  for_both_roles([](auto ws) {
    CHECK(ws.text("\xff") == no_utf8);
    CHECK(ws.text("\xc3") == no_utf8);
    CHECK(ws.text("\xff", fin::yes, utf8::unchecked) == "81 \xff");
    CHECK(ws.text("\xc3", fin::no) == "01 \xc3");
    CHECK(ws.text("x") == no_utf8);
    CHECK(ws.text("\xa4") == "80 \xa4");
  });
}

TEST_CASE("5.5 5.5.1 7.4: a control frame has 125 bytes at most, and a Close a code that its side may send") {
  for_both_roles([](auto ws) {
    const std::string most(125, 'x');
    CHECK(ws.ping(most) == "89 " + most);
    CHECK(ws.ping(most + "x") == too_long);
    CHECK(ws.close(close_code::no_status, "") == weft::words(refusal::unsendable_close_code));
    CHECK(ws.close(close_code::normal, most.substr(1)) == too_long);
    CHECK(ws.close(close_code::normal, "\xff") == no_utf8);
    CHECK(ws.state() == weft::state::open);
    CHECK(ws.close(close_code::normal, "bye") ==
          "88 \x03\xe8"
          "bye");
    CHECK(ws.state() == weft::state::close_sent);
    CHECK(ws.close(close_code::normal, "bye") == closed);
    CHECK(ws.text("x") == closed);
    CHECK(ws.ping("x") == closed);
  });
  CHECK(open_sender<role::client>().close(close_code::mandatory_extension, "") == "88 \x03\xf2");
  CHECK(open_sender<role::server>().close(close_code::mandatory_extension, "") ==
        weft::words(refusal::unsendable_close_code));
}

TEST_CASE(
    "5.5.1 5.5.3 7.1.7: a ping is answered by its payload, an end by a Close, once, and nothing else by anything") {
  const auto bytes = constant("beat");
  const std::string nothing(weft::words(refusal::none));
  for_both_roles([&](auto ws) {
    CHECK(ws.answer({.kind = kind::text, .payload = bytes}) == nothing);
    CHECK(ws.answer({.kind = kind::pong, .payload = bytes}) == nothing);
    CHECK(ws.answer({.kind = kind::ping, .payload = bytes}) == "8a beat");
    auto without_code = ws, failed = ws;
    ws.advance(happening::receive_close);
    CHECK(ws.answer({.kind = kind::close, .code = close_code::going_away, .payload = bytes}) ==
          "88 \x03\xe9"
          "beat");
    CHECK(ws.answer({.kind = kind::close, .code = close_code::going_away}) == closed);
    without_code.advance(happening::receive_close);
    CHECK(without_code.answer({.kind = kind::close, .code = close_code::no_status}) == "88 ");
    failed.advance(happening::break_rule);
    const weft::event broken{
        .kind = kind::violation, .violation = {weft::rule::reserved_bit, 0}, .code = close_code::protocol_error};
    CHECK(failed.answer(broken) == "88 \x03\xea" + std::string(weft::words(weft::rule::reserved_bit)));
    CHECK(failed.answer(broken) == closed);
  });
}

TEST_CASE("5.5.1: after the peer's Close a message that is begun may be finished, and none begun") {
  for_both_roles([](auto ws) {
    auto idle = ws;
    CHECK(ws.text("Hel", fin::no) == "01 Hel");
    ws.advance(happening::receive_close);
    CHECK(ws.binary("x") == unfinished);
    CHECK(ws.text("lo") == "80 lo");
    CHECK(ws.text("x") == closed);
    idle.advance(happening::receive_close);
    CHECK(idle.binary("x") == closed);
  });
}

TEST_CASE("5.4 8.1: a message that was prepared is one frame, where it is text and no other is begun") {
  using message = weft::prepared_message<std::string>;
  open_sender<role::server> ws;
  CHECK(ws.send(message::text("Hello")) == "81 Hello");
  CHECK(ws.send(message::binary("\xff")) == "82 \xff");
  CHECK(ws.send(message::text("\xff")) == no_utf8);
  CHECK(ws.binary("x", fin::no) == "02 x");
  CHECK(ws.send(message::binary("y")) == unfinished);
}
