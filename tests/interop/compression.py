# SPDX-License-Identifier: MIT
"""permessage-deflate between weft and others: Chromium, the library `websockets` with every set of parameters, Beast and
WebSocket++. Where it counts a relay stands between both, and looks at what travels.

usage: compression.py PATH_TO_ECHO_SERVER --any_server FILE --weft_client FILE --beast FILE --websocketpp FILE
                      --libwebsockets FILE
"""

import asyncio
import contextlib
import itertools
import json
import re
import socket
import subprocess
import tempfile
import threading

import websockets
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory

from browser import ARGUMENTS
from echo_server import PATIENCE, EchoServer, check, run
from peers import PythonServer

BITS = range(9, 16)  # zlib has no window of 8
MEBIBYTE = 1024 * 1024
TEXTS = ["", "Hello", "Kett und Schuß: 経と緯 🧵" * 100, json.dumps([{"id": i, "name": f"thread {i % 7}"} for i in range(3000)])]


class Relay:
    """Stands before a server on a port of its own, and keeps what each side says on each connection."""

    def __init__(self, port):
        self.target, self.connections = port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):  # of the listener that is closed
            while True:
                near = self.listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.target), PATIENCE)
                said = {"client": bytearray(), "server": bytearray()}
                self.connections.append(said)
                for ends in ((near, far, said["client"]), (far, near, said["server"])):
                    ends[0].settimeout(None)
                    threading.Thread(target=self.pump, args=ends, daemon=True).start()

    @staticmethod
    def pump(source, sink, said):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                said += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def first_bytes(said):
    """The head, and the first byte of each frame with its size, of what one side has said."""
    head, _, data = bytes(said).partition(b"\r\n\r\n")
    frames = []
    while len(data) > 1:
        size, at = data[1] & 0x7F, 2
        if size > 125:
            wide = 2 if size == 126 else 8
            size, at = int.from_bytes(data[2 : 2 + wide], "big"), 2 + wide
        at += 4 if data[1] & 0x80 else 0
        frames.append((data[0], size))
        data = data[at + size :]
    return head.decode(), frames


def check_travelled(name, said, least):
    """That both sides compressed their messages, RSV1 in first frames only, and how many bytes that saved."""
    for side in ("client", "server"):
        _, frames = first_bytes(said[side])
        begins = [first for first, _ in frames if first & 0xF in (1, 2)]
        others = [first for first, _ in frames if first & 0xF not in (1, 2)]
        check(f"{name}: the {side} sets RSV1 where messages begin", True, any(first & 0x40 for first in begins))
        check(f"{name}: and nowhere else", [], [first for first in others if first & 0x40])
        size = sum(size for _, size in frames)
        check(f"{name}: of {least} bytes {size} came from the {side}, a quarter less at least", True, size < least * 0.75)


class Server(EchoServer):
    """Another program that tells its port, and serves until it is stopped."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.running.append(self.process)
        self.port = int(self.process.stdout.readline().split()[-1])
        self.url = f"ws://127.0.0.1:{self.port}/"

    def __exit__(self, error, *_):
        self.process.terminate()
        ended = self.wait()
        if error is None:
            check("the server had no complaint", "", ended[1])


# A browser

ECHO_OF_JSON = """
const done = arguments[0];
const size = text => new TextEncoder().encode(text).length;
const rows = [];
for (let i = 0; i < 9000; ++i)
  rows.push({id: i, name: `thread ${i % 97}`, warp: (i * 2654435761) % 1000003, note: 'Kett und Schuß: 経と緯 🧵'});
const short = JSON.stringify(rows);
const sent = short + ' '.repeat(1024 * 1024 - size(short));
const ws = new WebSocket(`ws://${location.host}/`);
ws.onopen = () => ws.send(sent);
ws.onclose = event => done({error: `closed with ${event.code} before the echo`});
ws.onmessage = event => {
  ws.onclose = closed => done({bytes: size(sent), same: event.data === sent, extensions: ws.extensions,
                               clean: closed.wasClean});
  ws.close(1000);
};
"""


def browser(binary):
    options = webdriver.ChromeOptions()
    with EchoServer(binary) as server, Relay(server.port) as relay, tempfile.TemporaryDirectory(
        ignore_cleanup_errors=True
    ) as profile:
        for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        chromium = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        try:
            chromium.set_page_load_timeout(PATIENCE)
            chromium.set_script_timeout(PATIENCE)
            chromium.get(f"http://127.0.0.1:{relay.port}/")
            seen = chromium.execute_async_script(ECHO_OF_JSON)
        finally:
            chromium.quit()
    answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    wanted = {"bytes": MEBIBYTE, "same": True, "extensions": answer, "clean": True}
    check("Chromium has 1 MiB of JSON back, and says what was agreed", wanted, seen)
    said = max(relay.connections, key=lambda said: len(said["client"]))
    check("and so does the response", True, answer in first_bytes(said["server"])[0])
    check_travelled("Chromium", said, MEBIBYTE)


# The library `websockets`, with each set of parameters


async def echoes(url, factory):
    """How many texts come back, and what was agreed."""
    async with websockets.connect(url, extensions=[factory], compression=None, max_size=None) as ws:
        for text in TEXTS + TEXTS:
            await ws.send(text)
            if await asyncio.wait_for(ws.recv(), PATIENCE) != text:
                return "another text", None
        await ws.send([text[:7] for text in TEXTS])  # in fragments
        if await asyncio.wait_for(ws.recv(), PATIENCE) != "".join(text[:7] for text in TEXTS):
            return "other fragments", None
        [agreed] = ws.extensions
        return "the same", agreed


def python_as_client(any_server):
    switches = [False, True]
    grid = list(itertools.product(switches, switches, [None, *BITS], [None, True, *BITS]))
    with Server(any_server, "0") as server:
        for server_alone, client_alone, server_bits, client_bits in grid:
            factory = ClientPerMessageDeflateFactory(server_alone, client_alone, server_bits, client_bits)
            same, agreed = asyncio.run(echoes(server.url, factory))
            wanted = (server_alone, client_alone, server_bits or 15, client_bits if client_bits not in (None, True) else 15)
            seen = agreed and (
                agreed.remote_no_context_takeover,
                agreed.local_no_context_takeover,
                agreed.remote_max_window_bits,
                agreed.local_max_window_bits,
            )
            if (same, seen) != ("the same", wanted):
                check(f"websockets offers {wanted}", ("the same", wanted), (same, seen))
    check(f"websockets as a client, with {len(grid)} sets of parameters", 4 * 8 * 9, len(grid))


def ask(*command):
    """Runs a client, and returns the names of its checks."""
    ended = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE)
    if ended.returncode != 0 or ended.stderr:
        check(f"{command} ends with status 0 and without complaint", (0, ""), (ended.returncode, ended.stderr))
    return re.findall(r"^ok (.*)$", ended.stdout, re.MULTILINE)


def python_as_server(weft_client):
    offers = [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=12; client_max_window_bits=10",
    ]
    checks = 0
    for server_alone, client_alone, bits in itertools.product([False, True], [False, True], [None, 9, 15]):
        factory = ServerPerMessageDeflateFactory(server_alone, client_alone, bits, bits)
        with PythonServer(extensions=[factory], compression=None) as server:
            for offer in offers:
                lines = ask(weft_client, server.url, PATIENCE, offer)
                if not lines[0].startswith("weft: agreed to permessage-deflate"):
                    check(f"{offer} is agreed to", "weft: agreed to permessage-deflate ...", lines[0])
                checks += len(lines)
    check(f"weft as a client of websockets: {checks} messages and answers", True, checks > 5 * 12 * 10)


# Beast and WebSocket++


def offers():
    """One for each takeover and some windows."""
    for server_alone, client_alone, bits in itertools.product([False, True], [False, True], [None, 9, 12, 15]):
        yield "; ".join(
            ["permessage-deflate"]
            + ["server_no_context_takeover"] * server_alone
            + ["client_no_context_takeover"] * client_alone
            + ([f"server_max_window_bits={bits}", f"client_max_window_bits={bits}"] if bits else [])
        )


def others(any_server, weft_client, peers):
    for name, peer in peers.items():
        with Server(peer, "server", "0", "deflate") as server, Relay(server.port) as relay:
            for offer in offers():
                lines = ask(weft_client, f"ws://127.0.0.1:{relay.port}/", PATIENCE, offer)
                check(f"weft as a client of {name}: {lines[0]}, and {len(lines) - 1} checks", True, len(lines) > 12)
                check_travelled(f"weft and {name}", relay.connections.pop(), 2 * MEBIBYTE)
        with Server(any_server, "0") as server, Relay(server.port) as relay:
            lines = ask(peer, "client", relay.port, "deflate")
            check(f"{name} as a client of weft: {len(lines)} checks", True, len(lines) > 10)
            check_travelled(f"{name} and weft", relay.connections.pop(), 2 * MEBIBYTE)


def checks(binary, any_server, weft_client, beast, websocketpp, libwebsockets):
    del libwebsockets  # of which Debian's is built without extensions
    browser(binary)
    python_as_client(any_server)
    python_as_server(weft_client)
    others(any_server, weft_client, {"beast": beast, "websocketpp": websocketpp})


if __name__ == "__main__":
    run(checks, "--any_server", "--weft_client", "--beast", "--websocketpp", "--libwebsockets")
