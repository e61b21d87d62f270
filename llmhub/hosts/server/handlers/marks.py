"""Starred messages and rated answers of all conversations."""

from __future__ import annotations

from ....conversations.values import Page, RatedAnswer, StarredMessage
from ...bodies.messages import Ratings, RatingsQuery, Stars, StarsQuery
from ...ratings_table import ratings_table
from ..handler import Handler
from ..operation import reads


class StarsHandler(Handler):
    """What somebody wants to find again."""

    @reads("Starred messages of all conversations, those starred last first", query=StarsQuery, answer=Stars)
    async def get(self, query: StarsQuery) -> Page[StarredMessage]:
        """Temporary conversations have none here."""
        return await self.workspace.conversations.starred(self.principal.id, limit=query.limit, cursor=query.cursor)


class RatingsHandler(Handler):
    """What somebody thinks of answers."""

    @reads(
        "Rated answers with model, question and answer; with `format=csv` all of them as CSV",
        query=RatingsQuery,
        answer=Ratings,
        also_as=("text/csv",),
    )
    async def get(self, query: RatingsQuery) -> Page[RatedAnswer] | None:
        """In the order of the answers."""
        store, owner = self.workspace.conversations, self.principal.id
        if query.format == "json":
            return await store.rated(owner, limit=query.limit, cursor=query.cursor)
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="llmhub-ratings.csv"')
        self.set_header("X-Content-Type-Options", "nosniff")
        async for lines in ratings_table(store, owner):
            self.say(lines)
            await self.flush()
        self.end()
        return None
