"""Links in an answer's text: sources put where they were cited."""

from __future__ import annotations

import re
from collections.abc import Iterable


def is_web(url: str) -> bool:
    """Whether it is an address that one can go to."""
    return url.startswith(("http://", "https://"))


def link(label: str, url: str) -> str:
    """A Markdown link."""
    shown = re.sub(r"([\[\]\\])", r"\\\1", " ".join(label.split())[:200])
    address = url.replace("(", "%28").replace(")", "%29").replace(" ", "%20").replace("\n", "").replace("<", "%3C")
    return f"[{shown or address}]({address})"


def placed(said: str, spots: Iterable[tuple[int, int, str]]) -> str:
    """Text with what stands at each place (from, to) replaced; of two that overlap the later one counts."""
    pieces: list[str] = []
    done = len(said)
    for start, end, instead in sorted(set(spots), reverse=True):
        if 0 <= start <= end <= done:
            pieces += [said[end:done], instead]
            done = start
    return said[:done] + "".join(reversed(pieces))


def listed(sources: Iterable[tuple[str, str]]) -> str:
    """Sources (name, address) as a list below an answer; empty if there are none."""
    lines = dict.fromkeys(f"- {link(name, url)}" for name, url in sources if is_web(url))
    return "\n\n**Sources**\n\n" + "\n".join(lines) if lines else ""
