"""Which server a client takes, by its environment and by what Jupyter wrote down."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from llmhub.client.find import Server, find_server, find_servers, server_at
from llmhub.errors import Unreachable


@pytest.fixture
def written(tmp_path: Path) -> Path:
    folder = Path(os.environ["JUPYTER_RUNTIME_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def put(folder: Path, pid: int, url: str, at: float, **more: object) -> None:
    file = folder / f"jpserver-{url[17:21]}.json"
    file.write_text(json.dumps({"pid": pid, "url": url, "token": f"of {url}", **more}))
    os.utime(file, (at, at))


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("localhost:8888", "http://localhost:8888/"),
        ("http://localhost:8888/lab?token=abc", "http://localhost:8888/"),
        ("http://localhost:8888/lab/tree/a.ipynb?token=abc", "http://localhost:8888/"),
        ("https://hub.example/user/ada/lab", "https://hub.example/user/ada/"),
        ("https://hub.example/user/ada", "https://hub.example/user/ada/"),
        ("https://hub.example/user/labrador/", "https://hub.example/user/labrador/"),
    ],
)
def test_an_address_is_taken_as_a_browser_shows_it(address: str, url: str) -> None:
    assert server_at(address).url == url
    assert server_at(address).token == ("abc" if "abc" in address else "")


def test_a_token_is_in_no_representation() -> None:
    assert "secret" not in repr(Server("http://x/", "secret"))


def test_what_is_no_address_is_said_to_be_none() -> None:
    with pytest.raises(Unreachable, match="no address"):
        server_at("ftp://x")


def test_what_the_environment_names_counts_alone(written: Path) -> None:
    put(written, os.getpid(), "http://127.0.0.1:1111/", 1)
    env = {"LLMHUB_SERVER": "http://a:1/", "LLMHUB_TOKEN": "t", "JUPYTERHUB_API_TOKEN": "h"}
    assert list(find_servers(env)) == [Server("http://a:1/", "t")]


def test_on_a_hub_it_is_ones_own_server(written: Path) -> None:
    hub = {"JUPYTERHUB_API_TOKEN": "h", "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}
    for address in ("http://0.0.0.0:8888/user/ada/", "http://:8888/user/ada/", "http://127.0.0.1:8888", "http://*:8888/"):
        assert find_server({**hub, "JUPYTERHUB_SERVICE_URL": address}) == Server("http://127.0.0.1:8888/user/ada/", "h")
    put(written, os.getpid(), "http://127.0.0.1:1111/user/ada/", 100, base_url="/user/ada/")
    put(written, os.getpid(), "http://127.0.0.1:2222/", 200, base_url="/")
    assert find_server(hub).url == "http://127.0.0.1:1111/user/ada/"  # the hub names no port: the one with its prefix


def test_the_kernels_own_server_comes_first_then_the_newest_and_the_dead_never(written: Path) -> None:
    put(written, os.getpid(), "http://127.0.0.1:1111/", 100)
    put(written, os.getppid(), "http://127.0.0.1:2222/base/", 200, base_url="/base/")
    put(written, 2**22 - 3, "http://127.0.0.1:3333/", 300)
    (written / "jpserver-broken.json").write_text('{"pid":')
    assert [server.url[-6:] for server in find_servers({})] == ["/base/", ":1111/"]
    assert find_server({"JPY_PARENT_PID": str(os.getpid())}).url == "http://127.0.0.1:1111/"
    assert find_server({"JUPYTER_SERVER_URL": "http://127.0.0.1:1111/"}).token == "of http://127.0.0.1:1111/"


def test_nothing_is_said_with_what_to_do() -> None:
    with pytest.raises(Unreachable) as none:
        find_server({})
    assert "LLMHUB_SERVER" in none.value.hint
