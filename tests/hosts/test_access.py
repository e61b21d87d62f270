"""Nothing is open: every route and socket, found by walking the application, asks who it is and what they may."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPClientError
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from llmhub.hosts.server.operation import operation_of
from llmhub.hosts.server.routes import Routes, handler_of

from .api import Api

METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")
ID = "0198c0de-0000-7000-8000-000000000000"


class ReadOnly(Authorizer):
    """Everybody may look."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return action == "read"


class Nothing(Authorizer):
    """Whoever logs in may do nothing of ours."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource != "llmhub"


def walk(app: ServerApp) -> list[tuple[str, type[RequestHandler]]]:
    """Every rule of ours in the tornado application, as (address under our prefix, handler)."""

    def rules(router: Any) -> Any:
        for rule in router.rules:
            if isinstance(rule.target, Routes):
                yield from rule.target.rules
            elif hasattr(rule.target, "rules"):
                yield from rules(rule.target)

    prefix = re.escape(app.base_url + "llmhub/api/")
    doors = re.escape(app.base_url + "llmhub/v1/")  # they have words of their own: test_doors.py
    found = [(matcher.regex.pattern, handler_of(name)) for matcher, name in rules(app.web_app.default_router)]
    found = [(pattern, target) for pattern, target in found if not pattern.startswith(doors)]
    addresses = [
        (pattern.removeprefix(prefix).removesuffix("$").replace("([^/]+)", ID).replace("\\", ""), handler)
        for pattern, handler in found
    ]
    return [("no/such/address" if address == ".*" else address, handler) for address, handler in addresses]


def operations(app: ServerApp) -> list[tuple[str, str, type[RequestHandler]]]:
    """Every method of every HTTP route of ours."""
    return [
        (method, address, handler)
        for address, handler in walk(app)
        for method in METHODS
        if not issubclass(handler, WebSocketHandler)
    ]


def _sends(method: str) -> dict[str, Any]:
    return {} if method in ("GET", "DELETE") else {"body": {}}


async def test_the_walk_finds_every_route(api: Api):
    addresses = [address for address, _ in walk(api.app)]
    document = await api.ok("GET", "openapi.json")
    documented = [re.sub(r"\{\w+\}", ID, path).lstrip("/") for path in document["paths"]]
    assert sorted([*documented, "rows", "stream", "no/such/address"]) == sorted(addresses)
    assert len(addresses) >= 20


async def test_everything_but_the_socket_is_in_the_document(api: Api):
    document = await api.ok("GET", "openapi.json")
    by_address = {re.sub(r"\{\w+\}", ID, path).lstrip("/"): path for path in document["paths"]}
    for method, address, handler in operations(api.app):
        if address in by_address:
            told = method.lower() in document["paths"][by_address[address]]
            assert told == (operation_of(handler, method) is not None), (method, address)


async def test_nobody_gets_anything_without_logging_in(api: Api):
    for method, address, _ in operations(api.app):
        answer = await api(method, address, **_sends(method), headers={"Authorization": "token wrong"})
        assert (answer.status, answer.error["code"]) == (403, "access_denied"), (method, address)
        assert answer.error["details"]["logged_in"] is False  # the panel asks for another login
    with pytest.raises(HTTPClientError) as refused:
        await api.stream(headers={"Authorization": "token wrong"})
    assert refused.value.code == 403
    assert api.extension._workspace is None


class TestReadOnly:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authorizer_class"] = ReadOnly
        return jp_server_config

    async def test_who_may_only_look_changes_nothing(self, api: Api):
        for method, address, handler in operations(api.app):
            told = operation_of(handler, method)
            if told is None or address == "providers/discover":
                continue
            answer = await api(method, address, **_sends(method))
            if told.action == "write":
                assert (answer.status, answer.error["code"]) == (403, "access_denied"), (method, address)
            else:
                assert answer.status in (200, 404), (method, address, answer.data)

    async def test_who_may_only_look_may_watch(self, api: Api):
        stream = await api.stream()
        await stream.say({"watch": ID})
        assert (await stream.hear())["error"]["code"] == "not_found"

    async def test_every_method_that_is_not_get_is_a_write(self, api: Api):
        for method, address, handler in operations(api.app):
            told = operation_of(handler, method)
            if told is not None:
                assert told.action == ("read" if method == "GET" else "write"), (method, address)


class TestNothingOfOurs:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authorizer_class"] = Nothing
        return jp_server_config

    async def test_our_resource_can_be_withheld_as_a_whole(self, api: Api):
        for method, address, handler in operations(api.app):
            if operation_of(handler, method) is not None:
                answer = await api(method, address, **_sends(method))
                assert (answer.status, answer.error["code"]) == (403, "access_denied"), (method, address)
        with pytest.raises(HTTPClientError) as refused:
            await api.stream()
        assert refused.value.code == 403


# ---- other sites' pages


@pytest.fixture
async def browser(api: Api) -> dict[str, str]:
    """The headers of a browser that is logged in: its cookies, and the XSRF token beside them."""
    page = await api.raw("login", headers={"Authorization": ""})
    home = await api.raw("api", "me")
    cookies = [value.partition(";")[0] for answer in (page, home) for value in answer.headers.get_list("Set-Cookie")]
    xsrf = next(cookie.partition("=")[2] for cookie in cookies if cookie.startswith("_xsrf="))
    return {"Cookie": "; ".join(cookies), "Authorization": "", "X-XSRFToken": xsrf}


async def test_a_browser_with_its_cookie_and_the_xsrf_header_can_do_everything(api: Api, browser: dict[str, str]):
    assert (await api("POST", "conversations", {"title": "x"}, headers=browser)).status == 201
    assert len((await api.ok("GET", "conversations", headers=browser))["items"]) == 1


async def test_a_cookie_without_the_xsrf_header_changes_nothing(api: Api, browser: dict[str, str]):
    del browser["X-XSRFToken"]
    for method, address, _ in operations(api.app):
        if method != "GET":
            answer = await api(method, address, **_sends(method), headers=dict(browser))
            assert (answer.status, answer.error["code"]) == (403, "xsrf"), (method, address)


async def test_a_login_that_outlived_its_xsrf_cookie_gets_another_one_with_the_refusal(api: Api, browser: dict[str, str]):
    login = "; ".join(cookie for cookie in browser["Cookie"].split("; ") if not cookie.startswith("_xsrf="))
    refused = await api("POST", "conversations", {}, headers={"Cookie": login, "Authorization": ""})
    assert (refused.status, refused.error["code"]) == (403, "xsrf")
    (given,) = (value.partition(";")[0] for value in refused.headers.get_list("Set-Cookie"))
    again = {"Cookie": f"{login}; {given}", "Authorization": "", "X-XSRFToken": given.removeprefix("_xsrf=")}
    assert (await api("POST", "conversations", {}, headers=again)).status == 201


@pytest.mark.parametrize("with_xsrf", [True, False])
async def test_another_sites_page_is_refused_whatever_it_asks(api: Api, browser: dict[str, str], with_xsrf: bool):
    if not with_xsrf:
        del browser["X-XSRFToken"]
    for method, address, _ in operations(api.app):
        answer = await api(method, address, **_sends(method), headers={**browser, "Origin": "https://evil.example"})
        assert (answer.status, answer.error["code"]) == (403, "access_denied"), (method, address, answer.data)
        assert not {"Access-Control-Allow-Origin", "Set-Cookie"} & set(answer.headers)


@pytest.mark.parametrize("with_token", [True, False])
async def test_another_sites_page_gets_no_socket(api: Api, browser: dict[str, str], with_token: bool):
    headers = {"Origin": "https://evil.example", **({} if with_token else browser)}
    with pytest.raises(HTTPClientError) as refused:
        await api.stream(headers=headers)
    assert refused.value.code == 403


async def test_our_own_page_gets_a_socket(api: Api, browser: dict[str, str]):
    here = f"127.0.0.1:{api.port}"
    stream = await api.stream(headers={**browser, "Origin": f"http://{here}", "Host": here})
    await stream.say({"watch": ID})
    assert (await stream.hear())["run_id"] == ID
