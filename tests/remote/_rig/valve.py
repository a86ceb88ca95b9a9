"""One direction of a connection, which may fail after a number of bytes."""
import asyncio
import socket
import struct

from .faults import BYTE_FAULTS

SLICE_SECONDS = 0.05
CHUNK = 65536


class Cut(Exception):
    """The connection ends here."""


class Stall(Exception):
    """The connection stays, and nothing more is said."""


class Valve:
    def __init__(self, writer, direction, fault, chance, note):
        self.writer, self.sent, self.chance, self.note = writer, 0, chance, note
        fits = fault is not None and fault.name in BYTE_FAULTS and fault.direction == direction and fault.when == "before"
        self.fault = fault if fits else None

    async def open(self):
        """What fails after no byte fails before the first."""
        if self.fault is not None and self.fault.after == 0:
            await self.send(b"")

    async def send(self, data):
        fault = self.fault
        if fault is not None and fault.name in ("cut", "stall", "deaf") and self.sent + len(data) >= fault.after:
            await self._write(data[:fault.after - self.sent])
            self.note("fault", fault=fault.name, direction=fault.direction, bytes=self.sent)
            raise Cut if fault.name == "cut" else Stall
        if fault is not None and fault.name == "flip" and self.sent <= fault.after < self.sent + len(data):
            place = fault.after - self.sent
            bit = 1 << self.chance.randrange(8)
            data = data[:place] + bytes([data[place] ^ bit]) + data[place + 1:]
            self.note("fault", fault="flip", direction=fault.direction, bytes=fault.after, bit=bit)
        if fault is not None and fault.name == "slow":
            if self.sent <= fault.after < self.sent + len(data):
                self.note("fault", fault="slow", direction=fault.direction, rate=fault.rate)
            await self._write_slowly(data, fault)
        else:
            await self._write(data)

    async def _write(self, data):
        if data:
            self.sent += len(data)
            self.writer.write(data)
            await self.writer.drain()

    async def _write_slowly(self, data, fault):
        while data:
            size = max(1, int(fault.rate * SLICE_SECONDS))
            await self._write(data[:size])
            await asyncio.sleep(min(len(data), size) / fault.rate)
            data = data[size:]


def end(writer, reset=False):
    """Closes a connection, by RST where that is asked for."""
    try:
        if reset:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        else:
            writer.close()
    except OSError:
        pass


async def be_silent(reader, fault):
    """Until the time is over or the client has gone. Who is deaf does not read, and so sees the time only."""
    try:
        if fault.name == "deaf":
            await asyncio.sleep(fault.seconds if fault.seconds is not None else 3600)
        else:
            await asyncio.wait_for(read_to_end(reader), fault.seconds)
    except (asyncio.TimeoutError, OSError):
        pass


async def read_to_end(reader):
    while await reader.read(CHUNK):
        pass
