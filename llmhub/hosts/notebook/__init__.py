"""llmhub in a notebook's kernel: magics and a Python API, with a Jupyter server or without one (docs/magics.md)."""
