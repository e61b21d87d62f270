"""What the documents say is so."""

from __future__ import annotations

import re
from typing import Any

import pytest

from llmhub import load_config
from llmhub.config.document import documented, table
from llmhub.config.schema import FILE, schema_text
from tests.setup.conftest import ROOT

CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()


def test_the_table_of_settings_and_the_schema_for_editors_are_those_of_the_models() -> None:
    again = "run `python -m llmhub.config.document`"
    assert documented(CONFIGURATION) == CONFIGURATION, again
    assert (ROOT / "llmhub" / "config" / FILE).read_text() == schema_text(), again


def test_every_setting_has_a_row_that_says_what_it_means() -> None:
    rows = [line.split(" | ") for line in table().splitlines()[2:]]
    assert "`providers.<name>.timeouts.first_byte`" in [row[0].removeprefix("| ") for row in rows]
    assert all(len(row) == 4 and row[2] for row in rows), rows


@pytest.mark.parametrize("document", ["README.md"])
def test_the_documented_example_is_accepted(document: str, tmp_path: Any) -> None:
    example = (ROOT / document).read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "llmhub.yaml").write_text(example)
    config = load_config(env={"LLMHUB_DATA_DIR": str(tmp_path / "data"), "LAB_KEY": "x"}, search=[tmp_path])
    assert config.settings.default_model == "lab/qwen3-32b"


def test_the_example_of_models_and_aliases_is_accepted(tmp_path: Any) -> None:
    (tmp_path / "llmhub.yaml").write_text(CONFIGURATION.split("```yaml\n")[1].split("```")[0])
    settings = load_config(env={"LLMHUB_DATA_DIR": str(tmp_path / "data")}, search=[tmp_path]).settings
    assert settings.aliases[settings.default_model or ""] == "lab/qwen3-32b"
    assert settings.models["lab/old-*"].hidden and settings.fallbacks["lab/only-this"] == ()


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "hub-deploy" / "README.md"]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text()):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
