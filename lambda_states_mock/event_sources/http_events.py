"""Requests to API Gateway and load balancers, which answer them by what a function answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from lambda_states_mock.event_sources.event_maker import Event, EventMaker, names_its_fields
from lambda_states_mock.event_sources.events import http_fronts as fronts
from lambda_states_mock.invocation.url_format import UrlResponse, event_of

Headers = Mapping[str, str | Sequence[str]]


class HttpEvents(EventMaker):
    """The front ends of ``m.events``. Sent, their events give an `HttpAnswer`."""

    @names_its_fields
    def api_gateway(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        headers: Headers | None = None,
        query: str | Mapping[str, Any] | None = None,
        body: str | bytes | None = None,
        resource: str = "/{proxy+}",
        path_parameters: Mapping[str, str] | None = None,
        stage: str = "prod",
        stage_variables: Mapping[str, str] | None = None,
        authorizer: Mapping[str, Any] | None = None,
    ) -> Event:
        """A request to a REST API with a proxy integration (payload format 1.0).

        Parameters: *query*, text or a mapping to values or lists; *body*, bytes go in base64; *authorizer*, the context
        of one.
        """
        made = fronts.rest_event(
            method,
            path,
            headers=headers or {},
            query=fronts.query_text(query),
            body=body,
            resource=resource,
            path_parameters=path_parameters or ({"proxy": path.lstrip("/")} if resource == "/{proxy+}" else None),
            stage=stage,
            stage_variables=stage_variables,
            authorizer=authorizer,
            **self._origin(),
        )
        return self._http(made, "API Gateway", "apigateway.amazonaws.com", fronts.rest_answer, refused=500)

    @names_its_fields
    def api_gateway_custom(
        self, body: Mapping[str, Any] | None = None, *, selection_patterns: Mapping[str, int] | None = None
    ) -> Event:
        """What a REST API with a custom integration (type ``AWS``) sends: the request's body, or what a template made.

        Parameters: *selection_patterns*, of its integration responses, with the status of each. They are matched with
        the whole message of a function's error; without a match, the status is 200.
        """
        patterns = {**(selection_patterns or {})}
        for one in patterns:
            _check_pattern(one)
        answer = partial(fronts.custom_answer, patterns=patterns)
        return self._http(body or {}, "API Gateway", "apigateway.amazonaws.com", answer, refused=500)

    @names_its_fields
    def http_api(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        headers: Headers | None = None,
        query: str | Mapping[str, Any] | None = None,
        body: str | bytes | None = None,
        route: str = "$default",
        path_parameters: Mapping[str, str] | None = None,
        stage: str = "$default",
    ) -> Event:
        """A request to an HTTP API (payload format 2.0)."""
        asked = fronts.request_of(method, path, headers=headers or {}, query=fronts.query_text(query), body=body)
        domain = f"{self._chance.token(10)}.execute-api.{self._home.region}.amazonaws.com"
        made = json.loads(
            event_of(asked, domain=domain, request_id=self._chance.uuid(), now=self._clock.now, caller=None)
        )
        context = made["requestContext"]
        del context["authentication"]
        context |= {"accountId": self._home.account, "routeKey": route, "stage": stage}
        made |= {"routeKey": route}
        if path_parameters:
            made["pathParameters"] = dict(path_parameters)
        made = {name: value for name, value in made.items() if value is not None}
        return self._http(made, "API Gateway", "apigateway.amazonaws.com", fronts.http_answer, refused=500)

    @names_its_fields
    def load_balancer(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        headers: Headers | None = None,
        query: str | Mapping[str, Any] | None = None,
        body: str | bytes | None = None,
        multi_value: bool = False,
    ) -> Event:
        """A request to a function behind a load balancer. Parameters: *multi_value*, of the target group."""
        group = self._arn("elasticloadbalancing", f"targetgroup/functions/{self._chance.hex(16)}")
        made = fronts.load_balancer_event(
            method,
            path,
            headers=headers or {},
            query=fronts.query_text(query),
            body=body,
            target_group_arn=group,
            multi_value=multi_value,
        )
        service, unasked = "elasticloadbalancing.amazonaws.com", fronts.too_large_for_load_balancer(body)
        return self._http(made, "Load balancer", service, fronts.load_balancer_answer, refused=502, unasked=unasked)

    @names_its_fields
    def authorizer(
        self,
        token: str | None = None,
        *,
        method: str = "GET",
        path: str = "/",
        headers: Headers | None = None,
        query: str | Mapping[str, Any] | None = None,
        stage: str = "prod",
        simple: bool = False,
    ) -> Event:
        """What API Gateway asks an authorizer: with a *token*, or without one about the whole request.

        An empty token is a request without one, which API Gateway refuses without asking. Sent, it gives the status by
        which API Gateway goes on: 200, 401, 403 or 500. Parameters: *simple*, of an HTTP API whose authorizer answers
        ``isAuthorized``.
        """
        api = self._chance.token(10)
        arn = self._arn("execute-api", f"{api}/{stage}/{method}{path}")
        if token is not None:
            made: dict[str, Any] = {"type": "TOKEN", "authorizationToken": token, "methodArn": arn}
        else:
            whole = fronts.rest_event(
                method,
                path,
                headers=headers or {},
                query=fronts.query_text(query),
                body=None,
                resource=path,
                path_parameters=None,
                stage=stage,
                stage_variables=None,
                authorizer=None,
                **self._origin(),
            )
            left_out = {"body", "isBase64Encoded"}
            made = {"type": "REQUEST", "methodArn": arn}
            made |= {name: value for name, value in whole.items() if name not in left_out}

        def answer(payload: bytes, error: str | None) -> UrlResponse:
            return fronts.authorizer_answer(payload, error, method_arn=arn, simple=simple)

        unasked = fronts.UNAUTHORIZED if token == "" else None
        return self._http(made, "API Gateway", "apigateway.amazonaws.com", answer, refused=500, unasked=unasked)


def _check_pattern(pattern: str) -> None:
    """Raise ValueError for a *pattern* that is no regular expression."""
    __tracebackhide__ = True
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f'selection pattern "{pattern}" is no regular expression: {error}.') from None
