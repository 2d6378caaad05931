"""Random lives against a small model of the documented rules."""
