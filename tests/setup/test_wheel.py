"""What somebody gets who installs the wheel: it works at once, without Node, and leaves without a trace."""

from __future__ import annotations

import gzip
import json
import re
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

import llmhub
from tests.servers import JupyterProcess
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
    assert any(name.endswith("/llmhub/hosts/notebook/widgets/static/chat.js") for name in names)
    assert any(name.endswith("/labextension/src/index.ts") for name in names)
    assert not any("node_modules" in name or "/.yarn/" in name or "/lib/" in name for name in names)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
        view = archive.read("llmhub/hosts/notebook/widgets/static/chat.js")
    assert b"render" in view and len(gzip.compress(view)) <= 150_000
    assert "llmhub/hosts/notebook/widgets/static/chat.css" in names
    assert len([name for name in names if name.endswith("labextensions/@llmhub/lab/package.json")]) == 1
    assert not any(name.startswith("llmhub/labextension") or name.startswith(("tests", "labextension")) for name in names)
    assert f"Version: {llmhub.__version__}" in metadata and "License-Expression: MIT" in metadata


def test_the_panel_costs_little_javascript_before_it_is_opened_and_not_much_after(wheel: Path) -> None:
    sizes, entry = {}, ""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if "/@llmhub/lab/static/" in name and name.endswith(".js"):
                code = archive.read(name)
                sizes[name.rsplit("/", 1)[-1]] = len(gzip.compress(code))
                entry = code.decode() if "/remoteEntry." in name else entry
    # What JupyterLab loads with the page: the entry, and the chunks of our plugins and styles.
    doors = re.findall(r'"\./(?:index|style)":(.*?)\.then\(', entry)
    assert len(doors) == 2, entry[-2000:]
    chunks = {chunk for door in doors for chunk in re.findall(r"\.e\(\W?([\w-]+)", door)}
    early = {name: size for name, size in sizes.items() if name.split(".")[0] in {"remoteEntry", "style", *chunks}}
    assert len(early) == len(chunks) + 2, (chunks, sizes)
    assert sum(early.values()) <= 150_000, early
    assert sum(sizes.values()) <= 300_000, sizes


def test_the_wheel_brings_its_translations_and_tells_jupyterlab_where_they_are(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        german = json.loads(archive.read("llmhub/locale/de_DE/LC_MESSAGES/llmhub.json"))
        entry_points = archive.read(next(name for name in archive.namelist() if name.endswith("entry_points.txt"))).decode()
    assert german[""]["language"] == "de-DE" and german["New chat"] == ["Neuer Chat"]
    assert "[jupyterlab.locale]\nllmhub = llmhub" in entry_points
    assert "[console_scripts]\nllmhub = llmhub.hosts.cli:main" in entry_points


def test_jupyter_finds_both_extensions_healthy(machine: Machine) -> None:
    server = machine.run("jupyter", "server", "extension", "list")
    assert f"llmhub {llmhub.__version__} OK" in " ".join(server.split()) and "llmhub enabled" in server, server
    lab = machine.run("jupyter", "labextension", "list")
    assert f"@llmhub/lab v{llmhub.__version__} enabled OK (python, llmhub)" in " ".join(lab.split()), lab


def test_the_environment_stays_small(machine: Machine) -> None:
    size = sum(path.lstat().st_size for path in (machine.home / "venv").rglob("*") if not path.is_symlink())
    assert size <= 700 * MEGABYTE, f"{size / MEGABYTE:.0f} MB"


async def test_jupyterlab_starts_with_the_panel_and_answers(machine: Machine) -> None:
    async with JupyterProcess({}, app="lab", python=machine.python, environment=machine.env) as server:
        async with server.session.get(f"{server.url}lab") as answer:
            page = await answer.text()
        config = json.loads(page.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0])
        assert "@llmhub/lab" in [extension["name"] for extension in config["federated_extensions"]]
        assert (await server.call("GET", "models"))["items"]


def test_nothing_but_the_users_data_is_left_when_it_is_uninstalled(machine: Machine) -> None:
    data = machine.home / "llmhub"
    data.mkdir(exist_ok=True)
    (data / "mine.txt").write_text("a conversation")
    machine.pip("uninstall", "-q", "-y", "llmhub")
    assert [path for path in (machine.home / "venv").rglob("*") if "llmhub" in path.name.lower()] == []
    assert (data / "mine.txt").read_text() == "a conversation"
    assert "llmhub" not in machine.run("jupyter", "labextension", "list")
    assert "llmhub" not in machine.run("jupyter", "server", "extension", "list")


@pytest.mark.timeout(480)
def test_an_old_pip_resolves_and_installs_it_too(
    machine: Machine, wheel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = machine.pip("freeze").splitlines()
    # Where an index lacks what the newest litellm needs, an old pip reads every wheel of it (37 MB each) down to one that fits.
    constraint = tmp_path / "constraint.txt"
    constraint.write_text(next(line for line in there if line.startswith("litellm==")))
    old = new_machine(tmp_path, "pip==23.2.1")
    start = time.monotonic()
    old.pip("install", "-q", "--dry-run", "--report", "report.json", "-c", constraint, wheel)
    with capsys.disabled():
        print(f"\npip 23.2.1 resolves llmhub in {time.monotonic() - start:.1f} s")
    chosen = [entry["metadata"] for entry in json.loads((tmp_path / "report.json").read_text())["install"]]
    pins = [f"{package['name']}=={package['version']}" for package in chosen if package["name"] != "llmhub"]
    # What the newest pip chose too is installed on its machine already; whatever is different is installed here.
    known = {_plain(line) for line in there}
    other = [pin for pin in pins if _plain(pin) not in known]
    old.pip("install", "-q", "--no-compile", "--no-deps", wheel, *other)
    (old.packages / "shared.pth").write_text(f"{machine.packages}\n")
    assert old.run("python", "-c", "import llmhub; print(llmhub.load_config.__name__)").strip() == "load_config"
    assert "No broken requirements found" in old.pip("check")


def _plain(pin: str) -> str:
    return re.sub("[-_.]+", "-", pin.partition("==")[0]).lower() + "==" + pin.partition("==")[2]
