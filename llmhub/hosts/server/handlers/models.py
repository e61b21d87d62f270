"""Models that can be asked, whatever provider they live at."""

from __future__ import annotations

from typing import Final

from ....conversations.values import Page
from ....providers.base import ModelInfo
from ...bodies.models import Models
from ..handler import Handler
from ..operation import reads

_PATIENCE: Final = 1.0
"""Seconds that the panel waits at most, and only for providers that were never heard."""


class ModelsHandler(Handler):
    """All of them."""

    @reads("Every model of every configured provider; one that cannot be used now says why", answer=Models)
    async def get(self) -> Page[ModelInfo]:
        """In the order of the providers; none that the role may not use. Pages hear `models.changed` of who answers late."""
        may_use = self.rules.may_use
        return Page([model for model in await self.workspace.router.models(patience=_PATIENCE) if may_use(model.id)])
