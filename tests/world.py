"""A world of its own for a test and the processes it starts: no keys, folders or settings of whoever runs the tests."""

from __future__ import annotations

import os
from pathlib import Path


def is_of_whoever_runs_the_tests(name: str) -> bool:
    """Whether an environment variable would let something of theirs in, or have each process compile llmhub anew."""
    return (
        name == "PYTHONDONTWRITEBYTECODE"
        or name.startswith(("LLMHUB_", "JUPYTER", "JPY_", "AWS_", "AZURE_", "GOOGLE_"))
        or name.upper().endswith(("_API_KEY", "_TOKEN", "_PROXY"))
    )


def places(folder: Path) -> dict[str, str]:
    """Environment variables that keep Jupyter and llmhub inside `folder`; llmhub's data are in `folder/llmhub`."""
    jupyter = {f"JUPYTER_{name.upper()}_DIR": str(folder / "jupyter" / name) for name in ("config", "data", "runtime")}
    return {
        **jupyter,
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LLMHUB_DATA_DIR": str(folder / "llmhub"),
        "LLMHUB_FEATURES__TITLES": "false",  # they would be one more request in every test; those of titles turn them on
    }


def environment(folder: Path) -> dict[str, str]:
    """All variables for a process that outlives a single test."""
    return {name: value for name, value in os.environ.items() if not is_of_whoever_runs_the_tests(name)} | places(folder)
