// SPDX-License-Identifier: MIT
#include <weft/frame/close.hpp>

#include <string>

#include <doctest/doctest.h>

#include "support/constant.hpp"
#include "support/guarded.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::close_code;
using weft::read_close;
using weft::rule;

namespace {

weft::close_result read(const std::string& payload) {
  return read_close(shared_guarded().place(payload, flush::back));
}

}  // namespace

TEST_CASE(
    "7.4 CL-03 CL-05 CL-06 CL-22 CL-23 F-05: of all 65,536 codes 2,012 are received, 2,011 a server's to send") {
  int received = 0, by_server = 0, by_client = 0;
  for (unsigned number = 0; number < 65536; ++number) {
    const auto code = static_cast<close_code>(number);
    const bool expected = number == 1000 || number == 1001 || number == 1002 || number == 1003 ||
                          (number >= 1007 && number <= 1014) || (number >= 3000 && number <= 4999);
    if (weft::may_be_received(code) != expected) FAIL_CHECK("code " << number);
    if ((read(network(number, 2)).rule == rule::none) != expected) FAIL_CHECK("payload with code " << number);
    received += weft::may_be_received(code) ? 1 : 0;
    by_server += weft::may_be_sent(code, weft::role::server) ? 1 : 0;
    by_client += weft::may_be_sent(code, weft::role::client) ? 1 : 0;
  }
  CHECK(received == 2012);
  CHECK(by_server == 2011);
  CHECK(by_client == 2012);
  CHECK(!weft::may_be_sent(close_code::mandatory_extension, weft::role::server));
}

TEST_CASE("5.5.1 CL-01: code and reason") {
  const auto close = read(network(1000, 2) + "bye");
  CHECK(close.rule == rule::none);
  CHECK(close.code == close_code::normal);
  CHECK(equal(close.reason, constant("bye")));
}

TEST_CASE("7.1.5 CL-16: an empty payload is no status") {
  const auto close = read("");
  CHECK(close.rule == rule::none);
  CHECK(close.code == close_code::no_status);
  CHECK(close.reason.empty());
}

TEST_CASE("5.5.1 CL-02: one byte is half a code") {
  CHECK(read("\x03").rule == rule::close_of_one_byte);
}

TEST_CASE("7.4 CL-03: a bad code is decided by its second byte") {
  CHECK(read(network(1005, 2)).rule == rule::invalid_close_code);
  CHECK(read(network(1005, 2) + "\xff").at == 1);
}

TEST_CASE("5.5.1 8.1 CL-07 UT-06 F-09: a reason that is not UTF-8, at the byte") {
  const auto invalid = read(network(1000, 2) + "ab\xc3(");
  CHECK(invalid.rule == rule::invalid_utf8);
  CHECK(invalid.at == 5);
  const auto truncated = read(network(1000, 2) + "ab\xc3");
  CHECK(truncated.rule == rule::truncated_utf8);
  CHECK(truncated.at == 5);
}

TEST_CASE("5.5 CL-24: the longest reason") {
  const auto close = read(network(4999, 2) + std::string(123, 'r'));
  CHECK(close.rule == rule::none);
  CHECK(close.reason.size() == 123);
}

static_assert(read_close(constant("\x03\xe8\xe2\x82\xac")).code == close_code::normal);
static_assert(read_close(constant("\x03\xed")).rule == rule::invalid_close_code);
