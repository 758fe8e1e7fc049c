# SPDX-License-Identifier: MIT
"""The client of the Python library `websockets` talks to the echo server.

usage: python_client.py PATH_TO_ECHO_SERVER
"""

import asyncio
import os
import time

import websockets

from echo_server import PATIENCE, EchoServer, check, run

MEBIBYTE = 1024 * 1024


def connect(server, **options):
    usual = {"compression": None, "max_size": 4 * MEBIBYTE, "open_timeout": PATIENCE, "close_timeout": PATIENCE}
    return websockets.connect(server.url, **usual | options)


async def echo(ws, message):
    """Sends a message, which may be a list of fragments, and returns what comes."""
    await ws.send(message)
    return await asyncio.wait_for(ws.recv(), PATIENCE)


async def messages(server):
    async with connect(server) as ws:
        for text in ("", "Hello", "κόσμε", "Kett und Schuß: 経と緯 🧵", "\0", "ß" * 65535, "🧵" * (MEBIBYTE // 4)):
            check(f"text of {len(text.encode())} bytes", text, await echo(ws, text))
        for size in (0, 1, 125, 126, 127, 65535, 65536, MEBIBYTE - 1, MEBIBYTE):
            data = os.urandom(size)
            check(f"binary of {size} bytes", data, await echo(ws, data))
        check("fragmented text", "Kett und Schuß", await echo(ws, ["Kett ", "", "und ", "Schuß"]))
        check("fragmented binary", bytes(300), await echo(ws, iter([bytes(100)] * 3)))

        sent = [str(i) for i in range(1000)]
        received, _ = await asyncio.gather(receive(ws, len(sent)), send(ws, sent))
        check("1000 messages without waiting", sent, received)


async def send(ws, sent):
    for message in sent:
        await ws.send(message)


async def receive(ws, count):
    return [await asyncio.wait_for(ws.recv(), PATIENCE) for _ in range(count)]


async def pings(server):
    async with connect(server) as ws:
        for payload in (b"", b"beat", bytes(125)):
            pong = await ws.ping(payload)
            await asyncio.wait_for(pong, PATIENCE)
            check(f"a ping of {len(payload)} bytes has its pong", True, pong.done())


async def too_long(server):
    async with connect(server) as ws:
        try:
            await ws.send(bytes(MEBIBYTE + 1))
            await asyncio.wait_for(ws.recv(), PATIENCE)
        except websockets.ConnectionClosed:
            pass
        await ws.wait_closed()
        check("a message of 1 MiB + 1 is answered with Close 1009", 1009, ws.close_code)


async def negotiated(server):
    async with connect(server, compression="deflate", subprotocols=["chat"]) as ws:
        check("compression offered and taken", ["permessage-deflate"], [extension.name for extension in ws.extensions])
        check("a subprotocol offered and not taken", None, ws.subprotocol)
        check("and still the echo", "Hello", await echo(ws, "Hello"))


async def closes(server):
    for code, reason in ((1000, ""), (1001, "we leave"), (3001, "das Tuch ist fertig"), (4999, "")):
        async with connect(server) as ws:
            await ws.close(code, reason)
            check(f"Close {code} is answered with {code}", (code, code), (ws.close_code, ws.close_rcvd.code))


async def many(server):
    began = time.monotonic()
    clients = await asyncio.gather(*(connect(server) for _ in range(200)))
    texts = [f"client {i}" for i in range(200)]
    check("200 connections at once", texts, await asyncio.gather(*map(echo, clients, texts)))
    await asyncio.gather(*(ws.close() for ws in clients))
    print(f"   in {time.monotonic() - began:.2f} s")


def checks(binary):
    with EchoServer(binary) as server:
        for part in (messages, pings, too_long, negotiated, closes, many):
            asyncio.run(part(server))


if __name__ == "__main__":
    run(checks)
