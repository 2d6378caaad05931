"""Requests of every kind to every operation: whatever comes, the answer is one that AWS could give."""
