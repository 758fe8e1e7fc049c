// SPDX-License-Identifier: MIT
#include <weft/handshake/uri.hpp>

#include <string>

#include <doctest/doctest.h>

using weft::is_host;
using weft::parse_target;
using weft::parse_uri;
using weft::refusal;

TEST_CASE("RFC 9112 3.2 HP-15 HP-16 HP-17: targets") {
  const auto parts = [](std::string_view target) {
    const auto parsed = parse_target(target);
    return parsed.valid ? std::string(parsed.authority) + " " + std::string(parsed.resource) : "invalid";
  };
  CHECK(parts("/") == " /");
  CHECK(parts("/chat?a=b/c") == " /chat?a=b/c");
  CHECK(parts("http://h/chat") == "h /chat");
  CHECK(parts("HTTPS://h:8080/chat") == "h:8080 /chat");
  CHECK(parts("ws://h") == "h /");
  CHECK(parts("wss://h?x=y") == "h ?x=y");
  CHECK(parts("//h/path") == " //h/path");
  for (const char* bad : {"", "*", "chat", "h:80", "http:/h", "http://", "http:///x", "ftp://h/", "http://u@h/", "/#x",
                          "/a\x7f", "/\xc3\xa9", "http://h h/", "/a b"}) {
    CAPTURE(bad);
    CHECK(parts(bad) == "invalid");
  }
}

TEST_CASE("RFC 3986 3.2.2 HP-14: hosts") {
  for (const char* good : {"a", "server.example.com", "a:80", "a:", "a:65535", "127.0.0.1:4000", "[::1]", "[::1]:4000",
                           "[::ffff:1.2.3.4]", "a%20b", "a_b~c!", "a;b=c,d(e)", "[::]", "a%20", "a%fF:80"}) {
    CAPTURE(good);
    CHECK(is_host(good));
  }
  for (const char* bad :
       {"",      ":80",    "a b",    "a/b",  "a@b",     "a?b",     "a#b",           "[::1",    "[]",  "[g::1]",
        "[::g]", "[::1]x", "::1",    "a:b",  "a:99999", "a:65536", "a:99999999999", "a:-1",    "a%2", "a%zz",
        "a%2g",  "a%g2",   "a%2:80", "a\\b", "a\"b",    "a,b c",   "a^b",           "\xc3\xa9"}) {
    CAPTURE(bad);
    CHECK(!is_host(bad));
  }
}

TEST_CASE("3 UR-01 UR-02 UR-08: URIs of both schemes, in any case, with their default ports") {
  const auto plain = parse_uri("ws://example.com/chat?room=1");
  CHECK(plain.refusal == refusal::none);
  CHECK(!plain.secure);
  CHECK(plain.host == "example.com");
  CHECK(plain.port == 80);
  CHECK(plain.has_default_port());
  CHECK(plain.resource == "/chat?room=1");

  const auto secure = parse_uri("WSS://[::1]:8443");
  CHECK(secure.refusal == refusal::none);
  CHECK(secure.secure);
  CHECK(secure.host == "[::1]");
  CHECK(secure.port == 8443);
  CHECK(!secure.has_default_port());
  CHECK(secure.resource.empty());

  CHECK(parse_uri("wss://h").port == 443);
  CHECK(parse_uri("wss://h").has_default_port());
  CHECK(parse_uri("ws://h:443").port == 443);
  CHECK(!parse_uri("ws://h:443").has_default_port());
  CHECK(parse_uri("ws://h:080/").has_default_port());
  CHECK(parse_uri("ws://h:/").port == 80);
  CHECK(parse_uri("ws://h:65535").port == 65535);
}

TEST_CASE("3 UR-04 UR-05: path and query as they stand") {
  CHECK(parse_uri("ws://h?x").resource == "?x");
  CHECK(parse_uri("ws://h/?").resource == "/?");
  CHECK(parse_uri("ws://h/a%23b").resource == "/a%23b");
  CHECK(parse_uri("ws://h//a/../b").resource == "//a/../b");
}

TEST_CASE("3 UR-03 UR-06 UR-07: what is no WebSocket URI, and why") {
  const auto why = [](std::string_view text) { return parse_uri(text).refusal; };
  for (const char* text : {"", "http://h/", "https://h/", "ws:/h", "ws:h", "//h/", "h", "wsss://h", " ws://h"})
    CHECK(why(text) == refusal::unknown_scheme);
  for (const char* text : {"ws://h/#x", "ws://h/a#", "ws://h#", "ws://#"}) CHECK(why(text) == refusal::fragment_in_uri);
  for (const char* text : {"ws://u:p@h/", "ws://u@h", "ws://@h"}) CHECK(why(text) == refusal::userinfo_in_uri);
  for (const char* text : {"ws://", "ws:///x", "ws://:80/", "ws://a b/", "ws://[::1/", "ws://[]/", "ws://[g]/",
                           "ws://::1/", "ws://h\r\n/", "ws://caf\xc3\xa9/"}) {
    CAPTURE(text);
    CHECK(why(text) == refusal::malformed_host);
  }
  for (const char* text : {"ws://h:0", "ws://h:65536", "ws://h:99999999999999999999", "ws://h:8o", "ws://h:-1",
                           "ws://h:80:80", "ws://[::1]x"}) {
    CAPTURE(text);
    CHECK((why(text) == refusal::malformed_port || why(text) == refusal::malformed_host));
  }
  for (const char* text : {"ws://h/a b", "ws://h/\r\nX: y", "ws://h/caf\xc3\xa9", "ws://h/\x7f", "ws://h/\t",
                           "ws://h/<a>", "ws://h/\"", "ws://h/a|b", "ws://h/%zz", "ws://h/%2"})
    CHECK(why(text) == refusal::malformed_resource);
}

TEST_CASE("RFC 9112 11.1 D-13: what may stand in a request line, all 256 bytes") {
  for (int i = 0; i < 256; ++i) {
    const std::string text = std::string("/") + static_cast<char>(i);
    CHECK(weft::is_resource(text) == (i > 0x20 && i < 0x7F && i != '#'));
  }
  CHECK(weft::is_resource(""));
  CHECK(!weft::is_resource("a"));
}

static_assert(parse_uri("wss://example.com:8443/chat").port == 8443);

TEST_CASE("RFC 3986 3.3 UR-06: what a client sends needs no more escaping, all 256 bytes") {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?";
    CHECK(weft::is_path_and_query(std::string("/") + c) == (allowed.find(c) != std::string_view::npos));
  }
  CHECK(weft::is_path_and_query("/a%2Fb?c=%fF"));
  CHECK(weft::is_path_and_query(""));
  CHECK(!weft::is_path_and_query("a"));
}

TEST_CASE("RFC 3986 3.2.3 UR-07: characters beside the digits make no port") {
  for (const char* bad : {"a:8:", "a::", "a:1:2", "a:/", "[::1]:8:"}) CHECK(!is_host(bad));
  for (const char* bad : {"ws://a:8:/", "ws://a:1:2", "wss://[::1]:8:"}) {
    CHECK(parse_uri(bad).refusal == refusal::malformed_port);
  }
}
