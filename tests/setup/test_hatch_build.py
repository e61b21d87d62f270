"""The build hook: it builds when the panel's sources have changed, and says in words what went wrong."""

from __future__ import annotations

import importlib.util
import json
import re
import stat
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hatchling.bridge.app import Application

from tests.setup.conftest import ROOT


@pytest.fixture(scope="module")
def hatch_build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the least of a front end."""
    sources = tmp_path / "labextension"
    (sources / "src" / "deep").mkdir(parents=True)
    (sources / "src" / "deep" / "a.ts").write_text("1")
    (sources / "package.json").write_text("{}")
    return tmp_path


def jlpm(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `jlpm` that runs `script`, the only one on the path."""
    folder.mkdir(exist_ok=True)
    (folder / "jlpm").write_text(f"#!{sys.executable}\nimport sys\n{script}\n")
    (folder / "jlpm").chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(folder))


BUILD = """
from pathlib import Path
made = Path.cwd().parent / "llmhub" / "labextension"
made.mkdir(parents=True, exist_ok=True)
with open(made.parent.parent / "calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + chr(10))
(made / "package.json").write_text("{}")
cell = made.parent / "hosts" / "notebook" / "widgets" / "static"
cell.mkdir(parents=True, exist_ok=True)
(cell / "chat.js").write_text("")
"""


def hook(module: ModuleType, checkout: Path) -> Any:
    return module.LabextensionHook(str(checkout), {}, None, None, str(checkout), "wheel", Application())


def test_it_builds_once_and_again_only_after_a_change(
    hatch_build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jlpm(checkout / "bin", BUILD, monkeypatch)
    calls = checkout / "calls"
    hook(hatch_build, checkout).initialize("standard", {})
    assert calls.read_text().splitlines() == ["install", "build:prod"]
    hook(hatch_build, checkout).initialize("editable", {})
    assert len(calls.read_text().splitlines()) == 2
    (checkout / "labextension" / "src" / "deep" / "a.ts").write_text("2")
    hook(hatch_build, checkout).initialize("standard", {})
    assert len(calls.read_text().splitlines()) == 4


@pytest.mark.parametrize("change", ["src/new.ts", "src/deep/a.ts", "style/base.css", "schema/a.json", "yarn.lock", "package.json"])
def test_every_source_counts(hatch_build: ModuleType, checkout: Path, change: str) -> None:
    sources = checkout / "labextension"
    before = hatch_build.digest(sources)
    (sources / change).parent.mkdir(exist_ok=True)
    (sources / change).write_text("changed")
    assert hatch_build.digest(sources) != before


def test_every_file_that_the_build_is_told_of_is_a_source(hatch_build: ModuleType) -> None:
    package = json.loads((ROOT / "labextension" / "package.json").read_text())
    told = " ".join(line for name, line in package["scripts"].items() if name.startswith("build")) + str(package["jupyterlab"])
    named = {
        file.name for file in (ROOT / "labextension").iterdir() if file.is_file() and re.search(rf"\b{re.escape(file.name)}", told)
    }
    assert {"webpack.config.cjs", "vite.cell.config.mjs", "tsconfig.build.json"} <= named <= set(hatch_build.SOURCES)


@pytest.mark.parametrize("change", ["node_modules/x.js", "lib/x.js", "tests/x.ts", "src/.a.ts.swp", ".yarn/state"])
def test_what_is_made_or_not_built_does_not_count(hatch_build: ModuleType, checkout: Path, change: str) -> None:
    sources = checkout / "labextension"
    before = hatch_build.digest(sources)
    (sources / change).parent.mkdir(exist_ok=True)
    (sources / change).write_text("changed")
    assert hatch_build.digest(sources) == before


def test_it_asks_pypi_for_nothing_when_there_is_nothing_to_build(
    hatch_build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jlpm(checkout / "bin", BUILD, monkeypatch)
    assert hook(hatch_build, checkout).dependencies() == [hatch_build.BUILDER, hatch_build.NODE]
    hook(hatch_build, checkout).initialize("standard", {})
    assert hook(hatch_build, checkout).dependencies() == []


@pytest.mark.parametrize(
    ("version", "enough"), [("v18.20.4", False), ("v20.18.9", False), ("v20.19.0", True), ("v26.1.0", True), ("?", False)]
)
def test_a_node_that_is_too_old_is_not_used(
    hatch_build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, enough: bool
) -> None:
    (tmp_path / "node").write_text(f"#!{sys.executable}\nprint({version!r})\n")
    (tmp_path / "node").chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (hatch_build.machines_node() is not None) == enough


def test_a_failed_build_says_so_in_words_with_the_end_of_its_output(
    hatch_build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    jlpm(checkout / "bin", "print('src/a.ts(1,1): error TS1005'); sys.exit(sys.argv[1] == 'build:prod')", monkeypatch)
    with pytest.raises(SystemExit):
        hook(hatch_build, checkout).initialize("standard", {})
    said = capsys.readouterr()
    assert "panel could not be built" in said.err + said.out and "error TS1005" in said.err + said.out
    assert not (checkout / "llmhub" / "labextension" / "sources.sha256").exists()
