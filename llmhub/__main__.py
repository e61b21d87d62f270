"""`python -m llmhub`: the command, where the console script is not on the path."""

from .hosts.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
