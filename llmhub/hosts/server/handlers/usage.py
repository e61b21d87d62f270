"""What was used, and what it cost."""

from __future__ import annotations

from ....conversations.values import UsageTotal
from ...bodies import UsageQuery
from ..handler import Handler
from ..operation import reads


class UsageHandler(Handler):
    """One person's answers together."""

    @reads(
        "Tokens and cost of the answers that were made in a time, deleted ones of the last day included",
        query=UsageQuery,
        answer=UsageTotal,
    )
    async def get(self, query: UsageQuery) -> UsageTotal:
        """Summed over all conversations."""
        return await self.workspace.conversations.usage(self.principal.id, since=query.since, until=query.until)
