"""What botocore makes anew for each session and client, and what is the same each time: made once for all tests.

It forgets models with each session, and moto makes a new one for each mock. Nothing here changes what a client does.
"""

from __future__ import annotations

import inspect
import os
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from types import FunctionType
from typing import Any

import botocore.client
import botocore.endpoint
import botocore.hooks
import botocore.httpsession
import botocore.regions
import botocore.useragent
from botocore.hooks import EventAliaser, NodeList
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel


@contextmanager
def shared() -> Iterator[None]:
    """Let all clients share what they have alike."""
    with ExitStack() as undo:
        _share_models(undo)
        _share_what_models_lead_to(undo)
        _share_names_of_events(undo)
        _copy_handlers_when_they_change(undo)
        _ask_code_what_handlers_accept(undo)
        _clean_names_for_user_agents_once(undo)
        _look_for_proxies_once(undo)
        _share_context_of_tls(undo)
        yield


def _replace(undo: ExitStack, owner: Any, name: str, value: Any) -> None:
    undo.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value)


def _share_models(undo: ExitStack) -> None:
    """List and read the models once, and look through each once: they are many, and large."""
    read, listed = JSONFileLoader.load_file, Loader.list_available_services

    @cache
    def known(path: str) -> Any:
        return read(JSONFileLoader(), path)

    @cache
    def known_services(type_name: str, *folders: str) -> list[str]:
        found: list[str] = listed(Loader(extra_search_paths=[*folders], include_default_search_paths=False), type_name)
        return found

    models: dict[tuple[int, str | None], tuple[Any, ServiceModel]] = {}

    def model_of(document: Any, service_name: str | None = None) -> ServiceModel:
        key = id(document), service_name  # of no other one, since it is held
        if key not in models:
            models[key] = document, ServiceModel(document, service_name)
        return models[key][1]

    _replace(undo, JSONFileLoader, "load_file", lambda _self, path: known(path))
    _replace(undo, botocore.client, "ServiceModel", model_of)
    _replace(
        undo,
        Loader,
        "list_available_services",
        lambda self, type_name: [*known_services(type_name, *self.search_paths)],
    )


def _share_what_models_lead_to(undo: ExitStack) -> None:
    """Make the methods of a service's clients once, and the rules that say where they call."""
    creator: Any = botocore.client.ClientCreator
    regions: Any = botocore.regions
    make, make_provider = creator._create_methods, regions.EndpointProvider
    methods: dict[int, tuple[ServiceModel, dict[str, Any]]] = {}
    providers: dict[tuple[int, int, frozenset[str]], tuple[Any, Any, Any]] = {}

    def methods_of(self: Any, model: ServiceModel) -> dict[str, Any]:
        if id(model) not in methods:
            methods[id(model)] = model, make(self, model)
        return dict(methods[id(model)][1])

    def provider_of(ruleset_data: Any, partition_data: Any, excluded_params: Any = None, **more: Any) -> Any:
        key = id(ruleset_data), id(partition_data), frozenset(excluded_params or ())
        if key not in providers:
            left_out = {} if excluded_params is None else {"excluded_params": excluded_params}  # a botocore may lack it
            made = make_provider(ruleset_data=ruleset_data, partition_data=partition_data, **left_out, **more)
            providers[key] = ruleset_data, partition_data, made
        return providers[key][2]

    _replace(undo, creator, "_create_methods", methods_of)
    _replace(undo, regions, "EndpointProvider", provider_of)


def _share_names_of_events(undo: ExitStack) -> None:
    """Look each name of an event up once among the old names of services, of which there are many."""
    aliaser: Any = EventAliaser
    begin, copied = aliaser.__init__, aliaser.__copy__
    usual: dict[str, str] = {}

    def begun(self: Any, event_emitter: Any, event_aliases: Any = None) -> None:
        begin(self, event_emitter, event_aliases)
        if event_aliases is None:
            self._alias_name_cache = usual

    def copy_of(self: Any) -> Any:
        another = copied(self)
        another._alias_name_cache = self._alias_name_cache
        return another

    _replace(undo, aliaser, "__init__", begun)
    _replace(undo, aliaser, "__copy__", copy_of)


def _copy_handlers_when_they_change(undo: ExitStack) -> None:
    """Copy the handlers of events, which each session and client does, as far as one is added or removed afterwards."""
    hooks: Any = botocore.hooks
    trie = hooks._PrefixTrie
    append, remove = trie.append_item, trie.remove_item

    def copied(self: Any) -> Any:
        another = self.__class__.__new__(self.__class__)
        another._root = self._root
        self._own, another._own = {}, {}  # nodes that no other one has: by their ids, and held, so that these last
        return another

    def take(self: Any, node: dict[str, Any]) -> dict[str, Any]:
        if id(node) in self._own:
            return node
        values = node["values"]
        taken = {
            **node,
            "children": {**node["children"]},
            "values": None if values is None else NodeList([*values.first], [*values.middle], [*values.last]),
        }
        self._own[id(taken)] = taken
        return taken

    def take_path(self: Any, key: str) -> None:
        if "_own" not in vars(self):  # it was never copied
            return
        self._root = node = take(self, self._root)
        for part in key.split("."):
            if part not in node["children"]:
                return
            node["children"][part] = node = take(self, node["children"][part])

    def append_item(self: Any, key: str, *rest: Any, **named: Any) -> None:
        take_path(self, key)
        append(self, key, *rest, **named)

    def remove_item(self: Any, key: str, value: Any) -> None:
        take_path(self, key)
        remove(self, key, value)

    _replace(undo, trie, "__copy__", copied)
    _replace(undo, trie, "append_item", append_item)
    _replace(undo, trie, "remove_item", remove_item)


def _ask_code_what_handlers_accept(undo: ExitStack) -> None:
    """Let the code of a handler say whether it takes any keyword: a session has more than a hundred of them."""
    hooks: Any = botocore.hooks
    asked = hooks.accepts_kwargs

    def accepts_kwargs(handler: Any) -> Any:
        function = getattr(handler, "__func__", handler)
        if type(function) is FunctionType and not hasattr(function, "__signature__"):
            return bool(function.__code__.co_flags & inspect.CO_VARKEYWORDS)
        return asked(handler)

    _replace(undo, hooks, "accepts_kwargs", accepts_kwargs)


def _clean_names_for_user_agents_once(undo: ExitStack) -> None:
    """Look at the letters of each part of a user agent once."""
    user_agents: Any = botocore.useragent
    if hasattr(user_agents, "sanitize_user_agent_string_component"):  # which botocore 1.34 has
        _replace(
            undo,
            user_agents,
            "sanitize_user_agent_string_component",
            cache(user_agents.sanitize_user_agent_string_component),
        )


def _look_for_proxies_once(undo: ExitStack) -> None:
    """Look once whether the environment names a proxy, instead of four times, for each client."""
    endpoint: Any = botocore.endpoint
    ask = endpoint.get_environ_proxies

    def get_environ_proxies(url: str) -> Any:
        is_all = urllib.request.getproxies is urllib.request.getproxies_environment  # not of Windows or macOS
        if is_all and not any(name[-6:].lower() == "_proxy" for name in os.environ):
            return {}
        return ask(url)

    _replace(undo, endpoint, "get_environ_proxies", get_environ_proxies)


def _share_context_of_tls(undo: ExitStack) -> None:
    """Give all connections of botocore one context, and those of others no certificates: no test encrypts any."""
    session: Any = botocore.httpsession.URLLib3Session
    made = cache(botocore.httpsession.create_urllib3_context)
    _replace(undo, session, "_get_ssl_context", lambda _self: made())
    context: Any = ssl.SSLContext
    _replace(undo, context, "load_default_certs", lambda _self, purpose=None: None)
    context.load_verify_locations = lambda _self, cafile=None, capath=None, cadata=None: None
    undo.callback(delattr, context, "load_verify_locations")  # it has what a class written in C has
