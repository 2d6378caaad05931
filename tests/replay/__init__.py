"""Recorded answers of AWS, replayed against the mock.

`sequences` reads the recordings and turns recorded parameters into real ones, `packages` makes the zips, `stage` sets
what other services must have, `replaying` makes the calls, `comparing` finds what differs, `known_differences` lists
what cannot hold, `reporting` counts. ``python -m tests.replay -v`` prints it all.

The recordings are no part of the package, and no code of the package reads them or knows of one.
"""
