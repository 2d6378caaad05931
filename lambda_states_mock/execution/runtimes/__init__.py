"""Runtimes: what runs a function's code inside an execution environment."""
