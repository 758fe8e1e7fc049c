# SPDX-License-Identifier: MIT
"""weft and other implementations talk to each other: each as a server to the other's client. Then weft's client meets
servers that are none.

usage: peers.py PATH_TO_ECHO_SERVER --weft_client FILE --beast FILE --libwebsockets FILE --websocketpp FILE
"""

import asyncio
import base64
import contextlib
import hashlib
import re
import socket
import struct
import subprocess
import threading

import websockets

from echo_server import PATIENCE, EchoServer, check, run
from raw_sockets import CLOSE, TEXT, masked

MEBIBYTE = 1024 * 1024


def ask(*command):
    """Runs a client, tells its checks as our own, and returns what it said last."""
    ended = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE)
    lines = re.findall(r"^ok (.*)$", ended.stdout, re.MULTILINE)
    for line in lines:
        check(line, True, True)
    check("it ends with status 0 and without complaint", (0, ""), (ended.returncode, ended.stderr))
    return lines[-1]


# weft as a client


class Peer(EchoServer):
    """The server of another implementation, on a free port. It serves until it is stopped."""

    def __init__(self, binary):
        command = [binary, "server", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.running.append(self.process)
        line = self.process.stdout.readline()
        check("the server names its port", "listening on port", line.rstrip("\n0123456789 "))
        self.url = f"ws://127.0.0.1:{line.split()[-1]}/"

    def __exit__(self, error, *_):
        self.process.terminate()
        ended = self.wait()
        if error is None:
            check("the server had no complaint", "", ended[1])


class PythonServer:
    """The server of the library `websockets`, in a thread."""

    def __init__(self, **options):
        self.options, self.started = options, threading.Event()

    async def echo(self, ws):
        with contextlib.suppress(websockets.ConnectionClosed):  # raised of codes but 1000 and 1001
            async for message in ws:
                await ws.send(message)

    async def serve(self):
        self.stop = asyncio.Event()
        async with websockets.serve(self.echo, "127.0.0.1", 0, **self.options) as server:
            self.url = "ws://127.0.0.1:%d/" % server.sockets[0].getsockname()[1]
            self.loop = asyncio.get_running_loop()
            self.started.set()
            await self.stop.wait()

    def __enter__(self):
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True)
        self.thread.start()
        self.started.wait(PATIENCE)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(PATIENCE)


def weft_as_client(weft_client, peers):
    for name, answer in [
        ("websockets", "3001 bye"),
        ("beast", "3001 "),  # it leaves the reason out
        ("libwebsockets", "3001 bye"),
        ("websocketpp", "3001 bye"),
    ]:
        print(f"weft as a client of {name}")
        with Peer(peers[name]) if name in peers else PythonServer() as server:
            check(f"{name} answers the Close", f"weft: closed with {answer}", ask(weft_client, server.url))


# weft as a server


def weft_as_server(binary, peers):
    for name, answer in [("beast", "3001 bye"), ("websocketpp", "3001 bye"), ("libwebsockets", None)]:
        print(f"{name} as a client of weft")
        with EchoServer(binary) as server:
            last = ask(peers[name], "client", server.port)
            if answer:  # libwebsockets does not tell its program what its Close was answered with
                check(f"{name} has its Close answered", f"{name}: closed with {answer}", last)


# Servers that are none


def accepted(*more, accept=None, without=()):
    """A function that answers a request as a server should, less some fields and with others."""

    def answer(request):
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", request)[1]
        right = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        fields = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Accept": accept or base64.b64encode(right).decode(),
        }
        lines = [f"{name}: {value}" for name, value in fields.items() if name not in without]
        return "\r\n".join(["HTTP/1.1 101 Switching Protocols", *lines, *more, "", ""]).encode()

    return answer


def then(frames, answer=accepted()):
    return lambda request: answer(request) + frames


def frames_in(data):
    """Opcodes and payloads of masked frames, a Close as its code."""
    while data:
        size, at = data[1] & 0x7F, 2
        if size > 125:
            size, at = struct.unpack(">H" if size == 126 else ">Q", data[2 : 4 if size == 126 else 10])[0], 4
        payload = masked(data[at + 4 : at + 4 + size], data[at : at + 4])
        yield (CLOSE, struct.unpack(">H", payload[:2])[0]) if data[0] == 0x80 | CLOSE else (data[0] & 0xF, payload)
        data = data[at + 4 + size :]


def meet(weft_client, answer, stays):
    """What the client says at its end, and the frames that it has sent to a server of one answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        command = [weft_client, "ws://127.0.0.1:%d/" % listener.getsockname()[1], "1" if stays else str(PATIENCE)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        EchoServer.running.append(process)
        connected = listener.accept()[0]
        with connected:
            connected.settimeout(PATIENCE)
            received = connected.recv(4096)
            connected.sendall(answer(received) if callable(answer) else answer)
            if not stays:
                connected.shutdown(socket.SHUT_WR)
            sent = b"".join(iter(lambda: connected.recv(65536), b""))
        said = process.communicate(timeout=PATIENCE)
    return (process.returncode, *said), list(frames_in(sent))


def failures(weft_client):
    for uri, words in [
        ("", "neither ws nor wss"),
        ("127.0.0.1:1", "neither ws nor wss"),
        ("http://127.0.0.1:1/", "neither ws nor wss"),
        ("ws://", "malformed host"),
        ("ws://a b/", "malformed host"),
        ("ws://[::1/", "malformed host"),
        ("ws://127.0.0.1:0/", "a port"),
        ("ws://127.0.0.1:65536/", "a port"),
        ("ws://me@127.0.0.1:1/", "userinfo"),
        ("ws://127.0.0.1:1/#top", "a fragment"),
        ("ws://127.0.0.1:1/a b", "malformed path"),
        ("wss://127.0.0.1:1/", "TLS"),
        ("ws://127.0.0.1:1/", "Connection refused"),
        ("ws://[::1]:1/", "cannot connect"),
    ]:
        ended = subprocess.run([weft_client, uri], capture_output=True, text=True, timeout=PATIENCE)
        seen = ended.returncode, ended.stdout, ended.stderr.count("\n"), words in ended.stderr
        check(f"{uri!r} is refused: {words}", (1, "", 1, True), seen)

    field = "Sec-WebSocket-Accept"
    right = accepted()
    no_switch = "HTTP/1.1 {} \r\nContent-Length: 0\r\n{}\r\n".format
    for name, answer, words in [
        ("another Accept", accepted(accept="s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "wrong_accept"),
        ("no Accept", accepted(without=[field]), "missing_accept"),
        ("two Accepts", accepted(f"{field}: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "repeated_accept"),
        ("no Upgrade", accepted(without=["Upgrade"]), "missing_upgrade"),
        ("an Upgrade to h2c", accepted("Upgrade: h2c", without=["Upgrade"]), "wrong_upgrade"),
        ("no Connection", accepted(without=["Connection"]), "missing_connection_upgrade"),
        ("a subprotocol", accepted("Sec-WebSocket-Protocol: chat"), "unoffered_subprotocol"),
        ("an extension", accepted("Sec-WebSocket-Extensions: permessage-deflate"), "unoffered_extension"),
        ("content", accepted("Content-Length: 5"), "unexpected_content"),
        ("200", no_switch("200", "").encode(), "not_switched, a status other than 101 (200)"),
        ("301", no_switch("301", "Location: ws://127.0.0.1:2/\r\n").encode(), "(301)"),
        ("401", no_switch("401", "WWW-Authenticate: Basic\r\n").encode(), "(401)"),
        ("404", no_switch("404", "").encode(), "(404)"),
        ("426", no_switch("426", "Sec-WebSocket-Version: 8\r\n").encode(), "(426)"),
        ("503", no_switch("503", "Retry-After: 9\r\n").encode(), "(503)"),
        ("HTTP/1.0", lambda request: right(request).replace(b"1.1", b"1.0", 1), "unsupported_http_version"),
        ("HTTP/2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", "control_character"),
        ("a TLS alert", b"\x15\x03\x01\x00\x02\x02\x46", "control_character"),
        ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", "malformed_status_line"),
        ("zeros", bytes(100), "control_character"),
        ("LF alone", lambda request: right(request).replace(b"\r\n", b"\n"), "bare_line_end"),
        ("a line without end", b"HTTP/1.1 101 " + b"x" * 9000, "head_too_long"),
        ("interim responses without end", b"HTTP/1.1 100 Continue\r\n\r\n" * 17, "too_many_interim_responses"),
        ("nothing", b"", "truncated_head"),
        ("half a head", lambda request: right(request)[:-2], "truncated_head"),
    ]:
        (status, said, complaint), sent = meet(weft_client, answer, stays=False)
        seen = status, said, complaint.count("\n"), words if words in complaint else complaint, sent
        check(f"a server that says {name}: {words}", (1, "", 1, words, []), seen)

    hello = (TEXT, b"Hello")
    for name, answer, words, code in [
        ("a masked frame", b"\x81\x81\0\0\0\0a", "unexpected_mask at byte 1", 1002),
        ("a reserved bit", b"\xc1\x01a", "reserved_bit at byte 0", 1002),
        ("a reserved opcode", b"\x83\x01a", "reserved_opcode at byte 0", 1002),
        ("a length in too many bytes", b"\x81\x7e\0\x05Hello", "length_not_minimal", 1002),
        ("a length of 2^63", b"\x81\x7f\x80\0\0\0\0\0\0\0", "length_out_of_range", 1002),
        ("a length of 64 MiB and one", b"\x82\x7f" + struct.pack(">Q", 64 * MEBIBYTE + 1), "message_too_long", 1009),
        ("text that is none", b"\x81\x03\xed\xa0\x80", "invalid_utf8", 1007),
        ("half a Close code", b"\x88\x01\x03", "close_of_one_byte", 1002),
        ("Close 1006", b"\x88\x02\x03\xee", "invalid_close_code", 1002),
        ("Close 1001", b"\x88\x0c\x03\xe9not today ", "the server closed: 1001 not today ", 1001),
        ("a message", b"\x82\x01a", "a message that nobody waits for", None),
        ("half a frame", b"\x81\x05Hel", "the server closed: 1006", None),
        ("nothing more", b"", "the server closed: 1006", None),
    ]:
        (status, said, complaint), sent = meet(weft_client, then(answer), stays=False)
        seen = status, said, complaint.count("\n"), words if words in complaint else complaint, sent
        expected = [hello] + [(CLOSE, code)] * (code is not None)
        check(f"a server that opens and says {name}: {words}", (1, "", 1, words, expected), seen)

    for name, answer, expected in [
        ("says nothing", b"", []),
        ("says half a head", b"HTTP/1.1 101 ", []),
        ("opens and says nothing", accepted(), [hello]),
        ("opens and says half a frame", then(b"\x81\x05Hel"), [hello]),
    ]:
        (status, said, complaint), sent = meet(weft_client, answer, stays=True)
        seen = status, said, complaint, sent
        check(f"a server that stays and {name}", (1, "", "weft_client: the time is over\n", expected), seen)


def checks(binary, weft_client, **peers):
    weft_as_client(weft_client, peers)
    weft_as_server(binary, peers)
    failures(weft_client)


if __name__ == "__main__":
    run(checks, "--weft_client", "--beast", "--libwebsockets", "--websocketpp")
