"""The runtime that imitates a function's process within the process of the test."""
