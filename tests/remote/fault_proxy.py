#!/usr/bin/env python3
"""Stands between a client and a server, and makes that go wrong which it is told to.

    fault_proxy.py http|tcp --to HOST:PORT [--seed N] [--log FILE] [--port N]

`http` knows the steps of Git's smart protocol (fetch-refs, fetch-pack, push-refs, push-pack), and is a forward proxy too
(--proxy of a client); `tcp` knows bytes, and is for ssh and TLS. Prints one line of JSON with its port, and ends when stdin
closes. Each line of JSON on stdin is done and answered by one:

    {"arm": {"name": "cut", "at": "push-pack", "when": "after"}}   a fault, see _rig/faults.py; once, or "times": N or null
    {"clear": true}           no faults any more; those under way go on
    {"chaos": 0.2}            this share of all requests meets a fault, chosen by the seed; "denials": false: not 401, 403, 404
    {"refuse": true|false}    connections are refused, at the same port
    {"drop": true}            all connections end now
    {"to": "HOST:PORT"}       another server
    {"count": true}           answered by {"seen": {stage: requests}, "made": {fault: times}, "open": connections}

With --log each request and fault is a line of JSON.
"""
import argparse
import asyncio
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from _rig.exchange import Connection  # noqa: E402
from _rig.faults import FaultBook, read_fault  # noqa: E402
from _rig.processes import RigError  # noqa: E402
from _rig.valve import CHUNK, end  # noqa: E402


class Proxying:
    """A proxy that runs as a child; what it answers is checked."""

    def __init__(self, child):
        self.child = child
        self.ready = json.loads(child.stdout.readline() or "{}")
        if not self.ready:
            raise RigError(f"fault_proxy.py: exit code {child.wait()}")
        self.port, self.url = self.ready["port"], self.ready["url"]

    def tell(self, **what):
        self.child.stdin.write(json.dumps(what) + "\n")
        self.child.stdin.flush()
        answer = json.loads(self.child.stdout.readline() or '{"error": "the proxy has ended"}')
        if "error" in answer:
            raise RigError(f"fault_proxy.py: {what}: {answer['error']}")
        return answer

    def arm(self, name, **more):
        self.tell(arm={"name": name, **more})


@contextlib.contextmanager
def proxying(kind, port, *options):
    """fault_proxy.py before a server on loopback, for the length of the block."""
    command = [sys.executable, "-B", __file__, kind, "--to", f"127.0.0.1:{port}", *options]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Proxying(child)
    finally:
        child.stdin.close()
        child.wait()
        child.stdout.close()


def read_address(text):
    host, _, port = text.rpartition(":")
    return (host, int(port))


class Proxy:
    def __init__(self, kind, upstream, book):
        self.http, self.upstream, self.book = kind == "http", upstream, book
        self.port, self.listener, self.server = 0, None, None
        self.open, self.number = {}, 0

    async def listen(self, port):
        self.listener = bound(port)
        self.port = self.listener.getsockname()[1]
        self.server = await asyncio.start_server(self.accept, sock=self.listener, limit=CHUNK)

    async def accept(self, reader, writer):
        self.number += 1
        self.open[self.number] = writer
        try:
            await Connection(self, self.number, reader, writer).serve()
        except asyncio.CancelledError:
            pass  # the proxy ends
        finally:
            self.open = {number: other for number, other in self.open.items() if other is not writer}

    async def refuse(self, refuse):
        """A port that is bound and does not listen refuses, and nobody else can take it meanwhile."""
        if refuse == (self.server is None):
            return
        if refuse:
            self.server.close()
            self.server = None
            self.listener = bound(self.port)
        else:
            self.server = await asyncio.start_server(self.accept, sock=self.listener, limit=CHUNK)

    async def do(self, what):
        answer = {"done": sorted(what)}
        for verb, value in what.items():
            if verb == "arm":
                fault = read_fault(value)
                if not self.http and (fault.name in ("status", "garbage-body") or fault.when == "after"):
                    raise ValueError(f"{fault.name} {fault.when}: only bytes are known here")
                self.book.arm(fault)
            elif verb == "clear":
                self.book.clear()
            elif verb == "chaos":
                self.book.probability = float(value)
            elif verb == "denials":
                self.book.denials = bool(value)
            elif verb == "refuse":
                await self.refuse(bool(value))
            elif verb == "drop":
                for writer in list(self.open.values()):
                    end(writer, reset=True)
            elif verb == "to":
                self.upstream = read_address(value)
            elif verb == "count":
                answer |= {"seen": self.book.seen, "made": self.book.made, "open": len(self.open)}
            else:
                raise ValueError(f"nothing is done on '{verb}'")
        self.book.note("told", **{"what": what})
        return answer


def bound(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


def lines_of_stdin(loop):
    """A queue of the lines, None at the end. A thread reads, since stdin may be a file, which no event loop can wait for."""
    queue = asyncio.Queue()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(queue.put_nowait, line)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return queue


async def run(options):
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(open(options.log, "w", encoding="utf-8")) if options.log else None
        proxy = Proxy(options.kind, read_address(options.to), FaultBook(options.seed, log))
        await proxy.listen(options.port)
        print(json.dumps({"url": f"http://127.0.0.1:{proxy.port}", "port": proxy.port, "seed": options.seed}), flush=True)
        loop = asyncio.get_running_loop()
        queue = lines_of_stdin(loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, queue.put_nowait, None)
        while (line := await queue.get()) is not None:
            try:
                answer = await proxy.do(json.loads(line))
            except (ValueError, TypeError, AttributeError) as error:
                answer = {"error": str(error)}
            print(json.dumps(answer), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["http", "tcp"])
    parser.add_argument("--to", required=True, metavar="HOST:PORT", help="the server")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", help="a file for lines of JSON")
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(run(parser.parse_args()))
    # The thread that reads stdin may still be waiting there.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
