"""What pytest's users see: the fixture, the marker, and the report of a test that fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lambda_states_mock.options import MockOptions

Run = Callable[..., pytest.RunResult]
CALLS = {"lambda": "list_functions", "sqs": "list_queues"}

CREATE = """
import boto3, io, zipfile

def create(**more):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return event")
    client = boto3.client("lambda", region_name="us-east-1")
    client.create_function(
        FunctionName="orders", Runtime="python3.12", Role="arn:aws:iam::123456789012:role/r", Handler="index.handler",
        Code={"ZipFile": buffer.getvalue()}, **more,
    )
"""


@pytest.fixture
def run(pytester: pytest.Pytester, run_inside: Run) -> Run:
    """Run pytest on a test file with the plugin loaded."""

    def run_pytest(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(create=CREATE)
        pytester.makepyfile(source)
        return run_inside(*arguments)

    return run_pytest


def test_the_fixture_gives_the_active_mock(run: Run) -> None:
    result = run(
        """
        from lambda_states_mock import current

        def test_it(lambda_mock):
            assert current() is lambda_mock
        """
    )
    result.assert_outcomes(passed=1)


def test_the_marker_sets_the_fixtures_options(run: Run) -> None:
    result = run(
        """
        import pytest

        @pytest.mark.lambda_mock(start="2026-01-01T00:00:00Z", timings={"create": 7})
        def test_it(lambda_mock):
            assert lambda_mock.clock.now.year == 2026
            assert lambda_mock.timings["create"] == 7
        """
    )
    result.assert_outcomes(passed=1)


def test_the_nearest_marker_has_the_last_word(run: Run) -> None:
    result = run(
        """
        import pytest

        pytestmark = pytest.mark.lambda_mock(seed=1, timings={"create": 1})

        @pytest.mark.lambda_mock(timings={"create": 2})
        def test_it(lambda_mock):
            assert (lambda_mock.options.seed, lambda_mock.timings["create"]) == (1, 2)
        """
    )
    result.assert_outcomes(passed=1)


def test_the_marker_alone_activates_the_mock(run: Run) -> None:
    result = run(
        """
        import pytest
        from lambda_states_mock import current

        @pytest.mark.lambda_mock(seed=3)
        def test_it():
            assert current().options.seed == 3
        """
    )
    result.assert_outcomes(passed=1)


def test_without_marker_and_fixture_no_mock_is_active(run: Run) -> None:
    result = run(
        """
        import pytest
        from lambda_states_mock import NotActiveError, current

        def test_it():
            with pytest.raises(NotActiveError):
                current()
        """
    )
    result.assert_outcomes(passed=1)


def test_a_misspelt_option_is_an_error_at_the_tests_own_line(run: Run) -> None:
    result = run(
        """
        import pytest

        @pytest.mark.lambda_mock(timing="instant")
        def test_it(lambda_mock):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            '>*@pytest.mark.lambda_mock(timing="instant")',
            'E*TypeError: pytest.mark.lambda_mock has no option "timing"; did you mean "timings"?*',
            "test_a_misspelt_option_is_an_error_at_the_tests_own_line.py:3: TypeError",
        ]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


@pytest.mark.parametrize(
    "line",
    [
        'm.faults.on_phase("creat")',
        'm.faults.on_phase("create", version=1.5)',
        'm.faults.on_phase("create").fail("InvalidSubent")',
        'm.faults.on_call("CreateFuncton")',
        'm.faults.on_call("Invoke").error("ServiceExcepton")',
        'm.timings["creat"] = 5',
        'm.function("orders").idle()',
    ],
)
def test_a_mistake_is_reported_at_the_tests_own_line(run: Run, line: str) -> None:
    result = run(
        f"""
        from lambda_states_mock import mock_lambda

        def test_it():
            with mock_lambda(unfired_faults="ignore") as m:
                {line}
        """
    )
    result.assert_outcomes(failed=1)
    assert f">           {line}" in result.outlines
    result.stdout.no_fnmatch_line("*lambda_states_mock/*.py:*")


def test_a_positional_option_is_an_error_at_the_tests_own_line(run: Run) -> None:
    result = run(
        """
        import pytest

        @pytest.mark.lambda_mock("instant")
        def test_it(lambda_mock):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E*TypeError: pytest.mark.lambda_mock takes its options by keyword, not 'instant'*"])


def test_a_decorated_test_keeps_its_fixtures(run: Run) -> None:
    result = run(
        """
        import pytest
        from lambda_states_mock import current, mock_lambda

        @pytest.mark.parametrize("number", [1, 2])
        @mock_lambda(seed=5)
        def test_it(tmp_path, number):
            assert tmp_path.exists() and current().options.seed == 5
        """
    )
    result.assert_outcomes(passed=2)


def test_a_decorated_class_with_setup_method_has_one_world_per_test(run: Run) -> None:
    result = run(
        """
        from lambda_states_mock import NotActiveError, current, mock_lambda

        worlds = []

        @mock_lambda
        class TestIt:
            def setup_method(self):
                self.mock = current()

            def test_one(self):
                assert self.mock is current()
                worlds.append(self.mock)

            def test_two(self):
                assert self.mock is current() and self.mock not in worlds

        def test_none_is_left():
            try:
                current()
            except NotActiveError:
                return
            raise AssertionError
        """
    )
    result.assert_outcomes(passed=3)


def test_a_decorated_test_case_runs_under_pytest(run: Run) -> None:
    result = run(
        """
        import unittest
        from lambda_states_mock import current, mock_lambda

        @mock_lambda
        class TestIt(unittest.TestCase):
            def setUp(self):
                self.mock = current()

            def test_one(self):
                assert self.mock is current()
        """
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "way",
    [
        "def test_it(lambda_mock):\n    create()\n    assert 0",
        "@mock_lambda\ndef test_it():\n    create()\n    assert 0",
        "def test_it():\n    with mock_lambda():\n        create()\n        assert 0",
        "@pytest.mark.lambda_mock\ndef test_it():\n    create()\n    assert 0",
    ],
    ids=["fixture", "decorator", "with", "marker"],
)
def test_a_failing_test_shows_the_timeline(run: Run, way: str) -> None:
    result = run(f"import pytest\nfrom create import create\nfrom lambda_states_mock import mock_lambda\n{way}\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- lambda timeline -*", "*orders  State  - -> Pending*CreateFunction"])


def test_the_report_says_which_mock_each_timeline_is_of(run: Run) -> None:
    result = run(
        """
        from create import create
        from lambda_states_mock import mock_lambda

        def test_it(lambda_mock):
            create()
            with mock_lambda(seed=7) as inner:
                create()
                inner.faults.on_call("ListFunctions").delay(3, required=False)
                assert 0
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- lambda timeline -*",
            "of mock_lambda(seed=7):",
            "*orders  State  - -> Pending*",
            "of the fixture lambda_mock():",
            "*orders  State  - -> Pending*",
            "*- lambda faults -*",
            "of mock_lambda(seed=7):",
            "<Fault ListFunctions*",
        ]
    )


DECORATED_AND_TAKING = {
    "function": "@mock_lambda\ndef test_it(lambda_mock):\n    pass",
    "coroutine": "@pytest.mark.asyncio\n@mock_lambda\nasync def test_it(lambda_mock):\n    pass",
    "under another decorator": "@mock_aws\n@mock_lambda\ndef test_it(lambda_mock):\n    pass",
    "method": "@mock_lambda\nclass TestIt:\n    def test_it(self, lambda_mock):\n        pass",
    "method after set-up": "@mock_lambda\nclass TestIt:\n    def setup_method(self):\n        pass\n"
    "    def test_it(self, lambda_mock):\n        pass",
}
IMPORTS = "import pytest\nfrom moto import mock_aws\nfrom lambda_states_mock import mock_lambda\n"


@pytest.mark.parametrize("way", DECORATED_AND_TAKING)
def test_a_decorated_test_that_takes_the_fixture_is_told_that_these_are_two_worlds(run: Run, way: str) -> None:
    result = run(f"{IMPORTS}{DECORATED_AND_TAKING[way]}", "-Wdefault")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*PytestWarning: test_it is decorated with @mock_lambda and takes the fixture*"])


def test_a_decorated_test_under_a_fixture_of_all_tests_is_not(run: Run) -> None:
    result = run(
        """
        import pytest
        from lambda_states_mock import mock_lambda

        @pytest.fixture(autouse=True)
        def everywhere(lambda_mock):
            yield

        @mock_lambda(timings="instant")
        def test_it():
            pass
        """
    )
    result.assert_outcomes(passed=1, warnings=0)


@pytest.mark.parametrize("marked", ["@pytest.mark.lambda_mock(seed=7)\n", ""])
def test_a_marker_that_another_mock_of_a_fixture_makes_vain_is_warned_of(run: Run, marked: str) -> None:
    mine = "@pytest.fixture\ndef mine():\n    with mock_lambda(timings='instant') as m:\n        yield m\n"
    taking = "def test_it(lambda_mock, mine):\n    pass"
    result = run(f"{IMPORTS}{mine}{marked}{taking}", "-Wdefault")
    told = bool(marked)
    result.assert_outcomes(passed=1, warnings=int(told))
    if told:
        result.stdout.fnmatch_lines(["*test_it has @pytest.mark.lambda_mock(*", "*mock_lambda(timings='instant')*"])


def test_with_the_marker_the_mock_is_there_before_all_fixtures_of_the_test(run: Run) -> None:
    result = run(
        """
        import pytest
        from create import create

        @pytest.fixture
        def orders():
            create()

        @pytest.mark.lambda_mock(timings="instant")
        def test_it(orders, lambda_mock):
            assert lambda_mock.function("orders").state == "Active"
        """
    )
    result.assert_outcomes(passed=1)


def test_a_marker_of_one_parameter_is_not_one_of_the_next(run: Run) -> None:
    result = run(
        """
        import pytest
        from lambda_states_mock import NotActiveError, current

        @pytest.mark.parametrize("there", [pytest.param(True, marks=pytest.mark.lambda_mock), False])
        def test_it(there):
            if there:
                return current()
            with pytest.raises(NotActiveError):
                current()
        """,
        "-Wignore",
    )
    result.assert_outcomes(passed=2)


def test_a_failing_test_shows_the_invocations_that_failed(run: Run) -> None:
    result = run(
        """
        import boto3
        from create import create

        def test_it(lambda_mock):
            create()
            lambda_mock.clock.run_until_idle()
            lambda_mock.handler("orders", side_effect=[ValueError("no such order"), "well"])
            client = boto3.client("lambda", region_name="us-east-1")
            client.invoke(FunctionName="orders")
            client.invoke(FunctionName="orders")
            assert 0
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- lambda invocations that failed -*",
            "*Z  orders  RequestResponse  ValueError: no such order",
            "  [[]ERROR[]] ValueError: no such order",
        ]
    )
    assert str(result.stdout).count("RequestResponse") == 1


def test_a_failed_invocation_shows_its_tenant(run: Run) -> None:
    result = run(
        """
        import boto3
        from create import create

        def test_it(lambda_mock):
            create(TenancyConfig={"TenantIsolationMode": "PER_TENANT"})
            lambda_mock.clock.run_until_idle()
            lambda_mock.handler("orders", side_effect=ValueError("no such order"))
            boto3.client("lambda", region_name="us-east-1").invoke(FunctionName="orders", TenantId="blue")
            assert 0
        """
    )
    result.stdout.fnmatch_lines(["*Z  orders for blue  RequestResponse  ValueError: no such order"])


def test_of_many_failed_invocations_the_last_are_shown(run: Run) -> None:
    result = run(
        """
        import boto3
        from create import create

        def test_it(lambda_mock):
            create()
            lambda_mock.clock.run_until_idle()
            lambda_mock.handler("orders", side_effect=ValueError("no such order"))
            client = boto3.client("lambda", region_name="us-east-1")
            client.invoke(FunctionName="orders", InvocationType="Event")
            for _ in range(4):
                client.invoke(FunctionName="orders")
            lambda_mock.clock.run_until_idle()
            assert 0
        """
    )
    result.stdout.fnmatch_lines(["(the last 5 of 7)", "*orders  Event, attempt 3  ValueError: no such order"])


@pytest.mark.parametrize(
    ("service", "told"),
    [("lambda", True), ("sqs", False)],
)
def test_a_test_that_calls_lambda_without_a_mock_is_told_so(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: str, told: bool
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    result = run(
        f"""
        import boto3
        from botocore.session import Session

        def test_credentials():
            Session().create_client({service!r}, region_name="us-east-1").{CALLS[service]}()

        def test_region():
            boto3.Session().client({service!r})
        """
    )
    result.assert_outcomes(failed=2)
    assert str(result.stdout).count("No mock of Lambda was active when Lambda was called.") == 2 * told


@pytest.mark.parametrize(
    ("code", "told"), [("UnrecognizedClientException", True), ("ResourceNotFoundException", False)]
)
def test_made_up_credentials_that_reached_aws_are_told_of_as_well(run: Run, code: str, told: bool) -> None:
    result = run(
        f"""
        import boto3
        from botocore.stub import Stubber

        def test_it():
            client = boto3.client("lambda", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
            with Stubber(client) as stub:
                stub.add_client_error("list_functions", {code!r})
                client.list_functions()
        """
    )
    result.assert_outcomes(failed=1)
    assert ("No mock of Lambda was active when Lambda was called." in str(result.stdout)) == told


def test_a_passing_test_shows_no_timeline(run: Run) -> None:
    result = run("from create import create\ndef test_it(lambda_mock):\n    create()", "-rP")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*lambda timeline*")


def test_the_timeline_of_one_test_is_not_shown_for_the_next(run: Run) -> None:
    result = run(
        """
        from create import create
        from lambda_states_mock import mock_lambda

        def test_one():
            with mock_lambda():
                create()

        def test_two():
            assert 0
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*lambda timeline*")


def test_an_unmet_fault_is_an_error_of_the_fixture(run: Run) -> None:
    result = run(
        """
        def test_it(lambda_mock):
            lambda_mock.faults.on_call("ListFunctions").disconnect(times=1)
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*UnfiredFaultError: scripted, but never met:*"])


def test_an_unmet_fault_does_not_hide_the_tests_own_failure(run: Run) -> None:
    result = run(
        """
        def test_it(lambda_mock):
            lambda_mock.faults.on_call("ListFunctions").disconnect(times=1)
            assert 0
        """
    )
    result.assert_outcomes(failed=1)


def test_the_marker_is_listed(run: Run) -> None:
    result = run("", "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.lambda_mock(*, start, timings, seed, account, region, sleep,*"])


def test_an_asynchronous_test_can_use_the_fixture(run: Run) -> None:
    result = run(
        """
        import asyncio, pytest

        @pytest.mark.asyncio
        async def test_it(lambda_mock):
            before = lambda_mock.clock.now
            await asyncio.sleep(3600)
            assert (lambda_mock.clock.now - before).total_seconds() == 3600
        """
    )
    result.assert_outcomes(passed=1)


def test_an_asynchronous_fixture_that_is_decorated_cleans_up_in_the_mock(run: Run) -> None:
    result = run(
        """
        import boto3, pytest, pytest_asyncio
        from lambda_states_mock import current, mock_lambda

        @pytest_asyncio.fixture
        @mock_lambda(region="eu-west-1")
        async def client():
            yield boto3.client("lambda")
            assert boto3.client("lambda").list_functions()["Functions"] == []
            assert current().calls.operations == ["ListFunctions", "ListFunctions"]

        @pytest.mark.asyncio
        async def test_it(client):
            client.list_functions()

        def test_later():
            with pytest.raises(Exception, match="no mock of Lambda is active"):
                current()
        """
    )
    result.assert_outcomes(passed=2)


def test_the_report_of_a_failure_gives_each_hint_once(run: Run) -> None:
    result = run(
        """
        import pytest
        import requests

        URL = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws/"

        @pytest.mark.parametrize("wanted", [403, 200])
        def test_it(lambda_mock, wanted):
            for _ in range(2):
                status = requests.get(URL, timeout=5).status_code
            assert status == wanted
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*- lambda hints -*", "*answered 403: there is no function URL of this name*"])
    assert result.stdout.str().count("there is no function URL") == 1


@pytest.mark.parametrize(("pause", "is_told"), [("pass", True), ("time.sleep(0.01)", False)])
def test_a_loop_that_waits_without_moving_the_clock_is_told_so(
    pytester: pytest.Pytester, run_inside: Run, pause: str, is_told: bool
) -> None:
    pytester.makepyfile(
        "import time\nimport boto3\n"
        "def test_it(lambda_mock):\n"
        '    client = boto3.client("lambda", region_name="us-east-1")\n'
        "    for _ in range(60):\n"
        "        client.list_functions()\n"
        f"        {pause}\n"
        "    assert False\n"
    )
    told = run_inside().stdout.str()
    hint = "The last 50 calls looked at what there is, and the clock stood still meanwhile: ListFunctions."
    assert (hint in told) is is_told


def test_the_report_of_a_failure_lists_the_faults_with_the_seed_of_the_random_ones(run: Run) -> None:
    result = run(
        """
        import pytest

        @pytest.mark.lambda_mock(seed=41)
        def test_it(lambda_mock):
            lambda_mock.faults.random(rate=0.5, errors=["ThrottlingException"])
            lambda_mock.faults.on_phase("create").fail("InternalError")
            assert False
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- lambda faults -*",
            "<Fault 50% of calls of *: one of ThrottlingException, seed 41; called 0>",
            "<Fault create: fails with InternalError; called 0>",
        ]
    )


def test_two_timelines_that_differ_are_compared_line_by_line(run: Run) -> None:
    result = run(
        """
        from lambda_states_mock import mock_lambda
        from create import create

        def timeline(seconds):
            with mock_lambda(start="2026-01-01T00:00:00Z", timings={"create": seconds}) as m:
                create()
                m.clock.run_until_idle()
            return m.timeline

        def test_it():
            assert timeline(2)[:2] == timeline(3)[:2]
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E * - expected, + found:",
            "E * 2026-01-01T00:00:00.000Z  orders  State: - -> Pending (Creating)  [[]CreateFunction]",
            "E *- 2026-01-01T00:00:03.000Z  orders  State: Pending -> Active  [[]create ended]",
            "E *+ 2026-01-01T00:00:02.000Z  orders  State: Pending -> Active  [[]create ended]",
        ]
    )


@pytest.mark.parametrize(("given", "limit"), [("7.5", "0:00:07.500000"), ("none", "None")])
def test_the_ini_file_sets_the_limit_of_hanging_code_for_all_mocks(
    pytester: pytest.Pytester, run: Run, given: str, limit: str
) -> None:
    pytester.makeini(f"[pytest]\nlambda_mock_hang_after = {given}\n")
    result = run(
        f"""
        from lambda_states_mock import mock_lambda

        def test_it(lambda_mock):
            assert str(lambda_mock.options.hang_after) == "{limit}"
            with mock_lambda(seed=3) as m:
                assert str(m.options.hang_after) == "{limit}"
            with mock_lambda(hang_after=1) as m:
                assert str(m.options.hang_after) == "0:00:01"
        """
    )

    result.assert_outcomes(passed=1)
    assert str(MockOptions.parse("mock_lambda", {}).hang_after) == "0:00:30"


def test_the_ini_file_has_every_request_made(pytester: pytest.Pytester, run: Run) -> None:
    before = MockOptions.parse("mock_lambda", {}).whole_requests  # what this run itself has
    pytester.makeini("[pytest]\nlambda_mock_whole_requests = true\nlambda_mock_hang_after = 7\n")
    result = run(
        """
        from lambda_states_mock import mock_lambda

        def test_it(lambda_mock):
            assert lambda_mock.options.whole_requests
            assert str(lambda_mock.options.hang_after) == "0:00:07"
            with mock_lambda(whole_requests=False) as m:
                assert not m.options.whole_requests
        """
    )

    result.assert_outcomes(passed=1)
    assert MockOptions.parse("mock_lambda", {}).whole_requests is before


def test_a_limit_in_the_ini_file_that_is_none_is_told(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makeini("[pytest]\nlambda_mock_hang_after = soon\n")

    result = run("")

    result.stderr.fnmatch_lines(["*lambda_mock_hang_after = soon: give seconds, or none for no limit*"])


def test_the_report_of_a_failure_shows_where_durable_executions_stand(run: Run) -> None:
    result = run(
        """
        import boto3

        ORDERS = {
            "FunctionName": "orders", "Runtime": "python3.13", "Handler": "app.handler",
            "Code": {"S3Bucket": "code", "S3Key": "k"}, "Role": "arn:aws:iam::123456789012:role/orders",
        }

        def test_it(lambda_mock):
            client = boto3.client("lambda", region_name="us-east-1")
            client.create_function(**ORDERS, DurableConfig={"ExecutionTimeout": 60})
            lambda_mock.clock.run_until_idle()

            def handler(event, context):
                client.checkpoint_durable_execution(
                    DurableExecutionArn=event["DurableExecutionArn"], CheckpointToken=event["CheckpointToken"],
                    Updates=[{"Id": "ask", "Name": "approval", "Type": "CALLBACK", "Action": "START"}],
                )
                return {"Status": "PENDING"}

            lambda_mock.handler("orders", call=handler)
            assert lambda_mock.durable("orders").run(name="one").status == "SUCCEEDED"
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- lambda durable executions that have not succeeded -*",
            "<durable execution one of orders: RUNNING>",
            "  approval  CALLBACK  STARTED",
        ]
    )
