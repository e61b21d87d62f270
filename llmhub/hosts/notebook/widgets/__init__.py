"""A conversation in a cell's output (docs/magics.md): what the page shows comes from labextension/src/cell."""
