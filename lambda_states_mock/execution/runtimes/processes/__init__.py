"""Execution environments that are groups of real processes, and talk to Lambda over its Runtime API."""
