"""`llmhub search WORD ...`: messages, titles, tags and files that fit, best first."""

from __future__ import annotations

import argparse
import html
import os
import sys
from typing import Any

from .reach import add_server_option, as_json, note, printable, reach


def define(parser: argparse.ArgumentParser) -> None:
    """What it can be told."""
    parser.description = (
        'Find messages and conversations: words, "exact phrases", -not, and operators such as role:user model:x in:folder has:code.'
    )
    parser.epilog = "Examples:  llmhub search read_csv after:2026-01   |   llmhub search --json 'has:image plot'"
    parser.add_argument("words", nargs="+", metavar="WORD", help="what to look for; -- before a first word with a dash")
    parser.add_argument("-n", "--limit", type=int, default=20, metavar="N", help="at most so many (20; up to 100)")
    parser.add_argument("--json", action="store_true", help="as JSON, a list")
    add_server_option(parser)
    parser.set_defaults(run=_search)


def _search(told: argparse.Namespace) -> int:
    with reach(told) as client:
        hits = client.search(" ".join(told.words), limit=told.limit)
    for said in hits.notes:
        print(printable(said), file=sys.stderr)
    if told.json:
        print(as_json([hit.model_dump(mode="json") for hit in hits], indent=1))
        return 0
    if not hits:
        note("Nothing fits.")
        return 1
    for hit in hits:
        print(f"{hit.conversation_id}  {printable(hit.title or 'Untitled')}")
        if hit.snippet:
            print(f"  {_shown(hit.snippet)}")
    return 0


def _shown(snippet: Any) -> str:
    """A snippet in one line; what was found stands out at a terminal."""
    begin, end = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "")
    plain = printable(html.unescape(" ".join(str(snippet).split()).replace("<mark>", "\ue000").replace("</mark>", "\ue001")))
    return plain.replace("\ue000", begin).replace("\ue001", end)
