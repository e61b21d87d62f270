"""The command `llmhub <noun> <verb>`: a file per noun, each of which adds its verbs.

It ends with 0 if all is well, 1 if something is wrong, and 2 for what is no command.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from ... import __version__
from ...errors import LLMHubError
from . import config

NOUNS = (config,)


def main(arguments: Sequence[str] | None = None) -> int:
    """What the console script calls."""
    parser = argparse.ArgumentParser(prog="llmhub", description="llmhub outside of its panel.")
    parser.add_argument("--version", action="version", version=f"llmhub {__version__}")
    nouns = parser.add_subparsers(metavar="NOUN", required=True)
    for noun in NOUNS:
        noun.add_to(nouns)
    told = parser.parse_args(arguments)
    try:
        return told.run(told)
    except LLMHubError as exc:
        print(exc.message, exc.hint, sep="\n  ", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `llmhub config show | head`: nobody reads on, also not what Python would still flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
