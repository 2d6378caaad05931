"""The command line: ``lambda-states-mock demo``, ``states``, ``coverage``."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from lambda_states_mock.command import saying
from lambda_states_mock.errors import nearest

ASKED = (
    "health",
    "openapi",
    "clock",
    "reset",
    "worlds",
    "functions",
    "timings",
    "faults",
    "handlers",
    "world",
    "calls",
    "invocations",
    "timeline",
)
"""The first words of the commands that ask a server."""
PORT = 4574
"""The port of `serve`: LocalStack had Lambda there, when each service had one."""
TOKEN_IN = "LAMBDA_STATES_MOCK_TOKEN"  # noqa: S105 - the name of a variable
"""The variable that may have the token of a server, where a command line would show it."""
BY_BROKEN_PIPE = 128 + 13
"""The status of a command that a broken pipe ended: 128 and the number of its signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its status.

    Parameters: *arguments*, without the program's name; by default those of the process.
    Raises SystemExit with status 2 for arguments that are wrong.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in ASKED:
        from lambda_states_mock.command.asking import ask

        default, token = f"http://127.0.0.1:{PORT}", os.environ.get(TOKEN_IN) or None
        return _printed(lambda: ask(words, default=default, token=token))
    parser = _Parser(
        prog="lambda-states-mock",
        description="A mock of AWS Lambda whose functions live through their states.",
        epilog=f"Of a server one asks with: {', '.join(ASKED)}. Each has a --help.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    demo = commands.add_parser(
        "demo", help="take a function through its life on a virtual clock and print its timeline"
    )
    demo.set_defaults(run=_demo, parser=demo)
    states = commands.add_parser("states", help="draw the lifecycles: Mermaid and Markdown, from the tables that run")
    states.add_argument("name", nargs="?", help="of one lifecycle; without it, their names")
    states.add_argument("--write", metavar="FOLDER", type=_path, help="write a page for each lifecycle into FOLDER")
    states.set_defaults(run=_states, parser=states)
    coverage = commands.add_parser("coverage", help="list the API's operations, and against what each is tested")
    coverage.add_argument("--write", metavar="FILE", type=_path, help="write the page into FILE")
    coverage.set_defaults(run=_coverage, parser=coverage)
    _add_run(commands)
    _add_serve(commands)
    chosen, unknown = parser.parse_known_args(arguments)
    if unknown:
        chosen.parser.refuse_unknown(unknown)
    return _printed(lambda: chosen.run(chosen))


def _printed(command: Callable[[], int]) -> int:
    """Return the status of *command*, of which all that it prints is read, or as much as somebody wants."""
    try:
        status = command()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it ends
        return BY_BROKEN_PIPE
    return status


class _Parser(argparse.ArgumentParser):
    """A parser that knows what you meant."""

    def refuse_unknown(self, arguments: Sequence[str]) -> NoReturn:
        """Say which of *arguments* there is not, and end."""
        hint = nearest(arguments[0].partition("=")[0], re.findall(r"--[\w-]+", self.format_help()))
        self.error(f"unrecognized arguments: {' '.join(arguments)}{hint and ';' + hint}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            every = [*action.choices, *(ASKED if action.dest == "command" else ())]
            hint, known = nearest(value, every), ", ".join(every)
            raise argparse.ArgumentError(
                action, f"there is no {value!r}{f';{hint}' if hint else '.'} There are: {known}."
            )

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        if message.endswith("the following arguments are required: command"):
            message = f"give a command, such as  {self.prog} demo,  or -h to see all of them"
        super().error(message)


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("a path is missing")
    return Path(text)


def _port(text: str) -> int:
    from lambda_states_mock.server.door import LAST_PORT

    if not text.isdecimal() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {LAST_PORT}, not {text!r}")
    return int(text)


def _token(text: str) -> str:
    if not re.fullmatch(r"[\w.~-]+", text, re.ASCII):  # else it is none that a path has, or the server would be open
        raise argparse.ArgumentTypeError(f'a token has letters, digits, "-", ".", "_" and "~", not {text!r}')
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[\w.-]+|\[[\da-f:]+\]", text, re.IGNORECASE):
        raise argparse.ArgumentTypeError(f"a name without a port, such as lambda.test, not {text!r}")
    return text


def _origin(text: str) -> str:
    """Return the origin *text* as browsers write it."""
    found = re.fullmatch(r"(\*|null|[a-z][a-z0-9+.-]*://[^/\s]+)/?", text, re.IGNORECASE)
    if found is None:
        raise argparse.ArgumentTypeError(f"the origin of a page, such as http://localhost:3000, not {text!r}")
    return found[1].lower()


def _add_run(commands: Any) -> None:
    run = commands.add_parser(
        "run",
        help="run a command with the mock active, e.g.  lambda-states-mock run -- aws lambda list-functions",
        usage="%(prog)s [options] -- COMMAND [ARGUMENT ...] [--then COMMAND ...]",
    )
    _add_options_of_worlds(run)
    run.add_argument("--freeze", action="store_const", const="1", help="stop time.time and datetime.now at the clock")
    run.add_argument("--timeline", action="store_true", help="print the timeline to stderr in the end")
    run.add_argument("words", metavar="COMMAND", nargs=argparse.REMAINDER, help="after --; several, divided by --then")
    run.set_defaults(run=_run, parser=run)


def _add_options_of_worlds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--start", metavar="TIME", help="where the clock starts: an ISO time with a zone")
    parser.add_argument("--timings", help='how long phases take: "typical", "instant", or e.g. create=45,update=3')
    parser.add_argument("--seed", help="of all ids and dice: a number")
    parser.add_argument("--chaos", metavar="SEED", help="a number: disturb the world as that seed does")
    parser.add_argument("--account", help="twelve digits")
    parser.add_argument("--region", help="of clients that name none")
    parser.add_argument(
        "--processes", action="store_const", const="1", help="run functions that have code in processes of their own"
    )
    parser.add_argument(
        "--progress", choices=saying.CHOICES, default="auto", help="say what it does on stderr: auto, on a terminal"
    )


def _texts_of_worlds(chosen: argparse.Namespace) -> dict[str, str]:
    from lambda_states_mock.startup import OPTIONS

    return {name: value for name in OPTIONS if (value := getattr(chosen, name, None)) is not None}


def _run(chosen: argparse.Namespace) -> int:
    from lambda_states_mock.command import run

    texts = _texts_of_worlds(chosen)
    words = chosen.words[1:] if chosen.words[:1] == ["--"] else chosen.words
    try:
        commands, options = run.split(words), run.options_from(texts)
    except ValueError as error:
        chosen.parser.error(str(error))
    says = saying.is_wanted(chosen.progress, sys.stderr)
    return run.run(commands, options, timeline=chosen.timeline, says=says)


def _add_serve(commands: Any) -> None:
    serve = commands.add_parser("serve", help="answer the API over HTTP, for programs in any language")
    serve.add_argument("--host", default="127.0.0.1", help="where to listen: this machine alone by default")
    serve.add_argument("--port", type=_port, default=PORT, help=f"{PORT} by default, 0 for any that is free")
    serve.add_argument(
        "--clock", default="jump", help='when a request moves the clock: "jump", "settle", "frozen", "real", factor=60'
    )
    _add_options_of_worlds(serve)
    serve.add_argument("--token", type=_token, help="nobody is let in without it: in the path, or as a bearer token")
    serve.add_argument(
        "--allow-host", action="append", default=[], type=_host, metavar="HOST", help="a name of this server"
    )
    serve.add_argument(
        "--allow-origin", action="append", default=[], type=_origin, metavar="ORIGIN", help="of a web page that may ask"
    )
    serve.set_defaults(run=_serve, parser=serve)


def _serve(chosen: argparse.Namespace) -> int:
    from lambda_states_mock.command import run, serve
    from lambda_states_mock.server.clock_policies import policy_maker

    try:
        policy_maker(chosen.clock)
        options = run.options_from(_texts_of_worlds(chosen))
        token = chosen.token or (_token(os.environ[TOKEN_IN]) if os.environ.get(TOKEN_IN) else None)
    except ValueError as error:
        chosen.parser.error(str(error))
    except argparse.ArgumentTypeError as error:
        chosen.parser.error(f"the variable {TOKEN_IN}: {error}")
    where = chosen.host, chosen.port, chosen.clock
    says = saying.is_wanted(chosen.progress, sys.stderr)
    serve.leave(serve.serve(serve.ServeOptions(*where, options, token, chosen.allow_host, chosen.allow_origin, says)))


def _demo(_chosen: argparse.Namespace) -> int:
    from lambda_states_mock.command import demo

    demo.run()
    return 0


def _states(chosen: argparse.Namespace) -> int:
    from lambda_states_mock.states.every_lifecycle import LIFECYCLES

    if chosen.write is not None:
        _write(chosen, {chosen.write / name: content for name, content in state_pages().items()})
    elif chosen.name is None:
        for name, machine in LIFECYCLES.items():
            print(f"{name:28}{machine.title}")
    elif chosen.name in LIFECYCLES:
        print(state_pages()[f"{chosen.name}.md"], end="")
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
        _write(chosen, {chosen.write: coverage.page()})
    else:
        print(coverage.page(), end="")
    beyond = coverage.unknown(coverage.clients_model())
    if beyond:
        lines = [f"  {operation}: {', '.join(paths)}" for operation, paths in beyond.items()]
        heading = "not known to this version of lambda_states_mock, but to the installed botocore:"
        print("\n".join([heading, *lines]), file=sys.stderr)
    return 0


def _write(chosen: argparse.Namespace, pages: Mapping[Path, str]) -> None:
    try:
        if len(pages) > 1:
            chosen.write.mkdir(parents=True, exist_ok=True)
        for path, content in pages.items():
            path.write_text(content, encoding="utf-8")
    except OSError as error:
        chosen.parser.error(f"argument --write: cannot write {error.filename}: {error.strerror}")


def state_pages() -> dict[str, str]:
    """Return the pages of ``docs/states`` by file name: one for each lifecycle, and their index."""
    from lambda_states_mock.api_model import botocore_version, model_date
    from lambda_states_mock.states.diagram import page
    from lambda_states_mock.states.every_lifecycle import LIFECYCLES

    model = f"the API's model of botocore {botocore_version()}, {model_date()}"
    pages = {f"{name}.md": page(machine, model) for name, machine in LIFECYCLES.items()}
    index = "\n".join(f"- [{machine.title}]({name}.md)" for name, machine in LIFECYCLES.items())
    made = f"Generated by `lambda-states-mock states --write docs/states`. Codes are those of {model}."
    pages["README.md"] = f"# Lifecycles\n\n{made}\n\n{index}\n"
    return pages
