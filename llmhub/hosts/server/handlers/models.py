"""Models that can be asked, whatever provider they live at."""

from __future__ import annotations

from ....conversations.values import Page
from ....providers.base import ModelInfo
from ...bodies import Models
from ..handler import Handler
from ..operation import reads


class ModelsHandler(Handler):
    """All of them."""

    @reads("Every model of every configured provider; one that cannot be used now says why", answer=Models)
    async def get(self) -> Page[ModelInfo]:
        """In the order of the providers; none that the role may not use."""
        may_use = self.rules.may_use
        return Page([model for model in await self.workspace.router.models() if may_use(model.id)])
