"""Replay the recorded answers of AWS and count which hold.

    python -m tests.replay                  per operation and per family: recorded, hold, differ, ...
    python -m tests.replay -v               and every difference
    python -m tests.replay -v -k Alias      sequences whose names contain "Alias"
    python -m tests.replay --against moto   the same for moto's own Lambda

The recordings are looked for in ../shared/recordings, or in the folder that LAMBDA_STATES_MOCK_RECORDINGS names.
The exit status is 0 when everything holds that is not listed in known_differences.py.
"""

from __future__ import annotations

import argparse
import sys

from .known_differences import CANNOT_BE_STAGED, KNOWN_DIFFERENCES
from .replaying import Exchange, StageError, replay
from .reporting import table, unexpected
from .sequences import FOLDER_VARIABLE, RecordedSequence, load, recordings_folder
from .stage import ACCOUNT_LIMITS
from .worlds import WORLDS


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 when something does not hold, 2 without recordings."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description="Replay recorded answers of AWS.")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every difference")
    parser.add_argument("-k", "--keyword", default="", help="only sequences whose name contains this")
    parser.add_argument("--against", choices=sorted(WORLDS), default="mock", help="whose answers to compare")
    options = parser.parse_args(arguments)
    folder = recordings_folder()
    if folder is None:
        print(f"no recordings: set {FOLDER_VARIABLE} to the folder that has them")
        return 2
    exchanges: list[Exchange] = []
    unstaged: list[str] = []
    for sequence in load(folder):
        if options.keyword in sequence.name and sequence.name not in CANNOT_BE_STAGED:
            exchanges += _replayed(sequence, options.against, unstaged)
    wrong = unexpected(exchanges, KNOWN_DIFFERENCES)
    if options.verbose:
        _print_findings(wrong)
    print("\n".join([table(exchanges, KNOWN_DIFFERENCES), *unstaged]))
    return 1 if wrong or unstaged else 0


def _replayed(sequence: RecordedSequence, against: str, unstaged: list[str]) -> tuple[Exchange, ...]:
    with WORLDS[against](ACCOUNT_LIMITS.get(sequence.name, {})) as world:
        try:
            return replay(sequence, world)
        except StageError as error:
            unstaged.append(f"not staged: {sequence.name}: {error}")
            return ()


def _print_findings(exchanges: list[Exchange]) -> None:
    for name in dict.fromkeys(exchange.sequence for exchange in exchanges):
        print(name)
        for exchange in exchanges:
            if exchange.sequence == name:
                print(f"  {exchange}")
        print()


if __name__ == "__main__":
    sys.exit(main())
