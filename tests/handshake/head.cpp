// SPDX-License-Identifier: MIT
#include <weft/handshake/head.hpp>

#include <cctype>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/cuts.hpp"

using namespace support;
using weft::parse_field_line;
using weft::parse_request_line;
using weft::rule;
using weft::status;

namespace {

/// The lines of an input as the reader gives them, then how it ended: the same for every cut.
std::string lines_of(std::string_view input, std::size_t storage_size = 1024) {
  std::string all;
  for (const cut& pieces : cuts_of(input.size())) {
    for (const flush side : {flush::back, flush::front}) {
      guarded storage(storage_size);
      const auto memory = storage.span(storage_size, side);
      weft::line_reader lines({reinterpret_cast<char*>(memory.data()), memory.size()});
      std::string seen;
      bool over = false;
      feed(input, pieces, side, [&](std::span<std::byte> in) {
        while (!over) {
          const auto line = lines.next(in);
          if (line.status == status::partial) break;
          over = line.status == status::invalid;
          seen += over ? std::string(weft::name(line.error.rule)) + " at " + std::to_string(line.error.offset)
                       : "[" + std::string(line.line) + "]";
        }
      });
      ++cuts_run;
      if (all.empty()) all = seen;
      CHECK(seen == all);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("RFC 9112 2.2: lines end in CRLF") {
  CHECK(lines_of("GET / HTTP/1.1\r\nHost: a\r\n\r\nbehind") == "[GET / HTTP/1.1][Host: a][]");
  CHECK(lines_of("\r\n\r\n") == "[][]");
}

TEST_CASE("RFC 9112 2.2 HP-02 HP-03 HP-50 D-14: CR or LF alone, at the byte that shows it") {
  CHECK(lines_of("ab\ncd\r\n") == "bare_line_end at 2");
  CHECK(lines_of("ab\rcd\r\n") == "bare_line_end at 3");
  CHECK(lines_of("ab\r\r\n") == "bare_line_end at 3");
  CHECK(lines_of("a\r\n\n") == "[a]bare_line_end at 3");
  CHECK(lines_of("a\r\n\rX") == "[a]bare_line_end at 4");
}

TEST_CASE("RFC 9112 2.2 HP-03: CR at every position of a line") {
  const std::string line = "Host: server.example.com";
  for (std::size_t i = 0; i <= line.size(); ++i) {
    std::string broken = line;
    broken.insert(i, 1, '\r');
    CHECK(lines_of(broken + ".\r\n") == "bare_line_end at " + std::to_string(i + 1));
  }
}

TEST_CASE(
    "RFC 9112 2.2 HP-02 HP-03: a line ends or is broken at each place of the 64 bytes that are looked at together") {
  for (std::size_t size = 0; size <= 140; ++size) {
    const std::string line(size, 'x');
    const auto at = [&](const char* rule, std::size_t offset) { return rule + (" at " + std::to_string(offset)); };
    CHECK(lines_of(line + "\r\nb\r\n\r\n") == "[" + line + "][b][]");
    CHECK(lines_of(line + "\r\n\n") == "[" + line + "]" + at("bare_line_end", size + 2));
    CHECK(lines_of(line + "\n.") == at("bare_line_end", size));
    CHECK(lines_of(line + "\r.") == at("bare_line_end", size + 1));
    CHECK(lines_of(line + "\x7f.") == at("control_character", size));
    CHECK(lines_of(line + "\t\xff\r\n") == "[" + line + "\t\xff]");
    CHECK(lines_of(line + "\r\n", size + 1) == at("head_too_long", size + 1));
  }
}

TEST_CASE("all lines at once are those that come one by one, and nothing behind the last is taken") {
  for (std::size_t size = 0; size <= 140; ++size) {
    const std::string head = "GET / HTTP/1.1\r\n" + std::string(size, 'x') + "\r\nHost: a\r\n\r\n";
    std::string input = head + "\x81\x80\r\n";
    for (const cut& pieces : cuts_of(input.size())) {
      guarded storage(1024);
      const auto memory = storage.span(head.size(), flush::back);
      weft::line_reader lines({reinterpret_cast<char*>(memory.data()), memory.size()});
      std::string seen, left;
      bool over = false;
      feed(input, pieces, flush::back, [&](std::span<std::byte> in) {
        if (!over) {
          const auto last = lines.each(in, [&](std::string_view line) {
            seen += "[" + std::string(line) + "]";
            return !line.empty() || size == 0;
          });
          over = last.status != status::partial;
        }
        left.append(reinterpret_cast<const char*>(in.data()), in.size());
      });
      const std::string expected = "[GET / HTTP/1.1][" + std::string(size, 'x') + "][Host: a][]";
      CHECK(seen == expected);
      CHECK(lines.text() == head);
      if (size != 0) CHECK(left == input.substr(head.size()));
    }
  }
}

TEST_CASE("RFC 9110 5.5 HP-01 HP-24 HP-25 HP-26: every byte in a line") {
  for (int i = 0; i < 256; ++i) {
    if (i == '\r' || i == '\n') continue;
    const char c = static_cast<char>(i);
    const bool fine = i == '\t' || (i >= 0x20 && i != 0x7F);
    CHECK(lines_of(std::string("a") + c + "\r\n") ==
          (fine ? "[a" + std::string(1, c) + "]" : "control_character at 1"));
  }
}

TEST_CASE("RFC 9110 5.4 HP-32: a head fits its storage to the last byte, and none more") {
  CHECK(lines_of("abc\r\nde\r\n", 9) == "[abc][de]");
  CHECK(lines_of("abc\r\ndef\r\n", 9) == "[abc]head_too_long at 9");
  CHECK(lines_of("abc", 0) == "head_too_long at 0");
}

TEST_CASE("RFC 9112 3 HP-07 HP-08 HP-11: request lines") {
  const auto good = parse_request_line("GET /chat?a=b HTTP/1.1");
  CHECK(good.error.rule == rule::none);
  CHECK(good.method == "GET");
  CHECK(good.target == "/chat?a=b");
  CHECK(good.major == '1');
  CHECK(good.minor == '1');
  CHECK((parse_request_line("").major == '0' && parse_request_line("").minor == '0'));
  CHECK(parse_request_line("a!#$%&'*+-.^_`|~09Z / HTTP/1.1").method == "a!#$%&'*+-.^_`|~09Z");
  for (const char* bad : {"",
                          "GET",
                          "GET ",
                          "GET /",
                          "GET  / HTTP/1.1",
                          "GET /  HTTP/1.1",
                          "GET / HTTP/1.1 ",
                          "GET\t/ HTTP/1.1",
                          " GET / HTTP/1.1",
                          "GET /a b HTTP/1.1",
                          "GET / http/1.1",
                          "GET / HTTP/1.10",
                          "GET / HTTP/11",
                          "GET / HTTP/1.",
                          "GET / HTTP/x.1",
                          "GET / HTTP/1.x",
                          "GET / HTTP/:.1",
                          "GET / HTTP/1./",
                          "GET / HTTP/1-1",
                          "G(T / HTTP/1.1",
                          "GET HTTP/1.1"}) {
    CAPTURE(bad);
    CHECK(parse_request_line(bad).error.rule == rule::malformed_request_line);
  }
  CHECK(parse_request_line("G(T / HTTP/1.1").error.at == 1);
  CHECK(parse_request_line("GET  / HTTP/1.1").error.at == 4);
  CHECK(parse_request_line("GET /a b HTTP/1.1").error.at == 7);
}

TEST_CASE("RFC 9112 5 HP-18 HP-19 HP-20: field lines") {
  for (const char* line : {"Name:value", "Name: value", "Name:\t value \t", "Name:value "}) {
    const auto parsed = parse_field_line(line);
    CHECK(parsed.error.rule == rule::none);
    CHECK(parsed.field.name == "Name");
    CHECK(parsed.field.value == "value");
  }
  CHECK(parse_field_line("Name:").field.value.empty());
  CHECK(parse_field_line("Name: a:b").field.value == "a:b");
  for (const char* bad : {":", ": value", "Name", "Na me: value", "N\"me: value", "Name;", "(: x", "Name \t"}) {
    CAPTURE(bad);
    CHECK(parse_field_line(bad).error.rule == rule::malformed_field);
  }
  for (const char* bad : {"Upgrade : websocket", "Upgrade\t:", "Upgrade \t : x"})
    CHECK(parse_field_line(bad).error.rule == rule::space_before_colon);
}

TEST_CASE("RFC 9110 5.1 HP-27: the names that are looked for, in any case, and no others of their length") {
  using weft::detail::known;
  using weft::detail::which;
  const std::vector<std::pair<std::string, known>> names{{"Host", known::host},
                                                         {"Origin", known::origin},
                                                         {"Expect", known::expect},
                                                         {"Upgrade", known::upgrade},
                                                         {"Connection", known::connection},
                                                         {"Content-Length", known::content_length},
                                                         {"Transfer-Encoding", known::transfer_encoding},
                                                         {"Sec-WebSocket-Key", known::key},
                                                         {"Sec-WebSocket-Accept", known::accept},
                                                         {"Sec-WebSocket-Version", known::version},
                                                         {"Sec-WebSocket-Protocol", known::protocol},
                                                         {"Sec-WebSocket-Extensions", known::extensions}};
  for (const auto& row : names) {
    const auto& [name, expected] = row;
    CAPTURE(row.first);
    std::string other = name;
    for (char& c : other) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    CHECK(which(name) == expected);
    CHECK(which(other) == expected);
    for (std::size_t i = 0; i < name.size(); ++i) {
      for (char c = '!'; c <= '~'; ++c) {
        other = name;
        other[i] = c;
        const bool same = c == name[i] || (std::isalpha(static_cast<unsigned char>(c)) != 0 && (c ^ name[i]) == 0x20);
        if ((which(other) == expected) != same || (!same && which(other) != known::no)) FAIL_CHECK(other);
      }
    }
  }
  for (std::size_t size = 0; size < 40; ++size) CHECK(which(std::string(size, 'x')) == known::no);
}

TEST_CASE("RFC 9112 4 HP-45 HP-46: status lines") {
  const auto none = weft::parse_status_line("");
  CHECK((none.code == 0 && none.major == '0' && none.minor == '0'));
  const auto good = weft::parse_status_line("HTTP/1.1 101 Switching Protocols");
  CHECK(good.error.rule == rule::none);
  CHECK(good.code == 101);
  CHECK(good.major == '1');
  CHECK(good.minor == '1');
  CHECK(weft::parse_status_line("HTTP/1.1 599 ").code == 599);
  CHECK(weft::parse_status_line("HTTP/1.0 200 OK").minor == '0');
  CHECK(weft::parse_status_line("HTTP/1.1 101 caf\xc3\xa9\t").code == 101);
  for (const char* bad : {"", "HTTP/1.1 101", "HTTP/1.1  101 ", "HTTP/1.1 0101 ", "HTTP/1.1 10 x", "HTTP/1.1 1e1 ",
                          "HTTP/1.1 099 ", "http/1.1 101 ", "HTTP/11 101 x", "HTTP/1.1\t101 ", "HTTP/1.1 101\tx",
                          "HTTP/x.1 101 ", "HTTP/1.x 101 ", "HTTP/1.1 1011 "}) {
    CAPTURE(bad);
    CHECK(weft::parse_status_line(bad).error.rule == rule::malformed_status_line);
  }
}

static_assert(parse_field_line("host:server.example.com").field.value == "server.example.com");

// What reads and writes a head, with heads of its own.

namespace {

struct fields_alone {
  weft::status status = status::partial;
  weft::violation error{};
  weft::fields fields;
};

/// Lets what a reader has be seen.
class open_reader : public weft::head_reader<fields_alone> {
 public:
  explicit open_reader(std::span<char> storage) : head_reader(storage, {}) {}
  using head_reader::begin_fields, head_reader::end_fields, head_reader::fail, head_reader::note, head_reader::saw,
      head_reader::seen_first, head_reader::take_content_length;
  using head_reader::head_, head_reader::lines_, head_reader::noted_;
};

class sum : public weft::written_head<sum> {
 public:
  explicit sum(std::size_t of, weft::refusal why = weft::refusal::none) : written_head(why), of_(of) {}

 private:
  friend written_head<sum>;
  void write_to(auto& out) const { out << weft::field{"Sum", "of"} << of_ << "."; }
  std::size_t of_;
};

}  // namespace

TEST_CASE("the fields of a head are the lines behind the first, and each place in it has its offset") {
  std::string storage(100, '\0');
  open_reader reader(storage);
  std::string_view text = "first\r\nA: 1\r\nB: 2\r\n\r\n";
  std::span<const char> in(text);
  reader.begin_fields(reader.lines_.next(in).line);
  reader.end_fields(reader.lines_.next(in).line);
  const auto second = reader.lines_.next(in).line;
  reader.end_fields(second);
  CHECK(reader.head_.fields.find("A") == "1");
  CHECK(reader.head_.fields.find("B") == "2");
  reader.note(rule::malformed_host, second);
  CHECK(reader.noted_ == weft::violation{rule::malformed_host, 13});
  reader.note(rule::missing_host, 1);  // of several the first counts
  CHECK(reader.noted_ == weft::violation{rule::malformed_host, 13});
  CHECK(reader.head_.status == status::partial);
  reader.fail(reader.noted_);
  CHECK(reader.head_.status == status::invalid);
  CHECK(reader.head_.error == reader.noted_);
}

TEST_CASE("what a head has once is seen for the first time once") {
  open_reader reader({});
  CHECK_FALSE(reader.saw(1));
  CHECK(reader.seen_first(1));
  CHECK(reader.saw(1));
  CHECK_FALSE(reader.seen_first(1));
  CHECK_FALSE(reader.saw(2));
}

TEST_CASE("RFC 9112 6.3: a length is one number, and it is zero") {
  const auto noted = [](std::string_view value, bool first = true) {
    open_reader reader({});
    reader.take_content_length(value, first);
    return reader.noted_.rule;
  };
  for (const char* none : {"0", "00"}) CHECK(noted(none) == rule::none);
  for (const char* some : {"1", "10", "007"}) CHECK(noted(some) == rule::unexpected_content);
  for (const char* bad : {"", "x", "0x", "-0", "0,0"}) CHECK(noted(bad) == rule::malformed_content_length);
  CHECK(noted("0", false) == rule::malformed_content_length);
}

TEST_CASE("a head that is written knows its size, fits to the last byte, in any kind of bytes, or is not begun") {
  for (const std::size_t number : {std::size_t{0}, std::size_t{9}, std::size_t{10}, SIZE_MAX}) {
    const std::string expected = "Sum: of\r\n" + std::to_string(number) + ".";
    const sum head(number);
    CHECK(head.size() == expected.size());
    CHECK_FALSE(head.empty());
    const auto room = shared_guarded().span(expected.size(), flush::back);
    CHECK(without_allocation([&] { return head.copy_to(room); }).size() == expected.size());
    CHECK(std::string(reinterpret_cast<const char*>(room.data()), room.size()) == expected);
    std::string text(expected.size(), '.');
    CHECK(head.copy_to(text).size() == expected.size());
    CHECK(text == expected);
    std::string short_by_one(expected.size() - 1, '.');
    CHECK(head.copy_to(short_by_one).empty());
    CHECK(short_by_one == std::string(expected.size() - 1, '.'));
  }
  const sum none(1, weft::refusal::reserved_field);
  CHECK(none.empty());
  CHECK(none.size() == 0);
  CHECK(none.refusal() == weft::refusal::reserved_field);
}

TEST_CASE("RFC 9110 5.1 5.5: fields of the caller are fields, and none of those that weft writes") {
  using weft::refusal;
  const auto check = [](const weft::field& field) { return weft::check_fields({&field, 1}, {"Upgrade", "Allow"}); };
  CHECK(weft::check_fields({}, {"Upgrade"}) == refusal::none);
  CHECK(check({"X", "y"}) == refusal::none);
  CHECK(check({"X", ""}) == refusal::none);
  CHECK(check({"", "y"}) == refusal::malformed_field);
  CHECK(check({"X Y", "y"}) == refusal::malformed_field);
  CHECK(check({"X", "y\r\nZ: a"}) == refusal::malformed_field);
  CHECK(check({"ALLOW", "y"}) == refusal::reserved_field);
}
