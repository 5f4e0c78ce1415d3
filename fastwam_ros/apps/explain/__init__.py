"""The pictures of docs/executor.md, drawn from the executor itself."""
