"""The rows of a data frame, of pandas or polars: `row["age"]` or `row.age`. Others give what they give."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any


class Row(dict[str, Any]):
    """A row by its columns: `row["age"]`, or `row.age`; `row.values` too, if a column is called so."""

    def __getattribute__(self, name: str) -> Any:
        return self[name] if name in self else super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the row has no column {name!r}; it has {', '.join(map(str, self))}") from None


class Rows:
    """Of a data frame, one after the other; and how many there are."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __len__(self) -> int:
        return len(self._frame)

    def __iter__(self) -> Iterator[Row]:
        if hasattr(self._frame, "iter_rows"):
            return map(Row, self._frame.iter_rows(named=True))
        names = [str(name) for name in self._frame.columns]
        return (Row(zip(names, row, strict=True)) for row in self._frame.itertuples(index=False, name=None))


def rows_of(source: Iterable[Any]) -> Iterable[Any]:
    """What `map` goes through: going through a data frame itself would give the names of its columns."""
    frames = [getattr(sys.modules.get(name), "DataFrame", None) for name in ("pandas", "polars")]
    return Rows(source) if any(frame is not None and isinstance(source, frame) for frame in frames) else source
