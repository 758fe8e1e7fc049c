// SPDX-License-Identifier: MIT
#include <weft/handshake/accept_key.hpp>

#include <string>

#include <doctest/doctest.h>

using weft::is_key;

namespace {

constexpr bool answers(std::string_view key, std::string_view accept) {
  const auto made = weft::accept_key(key);
  return std::string_view(made.data(), made.size()) == accept;
}

}  // namespace

// 4.2.2 SH-26: the RFC's examples, the second with its unused bits set (erratum 3150).
static_assert(answers("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
static_assert(answers("AQIDBAUGBwgJCgsMDQ4PEC==", "OfS0wDaT5NoxF2gqm7Zj2YtetzM="));
static_assert(is_key("dGhlIHNhbXBsZSBub25jZQ==") && is_key("AQIDBAUGBwgJCgsMDQ4PEC=="));

TEST_CASE("4.2.1 SH-06 D-08 D-19: a key is 22 characters of base64 and two of padding") {
  CHECK(is_key("++++++//////0000000000=="));
  for (const char* bad :
       {"", "x", "xxxxxxxxxxxxxxxxxxxxxxxx", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZ===", "dGhlIHNhbXBs-SBub25jZQ==", "dGhlIHNhbXBs_SBub25jZQ==", "dGhlIHNhbXBs SBub25jZQ==",
        "=GhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ==,dGhlIHNhbXBsZSBub25jZQ=="}) {
    CAPTURE(bad);
    CHECK(!is_key(bad));
  }
}

TEST_CASE("4.2.1 SH-06: each of the 22 characters is looked at") {
  for (std::size_t i = 0; i < 24; ++i) {
    std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
    key[i] = '.';
    CHECK(!is_key(key));
  }
}

TEST_CASE("4.2.2 SH-26: the answer to a key, and to what is none, by whatever the machine hashes with") {
  CHECK(answers("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  CHECK(answers("AQIDBAUGBwgJCgsMDQ4PEC==", "OfS0wDaT5NoxF2gqm7Zj2YtetzM="));
  CHECK(answers("", "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w="));
  CHECK(answers("dGhlIHNhbXBsZSBub25jZQ=", "pKh//x18h+UqQMnMiqvoRJiH5T4="));
  CHECK(answers(std::string(64, 'a'), "jGdebzmm20QI0DmM5dGETWg7dwQ="));
}

TEST_CASE("4.2.2 SH-26: what has another length than a key is answered the same way") {
  for (const auto& pair :
       {std::pair{"", "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w="},
        {"x", "JVxkmtKFjDcI/Pm/AGPEKSN6wT8="},
        {"dGhlIHNhbXBsZSBub25jZQ===", "GB9DKuNDKKGyW6en4L3RiKNDiyA="},
        {"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
         "IgfyrfQ+unG1rDljGyBMSrLvaFc="}}) {
    CAPTURE(pair.first);
    CHECK(answers(pair.first, pair.second));
  }
}
