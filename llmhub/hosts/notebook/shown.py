"""Values of a kernel as a model reads them: a data frame as its schema and its first rows, an array by its shape and statistics,
a figure as an image, everything else as text, each within a budget of characters.

Nothing is imported for it: whoever has a data frame has imported its library. Nothing large is copied: what takes a look at every
row looks at the first `_ROWS` only, and says so.
"""

from __future__ import annotations

import inspect
import io
import json
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pprint import pformat
from typing import Any, Final, cast

from ...client import Answer
from ...errors import Invalid
from .masking import masked

BUDGET: Final = 8000
"""Characters that one value may take."""
_ROWS: Final = 100_000
"""Rows that statistics are made of."""
_HEAD: Final = 20


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of dots."""

    data: bytes
    media_type: str = "image/png"


def shown(value: Any, name: str, budget: int = BUDGET) -> str | Picture:
    """A value as text or as a picture. `name` is what it is called in an error. Raises `Invalid` for what cannot be shown."""
    try:
        if (picture := picture_of(value)) is not None:
            return picture
        return _text(value, budget)
    except Exception as exc:
        if isinstance(exc, Invalid):
            raise
        raise Invalid(
            f"{name} cannot be shown: its {type(value).__name__} raises {type(exc).__name__}.", hint="Write what of it is meant."
        ) from None


def picture_of(value: Any) -> Picture | None:
    """A figure, a plot's axes or a picture as PNG; None for anything else."""
    library = _library(value)
    if library == "numpy" and getattr(value, "size", 0) and _library(first := value.flat[0]) == "matplotlib":
        value, library = first, "matplotlib"  # the axes of `plt.subplots(1, 2)` are those of one figure
    if library == "matplotlib":
        figure = value.get_figure() if hasattr(value, "get_figure") and not hasattr(value, "savefig") else value
        if hasattr(figure, "savefig"):
            file = io.BytesIO()
            figure.savefig(file, format="png", bbox_inches="tight")
            return Picture(file.getvalue())
    if library == "PIL" and hasattr(value, "save"):
        file = io.BytesIO()
        value.save(file, format="PNG")
        return Picture(file.getvalue())
    if library == "IPython" and type(value).__name__ == "Image" and isinstance(getattr(value, "data", None), bytes):
        return Picture(value.data, "image/jpeg" if value.format in ("jpg", "jpeg") else "image/png")
    if not isinstance(value, type) and library not in ("pandas", "polars", "numpy") and hasattr(value, "_repr_png_"):
        with suppress(Exception):
            data: Any = value._repr_png_()  # the bytes, or with what is to be known of them
            found: Any = data if isinstance(data, bytes) else data[0]
            if isinstance(found, bytes):
                return Picture(found)
    return None


def _text(value: Any, budget: int) -> str:
    described: Any = value
    if isinstance(value, str):
        return value
    if isinstance(value, Answer):  # what `-o` and `llmhub.ask` gave
        return value.text
    for kind in type(value).__mro__:  # a GeoDataFrame is a DataFrame, too
        if (tell := _KINDS.get((kind.__module__.partition(".")[0], kind.__name__))) is not None:
            return cut(tell(value, budget), budget)
    if isinstance(value, bytes | bytearray):
        return f"{type(value).__name__} of {len(value):,} bytes, beginning with {bytes(value[:40])!r}"
    if isinstance(value, BaseException):
        return cut("".join(traceback.format_exception(value)), budget)
    if inspect.isfunction(value) or inspect.isclass(value):
        with suppress(OSError, TypeError):
            return cut(inspect.getsource(value), budget)
    if isinstance(value, dict | list | tuple):
        return _nested(value, budget)
    if hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, type):
        return cut(f"{type(value).__name__}, shape {tuple(described.shape)}, {described.dtype}\n{value!r}", budget)
    return cut(repr(value), budget)


def _nested(value: Any, budget: int) -> str:
    """Lists and dictionaries, of which no more is written out than can have room: there are some with millions of items."""
    room = [budget]
    try:
        first = _first_of(value, room)
    except RecursionError:  # it holds itself
        return cut(pformat(value, width=120), budget)
    try:
        text = json.dumps(first, ensure_ascii=False, indent=1 if len(str(first)) > 80 else None)
    except (TypeError, ValueError):
        text = pformat(first, width=120)
    if room[0] <= 0:  # what was not written out was not counted
        items = "1 item" if len(value) == 1 else f"{len(value):,} items"
        return f"{type(value).__name__} of {items}, beginning with\n{masked(text)[:budget]} …"
    return cut(text, budget)


def _first_of(value: Any, room: list[int]) -> Any:
    """`value` with as many items, in all its depth, as `room` says are left."""
    room[0] -= 1
    if isinstance(value, dict):
        pairs = cast("dict[Any, Any]", value)
        return {key: _first_of(pairs[key], room) for key in takewhile(lambda _: room[0] > 0, pairs)}
    if isinstance(value, list | tuple):
        items = [_first_of(item, room) for item in takewhile(lambda _: room[0] > 0, cast("list[Any]", value))]
        return tuple(items) if isinstance(value, tuple) else items
    return value


def cut(text: str, budget: int) -> str:
    """Within the budget, on whole lines where there are some; what is left out is said."""
    if len(text) <= budget:
        return text
    text = masked(text)  # half a key at the cut would not be known as one
    kept = text[:budget]
    kept = kept[: kept.rfind("\n")] if kept.count("\n") > 3 else kept
    return f"{kept}\n… ({len(text) - len(kept):,} more characters left out)"


def _library(value: Any) -> str:
    return (type(value).__module__ or "").partition(".")[0]


# ---- data frames and arrays


def _pandas_frame(frame: Any, budget: int) -> str:
    rows, columns = frame.shape
    looked = frame.iloc[:_ROWS]
    lines = [f"pandas DataFrame, {rows:,} rows × {columns:,} columns{_of_first(rows)}"]
    for place in range(columns):
        if sum(map(len, lines)) > budget // 2:
            lines.append(f"… ({columns - place:,} more columns)")
            break
        lines.append(f"- {frame.columns[place]}: {_pandas_column(looked.iloc[:, place])}")
    return _with_head(lines, lambda count: frame.head(count).to_csv(index=_has_names(frame)), rows, budget)


def _pandas_series(series: Any, budget: int) -> str:
    lines = [f"pandas Series {series.name or ''}, {len(series):,} values{_of_first(len(series))}"]
    lines.append(_pandas_column(series.iloc[:_ROWS]))
    return _with_head(lines, lambda count: series.head(count).to_csv(index=_has_names(series)), len(series), budget)


def _pandas_column(column: Any) -> str:
    missing = int(column.isna().sum())
    told = [str(column.dtype), f"{missing:,} missing" if missing else "none missing"]
    with suppress(Exception):
        if column.dtype.kind in "iuf":
            told.append(f"min {column.min():.6g}, mean {column.mean():.6g}, max {column.max():.6g}")
        elif column.dtype.kind == "M":
            told.append(f"{column.min()} to {column.max()}")
        else:
            told.append(f"{column.nunique():,} distinct")
    return ", ".join(told)


def _has_names(frame: Any) -> bool:
    """Whether its index says more than a row's number."""
    return type(frame.index).__name__ != "RangeIndex"


def _polars_frame(frame: Any, budget: int) -> str:
    rows, columns = frame.shape
    looked = frame.head(_ROWS)
    lines = [f"polars DataFrame, {rows:,} rows × {columns:,} columns{_of_first(rows)}"]
    for place, (name, dtype) in enumerate(frame.schema.items()):
        if sum(map(len, lines)) > budget // 2:
            lines.append(f"… ({columns - place:,} more columns)")
            break
        lines.append(f"- {name}: {_polars_column(looked.get_column(name), dtype)}")
    return _with_head(lines, lambda count: _polars_head(frame, count), rows, budget)


def _polars_series(series: Any, budget: int) -> str:
    lines = [f"polars Series {series.name}, {len(series):,} values{_of_first(len(series))}"]
    lines.append(_polars_column(series.head(_ROWS), series.dtype))
    return _with_head(lines, lambda count: "\n".join(map(str, series.head(count).to_list())), len(series), budget)


def _polars_column(column: Any, dtype: Any) -> str:
    missing = int(column.null_count())
    told = [str(dtype), f"{missing:,} missing" if missing else "none missing"]
    with suppress(Exception):
        if dtype.is_numeric():
            told.append(f"min {column.min():.6g}, mean {column.mean():.6g}, max {column.max():.6g}")
        elif dtype.is_temporal():
            told.append(f"{column.min()} to {column.max()}")
        else:
            told.append(f"{column.n_unique():,} distinct")
    return ", ".join(told)


def _polars_head(frame: Any, count: int) -> str:
    try:
        return frame.head(count).write_csv()
    except Exception:  # nested columns have no CSV
        return str(frame.head(count))


def _numpy_array(array: Any, budget: int) -> str:
    lines = [f"numpy array, shape {tuple(array.shape)}, {array.dtype}"]
    if array.dtype.kind in "iufb" and array.size:
        looked = array.reshape(-1)[: 10 * _ROWS] if array.flags.c_contiguous else array.flat[: 10 * _ROWS]
        of_first = f" (of the first {looked.size:,} values)" if looked.size < array.size else ""
        missing = int((looked != looked).sum())
        known = looked[looked == looked] if missing else looked
        if known.size:
            told = f"min {known.min():.6g}, mean {known.mean():.6g}, max {known.max():.6g}, std {known.std():.6g}"
            lines.append(told + (f", {missing:,} NaN" if missing else "") + of_first)
    values = repr(array) if array.size <= 1000 else repr(array.flat[:20]).replace("array", "beginning with", 1)
    return "\n".join((*lines, cut(values, max(200, budget - 200))))


def _of_first(rows: int) -> str:
    return f" (statistics of the first {_ROWS:,})" if rows > _ROWS else ""


def _with_head(lines: list[str], head: Callable[[int], str], rows: int, budget: int) -> str:
    """The description, and as many of the first rows as have room."""
    described = "\n".join(lines)
    count = min(_HEAD, rows)
    while count:
        text = f"{described}\n\nThe first {count} rows:\n{head(count).rstrip()}"
        if len(text) <= budget:
            return text
        count //= 2
    return described


_KINDS: Final[Mapping[tuple[str, str], Callable[[Any, int], str]]] = {
    ("pandas", "DataFrame"): _pandas_frame,
    ("pandas", "Series"): _pandas_series,
    ("polars", "DataFrame"): _polars_frame,
    ("polars", "Series"): _polars_series,
    ("numpy", "ndarray"): _numpy_array,
}
