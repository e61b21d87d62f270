"""What mybinder.org makes of `binder/`: repo2docker's own reading of it, without building anything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.setup.conftest import ROOT

BINDER = ROOT / "binder"


def test_binder_installs_this_checkout_on_a_python_that_it_runs_on(tmp_path: Path) -> None:
    shutil.copytree(BINDER, tmp_path / "binder")
    said = _dry_run(tmp_path)
    wanted = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"Building conda environment for python={wanted}" in said
    assert "RUN ./binder/postBuild" in said


def test_what_binder_runs_is_a_script_that_stops_at_the_first_failure() -> None:
    script = BINDER / "postBuild"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert "set -euo pipefail" in script.read_text()


def test_binder_opens_the_tour() -> None:
    """As `jupyter lab` and `jupyter notebook` read it, whichever a Binder runs."""
    for app, name in (("LabApp", "jupyter_lab_config.json"), ("JupyterNotebookApp", "jupyter_notebook_config.json")):
        assert f"binder/{name}" in (BINDER / "postBuild").read_text()
        page = json.loads((BINDER / name).read_text())[app]["default_url"]
        assert page == "/lab/tree/notebooks/tour.ipynb" and (ROOT / page.removeprefix("/lab/tree/")).is_file()


def _dry_run(where: Path) -> str:
    """What it says, and the Dockerfile that it would build."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(where)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
