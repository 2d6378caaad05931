"""Execution environments: their phases, extensions, telemetry and logs, and the runtimes in them."""
