"""`import llmhub` is quicker than a blink: it loads nothing, and its names come when they are used."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import llmhub

HEAVY = {"litellm", "lancedb", "mcp", "tornado", "IPython", "sqlalchemy", "httpx", "aiohttp", "keyring", "cryptography"}


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh Python has after `code`."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    return set(json.loads(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout))


def test_importing_llmhub_loads_none_of_the_heavy_libraries() -> None:
    assert not loaded_by("import llmhub") & (HEAVY | {"pydantic", "yaml", "asyncio"})


def test_a_configuration_is_read_without_network_libraries_databases_or_frameworks() -> None:
    assert not loaded_by("from llmhub import load_config") & HEAVY


def test_loading_the_magics_loads_nothing_until_one_is_used() -> None:
    shell = "import llmhub; from unittest.mock import MagicMock; llmhub.load_ipython_extension(MagicMock())"
    assert not loaded_by(shell) & (HEAVY | {"pydantic", "yaml", "jupyter_core"})


def test_a_library_of_data_frames_that_is_not_as_we_know_it_is_imported_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "pandas.py").write_text("api = None")
    (tmp_path / "polars.py").write_text("__spec__ = None")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import llmhub, pandas, polars, importlib; importlib.reload(pandas)"
    assert {"pandas", "polars"} <= loaded_by(code)


def test_every_public_name_resolves_and_is_listed() -> None:
    for name in llmhub.__all__:
        assert getattr(llmhub, name).__name__ == name
    tree = ast.parse(Path(llmhub.__file__).read_text())
    typed = next(node for node in tree.body if isinstance(node, ast.If))
    declared = {alias.asname for node in typed.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert declared == set(llmhub.__all__), "what type checkers see, what resolves and what __all__ lists are the same names"


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    assert not hasattr(llmhub, "nonsense")
