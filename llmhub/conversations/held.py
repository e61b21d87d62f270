"""Files of temporary conversations: in memory only, so much per person and so much in all."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

HELD_BYTES: Final = 256_000_000
"""Of one person's files: beyond that those that were used longest ago are let go."""
HELD_IN_ALL: Final = 4 * HELD_BYTES
"""Of all people's on one server: beyond that whoever has most lets go."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file with its bytes; what is asked of it is what is asked of a row."""

    id: str
    owner: str
    sha256: str
    name: str
    media_type: str
    size: int
    created_at: datetime
    data: bytes = field(repr=False)


class HeldFiles:
    """The files that are held, the one that was used longest ago first."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, Held] = OrderedDict()

    def __contains__(self, file_id: str) -> bool:
        return file_id in self._files

    def hold(self, file: Held) -> None:
        """Keep a file, and let go of others where there are too many."""
        self._files[file.id] = file
        while self._by_owner()[file.owner] > HELD_BYTES and self._let_go_of_oldest(file.owner, but=file.id):
            pass
        while (sizes := self._by_owner()).total() > HELD_IN_ALL:
            [(most, _)] = sizes.most_common(1)
            if not self._let_go_of_oldest(most, but=file.id):
                break

    def use(self, file_id: str) -> Held | None:
        """A file that is needed now; whose it is stands in it."""
        if file_id in self._files:
            self._files.move_to_end(file_id)
        return self._files.get(file_id)

    def of(self, owner: str, ids: Iterable[str]) -> list[Held]:
        """Those of the files that are held and this person's."""
        return [held for id in ids if (held := self._files.get(id)) is not None and held.owner == owner]

    def let_go(self, owner: str, ids: Collection[str]) -> None:
        """Forget files."""
        for held in self.of(owner, ids):
            del self._files[held.id]

    def _by_owner(self) -> Counter[str]:
        """Bytes that are held, by owner."""
        sizes: Counter[str] = Counter()
        for held in self._files.values():
            sizes[held.owner] += held.size
        return sizes

    def _let_go_of_oldest(self, owner: str, *, but: str) -> bool:
        """Forget what this person used longest ago. False: there is nothing but the one file."""
        oldest = next((held.id for held in self._files.values() if held.owner == owner and held.id != but), None)
        if oldest is not None:
            del self._files[oldest]
        return oldest is not None
