"""Conversations in and out with the store: `python -m tests.bench.transfer 200` imports so many MB and exports all of it again.

`python -m tests.bench.transfer 2000 pictures` makes an archive as people have them: most of it is pictures, the conversations are
in several files (2,000 MB: 20,000 of ten messages). The export of ChatGPT's is made in `TMPDIR` and thrown away at the end. Memory
is this process's, which is what the server would hold. Figures: docs/measurements.md.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from llmhub.conversations.transfer.export import Options
from llmhub.identity import LOCAL
from llmhub.workspace import Workspace

from .imports import TURNS, message_node, write

PNG = b"\x89PNG\r\n\x1a\n"


class Peak:
    """The most memory that this process had since `begin`, in MB, looked at every 20 ms."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._most = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def begin(self) -> int:
        """Forget what was; gives what it is now."""
        self._most = now = self._process.memory_info().rss
        return now // 2**20

    @property
    def most(self) -> int:
        return self._most // 2**20

    def _watch(self) -> None:
        while True:
            self._most = max(self._most, self._process.memory_info().rss)
            time.sleep(0.02)


def write_pictures(path: Path, megabytes: int) -> int:
    """An export in which seven bytes of eight are pictures, one in each conversation or so; gives how many conversations."""
    count, ten = megabytes * 10, 10
    vocabulary = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randint(2, 9))) for _ in range(30_000)]
    often = [1 / (rank + 10) for rank in range(len(vocabulary))]  # as in any language: few words make most of a text
    words = random.choices(["the", "and", "of", "is", *vocabulary], [0.1, 0.08, 0.06, 0.04, *often], k=2_000_000)
    shown = {number: f"file_{number:012x}" for number in random.sample(range(count), megabytes * 2 // 3)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, first in enumerate(range(0, count, 2000)):
            with archive.open(f"conversations-{part:03}.json", "w", force_zip64=True) as file:
                for number in range(first, min(first + 2000, count)):
                    mapping = {f"n{at}": _said(words, at, shown.get(number)) for at in range(ten)}
                    talk = {"id": f"c{number}", "title": f"Talk {number}", "create_time": 1.6e9 + 5000 * number, "mapping": mapping}
                    file.write((b"[" if number == first else b",") + json.dumps(talk).encode())
                file.write(b"]")
        for name in shown.values():
            archive.writestr(f"{name}-sanitized.png", PNG + random.randbytes(1_500_000), zipfile.ZIP_STORED)
    return count


def _said(words: Sequence[str], at: int, picture: str | None) -> dict[str, Any]:
    begin = random.randrange(len(words) - 400)
    node = message_node(at, " ".join(words[begin : begin + random.choice((20, 400))]))
    if picture is not None and at == 0:
        pointer = {"content_type": "image_asset_pointer", "asset_pointer": f"sediment://{picture}"}
        content = node["message"]["content"]
        content.update(content_type="multimodal_text", parts=[pointer, *content["parts"]])
    return node


async def main(megabytes: int, *, pictures: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        count = (write_pictures if pictures else write)(path, megabytes)
        turns = 10 if pictures else TURNS
        megabytes = path.stat().st_size // 2**20 if pictures else megabytes
        gc.collect()
        workspace = Workspace.open(env={"LLMHUB_DATA_DIR": folder, "LLMHUB_CONFIG": ""})
        peak = Peak()
        before, began, spent = peak.begin(), time.perf_counter(), time.process_time()
        job = await workspace.imports.start(LOCAL, path, path.name)
        async for _ in workspace.runs.jobs.watch(LOCAL, job.id):
            pass
        done = (await workspace.runs.jobs.get(LOCAL, job.id)).result or {}
        assert done["imported"] == count, done["failed"][:3]
        took, spent = time.perf_counter() - began, time.process_time() - spent
        print(
            f"import: {megabytes} MB, {count:,} conversations of {turns}, {took:.1f} s ({spent:.1f} s of CPU, "
            f"{1000 * spent / count / turns:.2f} ms a message), {before} MB before, at most {peak.most} MB"
        )
        before, began, size = peak.begin(), time.perf_counter(), 0
        async for piece in workspace.exports.pieces(LOCAL, Options()):
            size += len(piece)
        took = time.perf_counter() - began
        print(
            f"export: {count:,} conversations, {size // 2**20} MB of zip, {took:.1f} s, {before} MB before, at most {peak.most} MB"
        )
        await workspace.aclose()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100, pictures="pictures" in sys.argv))
