"""What is asked, as the parts of a message: words with values of the kernel in them, and images.

The surprise: what the environment holds as a key or a password is masked, wherever it came from, a data frame or a traceback.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ...client import Answer
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
    value = Expression(source, f"--image {source}").value(names)
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


def _said(piece: str | Expression, names: Mapping[str, Any], budget: int) -> str | Picture:
    if isinstance(piece, str):
        return piece
    value = piece.value(names)
    said = shown(value, str(piece), budget)
    if isinstance(said, str) and not isinstance(value, str | Answer) and "\n" in said:
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
