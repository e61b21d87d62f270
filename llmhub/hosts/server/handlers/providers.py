"""Providers: which there are, their keys, whether they work."""

from __future__ import annotations

from ...bodies import (
    FoundServer,
    FoundServers,
    Key,
    KindView,
    ProbeRequest,
    ProbeView,
    ProviderChanges,
    Providers,
    ProviderView,
)
from ..handler import Handler
from ..operation import reads, writes


class ProvidersHandler(Handler):
    """All of them."""

    @reads("Providers, and the kinds that can be added", answer=Providers)
    async def get(self) -> Providers:
        """Where a key comes from is said; the key never is."""
        providers = self.workspace.providers
        return Providers(
            items=tuple([ProviderView.model_validate(one, from_attributes=True) for one in await providers.list()]),
            kinds=tuple([KindView.model_validate(kind, from_attributes=True) for kind in providers.kinds()]),
        )


class ProviderHandler(Handler):
    """One of them, if it is the user's own."""

    @writes("Add or change a provider of the user's own", body=ProviderChanges, errors=(403,))
    async def put(self, name: str, body: ProviderChanges) -> None:
        """What the administrator configured and locked stays."""
        await self.workspace.providers.put(name, kind=body.kind, base_url=body.base_url, label=body.label)
        self.publish("settings.changed")

    @writes("Remove a provider of the user's own, with its key", errors=(403, 404))
    async def delete(self, name: str) -> None:
        """Its conversations stay."""
        await self.workspace.providers.delete(name)
        self.publish("settings.changed")


class KeyHandler(Handler):
    """A provider's key."""

    @writes("Keep a key for a provider", body=Key, errors=(404, 409))
    async def put(self, name: str, body: Key) -> None:
        """It goes to the key ring and never comes back."""
        await self.workspace.providers.set_key(name, body.api_key.get_secret_value())
        self.publish("settings.changed")

    @writes("Forget the key that the user entered", errors=(404, 409))
    async def delete(self, name: str) -> None:
        """One from the configuration or the environment stays."""
        await self.workspace.providers.delete_key(name)
        self.publish("settings.changed")


class TestHandler(Handler):
    """Trying a provider."""

    @writes(
        "Say what works: reachable, key accepted, models, streaming, tools",
        body=ProbeRequest,
        body_required=False,
        answer=ProbeView,
    )
    async def post(self, name: str, body: ProbeRequest) -> ProbeView:
        """With what is stored, or with what stands in a form that is not saved yet."""
        key = body.api_key.get_secret_value() if body.api_key is not None else None
        found = await self.workspace.providers.test(name, kind=body.kind, base_url=body.base_url, api_key=key, model=body.model)
        return ProbeView.model_validate(found, from_attributes=True)


class DiscoverHandler(Handler):
    """Looking for model servers on this machine."""

    @writes("Model servers that answer on this machine's usual ports", answer=FoundServers)
    async def post(self) -> FoundServers:
        """Looked for when asked, never otherwise."""
        found = await self.workspace.providers.discover()
        return FoundServers(items=tuple([FoundServer.model_validate(server, from_attributes=True) for server in found]))
