"""What went wrong on the way to a provider, in our own classes and words. No exception of a client library passes `translated`.

What a provider refuses in so many words is in `refusals`. Nothing here quotes a key or a prompt.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import httpx
import orjson

from ..errors import (
    BadAnswer,
    ConfigError,
    ContentRefused,
    Interrupted,
    LLMHubError,
    ProviderError,
    TimedOut,
    Unavailable,
)
from .exchange import STOPPED, Attempt, Recorder
from .redact import without_echo, without_keys

if TYPE_CHECKING:
    from .billing import Slip

Silence = Literal["first_byte", "idle"]
_QUOTE: Final = 300
_QUOTABLE: Final = 2_000


@dataclass
class Place:
    """Who was asked for what and where: what the words of an error need, and what they must not say."""

    provider: str
    model: str
    address: str
    base_url: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    prompt: Callable[[], str] = field(default=str, repr=False)
    stage: Literal["connecting", "reading"] = "connecting"
    asked: float = 0.0
    keyless: bool = False
    recorder: Recorder | None = field(default=None, repr=False)
    attempt: Attempt | None = field(default=None, repr=False)
    """Where `recorder` keeps this request and its answer."""
    told: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """What the placeholders in headers stand for."""
    slip: Slip | None = field(default=None, repr=False)
    """Where it is entered what this request costs."""

    @property
    def names(self) -> dict[str, Any]:
        """The keyword arguments of every `ProviderError`."""
        return {"provider": self.provider, "model": self.model}

    def quote(self, text: str) -> str:
        """A provider's own words, shortened, without keys and without what the user wrote."""
        text = without_keys(" ".join(text[:_QUOTABLE].split()), self.secrets)
        return without_echo(text, self.prompt())[:_QUOTE] if text else ""


class Silent(Exception):
    """Nothing came for `seconds`."""

    def __init__(self, stage: Silence, seconds: float) -> None:
        super().__init__(stage)
        self.stage: Silence = stage
        self.seconds = seconds


# ---- exceptions


@contextlib.contextmanager
def translated(place: Place) -> Generator[None]:
    """Turn whatever a client library, TLS, the socket or the JSON parser raises into a `ProviderError`."""
    try:
        yield
    except LLMHubError:
        raise
    except Silent as exc:
        raise silence(exc, place) from exc
    except orjson.JSONDecodeError as exc:
        raise broken_json(place) from exc
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as exc:
        raise ConfigError(
            f"The address of '{place.provider}' is not a web address: {place.base_url!r}.",
            hint="Write it with http:// or https://, as in http://127.0.0.1:8000/v1.",
        ) from exc
    except (httpx.HTTPError, httpx.StreamError, OSError, EOFError, ValueError) as exc:
        raise broken_connection(exc, place) from exc


@contextlib.contextmanager
def recorded(place: Place) -> Generator[None]:
    """Have the attempt that is made at `place` say how it ended."""
    error: str | None = STOPPED
    try:
        yield
        error = None
    except LLMHubError as exc:
        error = exc.message
        raise
    finally:
        if place.attempt is not None:
            place.attempt.ended(error)


def silence(exc: Silent, place: Place) -> TimedOut:
    """Which time-out it was, and what sets it."""
    seconds = f"{exc.seconds:g} s"
    if exc.stage == "first_byte":
        return TimedOut(
            f"'{place.provider}' did not begin to answer within {seconds}.",
            hint=f"It may be loading the model, or be overloaded. `timeouts.first_byte` of '{place.provider}' sets the limit.",
            **place.names,
        )
    return TimedOut(
        f"'{place.provider}' went silent in the middle of its answer: nothing came for {seconds}.",
        hint=f"What had arrived is kept. `timeouts.idle` of '{place.provider}' sets how long to wait.",
        **place.names,
    )


def broken_connection(exc: BaseException, place: Place) -> ProviderError:
    """What is wrong with a connection, as far as the causes of `exc` tell."""
    chain = tuple(causes(exc))
    where = f"'{place.provider}' at {place.address}"
    # aiohttp's own classes are SSLErrors too, but only the original knows what the matter was.
    if tls := next((cause for cause in reversed(chain) if isinstance(cause, ssl.SSLError)), None):
        return _tls(tls, where, place)
    if place.stage == "reading":
        return Interrupted(
            f"The connection to {where} was cut in the middle of the answer.",
            hint="What had arrived is kept. Continue goes on from there.",
            **place.names,
        )
    if isinstance(exc, httpx.ProxyError):
        return Unavailable(
            f"The proxy did not let the connection to {where} through.", hint="Look at HTTPS_PROXY and NO_PROXY.", **place.names
        )
    if any(isinstance(cause, socket.gaierror) for cause in chain):
        return Unavailable(
            f"The host name of {where} cannot be found.",
            hint=f"Check the address of '{place.provider}' and this machine's network connection.",
            **place.names,
        )
    if any(isinstance(cause, ConnectionRefusedError) for cause in chain):
        return Unavailable(
            f"Nothing answers for {where}: the connection was refused.",
            hint=f"Is the server running? If it listens elsewhere, correct the address of '{place.provider}'.",
            **place.names,
        )
    names = {type(cause).__name__ for cause in chain}
    if names & {"ServerDisconnectedError", "ClientOSError", "ConnectionResetError", "RemoteProtocolError", "ClientPayloadError"}:
        return Unavailable(
            f"{where} closed the connection without an answer.",
            hint="Try again. If it stays, look at the server's own log.",
            retry_after=0,  # an idle connection that the server closed just now: the same request works at once on a new one
            **place.names,
        )
    if isinstance(exc, httpx.TimeoutException):
        return TimedOut(
            f"No connection to {where} came about in time.",
            hint=f"Is the address right and reachable from here? `timeouts.connect` of '{place.provider}' sets how long to wait.",
            **place.names,
        )
    return Unavailable(
        f"No connection to {where} came about ({type(exc).__name__}).",
        hint=f"Check the address of '{place.provider}' and this machine's network connection.",
        **place.names,
    )


def is_connection_fault(exc: BaseException) -> bool:
    """Whether a connection that did not come about is at the bottom of `exc`."""
    return any(isinstance(cause, ConnectionRefusedError | socket.gaierror | ssl.SSLError) for cause in causes(exc))


def _tls(exc: ssl.SSLError, where: str, place: Place) -> ProviderError:
    if isinstance(exc, ssl.SSLCertVerificationError):
        what = f"its certificate is not trusted ({getattr(exc, 'verify_message', '') or 'verification failed'})"
        hint = "If your organisation signs certificates itself, set SSL_CERT_FILE to its authority's file before Jupyter starts."
    else:
        what = f"the two could not agree ({(exc.reason or 'TLS error').replace('_', ' ').lower()})"
        hint = f"If the server speaks plain HTTP, write http:// in the address of '{place.provider}'."
    return Unavailable(f"The TLS connection to {where} failed: {what}.", hint=hint, **place.names)


def causes(exc: BaseException | None) -> Iterator[BaseException]:
    """An exception and everything that led to it, as far as libraries keep it."""
    seen: set[int] = set()
    waiting = [exc]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "os_error", None), getattr(cause, "certificate_error", None)]


def broken_json(place: Place) -> BadAnswer:
    """A frame that is no JSON."""
    return BadAnswer(
        f"'{place.provider}' sent a piece of its answer that is not valid JSON.",
        hint="Something between here and the model damages the answer: a proxy, or the server itself. Try again.",
        **place.names,
    )


def odd_json(place: Place) -> BadAnswer:
    """JSON that is not of this wire."""
    return BadAnswer(
        f"'{place.provider}' answered in a form that its kind of provider does not use.",
        hint=f"Check the kind and the address of '{place.provider}': they may not belong together.",
        **place.names,
    )


def empty_answer(place: Place) -> BadAnswer:
    """A proper end, and nothing before it."""
    return BadAnswer(
        f"'{place.model}' of '{place.provider}' answered with nothing at all.",
        hint="Try again, or put the question in other words.",
        **place.names,
    )


def cut_short(place: Place) -> Interrupted:
    """The body ended without the wire's own end."""
    return Interrupted(
        f"The answer of '{place.provider}' stopped without its end.",
        hint="The server or a proxy cut it. What had arrived is kept. Continue goes on from there.",
        **place.names,
    )


def broke_off(place: Place, words: str) -> Interrupted:
    """The provider itself said, in the middle of its answer, that it cannot go on."""
    said = f" It says: “{quote}”" if (quote := place.quote(words)) else ""
    return Interrupted(
        f"'{place.provider}' broke off in the middle of its answer.{said}",
        hint="What had arrived is kept. Continue goes on from there.",
        **place.names,
    )


def filtered(place: Place, reason: str = "", *, midway: bool = False) -> ContentRefused:
    """The provider's content filter, before the answer or in the middle of it."""
    why = f" ({reason})" if reason else ""
    return ContentRefused(
        f"The content filter of '{place.provider}' {'cut the answer short' if midway else 'refused this'}{why}.",
        hint="Put it in other words, or choose another model.",
        **place.names,
    )


def refuse_web_page(response: httpx.Response, body: bytes, place: Place) -> None:
    """Raise `BadAnswer` if the answer is HTML."""
    if "text/html" in response.headers.get("content-type", "") or body.lstrip()[:1] == b"<":
        raise web_page(place, response.status_code)


def web_page(place: Place, status: int) -> BadAnswer:
    """HTML where JSON was due."""
    return BadAnswer(
        f"The address of '{place.provider}' ({place.base_url}) answers with a web page, not with a model's answer.",
        hint="Check the address: it usually ends in /v1. A sign-in page of a proxy looks like this too.",
        status=status,
        **place.names,
    )
