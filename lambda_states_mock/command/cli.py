"""The command line: ``lambda-states-mock demo``, ``states``, ``coverage``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Parameters: *arguments*, without the program's name; by default those of the process."""
    parser = argparse.ArgumentParser(
        prog="lambda-states-mock", description="A mock of AWS Lambda whose functions live through their states."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    demo = commands.add_parser(
        "demo", help="take a function through its life on a virtual clock and print its timeline"
    )
    demo.set_defaults(run=_demo)
    states = commands.add_parser("states", help="draw the lifecycles: Mermaid and Markdown, from the tables that run")
    states.add_argument("name", nargs="?", help="of one lifecycle; without it, their names")
    states.add_argument("--write", metavar="FOLDER", type=Path, help="write a page for each lifecycle into FOLDER")
    states.set_defaults(run=_states)
    coverage = commands.add_parser("coverage", help="list the API's operations, and against what each is tested")
    coverage.add_argument("--write", metavar="FILE", type=Path, help="write the page into FILE")
    coverage.set_defaults(run=_coverage)
    _add_run(commands)
    chosen = parser.parse_args(arguments)
    return int(chosen.run(chosen))


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run",
        help="run a command with the mock active, e.g.  lambda-states-mock run -- aws lambda list-functions",
        usage="%(prog)s [options] -- COMMAND [ARGUMENT ...] [--then COMMAND ...]",
    )
    run.add_argument("--start", metavar="TIME", help="where the clock starts: an ISO time with a zone")
    run.add_argument("--timings", help='how long phases take: "typical", "instant", or e.g. create=45,update=3')
    run.add_argument("--seed", help="of all ids and dice: a number")
    run.add_argument("--account", help="twelve digits")
    run.add_argument("--region", help="of clients that name none")
    run.add_argument("--freeze", action="store_const", const="1", help="stop time.time and datetime.now at the clock")
    run.add_argument("--timeline", action="store_true", help="print the timeline to stderr in the end")
    run.add_argument("words", metavar="COMMAND", nargs=argparse.REMAINDER, help="after --; several, divided by --then")
    run.set_defaults(run=_run, parser=run)


def _run(chosen: argparse.Namespace) -> int:
    from lambda_states_mock.command import run
    from lambda_states_mock.startup import OPTIONS

    texts = {name: value for name in OPTIONS if (value := getattr(chosen, name)) is not None}
    words = chosen.words[1:] if chosen.words[:1] == ["--"] else chosen.words
    try:
        commands = run.split(words)
        run.check(texts)
    except (TypeError, ValueError, LookupError) as error:
        chosen.parser.error(str(error))
    return run.run(commands, texts, timeline=chosen.timeline)


def _demo(_chosen: argparse.Namespace) -> int:
    from lambda_states_mock.command import demo

    demo.run()
    return 0


def _states(chosen: argparse.Namespace) -> int:
    from lambda_states_mock.errors import nearest
    from lambda_states_mock.states import LIFECYCLES
    from lambda_states_mock.states.diagram import page

    if chosen.write is not None:
        for name, content in state_pages().items():
            chosen.write.mkdir(parents=True, exist_ok=True)
            (chosen.write / name).write_text(content, encoding="utf-8")
    elif chosen.name is None:
        for name, machine in LIFECYCLES.items():
            print(f"{name:28}{machine.title}")
    elif chosen.name in LIFECYCLES:
        print(page(LIFECYCLES[chosen.name]), end="")
    else:
        print(
            f'no lifecycle "{chosen.name}":{nearest(chosen.name, LIFECYCLES)} There are: {", ".join(LIFECYCLES)}.',
            file=sys.stderr,
        )
        return 2
    return 0


def _coverage(chosen: argparse.Namespace) -> int:
    from lambda_states_mock.command import coverage

    if chosen.write is not None:
        chosen.write.write_text(coverage.page(), encoding="utf-8")
    else:
        print(coverage.page(), end="")
    beyond = coverage.unknown()
    if beyond:
        lines = [f"  {operation}: {', '.join(paths)}" for operation, paths in beyond.items()]
        heading = "not known to this version of lambda_states_mock, but to the installed botocore:"
        print("\n".join([heading, *lines]), file=sys.stderr)
    return 0


def state_pages() -> dict[str, str]:
    """Return the pages of ``docs/states`` by file name: one for each lifecycle, and their index."""
    from lambda_states_mock.states import LIFECYCLES
    from lambda_states_mock.states.diagram import page

    pages = {f"{name}.md": page(machine) for name, machine in LIFECYCLES.items()}
    index = "\n".join(f"- [{machine.title}]({name}.md)" for name, machine in LIFECYCLES.items())
    pages["README.md"] = f"# Lifecycles\n\nGenerated by `lambda-states-mock states --write docs/states`.\n\n{index}\n"
    return pages
