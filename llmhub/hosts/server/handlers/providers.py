"""Providers: which there are, their keys, whether they work."""

from __future__ import annotations

from ....providers.discover import discover
from ....providers.probe import probe
from ...bodies.providers import FoundServer, FoundServers, Key, ProbeRequest, ProbeView, ProviderChanges, Providers
from ...providers import config_to_test, delete_key, delete_provider, providers_view, put_key, put_provider
from ..handler import Handler
from ..operation import reads, writes


class ProvidersHandler(Handler):
    """All of them."""

    @reads("Providers, configured and possible, and the kinds that can be added", answer=Providers)
    async def get(self) -> Providers:
        """Where a key comes from is said; the key never is."""
        return await providers_view(self.workspace)


class ProviderHandler(Handler):
    """One of them, if it is the user's own."""

    @writes("Add or change a provider of the user's own", body=ProviderChanges, errors=(409,))
    async def put(self, name: str, body: ProviderChanges) -> None:
        """What is configured elsewhere stays."""
        self.rules.check_feature("own_providers")
        await put_provider(self.workspace, name, body, principal=self.principal)
        self.publish("settings.changed")

    @writes("Remove a provider of the user's own, with its key", errors=(404, 409))
    async def delete(self, name: str) -> None:
        """Its conversations stay."""
        await delete_provider(self.workspace, name, principal=self.principal)
        self.publish("settings.changed")


class KeyHandler(Handler):
    """A provider's key."""

    @writes("Keep a key for a provider", body=Key, errors=(404, 409))
    async def put(self, name: str, body: Key) -> None:
        """It goes to the key ring and never comes back."""
        self.rules.check_feature("own_providers")
        await put_key(self.workspace, name, body, principal=self.principal)
        self.publish("settings.changed")

    @writes("Forget the key that the user entered", errors=(404, 409))
    async def delete(self, name: str) -> None:
        """One from the configuration or the environment stays."""
        await delete_key(self.workspace, name)
        self.publish("settings.changed")


class KeysHandler(Handler):
    """Every key that the user entered."""

    @writes("Forget every key that the user entered", errors=(409,))
    async def delete(self) -> None:
        """Kernels' keys are revoked too. Those from the configuration or the environment stay, and so does every provider."""
        self.extension.kernels.revoke_all()
        await self.workspace.keys.delete_all()
        self.publish("settings.changed")


class TestHandler(Handler):
    """Trying a provider."""

    @writes(
        "Say what works: reachable, key accepted, models, streaming, tools",
        body=ProbeRequest,
        body_required=False,
        answer=ProbeView,
        errors=(404,),
    )
    async def post(self, name: str, body: ProbeRequest) -> ProbeView:
        """With what is stored, or with what stands in a form that is not saved yet."""
        self.rules.check_feature("own_providers")
        config = config_to_test(self.workspace, name, body)
        key = body.api_key.get_secret_value() if body.api_key is not None else None
        credentials = {field: secret.get_secret_value().strip() for field, secret in (body.credentials or {}).items()}
        ledger = self.workspace.runs.ledger
        bill = ledger.bill(self.principal.id, "test", f"{name}/{body.model or ''}")
        found = await probe(self.workspace.router, name, config, key, credentials=credentials, model=body.model, bill=bill)
        await ledger.flush()
        if found.ok and body.base_url is None:
            self.workspace.router.revive(name)
        return ProbeView.model_validate(found, from_attributes=True)


class DiscoverHandler(Handler):
    """Looking for model servers on this machine."""

    @writes("Model servers that answer on this machine's usual ports", answer=FoundServers)
    async def post(self) -> FoundServers:
        """Looked for when asked, never otherwise."""
        self.rules.check_feature("own_providers")
        found = await discover(self.workspace.config.settings.local_servers)
        return FoundServers(items=tuple([FoundServer.model_validate(server, from_attributes=True) for server in found]))
