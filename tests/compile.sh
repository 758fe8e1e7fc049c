#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# compile.sh COMPILER: the headers as a user's compiler meets them, and what is in the object files that it makes.
set -euo pipefail

compiler=${1:?usage: compile.sh COMPILER}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Werror)
cxx20=("$compiler" -std=c++20 -I "$root/include" "${warnings[@]}")
cxx23=("$compiler" -std=c++2b -I "$root/include" "${warnings[@]}")  # clang 14 does not know c++23 yet
bare=("${cxx20[@]}" -O2 -fno-exceptions -fno-rtti)

passed=0
check() {  # check WHAT COMMAND...
  if "${@:2}" >output 2>&1; then
    echo "ok: $1"
    passed=$((passed + 1))
  else
    echo "FAILED: $1"
    cat output
    exit 1
  fi
}

# Every header for itself.
mkdir headers
while read -r header; do
  printf '#include <%s>\n' "$header" "$header" >"headers/${header//\//-}.cpp"
done < <(cd "$root/include" && find weft -name '*.hpp')
echo '#include <weft/weft.hpp>' >umbrella.cpp

check "each header compiles alone, and twice" "${cxx20[@]}" -fsyntax-only headers/*.cpp
check "weft.hpp compiles as C++23" "${cxx23[@]}" -fsyntax-only umbrella.cpp
check "weft.hpp compiles without exceptions and RTTI" "${bare[@]}" -c umbrella.cpp
check "the echo server compiles" "${cxx20[@]}" -fsyntax-only "$root/docs/examples/echo_server.cpp"

# Two units that use all of the codec, and gather messages in memory of their own.
cat >codec.cpp <<'CPP'
#include <weft/weft.hpp>

#include <array>

struct fixed {
  std::array<std::byte, 64> bytes;
  std::size_t used = 0;
  std::byte* data() { return bytes.data(); }
  const std::byte* data() const { return bytes.data(); }
  std::size_t size() const { return used; }
  void resize(std::size_t size) { used = size <= bytes.size() ? size : bytes.size(); }
};

std::size_t UNIT(std::span<std::byte> in, std::span<char> storage, std::span<std::byte> out) {
  weft::request_reader reader(storage);
  const auto& request = reader.read(in);
  const auto response = request.status == weft::status::complete
                            ? weft::accept(request, {.protocol = request.offers("echo") ? "echo" : ""})
                            : weft::reject(request);
  std::size_t sent = response.copy_to(out).size();

  weft::server ws;
  weft::message_reader<fixed> messages;
  const auto send = [&](const weft::server::frame& frame) { sent += frame.copy_to(out.subspan(sent)).size(); };
  while (const auto event = messages.next(ws, in)) {
    switch (event->kind) {
      case weft::kind::text: send(ws.text(event->payload)); break;
      case weft::kind::binary: send(ws.binary(event->payload)); break;
      default: send(ws.answer(*event));
    }
  }
  send(ws.close(weft::close_code::going_away, "bye"));
  if (const auto event = ws.end()) send(ws.answer(*event));
  return sent;
}
CPP
sed 's/UNIT/first/' codec.cpp >first.cpp
sed 's/UNIT/second/' codec.cpp >second.cpp
cat >main.cpp <<'CPP'
#include <weft/weft.hpp>

#include <algorithm>
#include <array>
#include <string_view>

using namespace std::literals;
std::size_t first(std::span<std::byte>, std::span<char>, std::span<std::byte>);
std::size_t second(std::span<std::byte>, std::span<char>, std::span<std::byte>);

int main() {
  constexpr auto wire =
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
      "\x01\x82\x00\x00\x00\x00Hi\x80\x81\x00\x00\x00\x00!"sv;
  constexpr auto expected =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
      "\x81\x03Hi!\x88\x05\x03\xE9" "bye"sv;
  for (const auto unit : {first, second}) {
    std::array<char, 512> in{}, storage{}, out{};
    std::copy(wire.begin(), wire.end(), in.begin());
    const auto size = unit(std::as_writable_bytes(std::span(in).first(wire.size())), storage,
                           std::as_writable_bytes(std::span(out)));
    if (std::string_view(out.data(), size) != expected) return 1;
  }
}
CPP

check "the codec compiles without exceptions and RTTI" "${bare[@]}" -c first.cpp
link_and_run() { "${cxx20[@]}" first.o second.cpp main.cpp -o program && ./program; }
check "two units with the codec link and run" link_and_run

# No state, no code that runs before main(). Sections are looked at and not symbols: an inline or a static local
# variable is a weak symbol, which does not tell where it lies. In .data.rel.ro lie constants that hold addresses.
stateless() {  # stateless OBJECT
  size -A "$1" | awk '$1 ~ /^\.(data|bss|tdata|tbss|init_array|ctors)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 {
    print $1 ": " $2 " bytes"; found = 1 } END { exit found }'
}
# Nothing that allocates, throws, locks, asks for the time or reads the environment: only what moves and compares bytes.
self_contained() {  # self_contained OBJECT
  nm --undefined-only --demangle "$1" | awk '{ sub(/^ *[Uvw] /, "") }
    !/^(mem(cpy|move|set|cmp|chr)|bcmp|strlen|_GLOBAL_OFFSET_TABLE_)$/ { print "calls " $0; found = 1 } END { exit found }'
}
refutes() {  # refutes CLAIM CODE
  echo "$2" >control.cpp && "$compiler" -std=c++20 -O2 -c control.cpp && ! "$1" control.o
}

check "weft.hpp has no state" stateless umbrella.o
check "the codec has no state" stateless first.o
check "control: a variable is state" refutes stateless 'int n = 1;'
check "control: a static variable is state" refutes stateless 'static int n; int f() { return ++n; }'
check "control: an inline variable is state" refutes stateless 'inline int n; int f() { return ++n; }'
check "control: a local static variable is state" refutes stateless 'inline int f() { static int n; return ++n; } int g() { return f(); }'
check "control: a thread's variable is state" refutes stateless 'thread_local int n;'
check "control: an initialiser is state" refutes stateless 'int f(); const int n = f();'

check "the codec calls only what moves and compares bytes" self_contained first.o
check "control: new is a call" refutes self_contained 'int* f() { return new int; }'
check "control: throw is a call" refutes self_contained 'void f() { throw 1; }'
check "control: a guarded initialiser is a call" refutes self_contained 'int f(); int g() { static int n = f(); return n; }'

echo "$passed checks passed"
