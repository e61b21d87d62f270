"""`df.llm.map(...)` and `df["column"].llm.map(...)`: for pandas and polars, where somebody has imported them already."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from .mapped import Mapped
from .mapping import caller_names, run_map


class Row(dict[str, Any]):
    """A row by its columns: `row["age"]`, or `row.age`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the row has no column {name!r}; it has {', '.join(map(str, self))}") from None


class _PandasAccessor:
    """`.llm` of a pandas DataFrame or Series."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def map(self, template: str, **told: Any) -> Any:
        """A Series of the values, with this one's index; its `attrs["llmhub"]` is the `Mapped`. For the rest see `llmhub.map`."""
        mapped = run_map(template, _Rows(len(self._frame), _pandas_rows(self._frame)), caller_names(), told)
        if not isinstance(mapped, Mapped):
            return mapped
        values = [*mapped.values, *[None] * (len(self._frame) - len(mapped.values))]
        pandas: Any = sys.modules["pandas"]
        series = pandas.Series(values, index=self._frame.index, dtype=object)
        series.attrs["llmhub"] = mapped
        return series


class _PolarsAccessor:
    """`.llm` of a polars DataFrame or Series."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def map(self, template: str, **told: Any) -> Any:
        """A Series of the values. For the rest see `llmhub.map`, which gives the errors, too."""
        rows = self._frame.iter_rows(named=True) if hasattr(self._frame, "iter_rows") else iter(self._frame)
        rows = (Row(row) if hasattr(self._frame, "iter_rows") else row for row in rows)
        mapped = run_map(template, _Rows(len(self._frame), rows), caller_names(), told)
        if not isinstance(mapped, Mapped):
            return mapped
        values = [*mapped.values, *[None] * (len(self._frame) - len(mapped.values))]
        polars: Any = sys.modules["polars"]
        is_text = all(value is None or isinstance(value, str) for value in values)
        return polars.Series("llm", values, dtype=polars.String if is_text else polars.Object)


class _Rows:
    """Rows one after the other, and how many there are."""

    def __init__(self, count: int, rows: Iterator[Any]) -> None:
        self._count = count
        self._rows = rows

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        return self._rows


def register() -> None:
    """Give data frames their `.llm`, as far as their libraries are imported; costs nothing where they are not."""
    pandas: Any = sys.modules.get("pandas")
    if pandas is not None and hasattr(pandas, "api") and not hasattr(pandas.DataFrame, "llm"):
        pandas.api.extensions.register_dataframe_accessor("llm")(_PandasAccessor)
        pandas.api.extensions.register_series_accessor("llm")(_PandasAccessor)
    polars: Any = sys.modules.get("polars")
    if polars is not None and hasattr(polars, "api") and not hasattr(polars.DataFrame, "llm"):
        polars.api.register_dataframe_namespace("llm")(_PolarsAccessor)
        polars.api.register_series_namespace("llm")(_PolarsAccessor)


def _pandas_rows(frame: Any) -> Iterator[Any]:
    if not hasattr(frame, "columns"):
        return iter(frame)
    names = [str(name) for name in frame.columns]
    return (Row(zip(names, row, strict=True)) for row in frame.itertuples(index=False, name=None))
