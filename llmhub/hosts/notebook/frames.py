"""`df.llm.map(...)` and `df["column"].llm.map(...)`: for pandas and polars, whenever somebody imports them.

Loaded with `import llmhub`, so light: a batch's own code comes with the first one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

_LIBRARIES: Final = ("pandas", "polars")


class _PandasAccessor:
    """`.llm` of a pandas DataFrame or Series."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def map(self, template: str, **told: Any) -> Any:
        """A Series of the values, with this one's index; its `attrs["llmhub"]` is the `Mapped`. For the rest see `llmhub.map`."""
        from .mapping import Mapped, caller_names, run_map

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
        from .mapping import Mapped, caller_names, run_map

        mapped = run_map(template, self._frame, caller_names(), told)
        if not isinstance(mapped, Mapped):
            return mapped
        values = [*mapped.values, *[None] * (len(self._frame) - len(mapped.values))]
        polars: Any = sys.modules["polars"]
        is_text = all(value is None or isinstance(value, str) for value in values)
        return polars.Series("llm", values, dtype=polars.String if is_text else polars.Object)


def register() -> None:
    """Give data frames their `.llm`, as far as their libraries are imported; costs nothing where they are not.

    It happens within somebody's import, which never fails for it: a library that is not as we know it goes without.
    """
    pandas: Any = sys.modules.get("pandas")
    with suppress(Exception):
        if pandas is not None and not hasattr(pandas.DataFrame, "llm"):
            pandas.api.extensions.register_dataframe_accessor("llm")(_PandasAccessor)
            pandas.api.extensions.register_series_accessor("llm")(_PandasAccessor)
    polars: Any = sys.modules.get("polars")
    with suppress(Exception):
        if polars is not None and not hasattr(polars.DataFrame, "llm"):
            polars.api.register_dataframe_namespace("llm")(_PolarsAccessor)
            polars.api.register_series_namespace("llm")(_PolarsAccessor)


class _Watch:
    """Among Python's finders: finds nothing by itself, and has `register` called when a library that others found is imported."""

    def __init__(self) -> None:
        self._finding: set[str] = set()

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """What the other finders give for pandas and polars; None for anything else."""
        if name not in _LIBRARIES or name in self._finding:
            return None
        from importlib.util import find_spec

        self._finding.add(name)
        try:
            spec = find_spec(name)
        except ValueError:  # it is imported already, and does not say from where: the other finders know what to do
            return None
        finally:
            self._finding.discard(name)
        if spec is not None and spec.loader is not None:
            _then_register(spec.loader)
        return spec


def _then_register(loader: Any) -> None:
    run = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        run(module)
        register()

    with suppress(AttributeError):  # a loader that takes no attributes is nobody's usual one
        loader.exec_module = exec_module


def watch() -> None:
    """Register now, and whenever one of the libraries is imported."""
    register()
    if not any(isinstance(finder, _Watch) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Watch())
