"""The command line: ``lambda-states-mock demo``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Parameters: *arguments*, without the program's name; by default those of the process."""
    parser = argparse.ArgumentParser(
        prog="lambda-states-mock", description="A mock of AWS Lambda whose functions live through their states."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    demo = commands.add_parser("demo", help="take a function through its life on a virtual clock and print its timeline")
    demo.set_defaults(run=_demo)
    chosen = parser.parse_args(arguments)
    return int(chosen.run(chosen))


def _demo(_chosen: argparse.Namespace) -> int:
    from lambda_states_mock import demo

    demo.run()
    return 0
