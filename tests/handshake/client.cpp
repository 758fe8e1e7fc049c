// SPDX-License-Identifier: MIT
#include <weft/handshake/client.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <weft/handshake/server.hpp>

#include "support/constant.hpp"
#include "support/request.hpp"
#include "support/wire.hpp"

using namespace support;
using weft::field;
using weft::opening;
using weft::parse_uri;
using weft::refusal;
using weft::reply;
using weft::rule;
using weft::status;

namespace {

constexpr std::string_view offered[] = {"chat", "superchat"};
constexpr std::string_view extensions[] = {"permessage-deflate; client_max_window_bits", "x"};

/// What the client of RFC 6455 section 1.3 asks for: its key is "dGhlIHNhbXBsZSBub25jZQ==".
opening example(std::string_view uri = "ws://server.example.com/chat") {
  opening asked{.uri = parse_uri(uri),
                .nonce = weft::nonce(constant("the sample nonce")),
                .subprotocols = offered,
                .extensions = extensions};
  return asked;
}

std::string bytes_of(const weft::upgrade_request& request) {
  const auto room = shared_guarded().span(request.size(), flush::back);
  const auto written = without_allocation([&] { return request.copy_to(room); });
  return {reinterpret_cast<const char*>(written.data()), written.size()};
}

/// A good response in which the field of `name` is replaced by `lines` (none: left out), or to which they are added.
std::string response_with(std::string_view name, std::initializer_list<std::string_view> lines,
                          std::string_view status_line = "HTTP/1.1 101 Switching Protocols") {
  std::string text = std::string(status_line) + "\r\n";
  for (const std::string_view field :
       {"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}) {
    if (field.substr(0, field.find(':')) != name) text += std::string(field) + "\r\n";
  }
  for (const auto line : lines) text += std::string(line) + "\r\n";
  return text + "\r\n";
}
std::string response_with(std::initializer_list<std::string_view> lines) {
  return response_with("", lines);
}
std::string good_response(std::string_view status_line = "HTTP/1.1 101 Switching Protocols") {
  return response_with("", {}, status_line);
}

/// Reads a response, cut in every way, and calls `check` with the reply and with the bytes that were left.
template <class Check>
void for_every_drip_of(std::string_view input, Check&& check, std::size_t storage_size = 4096,
                       const opening& asked = example()) {
  std::set<std::string> seen;
  guarded storage(storage_size);
  for (const cut& pieces : cuts_of(input.size())) {
    for (const flush side : {flush::back, flush::front}) {
      const auto memory = storage.span(storage_size, side);
      weft::response_reader reader(memory, asked);
      const reply* reply = nullptr;
      std::string left;
      feed(input, pieces, side, [&](std::span<std::byte> in) {
        reply = &without_allocation([&]() -> const weft::reply& { return reader.read(in); });
        CHECK_MESSAGE((reply->status != status::partial || in.empty()), "a partial head left bytes");
        left.append(reinterpret_cast<const char*>(in.data()), in.size());
      });
      ++cuts_run;
      if (reply == nullptr) continue;
      std::string result = std::to_string(static_cast<int>(reply->status)) + " " +
                           std::string(weft::name(reply->error.rule)) + " " + std::to_string(reply->error.offset) +
                           " " + std::to_string(reply->code) + " " + std::string(reply->subprotocol) + " " +
                           (reply->deflate ? std::string(weft::to_text(*reply->deflate).view()) : "") + " left " + left;
      for (const auto& field : reply->fields)
        result += "\n" + std::string(field.name) + ": " + std::string(field.value);
      if (!seen.insert(result).second) continue;
      CHECK_MESSAGE(seen.size() == 1, "another result for pieces of " << pieces.front() << "...");
      check(*reply, left);
    }
  }
}

void check_fails(std::string_view input, rule expected) {
  CAPTURE(input);
  for_every_drip_of(input, [&](const reply& reply, const std::string&) {
    CHECK(reply.status == status::invalid);
    CHECK(weft::name(reply.error.rule) == weft::name(expected));
  });
}

void check_opens(std::string_view input) {
  CAPTURE(input);
  for_every_drip_of(input, [&](const reply& reply, const std::string& left) {
    CHECK(reply.status == status::complete);
    CHECK(weft::name(reply.error.rule) == "none");
    CHECK(reply.code == 101);
    CHECK(left.empty());
  });
}

std::string joined(const weft::field_list& list) {
  std::string all;
  for (const auto element : list) all += (all.empty() ? "" : "|") + std::string(element);
  return all;
}

}  // namespace

// The request

TEST_CASE("1.3 4.1 CH-01 CH-02 CH-03 CH-04 CH-05 CH-06 CH-08: the request, byte for byte") {
  opening asked = example();
  asked.subprotocols = {};
  asked.extensions = {};
  CHECK(bytes_of(weft::upgrade(asked)) ==
        "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
}

TEST_CASE("4.1 HP-34 HP-38 CH-07 CH-09 CH-10 CH-31: origin, subprotocols, extensions and further fields") {
  opening asked = example("wss://[::1]:8443?x=y");
  const field fields[] = {{"Cookie", "a=1"}, {"Authorization", "Basic eDp5"}};
  asked.origin = "https://example.com";
  asked.fields = fields;
  CHECK(bytes_of(weft::upgrade(asked)) ==
        "GET /?x=y HTTP/1.1\r\nHost: [::1]:8443\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
        "13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://example.com\r\nSec-WebSocket-Protocol: chat, "
        "superchat\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x\r\nCookie: a=1\r\nAuthorization: "
        "Basic eDp5\r\n\r\n");
}

TEST_CASE(
    "3 4.1 UR-05 UR-09 CH-02 CH-03: the target is never empty, and Host names the port unless it is the scheme's") {
  const auto first_lines = [](std::string_view uri) {
    const std::string bytes = bytes_of(weft::upgrade(example(uri)));
    return bytes.substr(0, bytes.find("\r\nUpgrade"));
  };
  CHECK(first_lines("ws://h") == "GET / HTTP/1.1\r\nHost: h");
  CHECK(first_lines("ws://h:80/") == "GET / HTTP/1.1\r\nHost: h");
  CHECK(first_lines("wss://h:443") == "GET / HTTP/1.1\r\nHost: h");
  CHECK(first_lines("ws://h:443") == "GET / HTTP/1.1\r\nHost: h:443");
  CHECK(first_lines("wss://h:80") == "GET / HTTP/1.1\r\nHost: h:80");
  CHECK(first_lines("ws://h:08080/a?b") == "GET /a?b HTTP/1.1\r\nHost: h:8080");
  CHECK(first_lines("ws://h?x") == "GET /?x HTTP/1.1\r\nHost: h");
}

TEST_CASE("4.1 CH-01 CH-06: weft's server accepts every request of weft's client, whatever its nonce") {
  for (unsigned i = 0; i < 256; ++i) {
    opening asked = example();
    asked.nonce.bytes.fill(static_cast<std::byte>(i));
    asked.nonce.bytes[15] = static_cast<std::byte>(i * 7);
    const std::string bytes = bytes_of(weft::upgrade(asked));
    std::array<char, 1024> storage{};
    weft::request_reader server(storage);
    std::string_view in = bytes;
    const auto& request = server.read(in);
    CHECK(request.status == status::complete);
    std::array<char, 512> response{};
    const auto written = weft::accept(request, {.protocol = "superchat"}).copy_to(response);
    std::array<char, 1024> more{};
    weft::response_reader client(more, asked);
    std::span answer(written);
    CHECK(client.read(answer).status == status::complete);
    CHECK(client.read(answer).subprotocol == "superchat");
  }
}

TEST_CASE("RFC 9112 11.1 D-13 CH-09 CH-10 CH-30 CH-31 SE-11: nothing can be injected, and nothing written twice") {
  const auto why = [](auto change) {
    opening asked = example();
    change(asked);
    const auto request = weft::upgrade(asked);
    CHECK((request.size() == 0) == (request.refusal() != refusal::none));
    CHECK(request.empty() == (request.refusal() != refusal::none));
    return request.refusal();
  };
  CHECK(why([](opening&) {}) == refusal::none);
  for (const char* bad : {"", "a b", "a,b", "a\r\nX: y", "\"a\"", "caf\xc3\xa9"}) {
    const std::string_view one[] = {bad};
    CHECK(why([&](opening& asked) { asked.subprotocols = one; }) == refusal::malformed_subprotocol);
  }
  const std::string_view twice[] = {"a", "b", "a"};
  CHECK(why([&](opening& asked) { asked.subprotocols = twice; }) == refusal::malformed_subprotocol);
  for (const char* bad :
       {"", ",", "a, b", "a b", "a;", "a\r\nX: y", "a;b=\"c d\"", "a ; b", "a; b = c", "a;\tb", "a;  b", " a", "a "}) {
    const std::string_view one[] = {bad};
    CAPTURE(bad);
    CHECK(why([&](opening& asked) { asked.extensions = one; }) == refusal::malformed_extension);
  }
  for (const char* bad : {"http://a\r\nX: y", "a\nb", "a\x7f"})
    CHECK(why([&](opening& asked) { asked.origin = bad; }) == refusal::malformed_field);
  for (const field bad :
       {field{"X", "a\r\nY: b"}, {"X Y", "a"}, {"", "a"}, {"X", std::string_view("a\0b", 3)}, {"X\r\nY", "a"}}) {
    CHECK(why([&](opening& asked) { asked.fields = {&bad, 1}; }) == refusal::malformed_field);
  }
  for (const char* name :
       {"host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin",
        "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Content-Length", "Transfer-Encoding"}) {
    const field mine{name, "x"};
    CHECK(why([&](opening& asked) { asked.fields = {&mine, 1}; }) == refusal::reserved_field);
  }
  for (const char* bad : {"/a\r\nX: y", "/a b", "/a#f", "a"})
    CHECK(why([&](opening& asked) { asked.uri.resource = bad; }) == refusal::malformed_resource);
  for (const char* bad : {"a\r\nb", "a b", "", "a:80", "[::1]:80"})
    CHECK(why([&](opening& asked) { asked.uri.host = bad; }) == refusal::malformed_host);
  CHECK(why([](opening& asked) { asked.uri.port = 0; }) == refusal::malformed_port);
  CHECK(why([](opening& asked) { asked.uri = parse_uri("http://h/"); }) == refusal::unknown_scheme);
}

// The response

TEST_CASE("1.3 4.1 CH-13 CH-14 CH-15: the RFC's response") {
  check_opens(good_response());
}

TEST_CASE("4.1 CH-28: bytes behind the head are frames, and not touched") {
  for_every_drip_of(good_response() + hex("81 05") + "Hello", [](const reply& reply, const std::string& left) {
    CHECK(reply.status == status::complete);
    CHECK(left == hex("81 05") + "Hello");
  });
}

TEST_CASE("RFC 9112 4 HP-45 CH-12: the phrase tells nothing, and may be empty") {
  for (const char* line :
       {"HTTP/1.1 101 ", "HTTP/1.1 101 Web Socket Protocol Handshake", "HTTP/1.1 101 caf\xc3\xa9", "HTTP/1.2 101 x"})
    check_opens(good_response(line));
}

TEST_CASE("RFC 9112 4 HP-45 HP-46: malformed status lines") {
  for (const char* line : {"HTTP/1.1 101", "HTTP/1.1  101 x", "HTTP/1.1 0101 x", "HTTP/1.1 10 x", "HTTP/1.1 1e1 x",
                           "HTTP/1.1 099 x", "http/1.1 101 x", "x", ""}) {
    check_fails(good_response(line), rule::malformed_status_line);
  }
  check_fails(hex("16 03 01"), rule::control_character);
}

TEST_CASE("4.1 CH-01: the answer to HTTP/1.1 is in HTTP/1.1") {
  check_fails(good_response("HTTP/1.0 101 x"), rule::unsupported_http_version);
  check_fails(good_response("HTTP/2.0 101 x"), rule::unsupported_http_version);
}

TEST_CASE("4.1 CH-12 CH-24 D-11: any other status is handed over with its fields and what came of its content") {
  for (const int code : {200, 204, 301, 302, 401, 404, 426, 500, 503, 999}) {
    const std::string text =
        "HTTP/1.1 " + std::to_string(code) +
        " x\r\nLocation: /there\r\nRetry-After: 5\r\nWWW-Authenticate: Basic\r\nSec-WebSocket-Version: 13, 8\r\n"
        "Sec-WebSocket-Version: 7\r\nContent-Length: 7\r\n\r\ncontent";
    for_every_drip_of(text, [&](const reply& reply, const std::string& left) {
      CHECK(reply.status == status::invalid);
      CHECK(reply.error.rule == rule::not_switched);
      CHECK(reply.code == code);
      CHECK(reply.fields.find("Location") == "/there");
      CHECK(reply.fields.find("Retry-After") == "5");
      CHECK(reply.fields.find("WWW-Authenticate") == "Basic");
      CHECK(joined({reply.fields, "Sec-WebSocket-Version"}) == "13|8|7");
      CHECK(left == "content");
    });
  }
  check_fails(good_response("HTTP/1.1 200 OK"), rule::not_switched);
}

TEST_CASE("RFC 9110 15 HP-47 CH-27: interim responses are passed over, up to a limit") {
  const std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
  check_opens("HTTP/1.1 100 Continue\r\n\r\n" + hints + "HTTP/1.1 102 Processing\r\n\r\n" + good_response());
  check_opens(hints + response_with({"X: y"}));
  std::string many;
  for (int i = 0; i < 16; ++i) many += hints;
  check_opens(many + good_response());
  check_fails(many + hints + good_response(), rule::too_many_interim_responses);
  for_every_drip_of(many + hints, [&](const reply& reply, const std::string&) {
    CHECK(reply.error.offset == many.size() + hints.size() - 2);
  });
  check_fails(hints + good_response("HTTP/1.1 403 x"), rule::not_switched);
}

TEST_CASE("RFC 9112 5 CH-22: a line that no next line can mend is refused as soon as it is whole") {
  const auto first = [](std::string_view text) {
    weft::violation error;
    for_every_drip_of(text, [&](const reply& reply, const std::string&) { error = reply.error; });
    return error;
  };
  CHECK(first("HTTP/1.1 101 S\r\nbad field\r\n") == weft::violation{rule::malformed_field, 19});
  CHECK(first("HTTP/1.1 101 S\r\nbad field\r\nA: \x01") == weft::violation{rule::malformed_field, 19});
  for_every_drip_of("HTTP/1.1 302 S\r\nA: b\r\nLocation: /x\r\n", [](const reply& reply, const std::string&) {
    CHECK(reply.status == status::partial);
    CHECK(reply.fields.find("Location") == "/x");
  });
}

TEST_CASE("offsets count from the first byte of all") {
  const std::string hints = "HTTP/1.1 103 Early Hints\r\n\r\n";
  for_every_drip_of(hints + response_with("Upgrade", {"Upgrade: x"}), [&](const reply& reply, const std::string&) {
    CHECK(reply.error.offset == hints.size() + response_with("Upgrade", {"Upgrade: x"}).find(": x") + 2);
  });
}

TEST_CASE("4.1 CH-13: Upgrade is websocket, alone and once, in any case") {
  check_opens(response_with("Upgrade", {"upgrade: WebSocket"}));
  check_fails(response_with("Upgrade", {}), rule::missing_upgrade);
  for (const char* bad : {"Upgrade: websocket, x", "Upgrade: websockets", "Upgrade:", "Upgrade: h2c"})
    check_fails(response_with("Upgrade", {bad}), rule::wrong_upgrade);
  check_fails(response_with({"Upgrade: websocket"}), rule::wrong_upgrade);
}

TEST_CASE("4.1 CH-14 CH-23: Connection has the token Upgrade") {
  for (const char* good : {"Connection: keep-alive, Upgrade", "CONNECTION: UPGRADE", "Connection: Upgrade, close"})
    check_opens(response_with("Connection", {good}));
  check_opens(response_with("Connection", {"Connection: keep-alive", "Connection: upgrade"}));
  for (const char* bad : {"Connection: upgraded", "Connection: close", "X: y"})
    check_fails(response_with("Connection", {bad}), rule::missing_connection_upgrade);
}

TEST_CASE("4.1 11.3.3 CH-15 CH-16 D-17: Sec-WebSocket-Accept answers the key, once") {
  check_opens(response_with("Sec-WebSocket-Accept", {"sec-websocket-accept: \t s3pPLMBiTxaQ9kYGzzhZRbK+xOo= "}));
  check_fails(response_with("Sec-WebSocket-Accept", {}), rule::missing_accept);
  for (const char* bad :
       {"", "x", "S3PPLMBITXAQ9KYGZZHZRBK+XOO=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=,", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo",
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOp=", "\"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\"", "OfS0wDaT5NoxF2gqm7Zj2YtetzM="}) {
    check_fails(response_with("Sec-WebSocket-Accept", {std::string("Sec-WebSocket-Accept: ") + bad}),
                rule::wrong_accept);
  }
  check_fails(response_with({"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}), rule::repeated_accept);
}

TEST_CASE("4.1 CH-18 CH-19 CH-20 CH-21: a subprotocol is one of those asked for, or none") {
  for_every_drip_of(response_with({"Sec-WebSocket-Protocol: superchat"}), [](const reply& reply, const std::string&) {
    CHECK(reply.status == status::complete);
    CHECK(reply.subprotocol == "superchat");
  });
  for_every_drip_of(good_response(), [](const reply& reply, const std::string&) { CHECK(reply.subprotocol.empty()); });
  for (const char* bad : {"Chat", "other", "chat, superchat", "", "\"chat\""}) {
    check_fails(response_with({std::string("Sec-WebSocket-Protocol: ") + bad}), rule::unoffered_subprotocol);
  }
  check_fails(response_with({"Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: chat"}),
              rule::repeated_choice_of_subprotocol);
}

TEST_CASE("4.1 9.1 CH-17 CH-25 EX-04: extensions are of those asked for, over several fields") {
  for_every_drip_of(response_with({"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover",
                                   "Sec-WebSocket-Extensions: X"}),
                    [](const reply& reply, const std::string&) {
                      CHECK(reply.status == status::complete);
                      CHECK(joined(reply.extensions()) == "permessage-deflate; server_no_context_takeover|X");
                    });
  for (const char* bad : {"permessage-gzip", "x, y", "permessage-deflat", "permessage-deflatex"}) {
    check_fails(response_with({std::string("Sec-WebSocket-Extensions: ") + bad}), rule::unoffered_extension);
  }
  for (const char* bad : {"", ", ,", "x;", "x; y=", "x y"})
    check_fails(response_with({std::string("Sec-WebSocket-Extensions: ") + bad}), rule::malformed_extension);
}

TEST_CASE("RFC 9112 6.3 CH-26: a 101 has no content") {
  check_opens(response_with({"Content-Length: 0"}));
  check_opens(response_with({"Content-Length: 0", "Sec-WebSocket-Protocol: chat"}));
  check_fails(response_with({"Content-Length: 1"}), rule::unexpected_content);
  check_fails(response_with({"Transfer-Encoding: chunked"}), rule::unexpected_content);
  check_fails(response_with({"Content-Length: +0"}), rule::malformed_content_length);
  check_fails(response_with({"Content-Length: 0", "Content-Length: 0"}), rule::malformed_content_length);
}

TEST_CASE("RFC 9112 2.2 5 CH-22 HP-02 HP-03 HP-19 HP-24 D-14: heads that break HTTP's grammar") {
  check_fails("HTTP/1.1 101 x\nUpgrade: websocket\n\n", rule::bare_line_end);
  check_fails(response_with({"A: b\rc"}), rule::bare_line_end);
  check_fails(response_with({std::string_view("A: b\0c", 6)}), rule::control_character);
  check_fails(response_with({"A : b"}), rule::space_before_colon);
  check_fails(response_with({": b"}), rule::malformed_field);
  check_fails("HTTP/1.1 101 x\r\n Upgrade: websocket\r\n\r\n", rule::space_before_field);
}

TEST_CASE("RFC 9112 5.2 HP-22: a field that is folded over lines is one line with spaces") {
  for_every_drip_of(response_with({"Server: one", "\ttwo", "  three", "Last: x"}),
                    [](const reply& reply, const std::string&) {
                      CHECK(reply.status == status::complete);
                      CHECK(reply.fields.find("Server") == "one  \ttwo    three");
                      CHECK(reply.fields.find("Last") == "x");
                    });
  check_opens(response_with("Sec-WebSocket-Accept", {"Sec-WebSocket-Accept:", " s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}));
  check_fails(response_with({"A: b", " c", "bad"}), rule::malformed_field);
}

TEST_CASE("RFC 9110 5.4 HP-32 D-05: limits of a head") {
  std::string many = "HTTP/1.1 101 x\r\n";
  for (int i = 0; i < 61; ++i) many += "X-" + std::to_string(i) + ": x\r\n";
  const std::string rest = good_response().substr(34);
  check_opens(many + rest);
  check_fails(many + "X: y\r\n" + rest, rule::too_many_fields);
  const std::string text = good_response();
  for_every_drip_of(
      text, [](const reply& reply, const std::string&) { CHECK(reply.status == status::complete); }, text.size());
  for_every_drip_of(
      text, [](const reply& reply, const std::string&) { CHECK(reply.error.rule == rule::head_too_long); },
      text.size() - 1);
}

TEST_CASE("7.2.1 CH-29: the transport's end inside the head, at every byte") {
  const std::string text = "HTTP/1.1 103 x\r\n\r\n" + good_response();
  for (std::size_t size = 0; size <= text.size(); ++size) {
    std::array<char, 1024> storage{};
    const opening asked = example();
    weft::response_reader reader(storage, asked);
    std::string_view in = std::string_view(text).substr(0, size);
    (void)reader.read(in);
    const auto& reply = reader.end();
    if (size == text.size()) {
      CHECK(reply.status == status::complete);
    } else {
      CHECK(reply.status == status::invalid);
      CHECK(reply.error == weft::violation{rule::truncated_head, size});
    }
  }
}

TEST_CASE("a reader that is done takes nothing and changes nothing") {
  std::array<char, 1024> storage{};
  const opening asked = example();
  weft::response_reader reader(storage, asked);
  const std::string text = good_response() + "more";
  std::string_view in = text;
  (void)reader.read(in);
  CHECK(in == "more");
  CHECK(reader.read(in).status == status::complete);
  CHECK(in == "more");
  CHECK(reader.end().status == status::complete);
}

TEST_CASE("storage and buffers of char, unsigned char and std::byte are taken without a cast") {
  const opening asked = example();
  const std::string text = good_response();
  const auto reads = [&](auto storage, auto buffer) {
    for (const char c : text) buffer.push_back(static_cast<typename decltype(buffer)::value_type>(c));
    weft::response_reader reader(storage, asked);
    std::span in(buffer);
    return reader.read(in).status == status::complete && in.empty();
  };
  CHECK(reads(std::array<char, 1024>{}, std::vector<std::byte>{}));
  CHECK(reads(std::array<unsigned char, 1024>{}, std::vector<char>{}));
  CHECK(reads(std::array<std::byte, 1024>{}, std::vector<unsigned char>{}));
}

// permessage-deflate

namespace {

constexpr weft::deflate_parameters offers[] = {{.server_max_window_bits = 10, .client_max_window_bits = 12},
                                               {.client_max_window_bits = 15},
                                               {.client_no_context_takeover = true}};

opening deflating(std::span<const weft::deflate_parameters> deflate = offers) {
  opening asked = example();
  asked.deflate = deflate;
  asked.extensions = std::span(extensions).subspan(1);
  return asked;
}

std::string agreeing(std::string_view element) {
  return response_with({"Sec-WebSocket-Extensions: " + std::string(element)});
}

void check_agrees(std::string_view input, std::optional<weft::deflate_parameters> expected,
                  const opening& asked = deflating()) {
  CAPTURE(input);
  for_every_drip_of(
      input,
      [&](const reply& reply, const std::string&) {
        CHECK(reply.status == status::complete);
        CHECK(weft::name(reply.error.rule) == "none");
        CHECK(reply.deflate == expected);
      },
      4096, asked);
}

void check_disagrees(std::string_view input, rule expected, const opening& asked = deflating()) {
  CAPTURE(input);
  for_every_drip_of(
      input,
      [&](const reply& reply, const std::string&) {
        CHECK(reply.status == status::invalid);
        CHECK(weft::name(reply.error.rule) == weft::name(expected));
      },
      4096, asked);
}

}  // namespace

TEST_CASE("9.1 7692 5 7.1 EX-07 EX-11 EX-15 CH-10: offers in their order, ahead of other extensions, in one field") {
  const auto line = [](const opening& asked) {
    const std::string bytes = bytes_of(weft::upgrade(asked));
    const auto at = bytes.find("Sec-WebSocket-Extensions: ");
    CHECK(bytes.find("Sec-WebSocket-Extensions", at + 1) == std::string::npos);
    return at == std::string::npos ? "" : bytes.substr(at + 26, bytes.find('\r', at) - at - 26);
  };
  CHECK(line(deflating()) ==
        "permessage-deflate; server_max_window_bits=10; client_max_window_bits=12, "
        "permessage-deflate; client_max_window_bits, permessage-deflate; client_no_context_takeover, x");
  opening asked = deflating();
  asked.extensions = {};
  asked.deflate = asked.deflate.subspan(1, 1);
  CHECK(line(asked) == "permessage-deflate; client_max_window_bits");
  asked.deflate = {};
  CHECK(line(asked) == "");
  const weft::deflate_parameters all[] = {{true, true, 15, 15}};
  CHECK(line(deflating(all)) ==
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15; "
        "client_max_window_bits, x");
}

TEST_CASE("7692 7.1.2 CH-10 CH-30 PD-13 PD-16: a window that cannot be is not offered") {
  for (unsigned bits = 0; bits < 256; ++bits) {
    const auto expected = bits == 0 || (bits >= 8 && bits <= 15) ? refusal::none : refusal::malformed_extension;
    const weft::deflate_parameters server[] = {{}, {.server_max_window_bits = static_cast<std::uint8_t>(bits)}};
    const weft::deflate_parameters client[] = {{.client_max_window_bits = static_cast<std::uint8_t>(bits)}, {}};
    CHECK(weft::upgrade(deflating(server)).refusal() == expected);
    CHECK(weft::upgrade(deflating(client)).refusal() == expected);
  }
}

TEST_CASE("7692 5 7.1 EX-15 PD-09 PD-11 PD-14 PD-15 PD-18: what a server may answer, to any of the offers") {
  check_agrees(good_response(), std::nullopt);
  check_agrees(agreeing("x"), std::nullopt);
  check_agrees(agreeing("permessage-deflate"), weft::deflate_parameters{});
  check_agrees(agreeing("Permessage-DEFLATE; Server_Max_Window_Bits=\"1\\0\""),
               weft::deflate_parameters{.server_max_window_bits = 10});
  check_agrees(agreeing("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
               weft::deflate_parameters{true, true, 0, 0});
  check_agrees(agreeing("permessage-deflate; server_max_window_bits=8; client_max_window_bits=9"),
               weft::deflate_parameters{.server_max_window_bits = 8, .client_max_window_bits = 9});
  check_agrees(agreeing("permessage-deflate; client_max_window_bits=15"),
               weft::deflate_parameters{.client_max_window_bits = 15});
  check_agrees(agreeing("permessage-deflate; server_max_window_bits=15"),
               weft::deflate_parameters{.server_max_window_bits = 15});
}

TEST_CASE(
    "7692 5 7.1.1.2 7.1.2.2 PD-11 PD-12 PD-44: what counts is the answer, and an offer's hint that is not in it does "
    "not") {
  const weft::deflate_parameters hints[] = {{.client_no_context_takeover = true, .client_max_window_bits = 9}};
  check_agrees(agreeing("permessage-deflate"), weft::deflate_parameters{}, deflating(hints));
  CHECK(weft::deflate_parameters{}.takeover(weft::role::client));
  CHECK(weft::deflate_parameters{}.window_bits(weft::role::client) == 15);
  check_agrees(agreeing("permessage-deflate; client_no_context_takeover; client_max_window_bits=9"), hints[0],
               deflating(hints));
}

TEST_CASE("7692 7.1 EX-14 PD-05 PD-07 PD-14 PD-17 PD-18 CH-17: an answer that fits no offer fails the handshake") {
  const weft::deflate_parameters takeover[] = {{.server_no_context_takeover = true}};
  const weft::deflate_parameters small[] = {{.server_max_window_bits = 10}};
  const weft::deflate_parameters hint[] = {{.client_max_window_bits = 10}};
  const weft::deflate_parameters both[] = {small[0], hint[0]};
  const auto unacceptable = rule::unacceptable_extension;
  check_disagrees(agreeing("permessage-deflate"), unacceptable, deflating(takeover));
  check_disagrees(agreeing("permessage-deflate; client_no_context_takeover"), unacceptable, deflating(takeover));
  check_agrees(agreeing("permessage-deflate; server_no_context_takeover"), takeover[0], deflating(takeover));
  check_disagrees(agreeing("permessage-deflate"), unacceptable, deflating(small));
  check_disagrees(agreeing("permessage-deflate; server_max_window_bits=11"), unacceptable, deflating(small));
  check_disagrees(agreeing("permessage-deflate; server_max_window_bits=10; client_max_window_bits=15"), unacceptable,
                  deflating(small));
  check_disagrees(agreeing("permessage-deflate; client_max_window_bits=11"), unacceptable, deflating(hint));
  // Each of its halves fits another offer.
  check_disagrees(agreeing("permessage-deflate; server_max_window_bits=11; client_max_window_bits=11"), unacceptable,
                  deflating(both));
  check_disagrees(agreeing("permessage-deflate; server_max_window_bits=9; client_max_window_bits=11"), unacceptable,
                  deflating(both));
  check_agrees(agreeing("permessage-deflate; server_max_window_bits=9; client_max_window_bits=9"),
               weft::deflate_parameters{.server_max_window_bits = 9, .client_max_window_bits = 9}, deflating(both));
}

TEST_CASE("7692 5.1 7.1.2.2 EX-18 PD-05: a window that the client cannot compress with ends it before it is open") {
  const auto text = agreeing("permessage-deflate; client_max_window_bits=8");
  check_disagrees(text, rule::unacceptable_extension);
  const weft::deflate_parameters eight[] = {{.client_max_window_bits = 15}, {.client_max_window_bits = 8}};
  check_agrees(text, eight[1], deflating(eight));
  check_disagrees(text, rule::unacceptable_extension, deflating(std::span(eight).first(1)));
}

TEST_CASE("7692 7 C-03 EX-08 PD-05 PD-06 PD-10 PD-13 PD-16: an answer with parameters that cannot be") {
  for (const std::string name : {"server_max_window_bits", "client_max_window_bits"}) {
    const std::string element = "permessage-deflate; " + name;
    for (const char* bad : {"=7", "=16", "=08", "=015", "=999", "=18446744073709551624", "=+9", ""})
      check_disagrees(agreeing(element + bad), rule::unacceptable_extension);
    for (const char* bad : {"=\"\"", "=", "=\"9", "=\" 9\""})
      check_disagrees(agreeing(element + bad), rule::malformed_extension);
    weft::deflate_parameters expected;
    auto& bits = name[0] == 's' ? expected.server_max_window_bits : expected.client_max_window_bits;
    bits = 10;
    check_agrees(agreeing(element + "=\"10\""), expected);
    bits = 9;
    check_agrees(agreeing(element + "= 9"), expected);
    check_disagrees(agreeing(element + "=10; " + name + "=10"), rule::unacceptable_extension);
  }
  for (const char* bad : {"foo", "foo=1", "server_no_context_takeover=1", "client_no_context_takeover=true",
                          "server_no_context_takeover; server_no_context_takeover"}) {
    check_disagrees(agreeing("permessage-deflate; " + std::string(bad)), rule::unacceptable_extension);
  }
}

TEST_CASE("7692 5 EX-10 C-12: permessage-deflate is agreed to once, however often and wherever it is said") {
  for (const int copies : {2, 3, 16, 100}) {
    std::string list = "permessage-deflate", lines = "Sec-WebSocket-Extensions: permessage-deflate";
    for (int i = 1; i < copies; ++i) {
      list += ", permessage-deflate";
      if (i < 60) lines += "\r\nSec-WebSocket-Extensions: permessage-deflate";
    }
    check_disagrees(agreeing(list), rule::repeated_extension);
    check_disagrees(response_with({lines}), rule::repeated_extension);
  }
  check_disagrees(agreeing("permessage-deflate, x, PERMESSAGE-DEFLATE; server_no_context_takeover"),
                  rule::repeated_extension);
  check_disagrees(response_with({"Sec-WebSocket-Extensions: permessage-deflate", "X: y",
                                 "Sec-WebSocket-Extensions: x, permessage-deflate; foo"}),
                  rule::repeated_extension);
  check_disagrees(agreeing("permessage-deflate; foo, permessage-deflate"), rule::unacceptable_extension);
}

TEST_CASE("10.4 EX-17 C-12: as many extensions as the limit, over all fields") {
  std::string sixteen = "x";
  for (int i = 1; i < 16; ++i) sixteen += ", , x";
  check_opens(agreeing(sixteen));
  check_fails(agreeing(sixteen + ", x"), rule::too_many_extensions);
  check_fails(response_with({"Sec-WebSocket-Extensions: " + sixteen, "Sec-WebSocket-Extensions: x"}),
              rule::too_many_extensions);
  check_disagrees(agreeing(sixteen + ", permessage-deflate"), rule::too_many_extensions);
  // Those of an interim response are not counted, nor is what they say.
  const std::string hints =
      "HTTP/1.1 103 x\r\nSec-WebSocket-Extensions: permessage-deflate, permessage-deflate; foo, " + sixteen +
      "\r\n\r\n";
  check_opens("HTTP/1.1 103 x\r\nSec-WebSocket-Extensions: " + sixteen + ", x\r\n\r\n" + agreeing(sixteen));
  check_agrees(hints + good_response(), std::nullopt);
  check_agrees(hints + agreeing("permessage-deflate; server_no_context_takeover"),
               weft::deflate_parameters{.server_no_context_takeover = true});
}

TEST_CASE("7692 7.1 EX-04 EX-07 HP-22: an answer spread over fields and folded over lines, between other extensions") {
  const weft::deflate_parameters expected{.server_max_window_bits = 10, .client_max_window_bits = 11};
  check_agrees(response_with({"Sec-WebSocket-Extensions:", "Sec-WebSocket-Extensions: x",
                              "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=11 ;"
                              "\tserver_max_window_bits=10, x"}),
               expected);
  check_agrees(response_with({"Sec-WebSocket-Extensions: x,", "\tpermessage-deflate;", "  client_max_window_bits",
                              " = 11; server_max_window_bits=", " 10"}),
               expected);
  check_disagrees(response_with({"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=1", " 0"}),
                  rule::malformed_extension);
  for_every_drip_of(
      response_with({"Sec-WebSocket-Extensions: x; y=1, permessage-deflate", "Sec-WebSocket-Extensions: X"}),
      [](const reply& reply, const std::string&) {
        CHECK(joined(reply.extensions()) == "x; y=1|permessage-deflate|X");
        CHECK(reply.deflate == weft::deflate_parameters{});
      },
      4096, deflating());
}

TEST_CASE(
    "7692 5 CH-17: offered as text alone permessage-deflate is the caller's to judge, offered not at all it is none") {
  check_agrees(agreeing("permessage-deflate; foo=1, permessage-deflate"), std::nullopt, example());
  opening asked = example();
  asked.extensions = {};
  check_disagrees(agreeing("permessage-deflate"), rule::unoffered_extension, asked);
  check_disagrees(agreeing("permessage-bzip2"), rule::unoffered_extension);
}

// At compile time: a whole handshake between client and server.
static_assert([] {
  const std::string_view subprotocols[] = {"chat", "superchat"};
  opening asked{.uri = parse_uri("ws://server.example.com/chat"),
                .nonce = weft::nonce(constant("the sample nonce")),
                .subprotocols = subprotocols,
                .deflate = offers};
  std::array<char, 512> wire{}, storage{};
  std::span<char> sent = weft::upgrade(asked).copy_to(wire);
  weft::request_reader server(storage);
  const auto& request = server.read(sent);
  if (request.status != status::complete || request.key != "dGhlIHNhbXBsZSBub25jZQ==") return false;
  std::array<char, 512> answer{}, more{};
  std::span<char> response =
      weft::accept(request, {.protocol = "chat", .deflate = weft::choose_deflate(request.extensions())})
          .copy_to(answer);
  weft::response_reader client(more, asked);
  const auto& reply = client.read(response);
  return reply.status == status::complete && reply.subprotocol == "chat" && reply.deflate == offers[0] &&
         response.empty();
}());

// CH-06: no nonce can be had by leaving it out.
static_assert(!std::is_default_constructible_v<weft::nonce> && !std::is_default_constructible_v<opening>);

TEST_CASE("RFC 9110 15.2 CH-27: nothing of an interim response counts for the one that follows") {
  const std::string interim = "HTTP/1.1 103 x\r\nUpgrade: x\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n";
  check_opens(interim + good_response());
  check_fails(interim + response_with("Upgrade", {}), rule::missing_upgrade);
  check_fails(interim + response_with("Connection", {}), rule::missing_connection_upgrade);
  check_fails(interim + response_with("Sec-WebSocket-Accept", {}), rule::missing_accept);
  check_fails(interim + "HTTP/1.1 101 x\r\n folded\r\n", rule::space_before_field);
  std::string many = "HTTP/1.1 101 x\r\n";
  for (int i = 0; i < 61; ++i) many += "X: y\r\n";
  check_opens(interim + many + good_response().substr(34));
}

TEST_CASE("offsets behind an interim response count from the first byte of all") {
  const std::string interim = "HTTP/1.1 103 x\r\n\r\n";
  const auto check = [&](const std::string& text, rule broken, std::size_t at) {
    CAPTURE(text);
    for (const std::string& before : {std::string(), interim, interim + interim}) {
      for_every_drip_of(before + text, [&](const reply& reply, const std::string&) {
        CHECK(reply.error == weft::violation{broken, before.size() + at});
      });
    }
  };
  check("HTTP/1.1 101 x\nA: b", rule::bare_line_end, 14);
  check("HTTP 101 x\r\n", rule::malformed_status_line, 0);
  check("HTTP/1.1 1x1 x\r\n", rule::malformed_status_line, 9);
  check("HTTP/2.1 101 x\r\n", rule::unsupported_http_version, 5);
  check(good_response("HTTP/1.0 101 x"), rule::unsupported_http_version, 7);
}

TEST_CASE("RFC 9112 2.3 4 HP-45 HP-46: what lies beside the digits is none") {
  for (const char* line : {"HTTP/1.1 10: x", "HTTP/1.1 10/ x", "HTTP/1.1 1:1 x", "HTTP/1.1 :01 x", "HTTP/1.1 /99 x",
                           "HTTP/1.: 101 x", "HTTP/1./ 101 x", "HTTP/:.1 101 x", "HTTP//.1 101 x"}) {
    check_fails(good_response(line), rule::malformed_status_line);
  }
}

TEST_CASE("RFC 9112 5.2 HP-22: the last field may be folded") {
  for_every_drip_of("HTTP/1.1 302 x\r\nLocation: /\r\n x\r\n\r\n",
                    [](const reply& reply, const std::string&) { CHECK(reply.fields.find("Location") == "/   x"); });
}

TEST_CASE("9.1 CH-31: no byte behind an extension is looked at") {
  constexpr std::string_view text = "x ";
  constexpr std::string_view extension[] = {text.substr(0, 1)};
  opening asked = example();
  asked.extensions = extension;
  CHECK(weft::upgrade(asked).refusal() == refusal::none);
}
