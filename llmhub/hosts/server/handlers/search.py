"""Search: messages, titles, tags and file names by their words."""

from __future__ import annotations

from ...bodies.search import SearchHits, SearchNote, SearchQuery
from ..handler import Handler
from ..operation import reads


class SearchHandler(Handler):
    """Over all conversations of one person."""

    @reads("Messages and titles in which something stands, the best first", query=SearchQuery, answer=SearchHits)
    async def get(self, query: SearchQuery) -> SearchHits:
        """A page of hits. What is being typed is never an error: what makes no sense is named in `notes`."""
        store = self.workspace.conversations
        found = await store.search(
            self.principal.id, query.understood(), folder_id=query.folder_id, limit=query.limit, cursor=query.cursor
        )
        notes = tuple(SearchNote(**note._asdict()) for note in found.notes)
        return SearchHits(items=found.items, next=found.next, notes=notes, unindexed=store.unindexed)
