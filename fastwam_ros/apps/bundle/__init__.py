"""Checkpoint bundles: made of released files, looked at, and checked."""
