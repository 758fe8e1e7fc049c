// SPDX-License-Identifier: MIT
//
// house.cpp: the order of the house. A header includes only headers of lower floors; what is private stays so; each
// header has its tests. An .inl is no header but a part of one, which includes it where it needs it.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace {

namespace fs = std::filesystem;

const fs::path root = WEFT_ROOT;
const fs::path include = root / "include" / "weft";

// docs/design.md says what each is for.
const std::map<std::string, int> floors{
    {"detail/isa.hpp", -1},
    {"protocol.hpp", 0},
    {"detail/base64.hpp", 1},
    {"detail/characters.hpp", 0},
    {"detail/memory.hpp", 0},
    {"detail/small.hpp", 1},
    {"detail/kernels.hpp", 2},
    {"detail/text.hpp", 3},
    {"detail/sha1.hpp", 1},
    {"sendable.hpp", 1},
    {"error.hpp", 1},
    {"frame/mask.hpp", 3},
    {"frame/utf8.hpp", 4},
    {"frame/key_source.hpp", 1},
    {"frame/close.hpp", 5},
    {"frame/header.hpp", 2},
    {"handshake/accept_key.hpp", 2},
    {"handshake/fields.hpp", 1},
    {"handshake/head.hpp", 2},
    {"handshake/extensions.hpp", 2},
    {"handshake/uri.hpp", 2},
    {"handshake/response.hpp", 3},
    {"handshake/server.hpp", 4},
    {"handshake/client.hpp", 4},
    {"connection/lifecycle.hpp", 2},
    {"connection/sequence.hpp", 2},
    {"connection/event.hpp", 3},
    {"connection/outgoing.hpp", 4},
    {"connection/prepared.hpp", 5},
    {"connection/whole_message.hpp", 5},
    {"connection/sender.hpp", 6},
    {"connection/endpoint.hpp", 7},
    {"connection/client.hpp", 8},
    {"connection/server.hpp", 8},
    {"connection/message.hpp", 8},
    {"deflate/engine.hpp", 1},
    {"deflate/libdeflate.hpp", 2},
    {"deflate/zlib.hpp", 2},
    {"deflate/pool.hpp", 6},
    {"deflate/extension.hpp", 7},
    {"deflate/frames.hpp", 5},
    {"deflate/deflate.hpp", 9},
    {"weft.hpp", 10},
};

std::string contents(const fs::path& file) {
  std::ifstream in(file);
  REQUIRE_MESSAGE(in.good(), "cannot read " << file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> files(std::string_view extension) {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(include)) {
    if (entry.path().extension() == extension) all.push_back(fs::relative(entry.path(), include).generic_string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> headers() {
  return files(".hpp");
}

std::vector<std::string> included_by(const std::string& header) {
  std::vector<std::string> all;
  const std::string text = contents(include / header);
  static const std::regex line("#include <weft/([^>]+)>");
  for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at) all.push_back((*at)[1]);
  return all;
}

std::string room_of(const std::string& header) {
  return header.substr(0, header.find('/'));
}

}  // namespace

TEST_CASE("house: every header has a floor, and each floor a header") {
  const auto all = headers();
  CHECK(all.size() == floors.size());
  for (const auto& header : all) CHECK_MESSAGE(floors.count(header) == 1, header << " has no floor");
}

TEST_CASE("house: a header includes only headers of lower floors") {
  for (const auto& header : headers()) {
    for (const auto& other : included_by(header)) {
      if (other.ends_with(".inl")) continue;
      REQUIRE_MESSAGE(floors.count(other) == 1, header << " includes the unknown " << other);
      CHECK_MESSAGE(floors.at(other) < floors.at(header), header << " includes " << other << ", which is not lower");
    }
  }
}

TEST_CASE("house: an .inl belongs to one header of its room, and includes nothing") {
  for (const auto& part : files(".inl")) {
    CAPTURE(part);
    std::vector<std::string> owners;
    for (const auto& header : headers()) {
      const auto all = included_by(header);
      if (std::count(all.begin(), all.end(), part) != 0) owners.push_back(header);
    }
    REQUIRE(owners.size() == 1);
    CHECK(room_of(owners.front()) == room_of(part));
    CHECK(contents(include / part).find("#include") == std::string::npos);
  }
}

TEST_CASE("house: handshake and connection do not know each other, and frame knows neither") {
  for (const auto& header : headers()) {
    for (const auto& other : included_by(header)) {
      if (room_of(header) == "handshake")
        CHECK_MESSAGE(room_of(other) != "connection", header << " includes " << other);
      if (room_of(header) == "connection")
        CHECK_MESSAGE(room_of(other) != "handshake", header << " includes " << other);
      CHECK_MESSAGE((room_of(other) != "deflate" || room_of(header) == "deflate" || header == "weft.hpp"),
                    header << " includes " << other);
      if (room_of(header) == "frame")
        CHECK_MESSAGE((room_of(other) != "connection" && room_of(other) != "handshake"),
                      header << " includes " << other);
    }
  }
}

TEST_CASE("house: weft.hpp includes every public header, and nothing else") {
  const auto all = included_by("weft.hpp");
  for (const auto& header : headers()) {
    const bool needs_a_library = header == "deflate/zlib.hpp" || header == "deflate/libdeflate.hpp";
    const bool expected = header != "weft.hpp" && room_of(header) != "detail" && !needs_a_library;
    CHECK_MESSAGE((std::count(all.begin(), all.end(), header) == 1) == expected, header);
  }
  const std::string text = contents(include / "weft.hpp");
  CHECK(text.find("namespace") == std::string::npos);
}

TEST_CASE("house: headers are found by angle brackets, guarded, licensed, in ASCII, and of a size to read") {
  std::size_t lines = 0;
  auto all = headers();
  for (const auto& part : files(".inl")) all.push_back(part);
  for (const auto& header : all) {
    CAPTURE(header);
    const std::string text = contents(include / header);
    CHECK(text.starts_with("// SPDX-License-Identifier: MIT\n//\n// " + fs::path(header).filename().string() + ": "));
    CHECK((text.find("#pragma once\n") != std::string::npos) == header.ends_with(".hpp"));
    CHECK(text.find("#include \"") == std::string::npos);
    CHECK(std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 128; }));
    const auto own = std::count(text.begin(), text.end(), '\n');
    CHECK(own <= 400);
    lines += static_cast<std::size_t>(own);
  }
  std::printf("include/weft: %zu headers, %zu lines\n", headers().size(), lines);
}

namespace {

/// A header without what is between braces, but for those of namespaces and types; without private and protected parts,
/// comments, and what constructors begin with.
std::string declarations_of(std::string text) {
  text = std::regex_replace(text, std::regex("[ \n]//[^\n]*"), "");
  text = std::regex_replace(text, std::regex("\n +: [^\n]*?( \\{)?(?=\n)"), "$1");
  for (const std::string_view part : {"\n private:", "\n protected:"}) {
    for (std::size_t begin; (begin = text.find(part)) != std::string::npos;)
      text.erase(begin, text.find("\n};", begin) - begin);
  }
  static const std::regex transparent("(namespace|class|struct|union)[^;={}()]*$");
  std::string kept;
  int depth = 0;  // of braces that are left out
  std::vector<bool> shown;
  std::size_t statement = 0;
  for (const char c : text) {
    if (c == '{') {
      shown.push_back(depth == 0 && std::regex_search(kept.substr(statement), transparent));
      if (!shown.back()) ++depth;
    }
    if (depth == 0) kept += c;
    if (c == '}') {
      REQUIRE_MESSAGE(!shown.empty(), "a brace too many behind: " << kept);
      if (!shown.back()) --depth;
      shown.pop_back();
    }
    if (depth == 0 && (c == ';' || c == '{' || c == '}')) statement = kept.size();
  }
  return kept;
}

}  // namespace

TEST_CASE("house: no detail name shows in a public signature") {
  const std::string example =
      "namespace weft {\nclass a {\n public:\n  int b() { return detail::c; }\n private:\n  detail::d e;\n};\n}\n";
  CHECK(declarations_of(example).find("detail::") == std::string::npos);
  CHECK(declarations_of("struct a {\n  detail::b c() { return {}; }\n};\n").find("detail::") != std::string::npos);
  for (const auto& header : headers()) {
    if (room_of(header) == "detail" || header == "connection/sequence.hpp") continue;
    std::string text = contents(include / header);
    for (std::size_t begin; (begin = text.find("namespace detail {")) != std::string::npos;) {
      const auto end = text.find("}  // namespace detail", begin);
      REQUIRE(end != std::string::npos);
      text.erase(begin, end + 22 - begin);
    }
    text = declarations_of(text);
    const auto at = text.find("detail::");
    const std::string line = at == std::string::npos ? "" : text.substr(text.rfind('\n', at), 120);
    CHECK_MESSAGE(at == std::string::npos, header << ": " << line);
  }
}

TEST_CASE("house: each header has tests of the same name") {
  for (const auto& header : headers()) {
    if (header == "weft.hpp") continue;  // tests/promises.cpp
    CHECK_MESSAGE(fs::exists(root / "tests" / fs::path(header).replace_extension(".cpp")), "no tests for " << header);
  }
}
