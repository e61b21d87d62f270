"""What is committed works anywhere: no address of somebody's package registry, no path of somebody's machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import llmhub
from tests.setup.conftest import ROOT

# In pieces, so that this file does not find itself.
_REGISTRIES = ["registry" + r"\.npmjs", "registry" + r"\.yarnpkg", "npm" + "mirror", "files" + r"\.pythonhosted", "pypi" + r"\.org"]
_MACHINES = ["work/(main|shared)", "tmp/dev", "root/", "opt/wheels"]
HOSTS = re.compile("|".join(_REGISTRIES))
PATHS = re.compile(f"(?<![\\w.])/(?:{'|'.join(_MACHINES)})")
MADE = {".git", ".venv", "node_modules", "lib", ".yarn", "__pycache__", ".hypothesis"}


def committed() -> Iterator[Path]:
    """The files of the checkout that git knows; without git, all that are not made from others."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
        yield from (ROOT / name for name in listed if name and (ROOT / name).is_file())
    except (OSError, subprocess.SubprocessError):
        for folder, folders, files in os.walk(ROOT):
            folders[:] = [name for name in folders if name not in MADE and not name.endswith("_cache")]
            yield from (Path(folder, name) for name in files if Path(folder) != ROOT / "llmhub" / "labextension")


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="ignore")


def test_no_file_names_a_package_registry() -> None:
    named = {str(path.relative_to(ROOT)): HOSTS.findall(text_of(path)) for path in committed()}
    # `run` has to know where to find pip when nobody has configured an index.
    assert {path: hosts for path, hosts in named.items() if hosts} == {"run": ["pypi" + ".org"]}


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert [str(path.relative_to(ROOT)) for path in committed() if PATHS.search(text_of(path))] == []


def test_the_lock_holds_exact_versions_and_checksums_only() -> None:
    lock = (ROOT / "labextension" / "yarn.lock").read_text()
    assert "checksum:" in lock and "://" not in lock


def test_panel_and_package_have_one_version() -> None:
    package = json.loads((ROOT / "labextension" / "package.json").read_text())
    assert package["version"] == llmhub.__version__
    assert f"## [{llmhub.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_every_requirement_has_a_reason_to_be_there() -> None:
    """A dependency that no module imports is a download for nothing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[\[<>=;~! ]", requirement)[0] for requirement in project["dependencies"]}
    source = "\n".join(text_of(path) for path in (ROOT / "llmhub").rglob("*.py"))
    modules = {"pyyaml": "yaml", "markdown-it-py": "markdown_it", "PyStemmer": "Stemmer"}
    modules |= {"jupyterlab": None, "aiohttp": None}  # JupyterLab shows the panel; aiohttp carries httpx-aiohttp
    for name in names:
        module = modules.get(name, name.replace("-", "_"))
        assert module is None or re.search(rf"(?:import|from|\") *{module}\b", source), f"nothing imports {name}"
