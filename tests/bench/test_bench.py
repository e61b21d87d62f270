"""Every measurement once, shown beside its target. What a machine needs is not asserted: `pytest tests/bench -s`."""

from __future__ import annotations

from importlib import import_module
from inspect import isawaitable

import pytest

from .figures import show


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "name", ["start", "first_token", "catalogue", "streams", "long_conversation", "long_answer", "faults", "ui.all"]
)
async def test_measure(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    measured = import_module(f"tests.bench.{name}").measure()
    figures = await measured if isawaitable(measured) else measured
    with capsys.disabled():
        print(f"\n\n{name}")
        show(figures)
    assert figures
