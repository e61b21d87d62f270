"""`SeenCeilings`: which ceilings a person was told of: each is said once in its day or month, whichever browser they use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from ..identity import Principal
from ..private_file import only_one, principals_file, write_private
from .ceilings import Ceiling

NEAR: Final = 0.8
"""From this share of a ceiling on it is said."""


class SeenCeilings:
    """A small file of one principal's. What is in it costs a notice at most: what cannot be read counts as nothing. It blocks."""

    def __init__(self, data_dir: Path, principal: Principal) -> None:
        self._path = principals_file(data_dir, "seen", principal)

    def mark(self, ceilings: Sequence[Ceiling]) -> list[Ceiling]:
        """The ceilings, and which of them were waved away."""
        seen = self._seen() if ceilings else frozenset[str]()
        return [ceiling.model_copy(update={"seen": _name(ceiling) in seen}) for ceiling in ceilings]

    def add(self, ceilings: Sequence[Ceiling]) -> None:
        """Those that are near are known now; periods that are over are forgotten."""
        with only_one(self._path):
            seen = self._seen()
            known = [_name(ceiling) for ceiling in ceilings if ceiling.share >= NEAR or _name(ceiling) in seen]
            write_private(self._path, json.dumps({"ceilings": known}).encode())

    def _seen(self) -> frozenset[str]:
        try:
            return frozenset(cast(list[str], json.loads(self._path.read_bytes())["ceilings"]))
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return frozenset()


def _name(ceiling: Ceiling) -> str:
    """Another period, or another ceiling, is another thing to know."""
    return f"{ceiling.period} {ceiling.began_at.isoformat()} {ceiling.ceiling_usd}"
