"""`llmhub export`: one conversation as a file, or all of them as a zip."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import get_args

from ...client import values
from ...client.aio import SUFFIXES, Format
from ...errors import Conflict, Invalid
from ..http import size_words
from .asking import LAST, conversation_of
from .reach import Progress, add_server_option, note, printable, reach


def define(parser: argparse.ArgumentParser) -> None:
    """What it can be told."""
    parser.description = "Write one conversation as a notebook, JSON, Markdown or HTML, or all of them with their files as a zip."
    parser.epilog = "Examples:  llmhub export last -o talk.ipynb   |   llmhub export --all -o everything.zip"
    parser.add_argument("conversation", nargs="?", metavar="ID", help=f"which one; `{LAST}`: the one that was used last")
    parser.add_argument("--all", action="store_true", help="all of them, as a zip")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to; without it one conversation goes to the standard output")
    parser.add_argument("-F", "--format", choices=get_args(Format), help="else what the file's name says, else json")
    parser.add_argument("--branches", choices=("path", "all"), help="what is shown, or all branches (json: always all)")
    parser.add_argument("--only", choices=("code",), help="notebook: nothing but the code")
    parser.add_argument("--prompts", choices=("hidden",), help="notebook: without the questions")
    parser.add_argument("--answers", choices=("cells", "magics"), help="notebook: the answers, or %%%%llm cells that ask again")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    add_server_option(parser)
    parser.set_defaults(run=_export)


def _export(told: argparse.Namespace) -> int:
    if bool(told.conversation) == told.all:
        raise Invalid("Say which conversation, or --all.", hint="llmhub export last -o talk.md")
    path = Path(told.output) if told.output else None
    if told.all and path is None:
        path = Path(f"llmhub-{datetime.now().astimezone():%Y-%m-%d}.zip")
    if path is not None and path.exists() and not told.force:
        raise Conflict(f"{path} is there already.", hint="Choose another name, or write over it with --force.")
    format: Format = told.format or (SUFFIXES.get(path.suffix.lower(), "json") if path else "json")
    options = {name: getattr(told, name) for name in ("branches", "only", "prompts", "answers") if getattr(told, name)}
    try:
        with reach(told) as client:
            if told.all:
                assert path is not None
                with Progress() as line:
                    size = client.export_all(path, format, progress=lambda far: line(_far(far)), **options)
            else:
                data = client.export(conversation_of(told, client) or "", format, **options)
                size = len(data)
                if path is None:
                    _print(data)
                    return 0
                part = path.with_name(f"{path.name}.part")  # what is there stays until the new one is whole
                try:
                    part.write_bytes(data)
                    part.replace(path)
                finally:
                    part.unlink(missing_ok=True)
    except OSError as exc:
        if path is None:
            raise  # nobody reads on, or the disk behind the standard output is full
        raise Conflict(f"{path} cannot be written: {exc.strerror}.", hint="Choose another place with -o.") from exc
    note(f"{path}: {size_words(size)}")
    return 0


def _print(data: bytes) -> None:
    """To the standard output; at a terminal without what would make it do something."""
    if sys.stdout.isatty():
        print(printable(data.decode(errors="replace")))
        return
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _far(far: values.Progress) -> str:
    """How far it is, in words."""
    count = f"{far.conversations:,} of {far.of:,} conversations, " if far.of else ""
    return f"{count}{size_words(far.size)}"
