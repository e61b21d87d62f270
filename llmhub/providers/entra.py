"""`SignIn`: tokens of Microsoft Entra ID for Azure OpenAI, in exchange for an application's secret; no Azure library is needed.

One token is good for about an hour. It is fetched when first wanted, again shortly before it ends, and after it was refused.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from ..errors import BadAnswer, KeyRejected
from .adapter import Adapter
from .loose import number, obj, text

AUTHORITY: Final = "https://login.microsoftonline.com"
SCOPE: Final = "https://cognitiveservices.azure.com/.default"
_EARLY: Final = 300.0
"""Seconds before its end from which on a token is not used for anything new."""


def signs_in(adapter: Adapter) -> bool:
    """Whether an adapter has an application's secret, and no key, which would be used instead."""
    return not adapter.key and bool(adapter.fields.get("client_secret"))


class SignIn:
    """Of one adapter, by what Microsoft calls the client credentials grant.

    https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
    """

    def __init__(self, adapter: Adapter, clock: Callable[[], float] = time.monotonic) -> None:
        self._adapter = adapter
        self._clock = clock
        self._token = ""
        self._good_until = 0.0
        self._asking = asyncio.Lock()

    def current(self) -> str:
        """The token as it stands."""
        return self._token

    async def token(self) -> str:
        """A token that is good for a while. Raises `KeyRejected` in Microsoft's words, and other `ProviderError`s."""
        async with self._asking:
            if self._clock() >= self._good_until:
                self._token, seconds = await self._fetch()
                self._good_until = self._clock() + max(seconds - _EARLY, seconds / 2)
            return self._token

    def forget(self) -> None:
        """Fetch another one next time."""
        self._good_until = 0.0

    async def _fetch(self) -> tuple[str, float]:
        given = self._adapter.fields
        form = {
            "grant_type": "client_credentials",
            "client_id": given["client_id"],
            "client_secret": given["client_secret"],
            "scope": SCOPE,
        }
        authority = given.get("authority", AUTHORITY)
        there = replace(self._adapter.endpoint, base_url=authority if "://" in authority else f"https://{authority}", headers={})
        said = obj(await self._adapter.http.post_form(there, f"/{quote(given['tenant_id'], safe='')}/oauth2/v2.0/token", form))
        if refusal := text(said.get("error_description")) or text(said.get("error")):
            raise KeyRejected(
                f"'{self._adapter.name}' could not sign in to Microsoft Entra ID. It says: “{there.place().quote(refusal)}”",
                hint="Check the tenant ID, the client ID and the client secret, which may have expired.",
                provider=self._adapter.name,
            )
        token, seconds = text(said.get("access_token")), number(said.get("expires_in"))
        if not token:
            raise BadAnswer(
                f"Microsoft Entra ID gave '{self._adapter.name}' no token.",
                hint="Check “Authority”: it is the address at which your organisation signs in.",
                provider=self._adapter.name,
            )
        return token, seconds or 0.0
