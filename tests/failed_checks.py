"""A pytest plugin of `run test`: the checks that failed before the tests are named at the end, and fail the session."""

from __future__ import annotations

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say above the last line which checks failed."""
    if failed := os.environ.get("LLMHUB_FAILED_CHECKS"):
        terminalreporter.section("checks that failed before the tests", red=True)
        terminalreporter.line(failed)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A session is not good when a check before it was not. Its workers' sessions have no say."""
    if hasattr(session.config, "workerinput"):
        return
    if os.environ.get("LLMHUB_FAILED_CHECKS") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
