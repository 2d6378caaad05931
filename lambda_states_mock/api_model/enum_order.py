"""In which order AWS's messages list the values of an enum: that of Java's hash tables.

Recorded lists are in this order, the longest with 56 runtimes. Of other enums it is inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_BUCKETS = 32
_SMALLEST_TABLE = 16


def in_bucket_order(values: Iterable[str]) -> list[str]:
    """Return *values* as validation messages list them.

    That is by the hash code of the text modulo 32. What was put in last comes first within a bucket.
    """
    last_first = [*values][::-1]
    return sorted(last_first, key=lambda value: hash_code(value) % _BUCKETS)


def in_hash_set_order(values: Sequence[str]) -> list[str]:
    """Return *values* as a ``HashSet`` of Java 8 lists them, where they were put in in this order.

    It is the order of the runtimes in the answer to one that Lambda does not know (recorded).
    """
    size = _SMALLEST_TABLE
    while len(values) > 0.75 * size:
        size *= 2

    def place(value: str) -> int:
        code = hash_code(value)
        return (code ^ code >> 16) % size

    return sorted(values, key=place)


def hash_code(text: str) -> int:
    """Return Java's ``String.hashCode`` of *text*, as an unsigned number of 32 bits; *text* is in the BMP."""
    code = 0
    for character in text:
        code = (31 * code + ord(character)) & 0xFFFF_FFFF
    return code
