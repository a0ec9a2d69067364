"""python3-websockets as a peer: "peer.py client [PMD]" and "peer.py server [PMD]", as the documentation of package interop describes."""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory

OPTIONS = {"max_size": None, "max_queue": None, "ping_interval": None, "close_timeout": 10}
AHEAD = 16  # messages of a mix that may be unanswered


def permessage_deflate(factory):
    """Options of the library that offer, or accept, the extension as PMD says, or as it does by default."""
    if len(sys.argv) < 3:
        return {"compression": "deflate"}
    return {"compression": None, "extensions": [factory(**json.loads(sys.argv[2]))]}


class Counting:
    """Counts the bytes that a connection receives."""

    received = 0

    def data_received(self, data):
        self.received += len(data)
        super().data_received(data)


class CountingClient(Counting, websockets.WebSocketClientProtocol):
    pass


class CountingServer(Counting, websockets.WebSocketServerProtocol):
    pass


def report(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def fragments(data, plan):
    """Cuts data as the plan says. The library sends text by whole characters, so text is cut by characters,
    and it ends every fragmented message with an empty fragment of its own."""
    size = plan["fragment"]
    parts = [data[i:i + size] for i in range(0, len(data), size)] or [data]
    if plan["empty"]:
        middle = len(parts) // 2
        parts = [data[:0], *parts[:middle], data[:0], *parts[middle:], data[:0]]
    return parts


def payloads(plan):
    """The messages that the plan has the peer send, as str and bytes."""
    with open(plan["file"], "rb") as file:
        data = file.read()
    if plan["mix"]:
        with open(plan["mix"], "rb") as file:
            cuts = [(cut["type"], data[cut["from"]:cut["to"]]) for cut in json.load(file)]
        return [part.decode() if kind == "text" else part for kind, part in cuts]
    if plan["type"] == "text":
        data = data.decode()
    return [data[:i] for i in range(len(data) + 1)] if plan["series"] else [data]


class Sender:
    """Sends messages as the plan says and remembers the last ping."""

    def __init__(self, ws, plan):
        self.ws, self.plan, self.pong = ws, plan, None

    async def ping(self):
        if self.plan["ping"]:
            self.pong = await self.ws.ping()
            # A connection that ends early leaves pings unanswered; that is no error of its own.
            self.pong.add_done_callback(lambda pong: pong.cancelled() or pong.exception())

    async def pieces(self, data):
        for part in fragments(data, self.plan):
            yield part
            await self.ping()

    async def send(self, data):
        await self.ping()
        await self.ws.send(self.pieces(data) if self.plan["fragment"] else data)
        await self.ping()

    async def answered(self):
        """Waits until the last ping was answered. Pongs to earlier pings may be missing (RFC 6455 section 5.5.3)."""
        if self.pong is not None:
            await self.pong


async def end(ws, plan):
    """Closes as the plan says: 0 leaves it to the other side, 1006 is no Close frame at all."""
    if plan["code"] == 1006:
        ws.transport.abort()
    elif plan["code"] != 0:
        await ws.close(plan["code"], plan["reason"])
    await ws.wait_closed()


def ending(ws):
    return {
        "code": ws.close_code,
        "reason": ws.close_reason,
        "extensions": ws.response_headers.get("Sec-WebSocket-Extensions", ""),
        "received": ws.received,
    }


async def exchange(ws, plan):
    """Sends the plan's messages and compares what comes back. Returns what went wrong, if anything."""
    sender = Sender(ws, plan)
    messages = payloads(plan)
    ahead = AHEAD if plan["mix"] else len(messages)
    try:
        for number in range(len(messages) + ahead):
            if number < len(messages):
                await sender.send(messages[number])
            if number >= ahead:
                got, want = await ws.recv(), messages[number - ahead]
                if got != want:
                    await ws.close(4000, "wrong echo")
                    return f"message {number - ahead + 1}: {len(got)} of {type(got).__name__} are not what was sent"
        await sender.answered()
        report("echoed")
        await end(ws, plan)
    except websockets.ConnectionClosed as err:
        return str(err)
    return ""


async def carry_out(plan):
    pmd = permessage_deflate(ClientPerMessageDeflateFactory) if plan["deflate"] else {"compression": None}
    try:
        ws = await websockets.connect(plan["url"], create_protocol=CountingClient, **pmd, **OPTIONS)
    except (OSError, ValueError, websockets.InvalidHandshake) as err:
        report("closed", code=1006, reason="", extensions="", error=str(err))
        return
    error = await exchange(ws, plan)
    await ws.wait_closed()
    report("closed", error=error, **ending(ws))


async def client():
    # Plans are read to the end of input by a thread, so that the loop goes on serving the connection.
    while line := await asyncio.to_thread(sys.stdin.readline):
        await carry_out(json.loads(line))


async def answer(ws, plan):
    """Sends what comes back as the plan says. Returns what went wrong, if anything."""
    try:
        async for message in ws:
            if not isinstance(message, str):
                await ws.close(4000, "text was expected")
                break
            sender = Sender(ws, plan)
            await sender.send(message.encode() if plan["type"] == "binary" else message)
            await sender.answered()
            if plan["code"] != 0:
                await end(ws, plan)
    except websockets.ConnectionClosed as err:
        return str(err)
    return ""


async def accept(ws):
    plan = json.loads(parse_qs(urlsplit(ws.path).query)["plan"][0])
    error = await (exchange if plan["file"] else answer)(ws, plan)
    await ws.wait_closed()
    report("closed", error=error, protocol=ws.subprotocol or "", header=ws.request_headers.get("X-Interop", ""),
           offered=ws.request_headers.get("Sec-WebSocket-Extensions", ""), **ending(ws))


async def server():
    async with websockets.serve(accept, "127.0.0.1", 0, subprotocols=["interop.v2", "interop.v1"], create_protocol=CountingServer,
                                **permessage_deflate(ServerPerMessageDeflateFactory), **OPTIONS) as listener:
        report("listening", url="ws://127.0.0.1:%d" % listener.sockets[0].getsockname()[1])
        await asyncio.Future()


asyncio.run(server() if sys.argv[1] == "server" else client())
