"""The llmhub that a command talks to: the server that runs, else one of its own for as long as the command takes.

Either way it is a `Client`, so that a command is written once; and either way the conversations are the same.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, Self

from ...client import Client
from ...client.find import is_named
from ...errors import Unreachable
from .private import PrivateServer

_TELL: Final = 0.1
"""Seconds between two words about how far something is."""


def add_server_option(parser: argparse.ArgumentParser) -> None:
    """`--server`, for every command that talks to llmhub."""
    parser.add_argument(
        "--server",
        metavar="URL",
        help="the Jupyter server to use, with its token (http://host:8888/?token=...); else LLMHUB_SERVER and LLMHUB_TOKEN, "
        "else the one that runs on this machine, else one that is started for this command",
    )


@contextmanager
def reach(told: argparse.Namespace) -> Generator[Client]:
    """A client for one command. Raises `Unreachable`."""
    address: str | None = getattr(told, "server", None)
    with Client(address, env=os.environ) as client:
        try:
            client.server_url()
        except Unreachable:
            if address or is_named(os.environ):  # none of our own takes its place
                raise
        else:
            yield client
            return
    with PrivateServer() as server, Client(server.url, server.token) as client:
        yield client


def note(text: str) -> None:
    """A line for a person at a terminal: never in what a program reads."""
    if sys.stderr.isatty():
        text = printable(text)
        print(f"\x1b[2m{text}\x1b[0m" if "NO_COLOR" not in os.environ else text, file=sys.stderr)


class Progress:
    """One line at a person's terminal that says how far something is, and is gone at the end: `with Progress() as say: say(…)`."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._at:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def __call__(self, text: str) -> None:
        """Say it instead of what was said before; what comes in quick succession is left out."""
        now = time.monotonic()
        if self._shown and now - self._at >= _TELL:
            self._at = now
            room = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{printable(text).replace(chr(10), ' ')[:room]}", end="", file=sys.stderr, flush=True)


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON in which no character does anything to a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return re.sub(r"[\x7f-\x9f]", lambda match: f"\\u{ord(match[0]):04x}", text)


def printable(text: str) -> str:
    """Without what would make a terminal do something: a model's words are words."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", text)
