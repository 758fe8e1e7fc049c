// SPDX-License-Identifier: MIT
//
// readme.cpp: the README's code, as it stands there, serves a connection.
#include "README.md.hpp"

#include <string>

#include <doctest/doctest.h>

#include "support/cuts.hpp"
#include "support/request.hpp"
#include "support/wire.hpp"

using namespace support;

namespace {

/// What the server has sent in the end, for an input in pieces.
std::string served(std::string_view input, const cut& pieces, bool finished) {
  peer p;
  feed(input, pieces, flush::back, [&](std::span<std::byte> in) {
    if (!p.finished) on_readable(p, in);
  });
  CHECK(p.finished == finished);
  return p.out;
}

}  // namespace

TEST_CASE("README: a handshake and an echo in one read or in many") {
  const std::string input = good_request() + text("Hello") + ping("beat") + binary("\xff") + close_frame(1000);
  for (const cut& pieces : {cut{input.size()}, cut{good_request().size() + 3, 1000}, cut{200, 30, 1000}}) {
    const std::string out = served(input, pieces, true);
    CHECK(out.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    CHECK(out.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n") != std::string::npos);
    CHECK(out.ends_with(hex("8a 04") + "beat" + hex("82 01 ff 88 02 03e8")));
  }
}

TEST_CASE("README: bytewise, a message comes back in fragments, and is the same message") {
  const std::string out = served(good_request() + text("Hi"), {1}, false);
  CHECK(out.ends_with(hex("01 01") + "H" + hex("80 01") + "i"));
}

TEST_CASE("README: what is no handshake is refused, and a violation is closed") {
  CHECK(served("GET / HTTP/1.1\r\nHost: a\r\n\r\n", {1000}, true).starts_with("HTTP/1.1 426 "));
  CHECK(served(good_request() + hex("81 00"), {1000}, true).find(hex("03ea") + "a client's frame is not masked") !=
        std::string::npos);
}
