# SPDX-License-Identifier: MIT
"""Bytes made by hand over plain sockets: what no client library would send, and what no peer should suffer from it.

usage: raw_sockets.py PATH_TO_ECHO_SERVER
"""

import concurrent.futures
import signal
import socket
import struct
import subprocess
import time

from echo_server import PATIENCE, EchoServer, check, run

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NAMES = {TEXT: "text", BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong"}
END = ("end",)
MEBIBYTE = 1024 * 1024
MASK = bytes.fromhex("37fa213d")  # of RFC 6455 section 5.7


# Requests and responses


def head(line="GET / HTTP/1.1", without=(), more=()):
    """A good request, less the fields named and with further field lines."""
    fields = {
        "Host": "127.0.0.1",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    lines = [line, *(f"{name}: {value}" for name, value in fields.items() if name not in without), *more]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def instead(name, *values):
    """A good request with other values of one field, one field for each."""
    return head(without=[name], more=[f"{name}: {value}" for value in values])


def response(file):
    """The status and the fields of one response."""
    status = file.readline().decode()
    fields = dict(line.decode().rstrip("\r\n").split(": ", 1) for line in iter(file.readline, b"\r\n") if line)
    return int(status.split(" ")[1]), fields


# Frames


def masked(payload, key=MASK):
    pad = (key * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(len(payload), "big")


def frame(opcode, payload=b"", fin=True, reserved=0):
    first = bytes([fin << 7 | reserved << 4 | opcode])
    return first + length(len(payload)) + MASK + masked(payload)


def length(size):
    if size < 126:
        return bytes([0x80 | size])
    return b"\xfe" + struct.pack(">H", size) if size < 65536 else b"\xff" + struct.pack(">Q", size)


def close(code, reason=b""):
    return frame(CLOSE, struct.pack(">H", code) + reason)


class Client:
    """A plain socket, which says what it is told to."""

    def __init__(self, server, request=head(), window=None):
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.connect(server.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.message = b""
        self.kind = None
        if request:
            self.send(request)
            self.status, self.fields = response(self.file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, data, cut=None):
        """Sends the data, in pieces of `cut` bytes where that is said."""
        step = cut or max(1, len(data))
        try:
            for at in range(0, len(data), step):
                self.socket.sendall(data[at : at + step])
        except ConnectionError:
            pass  # receive() will tell

    def receive(self):
        """The next whole message, control frame or end of the connection; a Close without its reason."""
        try:
            while True:
                start = self.file.read(2)
                if len(start) < 2:
                    return END if not start else ("end inside a frame",)
                first, size = start
                if first & 0x70 or size & 0x80:
                    return "a frame that is masked or has reserved bits", start
                if size >= 126:
                    wide = 2 if size == 126 else 8
                    size = int.from_bytes(self.file.read(wide), "big")
                    if size < (126 if wide == 2 else 65536):
                        return "a length that is not minimal", size
                payload = self.file.read(size)
                fin, opcode = first >> 7, first & 0xF
                if opcode == CLOSE:
                    payload[2:].decode()
                    return "close", struct.unpack(">H", payload[:2])[0] if payload else None
                if opcode in (PING, PONG):
                    return NAMES[opcode], payload
                if (opcode == CONTINUATION) == (self.kind is None):
                    return "a frame out of order", start
                self.kind = self.kind or NAMES[opcode]
                self.message += payload
                if fin:
                    whole = self.kind, self.message
                    self.kind, self.message = None, b""
                    return whole
        except ConnectionResetError:
            return ("reset",)
        except TimeoutError:
            return (f"nothing within {PATIENCE} s",)

    def receive_all(self):
        """Everything until the end of the connection."""
        seen = [self.receive()]
        while seen[-1][0] in NAMES.values():
            seen.append(self.receive())
        return seen

    def peek(self, seconds):
        """What comes next, which stays there to be received."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(100, socket.MSG_PEEK)
        except TimeoutError:
            return f"nothing for {seconds} s"
        finally:
            self.socket.settimeout(PATIENCE)

    def echo(self, text):
        """Sends a text and returns what comes, but for pings."""
        self.send(frame(TEXT, text))
        while (seen := self.receive())[0] == "ping":
            self.send(frame(PONG, seen[1]))
        return seen


# Checks


def at_most(seen, bound, unit):
    """What a check of a quantity sees: the bound in words where it is kept, or the quantity."""
    return f"less than {bound} {unit}" if seen < bound else f"{seen} {unit}"


def bad_handshakes(server):
    key, version, protocol = "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol"
    want_13 = {"Sec-WebSocket-Version": "13", "Upgrade": "websocket", "Connection": "close, Upgrade"}
    page = {"Content-Type": "text/html; charset=utf-8"}
    good = head()
    hello = bytes.fromhex("1603010200010001fc0303") + bytes(range(64))
    for name, request, status, fields in [
        ("no Host", head(without=["Host"]), 400, {}),
        ("two Hosts", head(more=["Host: 127.0.0.1"]), 400, {}),
        ("an empty Host", instead("Host", ""), 400, {}),
        ("a Host with a space", instead("Host", "a b"), 400, {}),
        ("a Host with a port too high", instead("Host", "a:65536"), 400, {}),
        ("POST", head("POST / HTTP/1.1"), 405, {"Allow": "GET"}),
        ("HEAD", head("HEAD / HTTP/1.1"), 405, {"Allow": "GET"}),
        ("GETT", head("GETT / HTTP/1.1"), 501, {}),
        ("HTTP/1.0, which has no upgrade", head("GET /chat HTTP/1.0"), 404, {}),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, {}),
        ("TLS", hello, 400, {}),
        ("no request line", b"nonsense\r\n\r\n", 400, {}),
        ("no Upgrade at /", head(without=["Upgrade"]), 200, page),
        ("a browser's visit", head(without=["Upgrade", "Connection", key, version]), 200, page),
        ("no Upgrade elsewhere", head("GET /favicon.ico HTTP/1.1", ["Upgrade"]), 404, {}),
        ("Upgrade to h2c at /", instead("Upgrade", "h2c"), 200, page),
        ("Upgrade to h2c elsewhere", head("GET /x HTTP/1.1", ["Upgrade"], ["Upgrade: h2c"]), 404, {}),
        ("no Connection", head(without=["Connection"]), 400, {}),
        ("Connection without Upgrade", instead("Connection", "keep-alive"), 400, {}),
        ("no version", head(without=[version]), 426, want_13),
        *((f"version {v}", instead(version, v), 426, want_13) for v in ("8", "12", "14", "013", "13, 8", "")),
        ("two versions", instead(version, "13", "13"), 400, {}),
        ("no key", head(without=[key]), 400, {}),
        ("a key of 15 bytes", instead(key, "dGhlIHNhbXBsZSBub25j"), 400, {}),
        ("a key not in base64", instead(key, "dGhlIHNhbXBsZSBub25jZ!=="), 400, {}),
        ("two keys", head(more=[f"{key}: dGhlIHNhbXBsZSBub25jZQ=="]), 400, {}),
        ("two Origins", head(more=["Origin: http://a.example", "Origin: http://a.example"]), 400, {}),
        ("a target of 4097 bytes", head(f"GET /{'a' * 4096} HTTP/1.1"), 414, {}),
        ("a head of more than 8 KiB", head(more=[f"X: {'a' * 8192}"]), 431, {}),
        ("a target of more than 8 KiB", head(f"GET /{'a' * 8192} HTTP/1.1"), 414, {}),
        ("65 fields", head(more=[f"X-{i}: a" for i in range(60)]), 431, {}),
        ("Content-Length", head(more=["Content-Length: 5"]) + b"Hello", 400, {}),
        ("Transfer-Encoding", head(more=["Transfer-Encoding: chunked"]) + b"0\r\n\r\n", 400, {}),
        ("LF alone", good.replace(b"\r\n", b"\n"), 400, {}),
        ("CR alone", good.replace(b"\r\nUpgrade", b"\rUpgrade"), 400, {}),
        ("NUL", head(more=["X: a\0b"]), 400, {}),
        ("a folded field", head(more=["X: a", " b"]), 400, {}),
        ("a space before the first field", good.replace(b"Host", b" Host"), 400, {}),
        ("a space before a colon", good.replace(b"Host:", b"Host :"), 400, {}),
        ("a field without a colon", head(more=["X"]), 400, {}),
        ("a subprotocol twice", head(more=[f"{protocol}: chat, superchat, chat"]), 400, {}),
        ("a subprotocol twice, in two fields", head(more=[f"{protocol}: chat", f"{protocol}: chat"]), 400, {}),
    ]:
        with Client(server, request) as client:
            content = client.file.read()  # until the end: a server that did not hang up would keep it waiting
            told = {field: client.fields.get(field) for field in fields}
            seen = (client.status, told, len(content), content.startswith(b"<!doctype html>"))
            announced = 0 if name == "HEAD" else int(client.fields["Content-Length"])
            check(f"handshake: {name} gets {status}", (status, fields, announced, status == 200), seen)


def good_handshakes(server):
    accepted = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    }
    rfc = head(
        "GET /chat HTTP/1.1",
        ["Host"],
        [
            "Host: server.example.com",
            "Origin: http://example.com",
            "Sec-WebSocket-Protocol: chat, superchat",
        ],
    )
    tutorial = (
        b"GET /chat HTTP/1.1\r\nhost:server.example.com\r\nupgrade:websocket\r\nconnection:upgrade\r\n"
        b"sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ==\r\norigin:http://example.com\r\n"
        b"sec-websocket-protocol:chat, superchat\r\nsec-websocket-version:13\r\n\r\n"
    )
    for name, request in [
        ("that of RFC 6455 section 1.3", rfc),
        ("one without spaces behind the colons", tutorial),
        ("an absolute target", head("GET http://127.0.0.1/ HTTP/1.1")),
        ("a target of 4096 bytes", head(f"GET /{'a' * 4095} HTTP/1.1")),
        ("64 fields", head(more=[f"X-{i}: a" for i in range(59)])),
        ("an offer that is not known", head(more=["Sec-WebSocket-Extensions: permessage-bzip2"])),
        ("the ways of a browser", instead("Connection", "keep-alive, Upgrade")),
        ("an empty line before it", b"\r\n" + head()),
    ]:
        with Client(server, request) as client:
            check(f"handshake: {name} is accepted", (101, accepted), (client.status, client.fields))
            check(f"handshake: {name} opens the connection", ("text", b"Hello"), client.echo(b"Hello"))

    both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    with Client(server, head(more=["Sec-WebSocket-Extensions: permessage-deflate"])) as client:
        expected = (101, accepted | {"Sec-WebSocket-Extensions": both})
        check("handshake: an offer of compression is taken", expected, (client.status, client.fields))
        check("handshake: and what is not compressed comes back so", ("text", b"Hello"), client.echo(b"Hello"))

    with Client(server, None) as client:
        client.send(head(), cut=1)
        client.status, client.fields = response(client.file)
        check("handshake: byte by byte is accepted", (101, accepted), (client.status, client.fields))
        check("handshake: byte by byte opens the connection", ("text", b"Hello"), client.echo(b"Hello"))

    with Client(server, head() + frame(TEXT, b"first") + frame(PING, b"second")[:3]) as client:
        client.send(frame(PING, b"second")[3:])
        seen = [client.receive(), client.receive()]
        check("handshake: frames glued to it are not lost", [("text", b"first"), ("pong", b"second")], seen)

    with Client(server, head() + frame(TEXT, b"first") + close(1000)) as client:
        expected = [("text", b"first"), ("close", 1000), END]
        check("handshake: a whole connection in one piece", expected, client.receive_all())


def good_frames(server):
    with Client(server) as client:
        for size in (0, 1, 125, 126, 127, 65535, 65536, MEBIBYTE):
            payload = bytes(i * 7 & 0xFF for i in range(1024)) * (size // 1024 + 1)
            client.send(frame(BINARY, payload[:size]))
            check(f"frame: {size} bytes come back", ("binary", payload[:size]), client.receive())
        for size in (0, 1, 125):
            client.send(frame(PING, b"p" * size))
            check(f"frame: a ping of {size} bytes has its pong", ("pong", b"p" * size), client.receive())
        client.send(frame(PONG, b"nobody asked"))
        check("frame: a pong has no answer", ("text", b"next"), client.echo(b"next"))

        parts = frame(TEXT, b"Hel", fin=False), frame(PING, b"beat"), frame(CONTINUATION, b"lo")
        expected = [("pong", b"beat"), ("text", b"Hello")]
        client.send(b"".join(parts))
        check("frame: a ping between two fragments", expected, [client.receive(), client.receive()])
        client.send(b"".join(parts), cut=1)
        check("frame: the same byte by byte", expected, [client.receive(), client.receive()])

        client.send(b"".join(frame(TEXT, b"%d" % i) for i in range(100)))
        expected = [("text", b"%d" % i) for i in range(100)]
        check("frame: 100 in one piece", expected, [client.receive() for _ in range(100)])

        text = "κόσμε 🧵".encode()
        for cut in range(len(text) + 1):
            client.send(frame(TEXT, text[:cut], fin=False) + frame(CONTINUATION, text[cut:]))
        expected = [("text", text)] * (len(text) + 1)
        check("frame: text cut inside its characters", expected, [client.receive() for _ in expected])

        client.send(frame(BINARY, b"", fin=False) + frame(CONTINUATION, b"", fin=False) * 4094 + frame(CONTINUATION))
        check("frame: 4096 fragments", ("binary", b""), client.receive())

        client.send(close(1000, b"done"))
        check("close: 1000 is answered with 1000", [("close", 1000), END], client.receive_all())

    for name, data, expected in [
        ("a Close without a code", frame(CLOSE), [("close", None), END]),
        ("each code at its limits, 1003", close(1003), [("close", 1003), END]),
        ("each code at its limits, 1007", close(1007), [("close", 1007), END]),
        ("each code at its limits, 1014", close(1014), [("close", 1014), END]),
        ("each code at its limits, 3000", close(3000), [("close", 3000), END]),
        ("each code at its limits, 4999", close(4999), [("close", 4999), END]),
        ("a reason of 123 bytes", close(1000, b"r" * 123), [("close", 1000), END]),
        ("a Close inside a message", frame(TEXT, b"Hel", fin=False) + close(1001), [("close", 1001), END]),
        ("bytes behind a Close", close(1000) + frame(TEXT, b"late") + b"\xff" * 99, [("close", 1000), END]),
    ]:
        with Client(server) as client:
            client.send(data)
            check(f"close: {name}", expected, client.receive_all())

    with Client(server) as client:
        client.send(frame(TEXT, b"last words"))
        client.socket.shutdown(socket.SHUT_WR)
        check("close: who shuts only its half gets its echo", [("text", b"last words"), END], client.receive_all())

    with Client(server, window=4096) as client:
        client.send(frame(BINARY, bytes(MEBIBYTE)) * 4)  # more than the kernel takes off the server
        client.socket.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        check("close: and what was not yet sent", [("binary", bytes(MEBIBYTE))] * 4 + [END], client.receive_all())


def bad_frames(server):
    start = frame(TEXT, b"Hel", fin=False)
    for name, data, code in [
        ("one that is not masked", b"\x81\x05Hello", 1002),
        *((f"reserved bit {bit}", frame(TEXT, b"Hello", reserved=bit), 1002) for bit in (1, 2, 4)),
        *((f"opcode {code:X}", frame(code), 1002) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
        *((f"a fragmented {NAMES[code]}", frame(code, fin=False), 1002) for code in (CLOSE, PING, PONG)),
        *((f"a {NAMES[code]} of 126 bytes", frame(code, b"a" * 126), 1002) for code in (CLOSE, PING, PONG)),
        ("125 in 16 bits", b"\x82\xfe\x00\x7d" + MASK + bytes(125), 1002),
        ("65535 in 64 bits", b"\x82\xff" + struct.pack(">Q", 65535) + MASK, 1002),
        ("a length of 2^63", b"\x82\xff" + struct.pack(">Q", 2**63) + MASK, 1002),
        ("a continuation of nothing", frame(CONTINUATION, b"Hello"), 1002),
        ("a message inside another", start + frame(TEXT, b"lo"), 1002),
        ("a Close of one byte", frame(CLOSE, b"\x03"), 1002),
        *((f"Close {n}", close(n), 1002) for n in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)),
        ("a Close reason that is not UTF-8", close(1000, b"\xff"), 1007),
        ("a Close reason that ends inside a character", close(1000, b"\xc3"), 1007),
        ("text that is not UTF-8", frame(TEXT, b"Hell\xff"), 1007),
        ("text with a surrogate", frame(TEXT, b"\xed\xa0\x80"), 1007),
        ("text that is not UTF-8 in its second fragment", start + frame(CONTINUATION, b"\xc0\xaf"), 1007),
        ("text that is not UTF-8 in an unfinished frame", b"\x81\xfe\x10\x00" + MASK + masked(b"\xf5"), 1007),
        ("text that ends inside a character", frame(TEXT, "ß".encode()[:1]), 1007),
        ("a header that announces 1 MiB + 1", b"\x82\xff" + struct.pack(">Q", MEBIBYTE + 1), 1009),
        ("fragments of 1 MiB + 1", frame(BINARY, bytes(MEBIBYTE), fin=False) + frame(CONTINUATION, b"1"), 1009),
        ("4097 fragments", start + frame(CONTINUATION, b"", fin=False) * 4096, 1008),
    ]:
        for cut in (None, 1) if len(data) < 1000 else (None,):
            with Client(server) as client:
                client.send(frame(TEXT, b"good") + data, cut)
                expected = [("text", b"good"), ("close", code), END]
                check(f"frame: {name} gets {code}{', byte by byte' if cut else ''}", expected, client.receive_all())


def rude_clients(server):
    """None of them may disturb the one that stands by."""
    with Client(server) as bystander:
        for name, request, data in [
            ("before its request", None, b""),
            ("inside its request", None, head()[:40]),
            ("inside a header", head(), frame(BINARY, bytes(1000))[:3]),
            ("inside a payload", head(), frame(BINARY, bytes(1000))[:500]),
            ("with echoes on their way", head(), frame(BINARY, bytes(MEBIBYTE)) * 4),
        ]:
            for how in ("hangs up", "resets", "hangs up and resets"):
                with Client(server, request, window=4096) as client:
                    client.send(data)
                    if how != "hangs up":
                        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    if how == "hangs up and resets":
                        client.socket.shutdown(socket.SHUT_WR)
                        time.sleep(0.05)
                check(f"rude: one {how} {name}, the others go on", ("text", b"Hello"), bystander.echo(b"Hello"))


def fill(client, size):
    """Sends up to so many bytes of echo requests without reading, until they stay unread for a second."""
    request = frame(BINARY, bytes(65536))
    client.socket.settimeout(1)
    try:
        for _ in range(size // 65536):
            client.socket.sendall(request)
    except TimeoutError:
        return "waits"
    finally:
        client.socket.settimeout(PATIENCE)
    return "sent all"


def slow_readers(server):
    with Client(server) as bystander:
        slow = [Client(server) for _ in range(4)]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            filling = [pool.submit(fill, client, 64 * MEBIBYTE) for client in slow]
            echoes, slowest = [], 0.0
            while not all(one.done() for one in filling):
                began = time.monotonic()
                echoes.append(bystander.echo(b"Hello"))
                slowest = max(slowest, time.monotonic() - began)
                time.sleep(0.1)
        began = time.monotonic()
        check("slow reader: it is read no further", ["waits"] * 4, [one.result() for one in filling])
        check("slow reader: the others go on", [("text", b"Hello")] * len(echoes), echoes)
        check("slow reader: none of them waits a second", "less than 1 s", at_most(slowest, 1, "s"))
        check("slow reader: memory is bounded", "less than 32 MiB", at_most(server.resident_kib() / 1024, 32, "MiB"))

        # Nothing is read for the server's patience of 10 s. What the kernels have of it still comes, and then the end.
        time.sleep(11.5 - (time.monotonic() - began))
        for client in slow:
            client.socket.settimeout(2)
        last = [client.receive_all()[-1][0] in ("end", "end inside a frame", "reset") for client in slow]
        check("slow reader: it is dropped after 10 s", [True] * 4, last)
        for client in slow:
            client.__exit__()
        check("slow reader: the others outlive it", ("text", b"Hello"), bystander.echo(b"Hello"))


def late_reader(server):
    """Reads nothing until the server stopped reading too, then all."""
    with Client(server) as client, concurrent.futures.ThreadPoolExecutor() as pool:
        sending = pool.submit(client.send, frame(BINARY, bytes(65536)) * 128)
        time.sleep(2)
        echoes = [client.receive() for _ in range(128)]
        sending.result()
        check("late reader: it gets all of 8 MiB", [("binary", bytes(65536))] * 128, echoes)


def silent_clients(server):
    """Two that never finish their request: one says nothing, the other drips."""

    def seconds(dripping):
        with Client(server, None) as client:
            began = time.monotonic()
            client.socket.settimeout(0.5)
            for byte in head()[:40]:
                try:
                    if dripping:
                        client.socket.sendall(bytes([byte]))
                    client.socket.recv(1)
                    break
                except TimeoutError:
                    pass
                except ConnectionError:
                    break
            return time.monotonic() - began

    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = [pool.submit(seconds, dripping) for dripping in (False, True)]
        for name, one in zip(("silent", "dripping"), waiting):
            check(f"deadline: a {name} handshake ends after 10 s", 10, round(one.result()))


def unending_close(server):
    """Says Close and never hangs up: the server does."""
    with Client(server) as client:
        client.send(close(1000))
        check("deadline: a Close is answered", [("close", 1000), END], client.receive_all())
        began = time.monotonic()
        try:
            while time.monotonic() - began < PATIENCE:
                client.socket.sendall(frame(TEXT, b"still here"))
                time.sleep(0.05)
        except ConnectionError:
            pass
        check("deadline: who never hangs up is hung up on after 2 s", 2, round(time.monotonic() - began))


def silent_peers(server):
    """One that answers the server's pings, and one that does not."""
    with Client(server) as present, Client(server) as absent:
        began = time.monotonic()
        for client in (present, absent):
            client.socket.settimeout(PATIENCE + 2)
        check("silence: it is asked", [("ping", b"")] * 2, [present.receive(), absent.receive()])
        check("silence: after 10 s", 10, round(time.monotonic() - began))
        present.send(frame(PONG))
        check("silence: without answer it is the end", END, absent.receive())
        check("silence: after 10 s more", 20, round(time.monotonic() - began))
        check("silence: with one it is not", ("text", b"here"), present.echo(b"here"))


def crowd(name, binary, served, late, max_files=None):
    """More clients than the server can have at once: some are served, and the late ones when those have gone."""
    with EchoServer(binary, max_files) as server:
        clients = [Client(server, None) for _ in range(served + late)]
        for client in clients:
            client.send(head())

        def echoes(some):
            for client in some:
                client.status, _ = response(client.file)
            return [client.echo(b"Hello") for client in some]

        check(f"{name}: the first {served} are served", [("text", b"Hello")] * served, echoes(clients[:served]))
        before = server.processor_seconds()
        check(f"{name}: the last one waits", "nothing for 1 s", clients[-1].peek(1))
        busy = server.processor_seconds() - before
        check(f"{name}: the server does not spin", "less than 0.2 s", at_most(busy, 0.2, "s"))
        for client in clients[:served]:
            client.__exit__()
        check(f"{name}: the {late} late ones get their turn", [("text", b"Hello")] * late, echoes(clients[served:]))
        for client in clients[served:]:
            client.__exit__()


def goodbye(binary, number, answering):
    """The server is told to stop: everybody gets its Close, and who does not answer delays it by 3 s at most."""
    name = signal.Signals(number).name + ("" if answering else " without answer")
    with EchoServer(binary) as server:
        clients = [Client(server) for _ in range(5)]
        unfinished = Client(server, None)
        unfinished.send(b"GET /")
        clients[0].send(frame(TEXT, b"Hel", fin=False))
        check(f"{name}: all are connected", [("text", b"Hello")] * 4, [client.echo(b"Hello") for client in clients[1:]])
        server.signal(number)
        began = time.monotonic()
        check(f"{name}: each gets 1001", [("close", 1001)] * 5, [client.receive() for client in clients])
        if answering:
            for client in clients:
                client.send(close(1001))
            check(f"{name}: each gets the end", [END] * 5, [client.receive() for client in clients])
            for client in clients:
                client.__exit__()
        check(f"{name}: so does who had not finished its request", END, unfinished.receive())
        check(f"{name}: the process ends by itself", (0, ""), server.wait())
        check(f"{name}: it takes as long as it may", 0 if answering else 3, round(time.monotonic() - began))
        for client in (*clients, unfinished):
            client.__exit__()


def bad_starts(binary, server):
    for arguments in (["abc"], ["70000"], ["-1"], [""], ["80x"], ["4000", "4001"], [str(server.port)]):
        ended = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=PATIENCE)
        seen = ended.returncode, ended.stdout, ended.stderr.count("\n"), ended.stderr[-1:]
        check(f"start: {arguments} is refused in one line", (1, "", 1, "\n"), seen)


def checks(binary):
    with EchoServer(binary) as server, EchoServer(binary) as patient, concurrent.futures.ThreadPoolExecutor(16) as pool:
        # These wait for deadlines most of their time, so they run beside the others.
        waiting = [
            pool.submit(slow_readers, patient),
            pool.submit(silent_clients, patient),
            pool.submit(unending_close, patient),
            pool.submit(late_reader, patient),
            pool.submit(silent_peers, patient),
            pool.submit(crowd, "out of files", binary, 20, 20, 32),
            pool.submit(crowd, "too many clients", binary, 500, 20),
            pool.submit(goodbye, binary, signal.SIGINT, True),
            pool.submit(goodbye, binary, signal.SIGTERM, True),
            pool.submit(goodbye, binary, signal.SIGINT, False),
        ]
        bad_starts(binary, server)
        bad_handshakes(server)
        good_handshakes(server)
        good_frames(server)
        bad_frames(server)
        rude_clients(server)
        for one in waiting:
            one.result()


if __name__ == "__main__":
    run(checks)
