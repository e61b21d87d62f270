"""Ids: what is one, and what only reads like one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from llmhub.ids import ids_at, is_id, new_id

ID = "0198a3b0-1c2d-7e3f-8a4b-5c6d7e8f9a0b"


def test_every_id_that_is_made_is_one():
    assert all(map(is_id, [ID, new_id(), *ids_at([datetime.now(UTC), datetime(1970, 1, 1, tzinfo=UTC)])]))


@pytest.mark.parametrize("text", [ID.upper(), f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", ""), f"{ID}\n", f" {ID}", ID[:-1], ""])
def test_another_way_to_write_an_id_is_none(text: str):
    assert not is_id(text)
