"""Searching many messages, and what the index adds to a write.

    python -m tests.bench.search [--messages 1000000] [--url postgresql://...] [--keep FILE]

The messages are made up: 40 words each, from 30,000 that are as unevenly common as words are (Zipf), a minute apart. They are
written with their entries and without triggers, which takes minutes where sending them would take hours.
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
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, insert

from llmhub.conversations.search import entries, index, schema
from llmhub.conversations.search.direct import Direct
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
            "the commonest while it is typed": word[0][:3],
            "a phrase of common words": f'"{word[0]} {word[1]}"',
            "role: and a common word": f"role:user {word[0]} ",
            "model: and a common word": f"model:qwen {word[9]} ",
            "after: and a common word": f"{word[5]} after:30d ",
            "a common word without another": f"{word[20]} -{word[0]} ",
        }


def fill(c: Connection, words: Words, first: int, count: int) -> None:
    """`AT_ONCE` of `count` messages in conversations of `TURNS`, with their entries, the oldest first."""
    now = datetime.now(UTC)
    talks: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    made: list[tuple[int, entries.Entry, bytes]] = []
    for number in range(first, min(first + AT_ONCE, count)):
        at = now - timedelta(minutes=count - number)
        if number % TURNS == 0:
            title = words.text(4)
            flags = {"pinned": False, "archived": False, "params": {}}
            talks.append({"id": new_id(), "owner": OWNER, "title": title, "created_at": at, "updated_at": at, **flags})
            titled = SimpleNamespace(id=talks[-1]["id"], title=title, titled_owner=OWNER, titled_at=at)
            made += [(entries.first_id(at) + 1, entry, entry.packed()) for entry in entries.of_title(titled, ())]
        role, model = ("user", None) if number % 2 == 0 else ("assistant", "lab/qwen3-32b")
        message = {"id": new_id(), "conversation_id": talks[-1]["id"], "role": role, "model": model, "status": "complete"}
        said.append({**message, "created_at": at})
        texts.append({"message_id": message["id"], "idx": 0, "type": "text", "body": {"type": "text", "text": words.text(EACH)}})
        row = SimpleNamespace(**said[-1], owner=OWNER, instruction=None)
        made += [(entries.first_id(at), entry, entry.packed()) for entry in entries.of_message(row, [texts[-1]["body"]], {})]
    for table, rows in ((conversations, talks), (messages, said), (parts, texts)):
        if rows:
            c.execute(insert(table), rows)
    index.put(Direct(c), made)


def unwatched(c: Connection) -> None:
    """Take triggers away, and on PostgreSQL the full text's index, which is quicker made at the end."""
    if c.dialect.name == "postgresql":
        for table in ("messages", "parts", "conversations", "tags"):
            c.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        c.exec_driver_sql(f"DROP INDEX {schema.WORDS}_vector")
        return
    for name in c.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
        c.exec_driver_sql(f"DROP TRIGGER {name}")


def watched(c: Connection) -> None:
    schema.install(c)
    if c.dialect.name == "postgresql":
        c.exec_driver_sql("ANALYZE")


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


async def measure(count: int, where: str | Path, folder: Path) -> list[Figure]:
    store = ConversationStore(where, backups=folder)
    await store.open()
    words = Words()
    if not (await store.list(OWNER, limit=1)).items:
        began = time.perf_counter()
        await store.database.write(unwatched)
        for first in range(0, count, AT_ONCE):
            await store.database.write(lambda c, first=first: fill(c, words, first, count))
        await store.database.write(watched)
        print(f"{count:,} messages written in {time.perf_counter() - began:.0f} s", flush=True)
    figures: list[Figure] = []
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
    parser.add_argument("--url", help="of a database, filled if it is empty; else an SQLite file in a temporary folder")
    parser.add_argument("--keep", type=Path, help="an SQLite file, filled if it is not there")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show(asyncio.run(measure(told.messages, told.url or told.keep or Path(folder) / "store.db", Path(folder))))


if __name__ == "__main__":
    main()
