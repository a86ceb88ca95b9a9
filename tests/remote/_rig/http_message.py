"""HTTP/1.1 messages as a proxy sees them: a head, and a body whose end is known."""
from dataclasses import dataclass
from urllib.parse import urlsplit

HEAD_MAX = 1 << 16
CHUNK = 65536


class BadMessage(Exception):
    """Not HTTP."""


@dataclass
class Head:
    first: list  # the three words of the first line
    fields: dict  # by lower-case name
    raw: bytes

    def closes(self):
        return self.fields.get("connection", "").lower() == "close" or "HTTP/1.0" in (self.first[0], self.first[-1])


async def read_head(reader):
    """None at the end of the connection."""
    raw = b""
    while True:
        line = await reader.readline()
        if not line:
            if raw:
                raise BadMessage("the connection ended in a head")
            return None
        raw += line
        if len(raw) > HEAD_MAX:
            raise BadMessage("a head that does not end")
        if line in (b"\r\n", b"\n"):
            break
    lines = raw.decode("latin-1").splitlines()
    first = lines[0].split(" ", 2)
    if len(first) < 2:
        raise BadMessage(f"first line {lines[0]!r}")
    fields = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields[name.strip().lower()] = value.strip()
    return Head(first, fields, raw)


async def body(reader, head, until_close=False):
    """Yields the body's bytes as they are on the wire, chunk sizes included."""
    if "chunked" in head.fields.get("transfer-encoding", "").lower():
        async for data in chunks(reader):
            yield data
    elif "content-length" in head.fields:
        left = int(head.fields["content-length"])
        while left > 0:
            data = await reader.read(min(left, CHUNK))
            if not data:
                raise BadMessage("the connection ended in a body")
            left -= len(data)
            yield data
    elif until_close:
        while data := await reader.read(CHUNK):
            yield data


async def chunks(reader):
    while True:
        line = await reader.readline()
        if not line.endswith(b"\n"):
            raise BadMessage("the connection ended in a chunk")
        yield line
        size = int(line.split(b";")[0], 16)
        left = size + 2
        while size > 0 and left > 0:
            data = await reader.read(min(left, CHUNK))
            if not data:
                raise BadMessage("the connection ended in a chunk")
            left -= len(data)
            yield data
        if size == 0:
            while True:
                line = await reader.readline()
                if not line:
                    raise BadMessage("the connection ended in trailers")
                yield line
                if line in (b"\r\n", b"\n"):
                    return


def stage_of(head):
    """Which step of a fetch or push a request is."""
    where = urlsplit(head.first[1])
    if where.path.endswith("/info/refs"):
        if "service=git-receive-pack" in where.query:
            return "push-refs"
        if "service=git-upload-pack" in where.query:
            return "fetch-refs"
    if where.path.endswith("/git-upload-pack"):
        return "fetch-pack"
    if where.path.endswith("/git-receive-pack"):
        return "push-pack"
    return "other"


CONTENT = {"fetch-refs": "application/x-git-upload-pack-advertisement", "fetch-pack": "application/x-git-upload-pack-result",
           "push-refs": "application/x-git-receive-pack-advertisement", "push-pack": "application/x-git-receive-pack-result"}


def answer(code, reason, content, kind="text/plain", **fields):
    lines = [f"HTTP/1.1 {code} {reason}", f"Content-Type: {kind}", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content
