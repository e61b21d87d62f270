"""What is asked, as the parts of a message: words with values of the kernel in them, images, and cells that go along.

The surprise: what the environment holds as a key or a password is masked, wherever it came from, a data frame or a traceback.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ...errors import Invalid
from ...messages import ImagePart, Part, TextPart
from .masking import masked
from .shown import BUDGET, Picture, picture_of, shown
from .template import Expression, parse

_IMAGES: Final = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}


def parts_of(text: str, names: Mapping[str, Any], *, budget: int = BUDGET) -> list[Part]:
    """A question with its expressions evaluated. Raises `Invalid`, which names the expression."""
    parts: list[Part] = []
    words: list[str] = []
    for piece in parse(text):
        value = _said(piece, names, budget)
        if isinstance(value, Picture):
            parts += [*_text(words), image_part(value)]
            words = []
        else:
            words.append(value)
    return [*parts, *_text(words)]


def image_part(picture: Picture) -> ImagePart:
    """A picture as part of a message."""
    url = f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"
    return ImagePart(url=url, media_type=picture.media_type)


def image_of(source: str, names: Mapping[str, Any]) -> ImagePart:
    """What `--image` names: a figure or picture in a variable, or a file. Raises `Invalid`."""
    if source not in names and (kind := _IMAGES.get(Path(source).suffix.lower())) is not None:
        try:
            return image_part(Picture(Path(source).read_bytes(), kind))
        except OSError as exc:
            raise Invalid(f"--image {source}: {exc.strerror or exc}.", hint="Name a variable, or a file that is there.") from None
    value = Expression(source).value(names)
    if (picture := picture_in(value)) is None:
        raise Invalid(
            f"--image {source}: a {type(value).__name__} is no image.", hint="It takes a figure, a PIL image, PNG bytes or a file."
        )
    return image_part(picture)


def picture_in(value: Any) -> Picture | None:
    """A figure, a picture, or the bytes of one; None for anything else."""
    if isinstance(value, bytes):
        kind = _kind_of(value)
        return None if kind is None else Picture(value, kind)
    return picture_of(value)


def cells_of(names: Mapping[str, Any], which: str, *, budget: int = BUDGET) -> str:
    """Cells that were run, with what they gave: `last`, `cells` for all, or how many. Raises `Invalid`."""
    if which == "none":
        return ""
    if which not in ("last", "cells") and not (which.isdigit() and int(which)):
        raise Invalid(f"--context {which} is not known.", hint="There are last, cells, none, and a number of cells.")
    most = 1 if which == "last" else int(which) if which.isdigit() else None
    told = list(_cells(names))[-most:] if most else list(_cells(names))
    kept: list[str] = []
    size = 0
    for cell in reversed(told):  # the newest have room first
        size += len(cell)
        if size > 4 * budget and kept:
            kept.append(f"(… {len(told) - len(kept)} earlier cells left out)")
            break
        kept.append(cell)
    return masked("\n\n".join(reversed(kept)))


def _cells(names: Mapping[str, Any]) -> Iterator[str]:
    sources: Sequence[str] = names.get("In", ())
    results: Mapping[int, Any] = names.get("Out", {})
    for number, source in enumerate(sources[:-1] if sources else ()):  # the last one is asking
        if source.strip() and "run_cell_magic('llm'" not in source and "run_line_magic('llm'" not in source:
            yield cell_text(number, source, results)


def cell_text(number: int, source: str, results: Mapping[int, Any]) -> str:
    """One cell and its result."""
    text = f"In [{number}]:\n```python\n{source.strip()}\n```"
    if number in results:
        value = shown(results[number], f"Out[{number}]", BUDGET // 4)
        text += f"\nOut [{number}]:\n```\n{'(an image)' if isinstance(value, Picture) else value}\n```"
    return text


def _said(piece: str | Expression, names: Mapping[str, Any], budget: int) -> str | Picture:
    if isinstance(piece, str):
        return piece
    value = piece.value(names)
    said = shown(value, str(piece), budget)
    if isinstance(said, str) and not isinstance(value, str) and "\n" in said:
        return f"\n```\n{said}\n```\n"
    return said


def _text(words: list[str]) -> list[Part]:
    text = masked("".join(words))
    return [TextPart(text=text)] if text.strip() else []


def _kind_of(data: bytes) -> str | None:
    for begin, kind in ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"GIF8", "image/gif")):
        if data.startswith(begin):
            return kind
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None
