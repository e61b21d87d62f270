"""The contract in its full and current form."""

from __future__ import annotations

from typing import Any

from ..handler import Handler
from ..openapi import document
from ..operation import reads


class OpenAPIHandler(Handler):
    """OpenAPI 3.1."""

    needs_workspace = False

    @reads("This document", answer=dict[str, Any])
    async def get(self) -> dict[str, Any]:
        """Made from the same models and handlers that answer."""
        return document(self.base_url)
