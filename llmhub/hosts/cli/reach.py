"""The llmhub that a command talks to: the server that runs, else one of its own for as long as the command takes.

Either way it is a `Client`, so that a command is written once; and either way the conversations are the same.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager

from ...client import Client
from ...errors import Unreachable
from .private import PrivateServer

_NAMED = ("LLMHUB_SERVER", "JUPYTERHUB_API_TOKEN")
"""Where one of these is set a certain server is meant, and none of our own takes its place."""


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
            if address or any(os.environ.get(name) for name in _NAMED):
                raise
        else:
            yield client
            return
    with PrivateServer() as server, Client(server.url, server.token) as client:
        yield client


def note(text: str) -> None:
    """A line for a person at a terminal: never in what a program reads."""
    if sys.stderr.isatty():
        print(f"\x1b[2m{text}\x1b[0m" if "NO_COLOR" not in os.environ else text, file=sys.stderr)


def printable(text: str) -> str:
    """Without what would make a terminal do something: a model's words are words."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", text)
