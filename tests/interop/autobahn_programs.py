# SPDX-License-Identifier: MIT
"""Plays both sides of the Autobahn|Testsuite against the programs that it is to drive, for the suite itself is not at
hand: cases of its own making where the suite is strictest. What the programs say is read by the library `websockets`.

usage: autobahn_programs.py PATH_TO_ECHO_SERVER --client PATH_TO_ECHO_CLIENT
"""

import json
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import time

from websockets.client import ClientConnection
from websockets.server import ServerConnection
from websockets.uri import parse_uri

from echo_server import PATIENCE, EchoServer, check, run
from raw_sockets import BINARY, CLOSE, CONTINUATION, END, MASK, NAMES, PING, PONG, TEXT, masked

AUTOBAHN = pathlib.Path(__file__).parents[1] / "autobahn"
MEBIBYTE = 1024 * 1024
QUIET = ("quiet",)  # nothing comes for a while
WHILE = 0.2  # seconds


# The cases


class Frames:
    """Frames as the one side says them: a client's are masked."""

    def __init__(self, from_client):
        self.from_client = from_client

    def frame(self, opcode, payload=b"", fin=True, reserved=0, size=None):
        """A frame, or one that announces another size than it has."""
        size = len(payload) if size is None else size
        first, mask = fin << 7 | reserved << 4 | opcode, self.from_client << 7
        if size < 126:
            head = bytes([first, mask | size])
        elif size < 65536:
            head = struct.pack(">BBH", first, mask | 126, size)
        else:
            head = struct.pack(">BBQ", first, mask | 127, size)
        return head + (MASK + masked(payload) if self.from_client else payload)

    def close(self, code, reason=b""):
        return self.frame(CLOSE, struct.pack(">H", code) + reason)


def chopped(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


def cases(side, bytewise):
    """Names and scripts: bytes that the suite sends, and what must come then. All end with a Close."""
    frame, close = side.frame, side.close
    done = [close(1000), ("close", 1000)]
    ping = frame(PING)
    text, hello = frame(TEXT, b"Hello, world!"), ("text", b"Hello, world!")
    every = bytes(range(256)) * 256

    for size in (0, 125, 126, 127, 65535, 65536):
        yield f"1.1, {size} bytes", [frame(TEXT, b"*" * size), ("text", b"*" * size), *done]
        yield f"1.2, {size} bytes", [frame(BINARY, every[:size]), ("binary", every[:size]), *done]
    yield "1.1.8", [*chopped(frame(TEXT, b"*" * 65536), 997), ("text", b"*" * 65536), *done]

    yield "2.5", [frame(PING, bytes(126)), ("close", 1002)]
    yield "2.9", [frame(PONG, b"unsolicited") + frame(PING, b"beat"), ("pong", b"beat"), *done]
    pings = b"".join(frame(PING, b"payload-%d" % i) for i in range(10))
    pongs = [("pong", b"payload-%d" % i) for i in range(10)]
    yield "2.10", [pings, *pongs, *done]
    yield "2.11", [*chopped(pings, 1), *pongs, *done]

    for name, bad in [
        ("3.2", frame(TEXT, b"Hello, world!", reserved=2)),
        ("3.3", frame(TEXT, b"Hello, world!", reserved=3)),
        ("4.1.3", frame(5)),
        ("4.1.4", frame(6, b"Hello, world!")),
        ("4.2.3", frame(13)),
        ("4.2.4", frame(14, b"Hello, world!")),
    ]:
        yield name, [text + bad + ping, hello, ("close", 1002)]
        yield f"{name} octet by octet", [*chopped(text + bad + ping, 1), hello, ("close", 1002)]

    first, last = frame(TEXT, b"frag", fin=False), frame(CONTINUATION, b"ment")
    beat, fragment = frame(PING, b"beat"), ("text", b"fragment")
    yield "5.1", [frame(PING, b"frag", fin=False) + last, ("close", 1002)]
    yield "5.6", [first + beat + last, ("pong", b"beat"), fragment, *done]
    yield "5.8", [*chopped(first + beat + last, 1), ("pong", b"beat"), fragment, *done]
    yield "5.9", [last + text, ("close", 1002)]
    yield "5.15", [first + last + frame(CONTINUATION, b"stray", fin=False) + text, fragment, ("close", 1002)]
    yield "5.18", [first + frame(TEXT, b"ment"), ("close", 1002)]
    yield "5.19", [first + beat, ("pong", b"beat"), QUIET, beat + last, ("pong", b"beat"), fragment, *done]

    good, bad, rest = "κόσμε".encode(), b"\xf4\x90\x80\x80", b"edited"
    whole, at = frame(TEXT, good + bad + rest), -len(bad + rest)
    pieces = frame(TEXT, good, fin=False), frame(CONTINUATION, bad, fin=False)
    yield "6.4.1", [pieces[0], QUIET, pieces[1], ("close", 1007)]
    yield "6.4.2", [pieces[0], QUIET, pieces[1][:-2], ("close", 1007)]
    yield "6.4.3", [whole[:at], QUIET, whole[at : at + 4], ("close", 1007)]
    yield "6.4.4", [whole[: at + 1], QUIET, whole[at + 1 : at + 2], ("close", 1007)]
    yield "6.3.1", [frame(TEXT, good + b"\xed\xa0\x80" + rest), ("close", 1007)]
    yield "6.6.1", [frame(TEXT, good[:1]), ("close", 1007)]

    long = frame(TEXT, b"*" * 256 * 1024), ("text", b"*" * 256 * 1024)
    yield "7.1.3", [close(1000) + ping, ("close", 1000)]
    yield "7.1.5", [first + close(1000) + last, ("close", 1000)]
    yield "7.1.6", [long[0] + text + close(1000) + ping, long[1], hello, ("close", 1000)]
    yield "7.3.1", [frame(CLOSE), ("close", None)]
    yield "7.3.2", [frame(CLOSE, b"a"), ("close", 1002)]
    yield "7.3.5", [close(1000, b"*" * 123), ("close", 1000)]
    yield "7.3.6", [close(1000, b"*" * 124), ("close", 1002)]
    yield "7.5.1", [close(1000, good + b"\xed\xa0\x80"), ("close", 1007)]
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
        yield f"7.7, {code}", [close(code), ("close", code)]
    for code in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535):
        yield f"7.9, {code}", [close(code), ("close", 1002)]

    large = "κόσμε 🧵".encode() * (MEBIBYTE // 16 if bytewise else MEBIBYTE)
    yield f"9.1, {len(large)} bytes", [frame(TEXT, large), ("text", large), *done]
    count = 4096 if bytewise else 65536  # the suite has 4 MiB in fragments of 64
    parts = b"".join([frame(BINARY, bytes(64), False), frame(CONTINUATION, bytes(64), False) * (count - 2)])
    yield f"9.4, {count} fragments", [parts + frame(CONTINUATION, bytes(64)), ("binary", bytes(64 * count)), *done]
    yield "9, one byte too many", [frame(BINARY, size=64 * MEBIBYTE + 1), ("close", 1009)]
    parts = [frame(CONTINUATION, piece, fin=False) for piece in chopped(every[1300:], 1300)]
    parts = frame(BINARY, every[:1300], fin=False) + b"".join(parts) + frame(CONTINUATION)
    yield "10.1.1", [parts, ("binary", every), *done]


class Fuzzer:
    """One connection of the suite, open already."""

    def __init__(self, connected, library):
        self.socket, self.library = connected, library
        self.socket.settimeout(PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.frames = []
        self.kind, self.message = None, b""

    def send(self, data):
        """Sends all of it, or as much as is taken before the program hangs up."""
        try:
            self.socket.sendall(data)
        except ConnectionError:
            pass

    def receive(self):
        """The next whole message, control frame or end of the connection; a Close without its reason."""
        try:
            while True:
                while self.frames:
                    if seen := self.take(self.frames.pop(0)):
                        return seen
                if self.library.parser_exc:
                    return "a frame that is not one", repr(self.library.parser_exc)
                data = self.socket.recv(65536)
                if not data:
                    return END
                self.library.receive_data(data)
                self.frames += self.library.events_received()
        except ConnectionResetError:
            return ("reset",)
        except TimeoutError:
            return (f"nothing within {PATIENCE} s",)

    def take(self, frame):
        if frame.opcode == CLOSE:
            return "close", struct.unpack(">H", frame.data[:2])[0] if frame.data else None
        if frame.opcode in (PING, PONG):
            return NAMES[frame.opcode], frame.data
        self.kind = NAMES.get(frame.opcode, self.kind)
        self.message += frame.data
        if not frame.fin:
            return None
        whole, self.message = (self.kind, self.message), b""
        return whole

    def quiet(self):
        self.socket.settimeout(WHILE)
        try:
            return "not quiet", self.frames or self.socket.recv(100, socket.MSG_PEEK)
        except TimeoutError:
            return QUIET
        finally:
            self.socket.settimeout(PATIENCE)

    def play(self, name, script, ending):
        """Sends what is bytes in a script, and checks that the rest is what comes."""
        expected, seen = [], []
        for step in [*script, *ending]:
            if isinstance(step, bytes):
                self.send(step)
            else:
                expected.append(step)
                seen.append(self.quiet() if step is QUIET else self.receive())
        self.socket.close()
        check(name, expected, seen)


# The suite as a client


class Server(EchoServer):
    """The program for it, on a free port. It serves until it is stopped."""

    def __init__(self, binary, *options):
        command = [binary, *options, "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.running.append(self.process)
        line = self.process.stdout.readline()
        check("the server names its port", "listening on port", line.rstrip("\n0123456789 "))
        self.address = ("127.0.0.1", int(line.split()[-1]))

    def __exit__(self, error, *_):
        self.process.terminate()
        ended = self.wait()
        if error is None:
            check("the server had no complaint", "", ended[1])


def connect(server):
    library = ClientConnection(parse_uri("ws://127.0.0.1:%d/" % server.address[1]), max_size=None)
    fuzzer = Fuzzer(socket.create_connection(server.address, PATIENCE), library)
    library.send_request(library.connect())
    fuzzer.send(b"".join(library.data_to_send()))
    while not fuzzer.frames:
        library.receive_data(fuzzer.socket.recv(65536))
        fuzzer.frames += library.events_received()
    response = fuzzer.frames.pop(0)
    if response.status_code != 101:
        check("the server accepts", 101, response.status_code)
    return fuzzer


def fuzzing_client(binary, *options):
    name = " ".join(["echo_server", *options])
    began = time.monotonic()
    with Server(binary, *options) as server:
        for case, script in cases(Frames(from_client=True), bool(options)):
            connect(server).play(f"{name}: {case}", script, ending=[END])  # the server hangs up first
    print(f"   in {time.monotonic() - began:.1f} s")


# The suite as a server


def accept(listener):
    """The next connection and what it asks for."""
    connected = listener.accept()[0]
    library = ServerConnection(max_size=None)
    fuzzer = Fuzzer(connected, library)
    requests = []
    while not requests:
        library.receive_data(connected.recv(65536))
        requests = library.events_received()
    library.send_response(library.accept(requests[0]))
    return fuzzer, requests[0].path, b"".join(library.data_to_send())


def fuzzing_server(binary, *options):
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        command = [binary, *options, "ws://127.0.0.1:%d" % listener.getsockname()[1], "weft"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        EchoServer.running.append(process)
        try:
            serve(listener, process, " ".join(["echo_client", *options]), bool(options))
        finally:
            process.kill()
    print(f"   in {time.monotonic() - began:.1f} s")


def serve(listener, process, name, bytewise):
    side = Frames(from_client=False)
    scripts = list(cases(side, bytewise))
    said = side.frame(TEXT, b"%d" % len(scripts)) + side.close(1000)

    fuzzer, path, head = accept(listener)
    fuzzer.play(f"{name}: {path}", [head + said, ("close", 1000)], ending=[QUIET])  # the server hangs up first
    for number, (case, script) in enumerate(scripts, 1):
        fuzzer, path, head = accept(listener)
        fuzzer.send(head)
        if path != f"/runCase?case={number}&agent=weft":
            check(f"{name} asks for the next case", f"/runCase?case={number}&agent=weft", path)
        fuzzer.play(f"{name}: {case}", script, ending=[])
    fuzzer, path, head = accept(listener)
    fuzzer.play(f"{name}: {path}", [head + side.close(1000), ("close", 1000)], ending=[])
    ended = process.communicate(timeout=PATIENCE)
    check(f"{name} has asked for all and ends", (f"{len(scripts)} cases\n", "", 0), (*ended, process.returncode))


# What stands around them


def bad_arguments(server, client):
    for command in [
        [server],
        [server, "1", "2"],
        [server, "x"],
        [server, "65536"],
        [server, "--bitwise", "0"],
        [client],
        [client, "ws://127.0.0.1:1"],
        [client, "http://127.0.0.1:1", "weft"],
        [client, "ws://127.0.0.1:0", "weft"],
        [client, "wss://127.0.0.1:1", "weft"],
        [client, "ws://127.0.0.1:1", "two words"],
        [client, "ws://127.0.0.1:1", "weft"],
    ]:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        words = " ".join([pathlib.Path(command[0]).name, *command[1:]])
        check(f"{words}: one line and 1", (1, "", 1), (ended.returncode, ended.stdout, ended.stderr.count("\n")))


def reports():
    """The comparison of the suite's reports, with reports made by hand."""
    expected = json.loads((AUTOBAHN / "expected.json").read_text())
    groups = [sum(case.startswith(f"{group}.") for case in expected) for group in (1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13)]
    check("517 cases are expected", ([16, 11, 7, 10, 20, 145, 37, 54, 1, 90, 126], 517), (groups, len(expected)))
    unjudged = {case for case, behavior in expected.items() if behavior != "OK"}
    check("and judged, but for three", {"7.1.6", "7.13.1", "7.13.2"}, unjudged)

    good = {case: {"behavior": behavior, "behaviorClose": behavior} for case, behavior in expected.items()}
    lax = good | {"3.2": {"behavior": "NON-STRICT", "behaviorClose": "OK"}}
    unclean = good | {"1.1.1": {"behavior": "OK", "behaviorClose": "UNCLEAN"}}
    short = {case: seen for case, seen in good.items() if not case.startswith("9.")}
    for name, report, status, last in [
        ("as expected", {"weft": good}, 0, "517 passed, 0 failed"),
        ("not strict", {"weft": lax}, 1, "516 passed, 1 failed"),
        ("not closed well", {"weft": unclean}, 1, "516 passed, 1 failed"),
        ("without a group", {"weft": short}, 1, "463 passed, 54 failed"),
        ("of another agent", {"other": good}, 1, "0 passed, 517 failed"),
        ("that is not there", None, 1, "0 passed, 517 failed"),
    ]:
        with tempfile.TemporaryDirectory() as directory:
            index = pathlib.Path(directory, "index.json")
            if report:
                index.write_text(json.dumps(report))
            command = ["python3", AUTOBAHN / "compare.py", "weft", index]
            ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        check(f"a report {name}", (status, last), (ended.returncode, ended.stdout.splitlines()[-1]))

    if not shutil.which("wstest"):
        ended = subprocess.run([AUTOBAHN / "run.sh"], capture_output=True, text=True, timeout=PATIENCE)
        seen = ended.returncode, ended.stdout, ended.stderr.count("\n"), "wstest" in ended.stderr
        check("without the suite its script says so and fails", (1, "", 1, True), seen)


def checks(binary, client):
    bad_arguments(binary, client)
    reports()
    for options in ([], ["--bytewise"]):
        fuzzing_client(binary, *options)
        fuzzing_server(client, *options)
    fuzzing_server(client, "--bytewise", "--deflate")  # offered to a server that does not take it; compression.py has others


if __name__ == "__main__":
    run(checks, "--client")
