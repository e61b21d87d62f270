"""The command `llmhub <noun> ...`: a file per noun, imported when it is asked for: what `config` needs, `ask` does not wait for.

A noun's module has `define(parser)`, which adds arguments and sets the default `run`, a function of them that gives the exit code.
It ends with 0 if all is well, 1 if something is wrong, 2 for what is no command, and 130 if it was interrupted.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from ... import __version__
from ...errors import LLMHubError

NOUNS: Final = {
    "chat": ("chat", "talk at the terminal, in a conversation that the panel shows too"),
    "ask": ("ask", "ask a question; what is piped in goes along"),
    "export": ("export", "write a conversation to a file, or all of them to a zip"),
    "import": ("imports", "bring in conversations from other products"),
    "search": ("search", "find messages and conversations"),
    "models": ("models", "list the models that can be asked"),
    "config": ("config", "what llmhub is told"),
}
"""Each noun's module here, and what it is for."""
INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """What the console script calls."""
    parser = argparse.ArgumentParser(
        prog="llmhub",
        description="Large language models at the terminal, with the conversations, models and settings of JupyterLab's panel.",
        epilog="`llmhub NOUN --help` tells more of each.",
    )
    parser.add_argument("--version", action="version", version=f"llmhub {__version__}")
    nouns = parser.add_subparsers(metavar="NOUN", required=True)
    given = sys.argv[1:] if arguments is None else list(arguments)
    wanted = next((argument for argument in given if not argument.startswith("-")), "")
    for noun, (module, words) in NOUNS.items():
        own: Any = nouns.add_parser(noun, help=words, description=words[:1].upper() + words[1:] + ".")
        if noun == wanted:
            import_module(f".{module}", __name__).define(own)
    told = parser.parse_args(given)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character gets another one, not a traceback
    try:
        code = told.run(told)
        sys.stdout.flush()  # else what cannot be written is a traceback after the end
        return code
    except LLMHubError as exc:
        from .reach import printable  # what servers and files say is in it

        print(*map(printable, filter(None, (exc.message, exc.hint))), sep="\n  ", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `llmhub config show | head`: nobody reads on, also not what Python would still flush
        _write_no_more()
        return 1
    except OSError as exc:
        print(f"{exc.filename or 'The output'} cannot be read or written: {exc.strerror or type(exc).__name__}.", file=sys.stderr)
        _write_no_more()
        return 1


def _write_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
