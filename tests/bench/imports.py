"""How much memory reading a large export takes: `python -m tests.bench.imports 500` makes a zip of so many MB and reads it.

Measured on two cores: 500 MB, 6,396 conversations of 20 messages, 22.5 s, 59 MB from the first conversation to the last.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import psutil

from llmhub.conversations.transfer.bundle import Bundle
from llmhub.conversations.transfer.reading import Contents
from llmhub.conversations.transfer.source import Archive

TURNS = 20


def write(path: Path, megabytes: int) -> int:
    """An export of ChatGPT's; gives how many conversations are in it."""
    words = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randint(2, 9))) for _ in range(5000)]
    text = " ".join(random.choices(words, k=600))
    count = size = 0
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("conversations.json", "w", force_zip64=True) as file,
    ):
        file.write(b"[")
        while size < megabytes * 2**20:
            mapping = {f"n{at}": message_node(at, f"{count} {at} {text}") for at in range(TURNS)}
            data = json.dumps({"id": f"c{count}", "title": f"Talk {count}", "create_time": 1.7e9, "mapping": mapping}).encode()
            file.write((b"," if count else b"") + data)
            size += len(data)
            count += 1
        file.write(b"]")
    return count


def message_node(at: int, text: str) -> dict[str, Any]:
    """A node of its `mapping`, the answer to the one before it."""
    content = {"content_type": "text", "parts": [text]}
    message = {"author": {"role": "assistant" if at % 2 else "user"}, "create_time": 1.7e9 + at, "content": content}
    return {"id": f"n{at}", "parent": f"n{at - 1}" if at else None, "message": message}


def main(megabytes: int) -> None:
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        count = write(path, megabytes)
        began, used = time.perf_counter(), []
        with Archive(path, path.name) as archive:
            for number, entry in enumerate(Contents(archive).entries()):
                assert isinstance(entry, Bundle)
                if number % max(1, count // 8) == 0:
                    used.append(process.memory_info().rss // 2**20)
        print(f"{megabytes} MB, {count:,} conversations, {time.perf_counter() - began:.1f} s, MB of memory over time: {used}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
