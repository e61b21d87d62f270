"""Who is asking. A principal rides with each run, so that every check knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or service, as the host knows it. `id` owns the rows in the store."""

    id: str
    name: str = ""
    groups: frozenset[str] = frozenset()
    """JupyterHub's groups, by which `roles:` in llmhub.yaml knows them."""


LOCAL = Principal(id="local", name="")
"""The one owner on a plain Jupyter server, whose token login invents a new user name for every browser."""
