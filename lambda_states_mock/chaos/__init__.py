"""Worlds in which something goes wrong: as data, drawn from a seed, and lived in by a mock."""
