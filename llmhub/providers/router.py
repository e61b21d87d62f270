"""From "lab/qwen3-32b" to the provider that answers. Adapters are made when first needed and again when a key or a setting changes.

    router = Router(settings, keys, catalogue)
    async for event in router.stream(request): ...

It waits out short refusals (`Patient`); whether another model takes over is `Fallback`'s business.
"""

from __future__ import annotations

import asyncio
import difflib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from ..config import ProviderConfig, Settings
from ..errors import BadAnswer, KeyMissing, LLMHubError, ModelNotFound, RequestRejected
from ..messages import Adaptation, Usage
from ..policy import Rules
from .adapter import Adapter
from .base import Adapted, Keys, ModelInfo, ModelRequest, Price, Provider, ProviderEvent, Waiting, closing
from .billing import Bill, Booked, Outcome
from .build import adapter_for, provider_for
from .catalogue import Catalogue, Facts
from .circuit import Circuit
from .counting import TokenCounter
from .embedding import Embedded, Embedder, Texts
from .estimate import Estimate
from .fields import ADDRESS, missing
from .http import Http
from .listing import PATIENCE, Listing
from .litellm import close_clients
from .overrides import Overrides
from .parameters import Parameter, check, fitted, parameters_of
from .patient import Patient
from .shelf import Shelf

DEMO: Final = "demo"
"""The name of the provider that is always there."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A provider, made from `config` with the key that `adapter` holds."""

    config: ProviderConfig
    given: Mapping[str, str]
    adapter: Adapter
    provider: Provider
    listing: Listing
    circuit: Circuit


class Router:
    """Takes its providers from `settings`; `configure` takes new ones while it runs."""

    def __init__(
        self,
        settings: Settings,
        keys: Keys,
        catalogue: Catalogue | None = None,
        *,
        http: Http | None = None,
        shelf: Shelf | None = None,
        models_changed: Callable[[], None] = lambda: None,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.catalogue = catalogue or Catalogue()
        self.http = http or Http()
        self._shelf = shelf or Shelf()
        self._models_changed = models_changed
        self._keys = keys
        self._wait = wait
        self._clock = clock
        self._settings = settings
        self._overrides = Overrides({})
        self._configs: Mapping[str, ProviderConfig] = {}
        self._ready: dict[str, _Ready] = {}
        self._dropped: list[_Ready] = []
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Take other settings. Answers that are under way go on with the old ones."""
        self._settings = settings
        self._configs = {DEMO: ProviderConfig(kind="demo"), **settings.providers}
        self._overrides = Overrides(settings.models)
        for name in self._ready.keys() - self._configs.keys():
            self._dropped.append(self._ready.pop(name))

    @property
    def providers(self) -> Mapping[str, ProviderConfig]:
        """The configured providers by name, and the demo."""
        return self._configs

    def resolve(self, model: str) -> str:
        """The id of the model that an alias stands for; every other id as it is."""
        aliases = self._settings.aliases
        while (meant := aliases.get(model)) is not None:
            model = meant
        return model

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`, whose model is `<provider>/<model>`. Raises `ProviderError` or `ConfigError`."""
        name, model, config = self._split(request.model)
        ready = await self._get_ready(name, config)
        if ready.adapter.lacking is not None:
            raise lack(ready.adapter, request.model)
        sent = await self._fitted(ready, name, model, request)
        if request.bill is not None:
            await request.bill.admit(f"{name}/{model}", self.price(f"{name}/{model}"))
        if sent.adapted:
            yield Adapted(sent.adapted)
        provider = ready.provider
        if name != DEMO:  # a script is paid by nobody
            provider = Booked(provider, f"{name}/{model}", partial(self.price, f"{name}/{model}"))
        patient = Patient(provider, name, self._wait)
        try:
            with ready.circuit.attempt(model) as attempt:
                async with closing(patient.stream(sent)) as events:
                    async for event in events:
                        attempt.is_alive = attempt.is_alive or not isinstance(event, Waiting)
                        yield event
        except ModelNotFound as exc:
            self._with_nearest(exc, request.model)
            raise

    async def embed(self, model: str, texts: Texts, *, dimensions: int | None = None, bill: Bill | None = None) -> Embedded:
        """A vector for each of `texts`, by the provider of `model`. Raises `ProviderError` or `ConfigError`."""
        name, bare, config = self._split(model)
        ready = await self._get_ready(name, config)
        if ready.adapter.lacking is not None:
            raise lack(ready.adapter, model)
        if not isinstance(ready.provider, Embedder):
            hint = "Choose a model of Ollama or of a provider that speaks OpenAI's protocol."
            raise RequestRejected(f"llmhub has no embeddings from '{name}'.", hint=hint, provider=name, model=bare)
        if bill is None:
            return await ready.provider.embed(bare, texts, dimensions=dimensions)
        full = f"{name}/{bare}"
        await bill.admit(full, self.price(full))
        estimate = Estimate.of(full)
        slip = bill.open(
            full,
            sum(estimate.text(text) if isinstance(text, str) else len(text) for text in texts),
            partial(self.price, full),
        )
        outcome: Outcome = "failed"
        try:
            found = await ready.provider.embed(bare, texts, dimensions=dimensions)
            slip.reported(Usage(input_tokens=found.input_tokens, output_tokens=0))
            outcome = "finished"
            return found
        except asyncio.CancelledError:
            outcome = "stopped"
            raise
        finally:
            slip.close(outcome)

    async def count(self, request: ModelRequest) -> tuple[int, bool]:
        """The tokens of `request`, and whether its provider has counted them; else it is our own estimate. Raises `LLMHubError`."""
        name, model, config = self._split(request.model)
        ready = await self._get_ready(name, config)
        if isinstance(ready.provider, TokenCounter) and ready.adapter.lacking is None:
            with suppress(ModelNotFound, RequestRejected, BadAnswer):  # many that speak this protocol cannot count
                return await ready.provider.count(replace(request, model=model)), True
        return Estimate.of(request.model).request(request), False

    async def models(self, *, fresh: bool = False, patience: float = PATIENCE) -> list[ModelInfo]:
        """The aliases, then the models of all providers in the order of the configuration, the demo last; none that is hidden.

        Never raises. `patience`: seconds to wait for providers that were never heard; what is known of them is given after that,
        and `models_changed` is called once they have answered.
        """
        names = [*(name for name in self._configs if name != DEMO), DEMO]
        lists = await asyncio.gather(*(self._all_models_of(name, fresh=fresh, patience=patience) for name in names))
        models = {model.id: model for models in lists for model in models}
        aliases = [await self._alias(name, models) for name in self._settings.aliases]
        return [model for model in (*aliases, *models.values()) if not self._overrides.of(model.id).hidden]

    async def provider_models(self, name: str, *, fresh: bool = False) -> list[ModelInfo]:
        """The models that one provider offers; what cannot be used says why not. Never raises."""
        models = await self._all_models_of(name, fresh=fresh)
        return [model for model in models if not self._overrides.of(model.id).hidden]

    async def _all_models_of(self, name: str, *, fresh: bool, patience: float = PATIENCE) -> list[ModelInfo]:
        """Those it has by its own word or the catalogue's, and those that llmhub.yaml names besides; hidden ones too."""
        models = [self._overrides.info(model) for model in await self._heard_of(name, fresh=fresh, patience=patience)]
        ready = self._ready.get(name)
        if ready is not None and ready.config == self._configs.get(name) and ready.config.models is None:
            known = {model.id for model in models}
            named = [model for model in self._overrides.ids if model.startswith(f"{name}/") and model not in known]
            why_not = next((model.why_not for model in models), None) if not any(model.available for model in models) else None
            for model in named:
                info = ready.adapter.info(model.partition("/")[2], available=why_not is None, why_not=why_not)
                models.append(self._overrides.info(info))
        if ready is not None and (why_not := ready.circuit.why_not) is not None:
            return [model.model_copy(update={"available": False, "why_not": why_not}) for model in models]
        return models

    def revive(self, name: str) -> None:
        """Somebody found that a provider is well: it is asked again at once."""
        if (ready := self._ready.get(name)) is not None:
            ready.circuit.close()

    async def _alias(self, name: str, models: Mapping[str, ModelInfo]) -> ModelInfo:
        """An alias as one more model."""
        model = self.resolve(name)
        try:
            info = models.get(model) or await self.info(model)
        except LLMHubError as exc:
            info = _unusable(model.partition("/")[0], "", model.partition("/")[2], exc.message)
        return self._overrides.info(info.model_copy(update={"id": name, "label": name, "alias_of": model}))

    async def _heard_of(self, name: str, *, fresh: bool, patience: float) -> list[ModelInfo]:
        if (config := self._configs.get(name)) is None:
            return []
        try:
            ready = await self._get_ready(name, config)
        except LLMHubError as exc:
            return [_unusable(name, config.kind, model, exc.message) for model in config.models or ()]
        adapter = ready.adapter
        if (lacking := adapter.lacking) is not None:
            why_not = f"It needs a {lacking} for '{name}'."
            return [model.model_copy(update={"available": False, "why_not": why_not}) for model in self._known(ready)]
        if config.models is not None:
            return self._known(ready)
        return await ready.listing.get(fresh=fresh, patience=patience)

    async def info(self, model: str) -> ModelInfo:
        """What is known of a model. Raises `ModelNotFound`."""
        name, bare, config = self._split(model)
        return await self._info(await self._get_ready(name, config), name, bare)

    async def default_model(self, rules: Rules | None = None) -> str | None:
        """The configured default, else the first model that can be used: at least the demo. `rules`: whose default."""
        settings, may_use = (self._settings, _anything) if rules is None else (rules.config.settings, rules.may_use)
        if settings.default_model and may_use(settings.default_model):
            return settings.default_model
        models = (model for model in await self.models() if model.available and not model.alias_of)
        return next((model.id for model in models if may_use(model.id)), None)

    def price(self, model: str, input_tokens: int | None = None) -> Price | None:
        """What a model costs for a request of so many tokens; None where nobody knows, and on this machine if nobody says."""
        model = self.resolve(model)
        if (said := self._overrides.price(model)) is not None:
            return said
        name, _, bare = model.partition("/")
        ready = self._ready.get(name)
        if ready is None or ready.adapter.local:
            return None
        known = ready.adapter.facts(bare).price_for(input_tokens)
        return known or next((heard.price for heard in ready.listing.heard if heard.id == model), None)

    def build(
        self, name: str, config: ProviderConfig, key: str | None, fields: Mapping[str, str] | None = None
    ) -> tuple[Adapter, Provider]:
        """A provider beside the configured ones, to be tried out. Raises `ConfigError`."""
        adapter = adapter_for(name, config, key, self.catalogue, self.http, fields)
        adapter = replace(
            adapter,
            facts=partial(self._facts, name, adapter.facts),
            responses=partial(self._wants_responses, name, config),
            fills=partial(self._fills, name),
        )
        return adapter, provider_for(adapter)

    async def key(self, name: str, config: ProviderConfig) -> str | None:
        """The key for a provider: the configuration's own, else the key ring's."""
        return config.api_key.get_secret_value() if config.api_key else await self._keys.get(name)

    async def fields(self, name: str) -> Mapping[str, str]:
        """What the key ring has for the fields of a provider's kind."""
        return await self._keys.fields(name)

    async def aclose(self) -> None:
        """Stop asking for models and close all connections."""
        dropped, self._dropped = [*self._dropped, *self._ready.values()], []
        self._ready.clear()
        for ready in dropped:
            await ready.listing.aclose()
            await ready.provider.aclose()
        await close_clients()
        await self.http.aclose()

    async def parameters(self, model: str) -> tuple[Parameter, ...]:
        """What a model takes, with ranges and defaults. Raises `ModelNotFound`."""
        name, bare, config = self._split(model)
        ready = await self._get_ready(name, config)
        return self._parameters(ready, await self._info(ready, name, bare))

    async def check(self, model: str | None, params: Mapping[str, Any]) -> None:
        """Raises `Invalid` for a value beyond what a model takes. Of one that is not there, nothing is known."""
        if model is None or not params:
            return
        try:
            taken = await self.parameters(model)
        except LLMHubError:
            return
        check(params, taken, model)

    # ---- steps

    async def _info(self, ready: _Ready, name: str, bare: str) -> ModelInfo:
        if ready.adapter.local and ready.config.models is None and not ready.listing.heard:
            await ready.listing.get()  # a server on this machine knows best what its models can do
        model = f"{name}/{bare}"
        heard = next((heard for heard in ready.listing.heard if heard.id == model), None)
        return self._overrides.info(heard or ready.adapter.info(bare))

    def _parameters(self, ready: _Ready, info: ModelInfo) -> tuple[Parameter, ...]:
        said = self._overrides.of(info.id)
        return parameters_of(ready.adapter, info, said, {**ready.config.params, **said.params})

    async def _fitted(self, ready: _Ready, name: str, model: str, request: ModelRequest) -> ModelRequest:
        """The request as its provider takes it. Of what llmhub.yaml asks for, nobody is told that it was left out."""
        info = await self._info(ready, name, model)
        taken = self._parameters(ready, info)
        never = ready.config.drop_params
        by_file, _ = fitted({**ready.config.params, **self._overrides.of(info.id).params}, taken, never)
        asked, adapted = fitted(request.params, taken, never)
        system = request.system
        if system and not any(one.name == "system" for one in taken):
            adapted.append(Adaptation(what="parameter", how="left_out", why="not_taken", name="system", value=system))
            system = None
        params = {key: value for key, value in {**by_file, **asked}.items() if key not in never}
        return replace(
            request,
            model=model,
            system=system,
            params=params,
            provider=name,
            abilities=frozenset(info.capabilities) if info.sure else None,
            adapted=tuple(adapted),
        )

    def _facts(self, provider: str, known: Callable[[str], Facts], model: str) -> Facts:
        """What an adapter goes by: llmhub.yaml as it stands now, else the catalogue."""
        return self._overrides.facts(f"{provider}/{model}", known(model))

    def _wants_responses(self, provider: str, config: ProviderConfig, model: str) -> bool | None:
        said = self._overrides.of(f"{provider}/{model}").responses
        return config.responses if said is None else said

    def _fills(self, provider: str, model: str) -> bool | None:
        return self._overrides.of(f"{provider}/{model}").fill_in

    def _split(self, model: str) -> tuple[str, str, ProviderConfig]:
        """Provider and model of a full id, and the provider's configuration. A model's own name may hold slashes."""
        model = self.resolve(model)
        name, _, bare = model.partition("/")
        config = self._configs.get(name)
        if config is None or not bare:
            message = f"There is no model '{model}': no provider is called '{name}'." if bare else f"There is no model '{model}'."
            raise self._with_nearest(ModelNotFound(message, model=model, hint="Choose a model from the list."), model)
        if config.models is not None and bare not in config.models:
            message = f"'{name}' offers no model '{bare}' here."
            raise self._with_nearest(ModelNotFound(message, provider=name, model=bare, hint="Choose a model from the list."), model)
        return name, bare, config

    async def _get_ready(self, name: str, config: ProviderConfig) -> _Ready:
        await self.catalogue.load()
        await self._shelf.load()
        key, fields = await self.key(name, config), await self._keys.fields(name)
        ready = self._ready.get(name)
        if ready is None or ready.adapter.key != key or ready.given != fields or ready.config != config:
            adapter, provider = self.build(name, config, key, fields)
            known = partial(_known, self.catalogue, config, adapter)
            heard_anew = partial(self._heard_anew, name, config)
            listing = Listing(provider, known, remembered=self._shelf.get(name, config), heard_anew=heard_anew)
            if ready is not None:
                self._dropped.append(ready)
            ready = self._ready[name] = _Ready(config, fields, adapter, provider, listing, Circuit(name, self._clock))
        return ready

    async def _heard_anew(self, name: str, config: ProviderConfig, models: Sequence[ModelInfo] | None, outrun: bool) -> None:
        """Keep a list, and say so where another one was shown."""
        if outrun:
            self._models_changed()
        if models:
            await self._shelf.put(name, config, models)

    def _known(self, ready: _Ready) -> list[ModelInfo]:
        return _known(self.catalogue, ready.config, ready.adapter)

    def _with_nearest(self, exc: ModelNotFound, model: str) -> ModelNotFound:
        """The same error, with the ids that come nearest to what was asked for."""
        ids = [heard.id for ready in self._ready.values() for heard in (ready.listing.heard or self._known(ready))]
        ids += [f"{name}/{bare}" for name, config in self._configs.items() for bare in config.models or ()]
        nearest = _nearest(model, [*self._settings.aliases, *ids])
        if nearest:
            exc.hint = f"Did you mean {' or '.join(repr(found) for found in nearest)}? {exc.hint}".strip()
        exc.details["nearest"] = nearest
        return exc


def _anything(model: str) -> bool:
    return True


def _known(catalogue: Catalogue, config: ProviderConfig, adapter: Adapter) -> list[ModelInfo]:
    """The models that a provider has by its configuration, else by the catalogue."""
    names = config.models if config.models is not None else catalogue.known(adapter.kind) if adapter.official else ()
    return [adapter.info(model) for model in names]


def _nearest(model: str, ids: Sequence[str]) -> list[str]:
    """The ids whose own names, without the provider's, come nearest; those of the same provider first."""
    name, _, bare = model.lower().rpartition("/") if "/" not in model else model.lower().partition("/")
    by_bare: dict[str, list[str]] = {}
    for known in sorted(ids, key=lambda known: not known.lower().startswith(f"{name}/")):
        by_bare.setdefault((known.partition("/")[2] or known).lower(), []).append(known)
    close = difflib.get_close_matches(bare, by_bare, n=3, cutoff=0.7)
    return list(dict.fromkeys(known for found in close for known in by_bare[found]))[:3]


def lack(adapter: Adapter, model: str) -> KeyMissing:
    """The error that names what is missing, where it goes, and where keys are made."""
    if (field := missing(adapter.kind.fields, adapter.fields, has_key=bool(adapter.key))) is not None:
        setting = field.name if field.name == ADDRESS else f"{'credentials' if field.secret else 'options'}.{field.name}"
        variable = f", or set {field.env[0]} before Jupyter starts" if field.env else ""
        return KeyMissing(
            f"'{adapter.name}' needs “{field.label}” ({setting}), and it is not set.",
            hint=f"Enter it for '{adapter.name}' in the settings{variable}.",
            provider=adapter.name,
            model=model,
            details={"field": field.name},
        )
    where = f", or set {adapter.kind.env[0]} before Jupyter starts" if adapter.kind.env else ""
    made = f" Keys are made at {adapter.kind.key_url}." if adapter.kind.key_url else ""
    return KeyMissing(
        f"'{adapter.name}' needs a key, and none is set.",
        hint=f"Enter a key for '{adapter.name}' in the settings{where}.{made}",
        provider=adapter.name,
        model=model,
        details={"key_url": adapter.kind.key_url},
    )


def _unusable(name: str, kind: str, model: str, why_not: str) -> ModelInfo:
    return ModelInfo(id=f"{name}/{model}", label=model, provider=name, kind=kind, available=False, why_not=why_not)
