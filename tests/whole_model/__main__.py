"""Print the page, or write it: ``python -m tests.whole_model --write docs/errors.md``."""

from __future__ import annotations

from scripts.print_or_write import print_or_write

from .page import page

print_or_write(page(), __doc__)
