"""The web pages that an answer rests on, as a list below it: `[1]` in the text means the first of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .loose import arr, obj, text


class Sources:
    """Collects pages while an answer comes; each counts once, in the order in which they were named."""

    def __init__(self) -> None:
        self._pages: dict[str, str] = {}

    def take(self, chunk: Mapping[str, Any]) -> None:
        """What Perplexity says beside an answer: `search_results`, or only the addresses as `citations`."""
        for row in map(obj, arr(chunk.get("search_results"))):
            self.add(text(row.get("url")), text(row.get("title")))
        for url in arr(chunk.get("citations")):
            self.add(text(url), "")

    def annotate(self, annotations: Iterable[Any]) -> None:
        """What OpenAI and OpenRouter say within an answer: `url_citation`s."""
        for annotation in map(obj, annotations):
            cited = obj(annotation.get("url_citation")) or annotation
            if annotation.get("type") == "url_citation":
                self.add(text(cited.get("url")), text(cited.get("title")))

    def add(self, url: str, title: str) -> None:
        """One page."""
        if url and urlsplit(url).scheme in ("http", "https"):
            self._pages[url] = self._pages.get(url) or title

    def listed(self) -> str:
        """The list as Markdown; empty where there are none."""
        if not self._pages:
            return ""
        pages = enumerate(self._pages.items(), 1)
        lines = [f"{number}. [{_plain(title or url)}](<{_address(url)}>)" for number, (url, title) in pages]
        return "\n\n" + "\n".join(lines)


def _plain(title: str) -> str:
    """A title that says nothing to Markdown."""
    return re.sub(r"([\\\[\]`*_<>!$])", r"\\\1", " ".join(title.split()))[:300]


def _address(url: str) -> str:
    return "".join(url.split()).replace("<", "%3C").replace(">", "%3E")
