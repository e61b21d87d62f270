"""Short words for tests: ask, answer, and the tree that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from llmhub.conversations.store import ConversationStore
from llmhub.conversations.values import RunDraft, RunOutcome, RunRecord
from llmhub.ids import new_id
from llmhub.messages import TextPart, Usage

ADA, BOB = "ada", "bob"


def draft(conversation_id: str, parent_id: str | None = None, text: str | None = "Why?", **changes: Any) -> RunDraft:
    """A draft of a new turn; with `text=None` of another answer to `parent_id`."""
    plain = RunDraft(
        run_id=new_id(),
        conversation_id=conversation_id,
        client_request_id=new_id(),
        process_id="process-1",
        parent_id=parent_id,
        user_message_id=None if text is None else new_id(),
        user_parts=None if text is None else (TextPart(text=text),),
        message_id=new_id(),
        model="demo/plain",
    )
    return replace(plain, **changes)


def outcome(text: str = "Because.", **changes: Any) -> RunOutcome:
    """A run that ended well."""
    plain = RunOutcome(
        status="complete",
        finish_reason="stop",
        parts=(TextPart(text=text),),
        usage=Usage(input_tokens=3, output_tokens=2),
        model="demo/plain",
        log=b"log",
        last_seq=4,
    )
    return replace(plain, **changes)


@dataclass
class Talk:
    """One conversation in a store."""

    store: ConversationStore
    id: str

    @classmethod
    async def begin(cls, store: ConversationStore, **kwargs: Any) -> Talk:
        return cls(store, (await store.create(ADA, **kwargs)).id)

    async def ask(self, parent_id: str | None = None, text: str | None = "Why?", **changes: Any) -> RunRecord:
        """Begin a run and leave it running."""
        record, started, _ = await self.store.begin_run(ADA, draft(self.id, parent_id, text, **changes))
        assert started
        return record

    async def turn(self, parent_id: str | None = None, text: str | None = "Why?", answer: str = "Because.") -> str:
        """A question and its answer; gives the id of the answer."""
        record = await self.ask(parent_id, text)
        await self.store.finish_run(record.id, outcome(answer))
        return record.message_id

    async def head(self) -> str | None:
        return (await self.store.get(ADA, self.id)).head_id

    async def texts(self, **kwargs: Any) -> list[str]:
        """What the path says, from the root down."""
        page = await self.store.path(ADA, self.id, **kwargs)
        return ["".join(part.text for part in message.parts) for message in page.items]  # type: ignore[union-attr]
