"""The notebooks that come with llmhub run from their first cell to their last, and show what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .notebooks import FOLDER, NAMES, kernel_world, read, run, shown


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    with kernel_world(tmp_path_factory.mktemp("notebooks")) as env:
        yield env


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_shows_what_is_written_down(name: str, env: Mapping[str, str], tmp_path: Path) -> None:
    notebook = run(name, env, tmp_path)
    assert shown(notebook) == shown(read(name))
    assert "sk-canary" not in str(notebook), "no key in any output"


def test_what_is_written_down_names_no_place_of_anybodys_machine_and_the_list_has_all() -> None:
    listed = (FOLDER / "README.md").read_text()
    for file in FOLDER.glob("*.ipynb"):
        assert file.stem in NAMES and file.name in listed
        text = file.read_text()
        assert not [place for place in ("/tmp", "/home", "/Users", "/root", "site-packages") if place in text]
