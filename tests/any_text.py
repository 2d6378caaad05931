"""Texts of any characters."""

from __future__ import annotations

from hypothesis import strategies as st


def any_text(*, min_size: int = 0, max_size: int) -> st.SearchStrategy[str]:
    """Return texts of all characters that UTF-8 has: all but surrogates.

    `st.text` has the same by default. It finds them by encoding each that there is, which takes each process more than
    a second where no other run has left them in `.hypothesis`.
    """
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=min_size, max_size=max_size)
