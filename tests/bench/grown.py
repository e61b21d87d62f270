"""A conversation with many branches, written straight into a store."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert

from llmhub.conversations import library, tables
from llmhub.conversations.changes import Changes
from llmhub.conversations.store import ConversationStore
from llmhub.identity import LOCAL
from llmhub.ids import new_id

WORDS = re.findall("[a-z]+", "how the tree grows when one asks again what was said before and another model answers in other words")


async def grow(
    store: ConversationStore, title: str, messages: int, models: Sequence[str], *, seed: int = 1, wild: float = 0.25
) -> str:
    """Its id. Questions and answers in turn; `wild` of the turns begin somewhere else than below the last one."""
    chance, id = random.Random(seed), new_id()
    nodes: list[dict[str, Any]] = []
    bodies: list[dict[str, Any]] = []
    now = datetime.now(UTC)

    def add(parent: dict[str, Any] | None, role: str) -> dict[str, Any]:
        model = chance.choice(models) if role == "assistant" else None
        said = " ".join(chance.choices(WORDS, k=chance.randint(3, 60)))
        node: dict[str, Any] = {
            **dict(id=new_id(), conversation_id=id, parent_id=parent and parent["id"], role=role, status="complete"),
            **dict(model=model, usage=None, error=None, adapted=None, created_at=now),
        }
        if role == "assistant":
            node["usage"] = {"input_tokens": 900, "output_tokens": len(said), "cost_usd": 0.0012, "duration_ms": 2300.0}
        nodes.append(node)
        text = f"{said[:1].upper()}{said[1:]}{'?' if role == 'user' else '.'}"
        bodies.append({"message_id": node["id"], "idx": 0, "type": "text", "body": {"type": "text", "text": text}})
        return node

    answer: dict[str, Any] | None = None
    answers: list[dict[str, Any]] = []
    while len(nodes) < messages - 2:
        if answers and chance.random() < wild:
            answer = chance.choice(answers[-40:] if chance.random() < 0.7 else answers)
        question = add(answer, "user")
        for _ in range(1 + (chance.random() < wild / 2)):
            answer = add(question, "assistant")
            answers.append(answer)
    assert answer is not None
    head = answer["id"]

    def work(c: Any) -> None:
        library.create(c, LOCAL.id, id, Changes.read({"title": title}), now)
        c.execute(insert(tables.messages), nodes)
        c.execute(insert(tables.parts), bodies)
        c.execute(tables.conversations.update().where(tables.conversations.c.id == id).values(head_id=head))

    await store.database.write(work)
    return id
