"""`Homes`: where conversations are: the database, and one in memory for those that are temporary."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

from ..errors import LLMHubError
from ..ids import is_id
from .database import Database
from .held import HeldFiles


class Homes:
    """Two databases of one shape. Which of them holds a thing, is known by its id."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.held = HeldFiles()
        """Files of temporary conversations."""
        self._memory: Database | None = None
        self._temporary: dict[str, str] = {}
        """What is in `_memory`: the id of a conversation, message or run, and of its conversation."""

    def is_temporary(self, id: str) -> bool:
        """Whether this conversation, message or run is kept in memory only: nothing of it should be written elsewhere either."""
        return id in self._temporary

    @property
    def temporary(self) -> list[str]:
        """The temporary conversations of everybody."""
        return sorted(set(self._temporary.values()))

    def homes(self, ids: Iterable[str]) -> list[tuple[Database, list[str]]]:
        """The databases that hold these conversations, and which each of them holds."""
        held: dict[Database, list[str]] = {}
        for id in dict.fromkeys(ids):
            held.setdefault(self._home(id), []).append(id)
        return list(held.items())

    def forget_temporary(self, conversation_ids: Collection[str]) -> None:
        """These conversations are deleted."""
        if any(map(self.is_temporary, conversation_ids)):
            self._temporary = {id: home for id, home in self._temporary.items() if home not in conversation_ids}

    def _home(self, id: str) -> Database:
        """The database that holds the thing with this id."""
        return self._memory if self._memory is not None and self.is_temporary(id) else self.database


def check_id(id: str, missing: Callable[[str], LLMHubError]) -> None:
    """An id that cannot be one is not looked for: PostgreSQL would not even take some of them."""
    if not is_id(id):
        raise missing(id)


def moment() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
