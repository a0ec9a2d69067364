"""zlib as a peer, as the documentation of package zlib describes."""

import json
import random
import struct
import sys
import zlib

TAIL = b"\x00\x00\xff\xff"  # what is cut off a message
FINAL = b"\x01\x00\x00\xff\xff"  # an empty stored block that ends the stream
UNSEEN = 8
FAILED = 255
LONGEST = 300  # bytes of a payload in which the marker is looked for

SYNC, FULL, SEVERAL, FINISH, FINISH_DICTIONARY, SEVERAL_FINISH = range(6)


def inflate(stream, data, step):
    """The content of a message. The stream must be between two blocks then, at the end of the data."""
    parts = []
    while True:
        parts.append(stream.decompress(data, step))
        data = stream.unconsumed_tail
        if len(parts[-1]) < step:
            break
    if data or stream.eof or stream.unused_data:
        raise ValueError(f"the stream ended at {len(data) + len(stream.unused_data)} bytes before the message did")
    return b"".join(parts)


def at_boundary(stream):
    """Whether a block may begin here. The stream is of no use afterwards."""
    return not stream.decompress(FINAL) and stream.eof and not stream.unused_data


def marker(stream, payload, content):
    """The bit of its byte at which the last block's header begins: the one that makes this block the final one when it is set.

    Behind it, everything is zero up to the tail. It must be one of the last ten bits: three of the header, seven of padding at most.
    """
    for bit in range(8 * len(payload) - 3, max(8 * len(payload) - 11, -1), -1):
        if payload[bit // 8] >> bit % 8:
            break
        changed = bytearray(payload)
        changed[bit // 8] |= 1 << bit % 8
        probe = stream.copy()
        try:
            if probe.decompress(changed + TAIL) == content and probe.eof and not probe.unused_data:
                return bit % 8
        except zlib.error:
            pass
    raise ValueError(f"no empty stored block at the end of {payload.hex()}")


class Inflater:
    """Inflates the messages of a connection."""

    def __init__(self, settings):
        self.bits, self.takeover, self.step, self.markers = (settings[k] for k in ("bits", "takeover", "step", "markers"))
        self.stream = zlib.decompressobj(-self.bits)
        self.count = 0

    def answer(self, payload):
        if not self.takeover:
            self.stream = zlib.decompressobj(-self.bits)
        self.count += 1
        before = None
        if self.markers and self.count % self.markers == 0 and len(payload) <= LONGEST:
            before = self.stream.copy()
        content = inflate(self.stream, payload + TAIL, self.step)
        if not at_boundary(self.stream.copy() if self.takeover else self.stream):
            raise ValueError("the message ends in the middle of a block")
        return (marker(before, payload, content) if before else UNSEEN), content


class Deflater:
    """Deflates the messages of a connection."""

    def __init__(self, settings):
        self.options = settings["level"], zlib.DEFLATED, -settings["bits"], settings["memory"], settings["strategy"]
        self.takeover = settings["takeover"]
        self.random = random.Random(settings["seed"])
        self.sent = b""  # the last of it
        self.begin()
        self.check = Inflater(settings) if settings["markers"] else None

    def begin(self, dictionary=b""):
        self.stream = zlib.compressobj(*self.options, *([dictionary] if dictionary else []))

    def add(self, content, flush):
        """Compresses a part of a message. Flushing twice in a row, zlib gives out nothing the second time."""
        self.sent = (self.sent + content)[-32768:]
        return self.stream.compress(content) + self.stream.flush(flush)

    def finish(self, content, dictionary):
        """Ends the stream, and begins another that may refer back or not."""
        out = self.add(content, zlib.Z_FINISH)
        self.begin(self.sent if dictionary else b"")
        return out

    def several(self, content, flushes):
        """Cuts the content up, and flushes after each part but the last in one of these ways.

        Without context takeover, no stream refers back to another that the same message began with: laminar takes that for malformed.
        """
        out = b""
        cuts = sorted(self.random.randint(0, len(content)) for _ in range(self.random.randint(1, 5)))
        for begin, end in zip([0] + cuts, cuts):
            flush = self.random.choice(flushes)
            if flush == zlib.Z_FINISH:
                out += self.finish(content[begin:end], self.takeover and self.random.choice([False, True]))
            else:
                out += self.add(content[begin:end], flush)
        return out + self.add(content[cuts[-1] :], self.random.choice([zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH]))

    def payload(self, how, content):
        within = [zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_PARTIAL_FLUSH, zlib.Z_BLOCK]
        if how in (FINISH, FINISH_DICTIONARY):  # RFC 7692 section 7.2.3.4
            return self.finish(content, how == FINISH_DICTIONARY) + b"\x00"
        if how == SEVERAL:  # section 7.2.3.5
            out = self.several(content, within)
        elif how == SEVERAL_FINISH:
            out = self.several(content, within + 4 * [zlib.Z_FINISH])
        else:
            out = self.add(content, zlib.Z_FULL_FLUSH if how == FULL else zlib.Z_SYNC_FLUSH)
        if not out and not content:  # section 7.2.3.6
            out = b"\x00" + TAIL
        if not out.endswith(TAIL):
            raise ValueError("zlib's flush does not end with an empty stored block")
        return out[: -len(TAIL)]

    def answer(self, message):
        if not self.takeover:
            self.sent = b""
            self.begin()
        payload = self.payload(message[0], message[1:])
        if not self.check:
            return UNSEEN, payload
        at, content = self.check.answer(payload)
        if content != message[1:]:
            raise ValueError("zlib does not inflate what it has deflated")
        return at, payload


def block(stream):
    """The next block, or None at the stream's end."""
    head = stream.read(4)
    return stream.read(struct.unpack(">I", head)[0]) if head else None


def serve(settings, messages):
    """The answers to the messages of a connection. What follows an error is the same error."""
    error, connection = None, None
    for message in messages:
        try:
            if error is None and connection is None:
                connection = {"inflate": Inflater, "deflate": Deflater}[settings["do"]](settings)
            if error is None:
                at, out = connection.answer(message)
        except (zlib.error, ValueError) as e:
            error = e
        yield (at, out) if error is None else (FAILED, f"{type(error).__name__}: {error}".encode())


def main():
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    while (head := block(stdin)) is not None:
        settings = json.loads(head)
        messages = [block(stdin) for _ in range(settings["messages"])]
        for at, out in serve(settings, messages):
            stdout.write(struct.pack(">IB", 1 + len(out), at))
            stdout.write(out)
        stdout.flush()


main()
