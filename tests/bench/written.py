"""A conversation written straight into a store by its own statements, many turns to a transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from llmhub.conversations import library, runs
from llmhub.conversations.changes import Changes
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.values import RunDraft, RunOutcome
from llmhub.identity import LOCAL
from llmhub.ids import new_id
from llmhub.messages import TextPart, Usage

TURNS_AT_ONCE = 250


async def write(store: ConversationStore, title: str, messages: int, model: str, turn: Callable[[int], tuple[str, str]]) -> str:
    """Its id. `turn(number)` gives the question and the answer."""
    id = new_id()
    await store.database.write(lambda c: library.create(c, LOCAL.id, id, Changes.read({"title": title}), datetime.now(UTC)))
    parent: str | None = None

    def turns(c: Any, first: int, count: int) -> None:
        nonlocal parent
        for number in range(first, first + count):
            question, answer = turn(number)
            draft = RunDraft(
                run_id=new_id(),
                conversation_id=id,
                client_request_id=new_id(),
                process_id="bench",
                parent_id=parent,
                user_message_id=new_id(),
                user_parts=(TextPart(text=question),),
                message_id=new_id(),
                model=model,
            )
            runs.begin(c, LOCAL.id, draft, datetime.now(UTC))
            outcome = RunOutcome(
                status="complete",
                finish_reason="stop",
                parts=(TextPart(text=answer),),
                usage=Usage(input_tokens=5000, output_tokens=700),
                model=draft.model,
                log=b"x" * 300,
                last_seq=100,
            )
            runs.finish(c, draft.run_id, outcome, datetime.now(UTC))
            parent = draft.message_id

    for first in range(0, messages // 2, TURNS_AT_ONCE):
        count = min(TURNS_AT_ONCE, messages // 2 - first)
        await store.database.write(lambda c, first=first, count=count: turns(c, first, count))
    return id
