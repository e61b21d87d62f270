"""Configuration as the panel sees it, and the user's own settings."""

from __future__ import annotations

from ...bodies.settings import ConfigView, SettingsChanges
from ..handler import Handler
from ..operation import reads, writes
from ..settings_view import config_view


class ConfigHandler(Handler):
    """What holds now."""

    @reads("Features, limits, and for each setting where its value came from; never a secret", answer=ConfigView)
    async def get(self) -> ConfigView:
        """As it holds now."""
        return config_view(self.workspace, self.rules)


class SettingsHandler(Handler):
    """What the user chose."""

    @writes("Change the user's own settings", body=SettingsChanges, answer=ConfigView, errors=(403,))
    async def patch(self, body: SettingsChanges) -> ConfigView:
        """What the file locks stays."""
        await self.workspace.change_settings(body.changes(), principal=self.principal)
        if not self.rules.config.settings.kernel_access:
            self.extension.kernels.revoke_all()
        self.publish("settings.changed")
        return config_view(self.workspace, self.rules)
