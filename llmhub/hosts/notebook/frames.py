"""`df.llm.map(...)` and `df["column"].llm.map(...)`: for pandas and polars, where somebody has imported them already."""

from __future__ import annotations

import sys
from typing import Any

from .mapped import Mapped
from .mapping import caller_names, run_map


class _PandasAccessor:
    """`.llm` of a pandas DataFrame or Series."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def map(self, template: str, **told: Any) -> Any:
        """A Series of the values, with this one's index; its `attrs["llmhub"]` is the `Mapped`. For the rest see `llmhub.map`."""
        mapped = run_map(template, self._frame, caller_names(), told)
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
        mapped = run_map(template, self._frame, caller_names(), told)
        if not isinstance(mapped, Mapped):
            return mapped
        values = [*mapped.values, *[None] * (len(self._frame) - len(mapped.values))]
        polars: Any = sys.modules["polars"]
        is_text = all(value is None or isinstance(value, str) for value in values)
        return polars.Series("llm", values, dtype=polars.String if is_text else polars.Object)


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
