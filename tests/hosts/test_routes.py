"""Every route does what the contract says, on a real server."""

from __future__ import annotations

from .api import Api


async def test_the_document_of_all_routes_needs_no_workspace(api: Api):
    document = await api.ok("GET", "openapi.json")
    assert document["openapi"] == "3.1.0"
    assert api.extension._workspace is None


async def test_an_unknown_address_says_so_in_words(api: Api):
    answer = await api("GET", "nothing/here")
    assert answer.status == 404
    assert answer.error["code"] == "not_found"
