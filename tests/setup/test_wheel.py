"""What somebody gets who installs the wheel: it works at once, without Node, and leaves without a trace."""

from __future__ import annotations

import json
import subprocess
import tarfile
import time
import urllib.request
import zipfile
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, cast

import pytest

import llmhub
from tests.setup.conftest import Machine, new_machine

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def machine(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine with the newest pip, on which the wheel is installed."""
    machine = new_machine(tmp_path_factory.mktemp("newest"), "pip")
    machine.pip("install", "-q", wheel)
    return machine


def test_the_sdist_carries_the_built_panel_and_the_wheel_has_it_once(sdist: Path, wheel: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    assert any(name.endswith("/llmhub/labextension/package.json") for name in names)
    assert any(name.endswith("/labextension/src/index.ts") for name in names)
    assert not any("node_modules" in name or "/.yarn/" in name or "/lib/" in name for name in names)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert len([name for name in names if name.endswith("labextensions/@llmhub/lab/package.json")]) == 1
    assert not any(name.startswith("llmhub/labextension") or name.startswith(("tests", "labextension")) for name in names)
    assert f"Version: {llmhub.__version__}" in metadata and "License-Expression: MIT" in metadata


def test_jupyter_finds_both_extensions_healthy(machine: Machine) -> None:
    server = machine.run("jupyter", "server", "extension", "list")
    assert f"llmhub {llmhub.__version__} OK" in " ".join(server.split()) and "llmhub enabled" in server, server
    lab = machine.run("jupyter", "labextension", "list")
    assert f"@llmhub/lab v{llmhub.__version__} enabled OK (python, llmhub)" in " ".join(lab.split()), lab


def test_the_environment_stays_small(machine: Machine) -> None:
    size = sum(path.lstat().st_size for path in (machine.home / "venv").rglob("*") if not path.is_symlink())
    assert size <= 700 * MEGABYTE, f"{size / MEGABYTE:.0f} MB"


def test_jupyterlab_starts_with_the_panel_and_answers(machine: Machine) -> None:
    options = ["--no-browser", "--allow-root", "--ServerApp.port=0", "--IdentityProvider.token=t0ken"]
    program = machine.python.parent / "jupyter-lab"
    lab = subprocess.Popen([program, *options], env=machine.env, cwd=machine.home, stderr=subprocess.PIPE, text=True)
    try:
        base = _address(lab)
        page = _get(f"{base}lab?token=t0ken").read().decode()
        config = json.loads(page.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0])
        assert "@llmhub/lab" in [extension["name"] for extension in config["federated_extensions"]]
        answer = json.load(_get(f"{base}llmhub/api/models?token=t0ken"))
        assert cast(dict[str, Any], answer)["items"]
    finally:
        lab.terminate()
        lab.communicate()


def test_nothing_but_the_users_data_is_left_when_it_is_uninstalled(machine: Machine) -> None:
    data = machine.home / "llmhub"
    data.mkdir(exist_ok=True)
    (data / "mine.txt").write_text("a conversation")
    machine.pip("uninstall", "-q", "-y", "llmhub")
    assert [path for path in (machine.home / "venv").rglob("*") if "llmhub" in path.name.lower()] == []
    assert (data / "mine.txt").read_text() == "a conversation"
    assert "llmhub" not in machine.run("jupyter", "labextension", "list")
    assert "llmhub" not in machine.run("jupyter", "server", "extension", "list")


def test_an_old_pip_resolves_and_installs_it_too(wheel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    machine = new_machine(tmp_path, "pip==23.2.1")
    start = time.monotonic()
    machine.pip("install", "-q", "--dry-run", "--ignore-installed", wheel)
    with capsys.disabled():
        print(f"\npip 23.2.1 resolves llmhub in {time.monotonic() - start:.1f} s")
    machine.pip("install", "-q", "--no-compile", wheel)
    assert machine.run("python", "-c", "import llmhub; print(llmhub.load_config.__name__)").strip() == "load_config"
    assert "No broken requirements found" in machine.pip("check")


def _address(lab: subprocess.Popen[str]) -> str:
    """The server's address, once it says that it answers."""
    assert lab.stderr is not None
    said = []
    for line in lab.stderr:
        said.append(line)
        if "http://127.0.0.1" in line and "/lab" in line:
            return line[line.index("http://") :].split("lab?")[0].split("lab\n")[0]
    raise AssertionError("".join(said))


def _get(url: str) -> HTTPResponse:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return cast(HTTPResponse, opener.open(url, timeout=60))
