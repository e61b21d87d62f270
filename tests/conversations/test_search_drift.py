"""The index follows whatever is written, in whichever way: it is what a rebuild would make."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from llmhub.conversations.copies import CopyDraft
from llmhub.conversations.search import index
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import conversations, messages, parts
from llmhub.errors import Conflict, Invalid, NotFound
from llmhub.ids import new_id

from .finding import NOW, everything, say
from .talk import ADA, Talk


class Walk:
    """Somebody who writes at random, in every way there is."""

    def __init__(self, store: ConversationStore, seed: int) -> None:
        self.store = store
        self.random = Random(seed)
        self.talks: list[Talk] = []
        self.messages: list[tuple[Talk, str]] = []
        self.deleted: list[tuple[Talk, str]] = []

    async def step(self) -> None:
        ways = [
            self.begin,
            self.add,
            self.turn,
            self.delete,
            self.undo,
            self.purge,
            self.rename,
            self.tag,
            self.drop,
            self.bulk,
            self.rewrite,
            self.fork,
        ]
        with suppress(NotFound, Conflict, Invalid):
            await self.random.choice(ways)()

    def words(self) -> str:
        vocabulary = ["tide", "moon", "read_csv", "DataFrame", "Häuser", "潮汐表", "files", "the", "und", "```x```"]
        return " ".join(self.random.choices(vocabulary, k=self.random.randint(1, 6)))

    async def talk(self) -> Talk:
        if not self.talks:
            await self.begin()
        return self.random.choice(self.talks)

    async def begin(self) -> None:
        self.talks.append(await Talk.begin(self.store, title=self.random.choice([None, self.words()])))

    async def add(self) -> None:
        talk = await self.talk()
        self.messages.append((talk, await say(talk, self.words())))

    async def turn(self) -> None:
        talk = await self.talk()
        self.messages.append((talk, await talk.turn(None, self.words(), self.words())))

    async def delete(self) -> None:
        talk, id = self.random.choice(self.messages or [(await self.talk(), new_id())])
        await self.store.delete_message(ADA, talk.id, id)
        self.deleted.append((talk, id))

    async def undo(self) -> None:
        talk, id = self.random.choice(self.deleted or [(await self.talk(), new_id())])
        await self.store.restore_message(ADA, talk.id, id)

    async def purge(self) -> None:
        await self.store.purge(before=datetime.now(UTC))

    async def rename(self) -> None:
        await self.store.update(ADA, (await self.talk()).id, {"title": self.random.choice([None, self.words()])})

    async def tag(self) -> None:
        tags = [self.words() for _ in range(self.random.randint(0, 2))]
        await self.store.update(ADA, (await self.talk()).id, {"tags": tags})

    async def drop(self) -> None:
        talk = await self.talk()
        await self.store.delete(ADA, talk.id)
        self.talks.remove(talk)

    async def fork(self) -> None:
        talk, id = self.random.choice(self.messages or [(await self.talk(), new_id())])
        await self.store.copy(ADA, talk.id, CopyDraft(client_request_id=new_id(), at=id))

    async def bulk(self) -> None:
        """As an import writes: rows at once, knowing of no index."""
        conversation = {"id": new_id(), "owner": ADA, "title": self.words(), "params": {}, "pinned": False, "archived": False}
        conversation |= {"created_at": NOW, "updated_at": NOW}
        ids = [new_id() for _ in range(self.random.randint(1, 250))]
        texts = [self.words() for _ in ids]

        def work(c: Any) -> None:
            c.execute(insert(conversations), conversation)
            said = {"conversation_id": conversation["id"], "role": "user", "status": "complete", "created_at": NOW}
            c.execute(insert(messages), [{"id": id, **said} for id in ids])
            body = [{"type": "text", "text": one} for one in texts]
            c.execute(
                insert(parts), [{"message_id": id, "idx": 0, "type": "text", "body": b} for id, b in zip(ids, body, strict=True)]
            )

        await self.store.database.write(work)
        self.talks.append(Talk(self.store, conversation["id"]))

    async def rewrite(self) -> None:
        """As somebody would with a database tool: other words in place, another model, a part gone."""
        _, id = self.random.choice(self.messages or [(await self.talk(), new_id())])
        body = {"type": "text", "text": self.words()}
        way = self.random.choice(
            [
                update(parts).where(parts.c.message_id == id).values(body=body),
                update(messages).where(messages.c.id == id).values(model=self.random.choice([None, "lab/qwen3", "lab/gemma"])),
                delete(parts).where(parts.c.message_id == id),
            ]
        )
        await self.store.database.write(lambda c: c.execute(way) and None)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_written_the_index_is_what_a_rebuild_makes(store: ConversationStore, seed: int) -> None:
    walk = Walk(store, seed)
    for _ in range(40):
        await walk.step()
    written = await store.database.write(everything)
    assert written[0] and not written[2]
    await store.database.write(index.rebuild)
    assert written == await store.database.write(everything)


async def test_a_write_that_fails_leaves_the_index_as_it_was(talk: Talk) -> None:
    await say(talk, "tide")
    before = await talk.store.database.write(everything)

    def work(c: Any) -> None:
        c.execute(update(conversations).values(title="Other"))
        index.settle(c)
        raise Invalid("no")

    with pytest.raises(Invalid):
        await talk.store.database.write(work)
    assert await talk.store.database.write(everything) == before
