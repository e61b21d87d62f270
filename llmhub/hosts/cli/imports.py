"""`llmhub import FILE…`: conversations from elsewhere, brought in or (`--dry-run`) only looked at."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ...client import Client, values
from ...client.values import ImportResult
from ...errors import Invalid, LLMHubError
from .reach import Progress, add_server_option, as_json, printable, reach

_LISTED = 20
"""Failures that are told of each file; `--json` has all of them."""
_PIPED: Final = "-"
_KEPT: Final = "{:,} conversations are here and stay; the same command brings the rest."


def define(parser: argparse.ArgumentParser) -> None:
    """What it can be told."""
    parser.description = (
        "Bring in conversations from ChatGPT, Claude, LibreChat, Open WebUI, Chatbot UI, Jupyter AI, Notebook Intelligence and "
        "llm, or llmhub's own. What is here already does not come in twice."
    )
    parser.epilog = "Examples:  llmhub import export.zip   |   llmhub import --dry-run --json logs.db"
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="an export as the product gave it to you: a zip, JSON, a database; - is what is piped in",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would come in")
    parser.add_argument("--json", action="store_true", help="for programs: a list with an object for each file")
    add_server_option(parser)
    parser.set_defaults(run=_import)


def _import(told: argparse.Namespace) -> int:
    for name in told.files:
        _check(name)
    results: list[dict[str, Any]] = []
    with reach(told) as client:
        for name in told.files:
            with _as_file(name) as path:
                result = _one(client, name, path, dry_run=told.dry_run)
            results.append(result)
            if not told.json:
                print(*map(printable, _words(path.name, result)), sep="\n")
    if told.json:
        print(as_json(results, indent=1))
    return 1 if any("error" in result or result.get("stopped") for result in results) else 0


def _check(name: str) -> None:
    path = Path(name)
    if name == _PIPED or path.is_file():
        return
    if path.is_dir():
        raise Invalid(f"{path} is a folder.", hint="Name the files in it, or pack it as a zip.")
    raise Invalid(f"There is no file {path}.", hint="Give the path of an export.")


@contextmanager
def _as_file(name: str) -> Generator[Path]:
    """The file of this name. What is piped in becomes one: a zip is read from its end."""
    if name != _PIPED:
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="llmhub-import-") as folder:
        path = Path(folder) / _PIPED
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield path


def _one(client: Client, name: str, path: Path, *, dry_run: bool) -> dict[str, Any]:
    """What came, or would come, of one file; a failure of one does not keep the others out."""
    last = values.Progress(stage="sending")

    def heard(far: values.Progress) -> None:
        nonlocal last
        last = far
        line(f"{path.name}: {_far(far)}")

    try:
        with Progress() as line:
            said = client.import_file(path, dry_run=dry_run, progress=heard)
    except LLMHubError as exc:
        return {"file": name, "error": exc.to_json()}
    except OSError as exc:
        raise Invalid(f"{path} cannot be read: {exc.strerror}.", hint="Give the path of an export.") from exc
    except KeyboardInterrupt:
        came = last.conversations if last.stage == "importing" else 0
        rest = _KEPT.format(came) if came else "Nothing has come in."
        print(printable(f"{path.name}: stopped. {rest}"), file=sys.stderr)
        raise
    return {"file": name, **(said.model_dump(mode="json") if isinstance(said, ImportResult) else said)}


def _far(far: values.Progress) -> str:
    """How far it is, in words."""
    share = "" if far.fraction is None else f", {far.fraction:.0%}"
    match far.stage:
        case "sending":
            return f"sending{share}"
        case "importing":
            failed = f", {far.failed:,} cannot be read" if far.failed else ""
            return f"{far.conversations:,} conversations{failed}{share}"
        case _:
            return "reading…"


def _words(name: str, result: Mapping[str, Any]) -> Iterator[str]:
    if (error := result.get("error")) is not None:
        had: Mapping[str, int] = error["details"].get("result") or {}
        came = sum(had.values())
        yield " ".join(filter(None, (f"{name}: {error['message']}", error["hint"], _KEPT.format(came) if came else "")))
        return
    would = "new" in result
    counts = [
        (result["new"] if would else result["imported"], "new"),
        (result.get("updated", 0), "grown"),
        (result["unchanged"], "here already"),
    ]
    failures: Sequence[Mapping[str, str]] = result["failures"] if would else result["failed"]
    total: int = result["failed"] if would else len(failures)
    said = ", ".join(f"{count:,} {what}" for count, what in counts if count) or "nothing"
    product = f"{result['product']}, " if would else ""
    stopped = ". It was stopped; the same command brings the rest" if result.get("stopped") else ""
    yield f"{name}: {product}{said}" + (f", {total:,} cannot be read" if total else "") + stopped
    for failure in failures[:_LISTED]:
        yield f"  {failure['name']}: {failure['reason']}"
    if total > min(len(failures), _LISTED):
        yield f"  and {total - min(len(failures), _LISTED):,} more"
