"""A client's connection through the proxy: requests of HTTP one after the other, or bytes of anything else."""
import asyncio
from urllib.parse import urlsplit

from .faults import REASONS
from .http_message import CONTENT, BadMessage, answer, body, read_head, stage_of
from .valve import CHUNK, Cut, Stall, Valve, be_silent, end

LOST_ANSWER_MAX = 1 << 26  # bytes


class Connection:
    def __init__(self, proxy, number, reader, writer):
        self.proxy, self.number, self.reader, self.writer = proxy, number, reader, writer
        self.server = None  # (reader, writer, address)
        self.fault, self.chance, self.stage = None, None, None

    def note(self, event, **more):
        self.proxy.book.note(event, connection=self.number, stage=self.stage, **more)

    async def serve(self):
        """Until either side goes, or a fault says so."""
        try:
            if self.proxy.http:
                while await self.one_request():
                    pass
            else:
                self.take("connect")
                await self.tunnel(self.proxy.upstream)
        except Cut:
            end(self.writer, self.fault.reset)
        except Stall:
            await be_silent(self.reader, self.fault)
        except (BadMessage, OSError, EOFError, ValueError) as error:
            self.note("broken", why=f"{type(error).__name__}: {error}")
        finally:
            end(self.writer)
            if self.server:
                end(self.server[1])

    def take(self, stage):
        self.stage = stage
        self.chance, self.fault = self.proxy.book.pick(stage)

    async def connect(self, address):
        if self.server and self.server[2] == address and not self.server[0].at_eof():
            return
        if self.server:
            end(self.server[1])
        reader, writer = await asyncio.open_connection(*address, limit=CHUNK)
        self.server = (reader, writer, address)

    async def tunnel(self, address, greeting=b""):
        """Bytes both ways."""
        up = Valve(None, "up", self.fault, self.chance, self.note)
        down = Valve(self.writer, "down", self.fault, self.chance, self.note)
        await down.open()
        await up.open()
        if self.fault is not None and self.fault.name == "garbage":
            await self.garbage()
            return
        await self.connect(address)
        up.writer = self.server[1]
        self.note("connected")
        if greeting:
            self.writer.write(greeting)
        tasks = [asyncio.create_task(pass_on(self.reader, up)), asyncio.create_task(pass_on(self.server[0], down))]
        try:
            # Whoever ends first ends both: no client of ours goes on after a half that is closed, and ssh's never do.
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def garbage(self):
        self.note("fault", fault="garbage", bytes=self.fault.size)
        self.writer.write(self.chance.randbytes(self.fault.size))
        await self.writer.drain()

    async def one_request(self):
        """Whether the connection can take another one."""
        head = await read_head(self.reader)
        if head is None:
            return False
        if head.first[0] == "CONNECT":
            host, _, port = head.first[1].rpartition(":")
            self.take("connect")
            await self.tunnel((host, int(port)), b"HTTP/1.1 200 Connection established\r\n\r\n")
            return False
        self.take(stage_of(head))
        self.note("request", method=head.first[0], target=head.first[1])
        address = self.proxy.upstream
        if head.first[1].startswith("http://"):
            where = urlsplit(head.first[1])
            address = (where.hostname, where.port or 80)
            rest = head.first[1].split("/", 3)
            head.raw = head.raw.replace(head.first[1].encode(), b"/" + (rest[3].encode() if len(rest) > 3 else b""), 1)
        fault = self.fault
        if fault is not None and fault.comes_first():
            # The server does not see the request. A client that asks first whether it may send has its answer with this.
            if "expect" not in head.fields:
                async for _ in body(self.reader, head):
                    pass
            await Valve(self.writer, "down", fault, self.chance, self.note).open()
            await self.instead()
            return False
        return await self.pass_request(head, address)

    async def instead(self):
        """The fault's own answer."""
        fault = self.fault
        if fault.name == "garbage":
            await self.garbage()
            return
        self.note("fault", fault=fault.name, code=fault.code or 200)
        if fault.name == "garbage-body":
            data = answer(200, "OK", self.chance.randbytes(fault.size), CONTENT.get(self.stage, "application/octet-stream"))
        else:
            ask = {401: {"WWW_Authenticate": 'Basic realm="fault"'}, 407: {"Proxy_Authenticate": 'Basic realm="fault"'}}
            data = answer(fault.code, REASONS.get(fault.code, "Fault"), b"this is a fault\n", Retry_After=fault.retry_after,
                          Location=fault.location, **ask.get(fault.code, {}))
        self.writer.write(data)
        await self.writer.drain()

    async def pass_request(self, head, address):
        try:
            await self.connect(address)
        except OSError as error:
            self.note("unreachable", why=str(error))
            self.writer.write(answer(502, "Bad Gateway", b"the server is not there\n"))
            await self.writer.drain()
            return False
        up = Valve(self.server[1], "up", self.fault, self.chance, self.note)
        down = Valve(self.writer, "down", self.fault, self.chance, self.note)
        await up.open()

        async def send():
            await up.send(head.raw)
            async for data in body(self.reader, head):
                await up.send(data)

        sending = asyncio.create_task(send())
        answering = asyncio.create_task(self.pass_answer(head, down))
        try:
            done, _ = await asyncio.wait([sending, answering], return_when=asyncio.FIRST_COMPLETED)
            # A fault of this direction ends the exchange. A server that hangs up on a request may have answered it already.
            if sending in done and isinstance(sending.exception(), (Cut, Stall)):
                raise sending.exception()
            again = await answering
            return again and sending.done() and sending.exception() is None and not head.closes()
        finally:
            for task in (sending, answering):
                task.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)

    async def pass_answer(self, request, down):
        """The server's answer to the client; or, where it is to be lost, all of it into memory first."""
        lose = self.fault is not None and self.fault.when == "after"
        kept = bytearray()

        async def give(data):
            if not lose:
                await down.send(data)
            elif len(kept) < LOST_ANSWER_MAX:
                kept.extend(data)

        reader = self.server[0]
        while True:
            head = await read_head(reader)
            if head is None:
                return False
            code = int(head.first[1])
            if 100 <= code < 200:
                # Without it the client would never send the request whose answer is to be lost.
                self.writer.write(head.raw)
                continue
            break
        await give(head.raw)
        if request.first[0] != "HEAD" and code not in (204, 304):
            async for data in body(reader, head, until_close=True):
                await give(data)
        if lose:
            await self.lose(bytes(kept), code)
        self.note("answered", code=code)
        framed = "content-length" in head.fields or "transfer-encoding" in head.fields or code in (204, 304)
        return framed and not head.closes()

    async def lose(self, kept, code):
        """The server has done what it was asked for, and the client does not learn it."""
        fault = self.fault
        self.note("executed", code=code)
        if fault.name in ("cut", "stall"):
            self.writer.write(kept[:fault.after])
            await self.writer.drain()
            self.note("fault", fault=fault.name, direction="down", bytes=min(fault.after, len(kept)))
            raise Cut if fault.name == "cut" else Stall
        await self.instead()
        raise Cut


async def pass_on(reader, valve):
    while data := await reader.read(CHUNK):
        await valve.send(data)
