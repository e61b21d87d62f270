"""No two shortcuts are the same: ours among each other, nor ours and those that JupyterLab and Notebook bring."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

OURS = Path(__file__).parents[1] / "labextension" / "schema"
THEIRS = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
EVERYWHERE = re.compile(r"^(body|html|\*|:root|\[data-jp-[^]]*\])$")
"""Selectors that hold in our panel, too. What is about another part of JupyterLab (`.jp-Notebook`, `#filebrowser`) does not."""


class Shortcut(NamedTuple):
    command: str
    keys: tuple[frozenset[str], ...]
    selector: str


def shortcuts(file: Path) -> Iterator[Shortcut]:
    for one in json.loads(file.read_text()).get("jupyter.lab.shortcuts", []):
        for keys in filter(None, (one.get(name) for name in ("keys", "winKeys", "macKeys", "linuxKeys"))):
            if keys != [""]:
                chords = tuple(frozenset(re.sub(r"\b(Ctrl|Cmd)\b", "Accel", chord).split()) for chord in keys)
                yield Shortcut(one["command"], chords, one["selector"])


def get_in_each_others_way(one: Shortcut, other: Shortcut) -> bool:
    """The same keys, or those of one begin those of the other."""
    length = min(len(one.keys), len(other.keys))
    return one.keys[:length] == other.keys[:length]


@pytest.fixture
def ours() -> list[Shortcut]:
    found = [shortcut for file in OURS.glob("*.json") for shortcut in shortcuts(file)]
    assert len(found) > 20
    return found


def test_no_two_of_ours_have_the_same_keys_and_no_command_has_two(ours: list[Shortcut]):
    pairs = [(one, other) for index, one in enumerate(ours) for other in ours[index + 1 :]]
    assert not [pair for pair in pairs if get_in_each_others_way(*pair)]
    commands = [shortcut.command for shortcut in ours]
    assert len(set(commands)) == len(commands)


@pytest.mark.parametrize("owner", ["@jupyterlab", "@jupyter-notebook"])
def test_none_of_ours_is_one_of_jupyters(ours: list[Shortcut], owner: str):
    theirs = [shortcut for file in (THEIRS / owner).rglob("*.json") for shortcut in shortcuts(file)]
    assert any(EVERYWHERE.match(shortcut.selector) for shortcut in theirs)
    assert not [
        (mine, other)
        for mine in ours
        for other in theirs
        # One of ours that holds everywhere would be heard in a notebook, too.
        if get_in_each_others_way(mine, other) and (EVERYWHERE.match(other.selector) or EVERYWHERE.match(mine.selector))
    ]
