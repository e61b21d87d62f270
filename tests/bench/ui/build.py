"""The panel as it is shipped: a production build in a folder of its own, whatever lies in `llmhub/labextension`."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

from ..processes import ROOT

SOURCES = ROOT / "labextension"
NAMES = ("src", "style", "schema", "package.json", "tsconfig.json", "tsconfig.build.json", "LICENSE")


def build(folder: Path) -> Path:
    """A folder for JupyterLab's `labextensions_path` with the panel in it. Needs `labextension/node_modules` (`jlpm install`)."""
    work = folder / "build" / "labextension"
    work.mkdir(parents=True)
    for name in NAMES:
        source = SOURCES / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, work / name)
    (work / "node_modules").symlink_to(SOURCES / "node_modules")
    builder = Path(sysconfig.get_path("scripts")) / "jupyter-builder"
    for command in (["node_modules/.bin/tsc", "-p", "tsconfig.build.json"], [builder, "build", "."]):
        subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL)
    extensions = folder / "labextensions"
    (extensions / "@llmhub").mkdir(parents=True)
    (folder / "build" / "llmhub" / "labextension").rename(extensions / "@llmhub" / "lab")
    return extensions
