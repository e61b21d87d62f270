"""Talk to a running llmhub from Python: scripts, notebooks, the command line.

from llmhub import Client

with Client() as hub:                       # finds the server that runs here
    answer = hub.ask("What is a monad?")
    print(answer.text)
    print(hub.ask("Shorter!", conversation=answer.conversation_id).text)

`AsyncClient` has the same methods as coroutines. It knows llmhub by its HTTP API only: nothing of the server is imported.
"""

from .aio import AsyncClient
from .find import Server, find_server
from .sync import Client
from .values import Answer, Conversation, Hit, Hits, ImportResult, Mention, Model, Node, Progress, Run, StoredFile

__all__ = [
    "Answer",
    "AsyncClient",
    "Client",
    "Conversation",
    "Hit",
    "Hits",
    "ImportResult",
    "Mention",
    "Model",
    "Node",
    "Progress",
    "Run",
    "Server",
    "StoredFile",
    "find_server",
]
