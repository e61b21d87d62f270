"""The notebooks that come with llmhub, with a scripted model: run them, compare them, or write their outputs down.

python -m tests.hosts.notebook.notebooks [NAME ...]        runs those (all), and writes them with their outputs
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import nbformat
from nbclient import NotebookClient

from tests.providers.wire_server import WireServer
from tests.world import environment

FOLDER: Final = Path(__file__).parents[3] / "notebooks"
NAMES: Final = ("tour", "data-analysis", "batch", "tools", "sharing")
ANSWERS: Final = {
    # tour
    "What is a p-value": "The probability of data at least as extreme as yours, **if the null hypothesis were true**.",
    "Explain in two sentences": "A set $\\{x : p(x)\\}$ holds what satisfies $p$. A `dict` such as `{'a': 1}` maps keys to values.",
    "Which of these": "**Bern** is the smallest of them, with 134,000 inhabitants.",
    "The largest lake": '{"name": "Lake Geneva", "area_km2": 580.0}',
    "Three rivers": '[{"river": "Rhine", "km": 1233}, {"river": "Aare", "km": 288}, {"river": "Inn", "km": 518}]',
    "How is the weather": "It is sunny in Bern, at 21 °C.",
    "Who wrote": "Emmy Noether, in 1918.",
    "In one word": "positive",
    # data-analysis
    "What should I check": "Three things before any test:\n\n"
    "1. **One value cannot be right.** The smallest `reaction_ms` is 3, far from all others: nobody presses a button in 3 ms.\n"
    "2. Two people lack `hours_slept`. Decide what becomes of them before you see what it does to the result.\n"
    "3. Sleep may differ between the groups, and it matters for reactions: compare with and without it.",
    "With matplotlib": "```python\nimport matplotlib.pyplot as plt\n\nfig, ax = plt.subplots(figsize=(5, 3))\n"
    'for group, part in clean.groupby("group"):\n'
    '    ax.scatter(part["hours_slept"], part["reaction_ms"], label=group, alpha=0.7)\n'
    'ax.set(xlabel="hours slept", ylabel="reaction time (ms)")\nax.legend();\n```',
    "What does this figure": "In both groups people who slept longer tend to react faster. The two clouds lie one above the "
    "other along the whole axis, so sleep alone does not explain the difference between them.",
    "Which group is faster": '{"faster": "caffeine", "by_ms": 12.4}',
    "Something went wrong": "`cohens_d` takes two groups, and it got one list of both: `*` hands them over one by one.\n\n"
    '```python\nf"{cohens_d(*by_group):.2f}"\n```',
    # batch: an answer begins as its row does
    "It froze whenever I opened a long file. In": "annoyed",
    "Too expensive for what it does. In": "disappointed",
    "I could not find out how to export my data. In": "helpless",
    "The new menu hides everything I use. In": "annoyed",
    "It crashed, and an afternoon of work was gone. In": "angry",
    "The price doubled last year. In": "angry",
    "I handed in my thesis, so I need it no more. In": "content",
    "??? In": "unknown",
    "It froze": '{"theme": "stability", "certainty": 5}',
    "Too expensive": '{"theme": "price", "certainty": 5}',
    "I could not find": '{"theme": "stability", "certainty": 2}',
    "The new menu": '{"theme": "usability", "certainty": 5}',
    "It crashed": '{"theme": "stability", "certainty": 5}',
    "The price": '{"theme": "price", "certainty": 5}',
    "I handed in": '{"theme": "not needed", "certainty": 4}',
    "My department": '{"theme": "not needed", "certainty": 3}',
    "???": '{"theme": "unclear", "certainty": 1}',
    "That answer cannot be used": '{"theme": "unclear", "certainty": 1}',
    # tools
    "Which of the stations": "**Sion**, in 2022: 12.6 °C on average.",
    "How warm was it": "There are no data of Geneva. There are Bern, Davos and Sion; shall I look there?",
    "What was the warmest": "2022, with 5.6 °C.",
    "Delete what": "I could not ask you whether that may be deleted, so it is still there.",
    # sharing
    "How do I count words": "Split the text and count the pieces:\n\n```python\nfrom collections import Counter\n\n\n"
    "def count(text):\n    return Counter(text.split())\n```",
    "And how does it treat": "It counts `The` and `the` apart. Use `text.lower().split()` if they are one word to you.",
    "Show me": '```python\ndef count(text):\n    return Counter(text.casefold().split())\n\n\ncount("Straße STRASSE")\n```',
}
"""What the scripted model says, by how the question begins."""
CALLS: Final = {
    "How is the weather": [("get_weather", {"city": "Bern"})],
    "Which of the stations": [("warmest", {"station": name}) for name in ("Bern", "Davos", "Sion")],
    "How warm was it": [("warmest", {"station": "Geneva"})],
    "What was the warmest": [("warmest", {"station": "Davos"})],
    "Delete what": [("forget", {"station": "Bern"})],
}
"""Functions that it calls first."""


class Script(dict[str, Any]):
    """What is said, by how a question begins."""

    def get(self, text: str, usual: Any = None) -> Any:
        return next((said for begin, said in self.items() if text.startswith(begin)), usual)


@contextmanager
def kernel_world(folder: Path) -> Iterator[Mapping[str, str]]:
    """The environment of kernels whose default model is the script, at a price."""
    with WireServer.in_thread() as models:
        models.lines, models.calls = Script(ANSWERS), Script(CALLS)
        providers = {"scripted": {"kind": "openai", "base_url": models.base_url("openai"), "api_key": "sk-canary-of-notebooks"}}
        price = {"scripted/echo": {"price": {"input": 2, "output": 10}}}
        settings = {"default_model": "scripted/echo", "providers": providers, "models": price, "local_servers": []}
        file = folder / "llmhub.yaml"
        file.write_text(json.dumps(settings))
        file.chmod(0o600)
        yield environment(folder) | {"LLMHUB_CONFIG": str(file)}


def read(name: str) -> Any:
    """A notebook as it was written down."""
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]


def run(name: str, env: Mapping[str, str], folder: Path) -> Any:
    """The notebook, run in a folder. A cell that fails, and does not say that it will, is an error."""
    notebook = read(name)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources=resources).execute(env=dict(env))
    return notebook


def shown(notebook: Any) -> list[list[Any]]:
    """What each cell shows, but for when it was and how long it took."""
    return [[_shown(output) for output in cell.outputs] for cell in notebook.cells if cell.cell_type == "code"]


def _shown(output: Any) -> Any:
    if output.output_type == "error":
        return output.ename, output.evalue
    if output.output_type == "stream":
        return _steady(output.text)
    kinds = [kind for kind in ("image/png", "text/html") if kind in output.data]  # drawn by libraries, whose versions differ
    return kinds or _steady(output.data.get("text/markdown") or output.data["text/plain"])


def _steady(text: str) -> str:
    """Without times, sizes, and what pandas calls a column of words."""
    return re.sub(r"\d+\.\d s\b|\d{4}-\d\d-\d\d \d\d:\d\d|\b[\d.]+ (KB|bytes)|: (str|object),", "…", text)


def main(names: list[str]) -> None:
    """Run them and write them down."""
    with tempfile.TemporaryDirectory() as folder, kernel_world(Path(folder)) as env:
        for name in names or NAMES:
            notebook = run(name, env, Path(folder))
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)
                for output in cell.get("outputs", ()):
                    output.get("metadata", {}).pop("llmhub", None)  # ids of conversations that are gone
            notebook.metadata = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
            nbformat.write(notebook, FOLDER / f"{name}.ipynb")  # type: ignore[no-untyped-call]
            os.chmod(FOLDER / f"{name}.ipynb", 0o644)


if __name__ == "__main__":
    main(sys.argv[1:])
