"""`run`, the script behind the README's two commands."""

from __future__ import annotations

import hashlib
import http.server
import importlib.machinery
import importlib.util
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.setup.conftest import ROOT


@pytest.fixture
def run() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("run_script", str(ROOT / "run"))
    spec = importlib.util.spec_from_loader("run_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


@pytest.fixture
def index() -> Iterator[Callable[[dict[str, bytes]], str]]:
    """`index({"/pip/": page})`: the address of a package index on this machine."""
    servers: list[http.server.HTTPServer] = []

    def serve(pages: dict[str, bytes]) -> str:
        class Index(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path in pages else 404)
                self.end_headers()
                self.wfile.write(pages.get(self.path, b""))

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Index)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_without_a_command_it_says_what_it_can_do() -> None:
    done = subprocess.run([sys.executable, ROOT / "run"], capture_output=True, text=True)
    assert done.returncode == 2 and "run lab" in done.stdout and "run test" in done.stdout
    assert subprocess.run([sys.executable, ROOT / "run", "--help"], capture_output=True).returncode == 0


def test_pip_comes_from_the_configured_index_and_is_what_it_should_be(
    run: ModuleType, index: Callable[[dict[str, bytes]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"a wheel"
    monkeypatch.setattr(run, "PIP_SHA256", hashlib.sha256(content).hexdigest())
    link = f'<a href="../files/pip-1.0.tar.gz">x</a> <a href="../files/{run.PIP}#sha256=0">x</a>'.encode()
    monkeypatch.setenv("PIP_INDEX_URL", index({"/pip/": link, f"/files/{run.PIP}": content}))
    assert Path(run.fetch_pip()).read_bytes() == content


def test_a_pip_that_was_changed_on_the_way_is_refused(
    run: ModuleType, index: Callable[[dict[str, bytes]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index({"/pip/": f'<a href="{run.PIP}">'.encode(), f"/pip/{run.PIP}": b"evil"}))
    with pytest.raises(SystemExit, match="is not what it should be"):
        run.fetch_pip()


@pytest.mark.parametrize(("pages", "words"), [({}, "does not answer"), ({"/pip/": b"<a href='x'>"}, "python3-venv")])
def test_an_index_that_cannot_help_is_said(
    run: ModuleType, index: Callable[[dict[str, bytes]], str], monkeypatch: pytest.MonkeyPatch, pages: dict[str, bytes], words: str
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index(pages))
    with pytest.raises(SystemExit, match=words):
        run.fetch_pip()


def test_pips_own_configuration_is_respected(run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "PIP_CERT", "PIP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://mirror.example/simple\nproxy = http://proxy.example:1\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    assert run.pip_settings()["index-url"] == "https://mirror.example/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "https://other.example/simple")
    assert (run.pip_settings()["index-url"], run.pip_settings()["proxy"]) == (
        "https://other.example/simple",
        "http://proxy.example:1",
    )


def test_a_changed_file_means_another_installation(run: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a").write_text("1")
    (tmp_path / "node_modules").mkdir()
    before = run.digest([str(tmp_path)])
    (tmp_path / "node_modules" / "b").write_text("made")
    assert run.digest([str(tmp_path)]) == before
    (tmp_path / "src" / "a").write_text("2")
    assert run.digest([str(tmp_path)]) != before


def test_a_check_that_failed_fails_the_session_of_green_tests(tmp_path: Path) -> None:
    (tmp_path / "test_green.py").write_text("def test_green(): pass\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "failed_checks", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    env = {"PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(
        command, env={**env, "LLMHUB_FAILED_CHECKS": "ruff, vitest"}, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 1 and "ruff, vitest" in done.stdout and "1 passed" in done.stdout.splitlines()[-1]
    assert subprocess.run(command, env=env, capture_output=True, cwd=tmp_path).returncode == 0
