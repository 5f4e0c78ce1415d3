"""How often a person succeeds at a task, with and without the executor."""
