"""`LedgerStore`: what was paid for. Of temporary conversations too, because it holds nothing of what was said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, tzinfo
from typing import Any

from . import ledger, library, trees
from .homes import Homes, check_id
from .ledger import Within
from .values import (
    ConversationUsage,
    Entry,
    UsageBy,
    UsageGroup,
    UsageTotal,
)

Groups = dict[UsageBy, tuple[UsageGroup, ...]]


class LedgerStore(Homes):
    """Entries and their sums."""

    async def enter(self, entries: Sequence[Entry]) -> None:
        """Write down what was paid for; an entry that is there already is left as it is."""
        if entries:
            await self.database.write(lambda c: ledger.enter(c, entries))

    async def usage(self, owner: str, *, since: datetime | None = None, until: datetime | None = None) -> UsageTotal:
        """What the owner's requests used that were made at `since` or later and before `until`, in all."""
        return await self.database.read(lambda c: ledger.total(c, Within(owner, since, until)))

    async def usage_by(self, within: Within, by: Collection[UsageBy], zone: tzinfo) -> tuple[UsageTotal, Groups]:
        """The total, and what it is made of, broken down in each of these ways. Days are those of `zone`."""
        return await self.database.read(lambda c: ledger.report(c, within, by, zone))

    async def usage_of(self, owner: str, conversation_id: str, *, leaf: str | None = None) -> ConversationUsage:
        """What a conversation used, its branch to `leaf` (default: the head), and each message of that branch."""
        check_id(conversation_id, library.no_conversation)
        if leaf is not None:
            check_id(leaf, trees.no_message)

        def path(c: Any) -> list[str]:
            head = library.require(c, owner, conversation_id)
            return ledger.path_ids(c, conversation_id, leaf or head)

        ids = await self._home(conversation_id).read(path)
        return await self.database.read(lambda c: ledger.of_conversation(c, owner, conversation_id, ids))

    async def spent(self, owner: str, since: datetime) -> int:
        """US nanodollars that the owner has spent since then."""
        return await self.database.read(lambda c: ledger.spent(c, owner, since))

    async def entries(
        self, within: Within, *, after: tuple[datetime, str] | None = None, limit: int = 5_000
    ) -> list[tuple[Entry, str | None]]:
        """Entries in the order of their time, behind `after` (time and id), each with the title of its conversation."""
        return await self.database.read(lambda c: ledger.page(c, within, after, limit))
