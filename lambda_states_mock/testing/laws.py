"""Laws that hold of a deployer in every world.

A law looks at the runs so far, of which the last has just ended, and returns what breaks it, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lambda_states_mock.api_calls import ApiCall
from lambda_states_mock.errors import RunawaySleepError
from lambda_states_mock.resources.arn import LATEST, function_reference
from lambda_states_mock.testing.deployments import Deployment, EndlessDeployment


@dataclass(frozen=True)
class Finding:
    """What breaks a law: *kind*, which stays while the world shrinks; *then*, what happened; *because*, why."""

    kind: str
    then: Sequence[str]
    because: str


@dataclass(frozen=True)
class Law:
    """Something that holds of every deployer. Parameters: *text*, the law; *find*, what breaks it in these runs."""

    text: str
    find: Callable[[Sequence[Deployment]], Finding | None]

    def __repr__(self) -> str:
        return f"<Law: {self.text}>"


# -- ends as wanted, or raises


def _raised(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _not_as_wanted(runs: Sequence[Deployment]) -> Finding | None:
    run = runs[-1]
    if run.is_calm or _is_endless(run.error):
        return None
    if run.error is None:
        if not run.unmet or _could_not_see(runs):
            return None
        then = [f"deploy() returned, and {text}" for text in run.unmet]
        if run.others:
            return Finding(
                "overlooks another",
                then,
                "another deployer was at work, and it did not notice. Pass RevisionId or CodeSha256 with each change, "
                "look once more at the very end, and raise where it is not what you have deployed.",
            )
        return Finding(
            "returns unfinished",
            then,
            "it returned without having looked at how its last change ended. Poll State and LastUpdateStatus until "
            "neither is in progress, and raise if one has failed.",
        )
    if any(entry.excuses for entry in run.met):
        return None
    return Finding(
        f"raises {type(run.error).__name__}",
        [f"deploy() raised {_raised(run.error)}"],
        "nothing in this world keeps it from deploying: it only has to wait, to try again or to look again.",
    )


def _could_not_see(runs: Sequence[Deployment]) -> bool:
    """Return whether somebody else has acted so late that no reader was shown it any more."""
    late, end = runs[-1].readers_late, runs[-1].end
    return bool(late) and any(call.at + late >= end for run in runs for call in (*run.others, *run.afterwards))


# -- never calls a gated operation while it is refused

REFUSED = "The operation cannot be performed at this time."
"""How AWS begins the text of each refusal that depends on a state."""

CHANGES = frozenset({"CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"})
LOOKS: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "GetFunction": lambda answer: answer["Configuration"],
    "GetFunctionConfiguration": lambda answer: answer,
}
SETTLED = frozenset({"Active", "Inactive", "ActiveNonInvocable"})


def _subject(call: ApiCall) -> tuple[str, str]:
    """Return the function and the qualifier that *call* names."""
    params = call.params
    given = str(params.get("FunctionName") or params.get("Resource") or "")
    reference = function_reference(given)
    if reference is None:
        return given, LATEST
    return reference.name, reference.qualifier or str(params.get("Qualifier") or LATEST)


def _refused_calls(runs: Sequence[Deployment]) -> Iterator[tuple[Deployment, ApiCall, str]]:
    """Yield the calls that were refused for a state that their caller knew, or could have known."""
    ready: dict[tuple[str, str], bool | None] = {}
    for run in runs:
        ready.clear()  # whoever deploys again, looks again
        for call in run.calls:
            name, qualifier = subject = _subject(call)
            if call.error is not None:
                if call.error.code == "ResourceConflictException" and (call.error.message or "").startswith(REFUSED):
                    seen = ready.get(subject)
                    if not seen:
                        looked = (
                            "it had not looked since its last change" if seen is None else "it saw so when it looked"
                        )
                        yield run, call, looked
                    ready[subject] = None
            elif call.answer is None:
                continue
            elif call.operation in CHANGES:
                ready[name, LATEST] = None
            elif call.operation in LOOKS:
                shown = LOOKS[call.operation](call.answer)
                ready[name, qualifier] = shown.get("State") in SETTLED and shown.get("LastUpdateStatus") != "InProgress"


def _called_while_refused(runs: Sequence[Deployment]) -> Finding | None:
    for run, call, looked in _refused_calls(runs):
        if run is runs[-1]:
            assert call.error is not None
            return Finding(
                f"{call.operation} is refused",
                [f"{call.operation} was refused: {call.error.message}"],
                f"AWS refuses {call.operation} in that state, and {looked}. Wait until State is no longer Pending and "
                "LastUpdateStatus no longer InProgress, for example with the waiters function_active_v2 and "
                "function_updated_v2, and mend what has Failed.",
            )
    return None


# -- waits no longer than the longest phase

SLACK = timedelta(minutes=2)
"""How long a run may wait in all while nothing is under way: for throttles, for a role, and until its next look."""

UNDER_WAY = frozenset(
    {"Pending", "InProgress", "IN_PROGRESS", "Creating", "Enabling", "Disabling", "Updating", "Deleting"}
)


def _busy(run: Deployment) -> timedelta:
    """Return for how long of *run* something was under way."""
    began: dict[tuple[str, str], datetime] = {}
    spans: list[tuple[datetime, datetime]] = []
    for change in run.changes:
        key = change.subject, change.machine
        if (since := began.pop(key, None)) is not None:
            spans.append((since, change.at))
        if change.after in UNDER_WAY:
            began[key] = change.at
    spans += [(since, run.end) for since in began.values()]
    total, reached = timedelta(), run.start
    for since, until in sorted(spans):
        if until > reached:
            total += min(until, run.end) - max(since, reached) if since < run.end else timedelta()
            reached = max(reached, min(until, run.end))
    return total


def _is_endless(error: BaseException | None) -> bool:
    return isinstance(error, (EndlessDeployment, RunawaySleepError))


def _waited_in_vain(runs: Sequence[Deployment]) -> Finding | None:
    run = runs[-1]
    if run.error is not None and _is_endless(run.error):
        return Finding(
            "never ends",
            [f"deploy() was ended from outside: {_raised(run.error)}"],
            "it waits for something that does not come. Give each wait an end, and raise with the state seen last.",
        )
    in_vain = run.end - run.start - run.passed - _busy(run)
    if in_vain <= SLACK:
        return None
    return Finding(
        "waits in vain",
        [f"deploy() took {run.end - run.start}, and for {in_vain} of that nothing was under way"],
        "no phase was going on that it could have waited for. Inactive, Failed and an error that no waiting mends are "
        "ends: decide on them at once.",
    )


# -- leaves nothing behind


def _never_live(runs: Sequence[Deployment]) -> list[str]:
    """Return the versions that were published and to which no alias ever led, although others have one.

    Where somebody else was at work, a deployer may find something new to publish: that says nothing of it.
    """
    if any(run.others or run.afterwards for run in runs):
        return []
    published: dict[str, list[str]] = {}
    live: dict[str, set[str]] = {}
    for call in (call for run in runs for call in run.calls):
        if call.answer is None:
            continue
        name, _ = _subject(call)
        if call.operation == "PublishVersion" or call.params.get("Publish"):
            number = str(call.answer.get("Version", LATEST))
            if number != LATEST and number not in published.setdefault(name, []):
                published[name].append(number)
        elif call.operation in ("CreateAlias", "UpdateAlias"):
            weights = (call.answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
            live.setdefault(name, set()).update({str(call.answer["FunctionVersion"]), *weights})
    there = runs[-1].versions
    return [
        f"version {number} of {name}, to which no alias has ever led"
        for name, numbers in published.items()
        for number in numbers[:-1]
        if name in live and number not in live[name] and number in there.get(name, ())
    ]


def _left_behind(runs: Sequence[Deployment]) -> Finding | None:
    run = runs[-1]
    left = [*run.leftovers, *_never_live(runs)] if run.is_calm and run.error is None else []
    if not left:
        return None
    return Finding(
        "leaves something",
        [f"after the last run there is still {text}" for text in left],
        "a run that failed has left it, and the next one did not take it up. Use what is there, or delete it.",
    )


# -- converges when it is run again


def _not_converged(runs: Sequence[Deployment]) -> Finding | None:
    run = runs[-1]
    if not run.is_calm or (run.error is None and not run.unmet) or _is_endless(run.error):
        return None
    then = (
        [f"deploy() raised {_raised(run.error)}"]
        if run.error is not None
        else [f"deploy() returned, and {text}" for text in run.unmet]
    )
    return Finding(
        "does not converge",
        [f"run once more, when all was well again, {text}" for text in then],
        "what an earlier run has left, it cannot go on from. Look at what is there first: create, update, wait, or "
        "delete what has Failed and create it anew.",
    )


ENDS_AS_WANTED = Law("ends Active with what is wanted, or raises", _not_as_wanted)
NEVER_WHILE_REFUSED = Law("never calls an operation while its state refuses it", _called_while_refused)
WAITS_FOR_SOMETHING = Law("waits no longer than what is under way", _waited_in_vain)
LEAVES_NOTHING = Law("leaves no version, mapping or provisioned concurrency behind", _left_behind)
CONVERGES = Law("converges when it is run again", _not_converged)

LAWS = (WAITS_FOR_SOMETHING, NEVER_WHILE_REFUSED, ENDS_AS_WANTED, CONVERGES, LEAVES_NOTHING)
"""All of them, in the order in which they are asked."""
