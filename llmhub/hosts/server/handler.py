"""`Handler`: the base of every HTTP route of ours. It knows who asks, takes a body no larger than allowed and says errors in words.

The surprise: a body arrives while the handler exists already (`stream_request_body`), so that one which is too large is answered
at once and thrown away as it comes; closing the connection under a sender would make the sender miss the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.identity import IdentityProvider
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from tornado import web
from tornado.iostream import StreamClosedError

from ... import errors
from ...identity import LOCAL, Principal
from ..http import error_body, headers_of, size_words, status_of, to_json, trace_of
from .operation import check_name

if TYPE_CHECKING:
    from ...agents.notices import Change, Notice
    from ...policy import Rules
    from ...workspace import Workspace
    from .app import LLMHub

_LITTLE: Final = 64 * 1024
"""Bytes that a body may have where none is wanted."""
_MOST_THROWN_AWAY: Final = 512 * 2**20
"""Bytes of a refused body that are still taken from the wire, so that its sender gets to reading the answer."""


class Words(JupyterHandler):
    """Who asks, the workspace, and errors as the contract's JSON: for HTTP routes and for the socket."""

    workspace: Workspace
    """There when a handler's method is called."""

    @property
    def extension(self) -> LLMHub:
        """The extension that this route belongs to."""
        return self.settings["llmhub"]

    @property
    def principal(self) -> Principal:
        """Who asks. Jupyter's own login invents a user for every browser, so there it is always the same one owner."""
        return principal_of(self.identity_provider, self.current_user)

    @property
    def rules(self) -> Rules:
        """What they may do, and the configuration as it holds for them."""
        return self.workspace.policy.of(self.principal)

    def publish(self, what: Change, conversation_id: str | None = None) -> None:
        """Tell this person's other pages what to look at again."""
        notice: Notice = {"what": what}
        if conversation_id is not None:
            notice["conversation_id"] = conversation_id
        self.workspace.notices.publish(self.principal.id, notice)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Every failure as JSON, those of tornado and Jupyter included."""
        exc_info = kwargs.get("exc_info")
        error = in_words(status_code, exc_info[1] if exc_info else None, self.request.method or "")
        status, answer = self.error_answer(error, status_code)
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        for name, value in headers_of(error).items():
            self.set_header(name, value)
        if status_code == 405:
            self.set_header("Allow", ", ".join(allowed_methods(type(self))))
        if self.closes_after_answer():
            self.set_header("Connection", "close")
        self.end(answer)

    def error_answer(self, error: BaseException, status: int) -> tuple[int, bytes]:
        """The status and the body that say `error`; `status` is the one of our own contract."""
        return status, error_body(error)

    @property
    def is_answered(self) -> bool:
        """Whether the answer has been written to its end."""
        return self._finished

    def closes_after_answer(self) -> bool:
        """Whether tornado will hang up. It does so for an answer that is ready before the request is read; a client should know."""
        return False

    def say(self, data: bytes) -> None:
        """Write part of the answer."""
        self.write(data)  # pyright: ignore[reportUnknownMemberType]

    def end(self, data: bytes | None = None) -> None:
        """Finish the answer, its headers standing as they are: Jupyter's own `finish` makes everything JSON."""
        JupyterHandler.finish(self, data)  # pyright: ignore[reportUnknownMemberType]

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """An `LLMHubError` chooses its own status."""
        exc_info = kwargs.get("exc_info")
        if exc_info and isinstance(exc_info[1], errors.LLMHubError):
            status_code = status_of(exc_info[1])
        super().send_error(status_code, **kwargs)

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Ours in one line where somebody can do something, foreign ones with their trace; neither quotes what was sent."""
        if isinstance(value, errors.LLMHubError):
            if status_of(value) >= 500:
                self.log.warning("llmhub: %s (%s)", value.message, value.code)
        elif isinstance(value, web.HTTPError):
            super().log_exception(typ, value, tb)
        elif value is not None:
            self.log.error("llmhub: %s %s failed unexpectedly\n%s", self.request.method, self.request.path, trace_of(value))

    def check_xsrf_cookie(self) -> None:
        """As Jupyter does, but in words: nobody is logged in, a foreign page asks, or a cookie lacks, which the refusal brings."""
        if hasattr(self, "_jupyter_current_user") and self.current_user is None:
            raise web.HTTPError(403, _NOBODY)
        try:
            super().check_xsrf_cookie()
        except web.HTTPError as exc:
            if exc.status_code == 404:
                raise web.HTTPError(403, FOREIGN_PAGE) from None
            _ = self.xsrf_token  # sets the cookie where there is none, as it does on every page of Jupyter's
            raise exc from None

    def get_login_url(self) -> str:
        """No redirects to a login page: programs ask here."""
        raise web.HTTPError(403, _NOBODY)


@web.stream_request_body
class Handler(Words, APIHandler):
    """A route."""

    needs_workspace = True
    """False for what must answer even when the configuration is broken."""

    def initialize(self) -> None:
        """Called by tornado before anything else."""
        self.refused = False
        self._chunks: list[bytes] = []
        self._received = 0
        self._limit = _LITTLE

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Authenticate as Jupyter does, then refuse what is too large before it is read."""
        await JupyterHandler.prepare(self, _redirect_to_login=_redirect_to_login)
        if self.request.method == "OPTIONS":
            return
        if self.current_user is None:
            raise web.HTTPError(403, _NOBODY)
        self.extension.meet(self.current_user, self.principal)
        if not self.check_origin():
            raise web.HTTPError(403, FOREIGN_PAGE)
        if self.needs_workspace:
            self.workspace = await self.extension.workspace()
        self._limit = self.body_limit() if self.needs_workspace else _LITTLE
        length = self.request.headers.get("Content-Length", "")
        if length.isdigit() and int(length) > self._limit:
            await self._refuse(int(length))

    def closes_after_answer(self) -> bool:
        """When the body, be it empty, has not been read to its end."""
        return not self.request._body_future.done()  # pyright: ignore[reportPrivateUsage]

    def body_limit(self) -> int:
        """How many bytes a body may have here."""
        return self.rules.config.settings.limits.body_bytes

    def too_large(self, size: int, limit: int) -> errors.TooLarge:
        """What to say of a body of `size` bytes."""
        return errors.TooLarge(
            f"The request is {size_words(size)}; at most {size_words(limit)} are taken.",
            hint="Send less at once, or raise limits.body_bytes in llmhub.yaml.",
            details={"size": size, "limit": limit},
        )

    async def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, or throw it away when there is too much."""
        self._received += len(chunk)
        if self.refused:
            if self._received > _MOST_THROWN_AWAY:
                self.finish_refused()
        elif self._received > self._limit:
            await self._refuse(self._received)
        else:
            await self.take(chunk)

    async def take(self, chunk: bytes) -> None:
        """Keep a piece of the body, which is within its limit."""
        self._chunks.append(chunk)

    def body(self) -> bytes:
        """The body, whole."""
        return b"".join(self._chunks)

    def check_path(self, value: str) -> None:
        """Refuse a step of the address that nothing can be called. Raises `NotFound`."""
        check_name(value)

    def query_values(self) -> dict[str, list[str]]:
        """The query's arguments, without those that are Jupyter's: its front end adds a bare time stamp against caches."""
        arguments = {name: self.get_query_arguments(name, strip=False) for name in self.request.query_arguments}
        ours = {name: values for name, values in arguments.items() if name not in ("token", "_xsrf", "no_track_activity", "_")}
        return {name: values for name, values in ours.items() if not (name.isdigit() and values == [""])}

    def update_api_activity(self) -> None:
        """As Jupyter does, without looking at the body's arguments, which are not ours to parse."""
        if getattr(self, "_jupyter_current_user", None) and "no_track_activity" not in self.request.query_arguments:
            self.extension.note_activity()

    async def _refuse(self, size: int) -> None:
        self.refused = True
        self._chunks.clear()
        error = self.too_large(size, self._limit)
        status, answer = self.error_answer(error, status_of(error))
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.set_header("Content-Length", str(len(answer)))
        if size > _MOST_THROWN_AWAY:
            self.set_header("Connection", "close")
        self.say(answer)
        with suppress(StreamClosedError):
            await self.flush()

    def finish_refused(self) -> None:
        """End the answer that `_refuse` has written."""
        if not self._finished:
            self.end()


class UnknownHandler(Handler):
    """Whatever else is asked for under our address."""

    needs_workspace = False

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Authenticated first: nobody learns anything from the difference."""
        await super().prepare()
        raise errors.NotFound(
            f"llmhub has no {self.request.path[:200]!r}.", hint="GET llmhub/api/openapi.json lists every address."
        )


_NOBODY = "Nobody is logged in."
FOREIGN_PAGE = "This request comes from another site's page."


def principal_of(provider: IdentityProvider, user: Any) -> Principal:
    """The person behind a Jupyter user. A login that knows real names (JupyterHub's) is not one of jupyter_server's own."""
    if type(provider).__module__.partition(".")[0] == "jupyter_server":
        return LOCAL
    hub: Mapping[str, Any] = getattr(user, "hub_user", None) or {}  # JupyterHub's own word about the user, groups among it
    groups = frozenset(str(group) for group in hub.get("groups") or ())
    return Principal(id=str(user.username), name=str(user.display_name or user.name or user.username), groups=groups)


def allowed_methods(handler: type[web.RequestHandler]) -> list[str]:
    """The methods that a route answers."""
    return [
        method
        for method in handler.SUPPORTED_METHODS
        if getattr(handler, method.lower()) is not web.RequestHandler._unimplemented_method  # pyright: ignore[reportPrivateUsage]
    ]


def in_words(status: int, error: BaseException | None, method: str) -> BaseException:
    """What tornado and Jupyter say by a number alone, as one of our errors."""
    if error is not None and not isinstance(error, web.HTTPError):
        return error
    said = (error.log_message or "") if error is not None else ""
    return _HTTPWords(status, said, method)


class _HTTPWords(errors.LLMHubError):
    """A failure that tornado or Jupyter raised. Its code is an attribute: there are too many for a class each."""

    def __init__(self, status: int, said: str, method: str) -> None:
        code, message, hint = _HTTP_WORDS.get(status, ("http_error", f"The server answered {status}.", ""))
        if status == 403 and "xsrf" in said.lower():
            code, message, hint = _XSRF
        elif said in (_NOBODY, FOREIGN_PAGE):
            message = said
        details: dict[str, Any] = {"status": status, **({"logged_in": False} if said == _NOBODY else {})}
        super().__init__(message.format(method=method), hint=hint, details=details)
        self.code = code  # type: ignore[misc]


_XSRF = (
    "xsrf",
    "The request lacks Jupyter's XSRF token.",
    "Send the _xsrf cookie's value in the X-XSRFToken header, or use a token; reloading the page usually helps.",
)
_HTTP_WORDS = {
    400: ("malformed", "The request cannot be read.", "Check its address and headers."),
    403: ("access_denied", "You may not do this here.", "Log in, or ask whoever runs this server."),
    404: ("not_found", "There is nothing at this address.", "GET llmhub/api/openapi.json lists every address."),
    405: ("method_not_allowed", "{method} is not possible at this address.", "The Allow header lists what is."),
    413: ("too_large", "The request is too large.", "Send less at once."),
    500: ("internal", "llmhub met an unexpected error.", "The server's log has the details. Please report it."),
}

__all__ = ["Handler", "UnknownHandler", "Words", "allowed_methods", "principal_of", "to_json"]
