"""Searching many messages, and what the index adds to a write.

    python -m tests.bench.search [--messages 1000000] [--url postgresql://...]

The messages are made up: 40 words each, from 30,000 that are as unevenly common as words are (Zipf). The store indexes them.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from llmhub.conversations.search.query import parse
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import conversations, messages, parts
from llmhub.conversations.values import NewMessage
from llmhub.ids import new_id
from llmhub.messages import TextPart

from .figures import Figure, median, percentile, show

OWNER = "ada"
EACH = 40
"""Words of a message."""
TURNS = 50
"""Messages of a conversation."""
AT_ONCE = 2_000
ROUNDS = 12
WRITES = 150


class Words:
    """A language of its own."""

    def __init__(self, count: int = 30_000) -> None:
        self._dice = random.Random(1)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.known = [f"w{''.join(self._dice.choices(letters, k=self._dice.randint(3, 8)))}" for _ in range(count)]
        self._weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(count)))

    def text(self, count: int) -> str:
        return " ".join(self._dice.choices(self.known, cum_weights=self._weights, k=count))

    def queries(self) -> dict[str, str]:
        """What people type; a blank at the end tells that the last word is whole."""
        word = self.known
        return {
            "a rare word": f"{word[20_000]} ",
            "a usual word": f"{word[300]} ",
            "the commonest word": f"{word[0]} ",
            "two words": f"{word[200]} {word[350]} ",
            "the beginning of a word": word[100][:3],
            "a word while it is typed": word[50][:5],
            "a phrase of common words": f'"{word[0]} {word[1]}"',
            "role: and a common word": f"role:user {word[0]} ",
            "model: and a common word": f"model:qwen {word[9]} ",
            "after: and a common word": f"{word[5]} after:30d ",
            "a common word without another": f"{word[20]} -{word[0]} ",
        }


def fill(c: Connection, words: Words, first: int) -> None:
    """`AT_ONCE` messages, a minute apart, in conversations of `TURNS`."""
    now = datetime.now(UTC)
    talks: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    for number in range(first, first + AT_ONCE):
        if number % TURNS == 0:
            flags = {"pinned": False, "archived": False, "params": {}}
            talks.append({"id": new_id(), "owner": OWNER, "title": words.text(4), "created_at": now, "updated_at": now, **flags})
        role, model = ("user", None) if number % 2 == 0 else ("assistant", "lab/qwen3-32b")
        message = {"id": new_id(), "conversation_id": talks[-1]["id"], "role": role, "model": model, "status": "complete"}
        said.append({**message, "created_at": now - timedelta(minutes=number)})
        texts.append({"message_id": message["id"], "idx": 0, "type": "text", "body": {"type": "text", "text": words.text(EACH)}})
    c.execute(insert(conversations), talks)
    c.execute(insert(messages), said)
    c.execute(insert(parts), texts)


async def write(store: ConversationStore, words: Words) -> float:
    """Milliseconds that a message of 150 words takes to be stored."""
    talk = await store.create(OWNER)
    took: list[float] = []
    for _ in range(WRITES):
        part = TextPart(text=words.text(150))
        new = NewMessage(client_request_id=new_id(), parent_id=None, role="user", parts=(part,))
        began = time.perf_counter()
        await store.add_message(OWNER, talk.id, new)
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


async def measure(count: int, url: str | None, folder: Path) -> list[Figure]:
    store = ConversationStore(url or folder / "store.db", backups=folder)
    await store.open()
    words = Words()
    began = time.perf_counter()
    for first in range(0, count, AT_ONCE):
        await store.database.write(lambda c, first=first: fill(c, words, first))
    figures = [Figure(f"{count:,} messages are stored and indexed", time.perf_counter() - began, "s")]
    everything: list[float] = []
    for name, query in words.queries().items():
        took: list[float] = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            found = await store.search(OWNER, parse(query, datetime.now(UTC)))
            took.append((time.perf_counter() - began) * 1000)
        everything += took
        figures.append(Figure(name, median(took), "ms", note=f"{len(found.items)} shown; slowest {max(took):.0f} ms"))
    figures.append(Figure("all of them, p95", percentile(everything, 95), "ms", 50))
    with_index = await write(store, words)
    store.database._after_write = None  # pyright: ignore[reportPrivateUsage]
    without = await write(store, words)
    figures.append(Figure("the index adds to a write of 150 words", with_index - without, "ms", 1, f"without it {without:.1f} ms"))
    await store.aclose()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--url", help="of an empty database; else an SQLite file in a temporary folder")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show(asyncio.run(measure(told.messages, told.url, Path(folder))))


if __name__ == "__main__":
    main()
