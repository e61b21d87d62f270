"""A labextension of somebody else takes part through the tokens that ours exports, as docs/extending.md says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .conftest import lab_in, ui_settings
from .visitor import Arrive

# What a builder makes of such an extension, written by hand: it finds our package among those that the page shares.
STRANGER = """
(() => {
  let shared;
  const plugin = ({ILLMHub, IPartRegistry}) => ({
    id: 'stranger:plugin', autoStart: true, requires: [ILLMHub, IPartRegistry],
    activate: (app, hub, parts) => {
      const Shout = ({parts}) => parts.map(part => part.text).join('').toUpperCase();
      parts.register('text', {load: async () => Shout, joins: true});
      app.commands.addCommand('stranger:say', {execute: () => { hub.active.writing.suggest('said by a stranger'); }});
    }
  });
  (window._JUPYTERLAB ??= {}).stranger = {
    init: scope => { shared = scope; },
    get: async () => {
      const [version] = Object.values(shared['@llmhub/lab']);
      const exported = (await version.get())();
      return () => ({__esModule: true, default: plugin(exported)});
    }
  };
})();
"""


@pytest_asyncio.fixture(loop_scope="package")
async def lab_with_a_stranger(models: WireServer, tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("stranger")
    static = folder / "jupyter/data/labextensions/stranger/static"
    static.mkdir(parents=True)
    (static / "remoteEntry.js").write_text(STRANGER)
    build = {"load": "static/remoteEntry.js", "extension": "./extension"}
    package = {"name": "stranger", "version": "1.0.0", "jupyterlab": {"extension": True, "_build": build}}
    (static.parent / "package.json").write_text(json.dumps(package))
    async with lab_in(folder, ui_settings(models)) as server:
        yield server


async def test_a_stranger_draws_parts_of_messages_and_writes_into_the_panel(
    lab_with_a_stranger: JupyterProcess, wire: WireServer, arrive: Arrive
):
    panel = await (await arrive(lab_with_a_stranger.url)).tab()
    await panel.run("stranger:say")
    await expect(panel.composer).to_have_value("said by a stranger")
    await panel.choose("lab/echo")
    await panel.composer.press("Enter")
    await expect(panel.answer).to_contain_text("SAID BY A STRANGER")
