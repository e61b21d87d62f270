"""What the documents say is so."""

from __future__ import annotations

import re
from typing import Any

import pytest

from llmhub import load_config
from llmhub.config import LOCAL_SERVERS, Settings
from llmhub.config.layers import annotation_under, fields_of
from tests.setup.conftest import ROOT

CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()


def settings(kind: Any, way: str = "") -> list[str]:
    """Every setting, dotted, as the document writes it."""
    if isinstance(kind, type) and hasattr(kind, "model_fields"):
        return [name for field, inner in fields_of(kind).items() for name in settings(inner, f"{way}.{field}".strip("."))]
    below = annotation_under(kind, "name") if way == "providers" else None
    return settings(below, f"{way}.<name>") if below is not None else [way]


def test_every_setting_is_documented_and_no_other() -> None:
    rows = "\n".join(line for line in CONFIGURATION.splitlines() if line.startswith("| `"))
    documented = set(re.findall(r"`([a-z_.<>]+)`", "\n".join(row.split("|")[1] for row in rows.splitlines())))
    assert documented == set(settings(Settings))


def test_the_documented_defaults_hold() -> None:
    limits = Settings().limits
    for value in (limits.body_bytes, limits.file_bytes, limits.message_chars):
        assert f"| {value} |" in CONFIGURATION
    for server in LOCAL_SERVERS:
        assert server.label in CONFIGURATION


@pytest.mark.parametrize("document", ["README.md"])
def test_the_documented_example_is_accepted(document: str, tmp_path: Any) -> None:
    example = (ROOT / document).read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "llmhub.yaml").write_text(example)
    config = load_config(env={"LLMHUB_DATA_DIR": str(tmp_path / "data"), "LAB_KEY": "x"}, search=[tmp_path])
    assert config.settings.default_model == "lab/qwen3-32b"


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "hub-deploy" / "README.md"]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text()):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
