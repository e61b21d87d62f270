"""`llmhub ask QUESTION`: one question, its answer as it comes, and out. What is piped in goes before the question."""

from __future__ import annotations

import argparse
import sys

from ...errors import Invalid
from .asking import add_options, answer_of, conversation_of, failure_of, follow, start
from .reach import as_json, note, reach


def define(parser: argparse.ArgumentParser) -> None:
    """What it can be told."""
    parser.description = "Ask a question and print the answer while it comes. What is piped in stands before the question."
    parser.epilog = "Examples:  llmhub ask Why is the sky blue   |   git diff | llmhub ask -m fast 'Write a commit message'"
    parser.add_argument("question", nargs="*", metavar="WORD", help="the question; without one, what is piped in is the question")
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the whole answer as one JSON object when it is there")
    parser.set_defaults(run=_ask)


def _ask(told: argparse.Namespace) -> int:
    piped = "" if sys.stdin is None or sys.stdin.isatty() else _read()
    question = "\n\n".join(filter(None, (piped.strip("\n"), " ".join(told.question).strip())))
    if not question.strip():
        raise Invalid("There is no question.", hint="llmhub ask 'Why is the sky blue?'")
    with reach(told) as client:
        run = start(told, client, question, conversation_of(told, client), told.file)
        finished = follow(told, client, run, show=not told.json)
        if told.json:
            print(as_json(answer_of(client, run, finished)))
        if failure := failure_of(finished):
            raise failure
    if not told.temporary:
        note(f"llmhub ask -c {run.conversation_id} ... goes on with it.")
    return 0 if finished.status == "complete" else 1


def _read() -> str:
    return sys.stdin.buffer.read().decode(errors="replace").replace("\0", "")
