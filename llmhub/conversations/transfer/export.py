"""What an export is: its format, what of a conversation is in it, what the file is called.

`pieces(bundle, options)` writes one conversation, whatever the format; `archive` packs many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from ..files import clean_name
from .bundle import Bundle

Format = Literal["ipynb", "json", "md", "html"]
MEDIA_TYPES: Final[dict[Format, str]] = {
    "ipynb": "application/x-ipynb+json",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is written, and how.

    `leaf`: the branch that ends there; None: the one that is shown. `branches` "all": every branch (our JSON always has all).
    The rest is a notebook's: `only` the code; `prompts` hidden; instead of `answers` cells that ask again.
    """

    format: Format = "json"
    leaf: str | None = None
    branches: Literal["path", "all"] = "path"
    only: Literal["code"] | None = None
    prompts: Literal["shown", "hidden"] = "shown"
    answers: Literal["cells", "magics"] = "cells"


def pieces(bundle: Bundle, options: Options) -> Iterator[bytes]:
    """The file of one conversation, piece by piece. Blocks: it reads files. Raises `NotFound` for a leaf that is not there."""
    match options.format:
        case "json":
            from . import document

            yield from document.write(bundle)
        case "ipynb":
            from . import notebook

            yield notebook.write(bundle, options)
        case "md":
            from . import markdown

            yield from markdown.write(bundle, options)
        case "html":
            from . import html

            yield from html.write(bundle, options)


def file_name(bundle: Bundle, format: str) -> str:
    """A name that every file system takes."""
    return f"{stem_of(bundle)}.{format}"


def stem_of(bundle: Bundle) -> str:
    """The title as a file's name, else its date."""
    title = re.sub(r'[<>:"|?*#%&{}$!\'`@+=^~\[\]()\\/]+', " ", bundle.title or "")
    stem = clean_name(" ".join(title.split()))[:80].strip(". ")
    if stem in ("", "file") and not title.strip():
        stem = f"conversation {bundle.created_at:%Y-%m-%d %H.%M}"
    return stem + "_" if re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", stem) else stem
