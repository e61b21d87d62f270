"""A model server that costs next to nothing, in a process of its own: what is measured is llmhub, not the endpoint.

It speaks the OpenAI wire as `wire_server` does, without its behaviours; `python -m tests.bench.tokens --port-file F`.

Models: `words-N-at-R` says N tokens at R per second (R = 0: one after the other without a pause); `stamps-N-at-R` too, each token
being the moment it was sent ("<nanoseconds of CLOCK_MONOTONIC> "), which every process of the machine reads from the same clock;
`answer-N-at-R` says N tokens of Markdown and, as its last paragraph, "Ended at <nanoseconds>.". With `-after-M` it thinks for M
milliseconds before it says anything, as models do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import time
from pathlib import Path

from .answer import tokens

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n%b\r\n"
WINDOWS = {"words-1-at-0": 8_192, "words-2-at-0": 32_768, "words-3-at-0": 128_000}
"""What the list of models says of their context windows."""


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, request after request."""
    try:
        while head := await _head(reader):
            size = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(size[1])) if size else b""
            if b"/models" in head.split(b"\r\n", 1)[0]:
                _list(writer)
            else:
                await _answer(writer, json.loads(body)["model"])
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def _list(writer: asyncio.StreamWriter) -> None:
    data = json.dumps({"object": "list", "data": [{"id": name, "context_length": size} for name, size in WINDOWS.items()]}).encode()
    writer.write(HEAD % (b"application/json", b"Content-Length: %d\r\n" % len(data)) + data)


async def _answer(writer: asyncio.StreamWriter, model: str) -> None:
    match = re.fullmatch(r"(words|stamps|answer)-(\d+)-at-(\d+)(?:-after-(\d+))?", model)
    assert match is not None, model
    kind, count, rate = match[1], int(match[2]), int(match[3])
    answer = tokens(count) if kind == "answer" else _WORDS
    writer.write(HEAD % (b"text/event-stream", b"Transfer-Encoding: chunked\r\n"))
    _say(writer, {"delta": {"role": "assistant", "content": ""}})
    await writer.drain()
    await asyncio.sleep(int(match[4] or 0) / 1000)
    loop = asyncio.get_running_loop()
    start = loop.time()
    for index in range(count):
        if rate and (pause := start + index / rate - loop.time()) > 0:
            await asyncio.sleep(pause)
        _say(writer, {"delta": {"content": f"{time.monotonic_ns()} " if kind == "stamps" else answer[index % len(answer)]}})
        await writer.drain()
    if kind == "answer":
        _say(writer, {"delta": {"content": f"\n\nEnded at {time.monotonic_ns()}."}})
    _say(writer, {"delta": {}, "finish_reason": "stop"}, {"prompt_tokens": 11, "completion_tokens": count})
    _chunk(writer, b"data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")


_WORDS = "The quick brown fox jumps over the lazy dog, and then it goes home to sleep. ".replace(" ", " |").split("|")[:-1]


def _say(writer: asyncio.StreamWriter, choice: dict[str, object], usage: dict[str, int] | None = None) -> None:
    body = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, **choice}]}
    _chunk(writer, b"data: %b\n\n" % json.dumps({**body, **({"usage": usage} if usage else {})}).encode())


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port-file", type=Path, required=True, help="where to write the port once it listens")
    options = parser.parse_args()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    part = options.port_file.with_suffix(".part")
    part.write_text(str(server.sockets[0].getsockname()[1]))
    part.replace(options.port_file)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(_main())
