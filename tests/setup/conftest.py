"""An sdist of this checkout, a wheel from it, and machines of their own that the wheel is installed on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OUTSIDE = dict(os.environ)
"""The environment before a test's own world hides the proxies and certificates that reach the package index."""


@dataclass(frozen=True)
class Machine:
    """A virtual environment and nothing else on its path: no Node, no git, no compiler."""

    home: Path

    @property
    def python(self) -> Path:
        return self.home / "venv" / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Where its packages are."""
        return next((self.home / "venv" / "lib").glob("python3*")) / "site-packages"

    @property
    def env(self) -> dict[str, str]:
        world = {f"JUPYTER_{name.upper()}_DIR": str(self.home / name) for name in ("config", "data", "runtime")}
        ours = ("LLMHUB_", "JUPYTER_", "PYTHON", "VIRTUAL_ENV")
        kept = {name: value for name, value in OUTSIDE.items() if not name.startswith(ours)}
        # HOME stays: pip's cache is there, and a second download of everything would only cost time
        return {**kept, **world, "LLMHUB_DATA_DIR": str(self.home / "llmhub"), "PATH": str(self.python.parent)}

    def run(self, *command: str | Path) -> str:
        """What a command of this machine prints; its failure is the test's."""
        done = subprocess.run(
            [self.python.parent / command[0], *command[1:]],
            env=self.env,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)

    def pip(self, *arguments: str | Path) -> str:
        return self.run("python", "-m", "pip", "--disable-pip-version-check", *arguments)


def new_machine(home: Path, pip: str) -> Machine:
    """A machine with this pip ("pip==23.2.1")."""
    machine = Machine(home)
    # Debian's Python brings no pip for a new environment, so ours puts it there.
    venv.create(home / "venv", symlinks=True, with_pip=False)
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        machine.python,
        "install",
        "-q",
        pip,
    ]
    subprocess.run(command, env=OUTSIDE, check=True, stdin=subprocess.DEVNULL)
    return machine


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this checkout."""
    folder = tmp_path_factory.mktemp("sdist")
    code = f"from hatchling.build import build_sdist; build_sdist({str(folder)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=OUTSIDE, check=True, stdin=subprocess.DEVNULL)
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist on a machine without Node."""
    machine = new_machine(tmp_path_factory.mktemp("builder"), "pip")
    machine.pip("wheel", "-q", "--no-deps", "-w", machine.home / "dist", sdist)
    return next((machine.home / "dist").glob("llmhub-*.whl"))
