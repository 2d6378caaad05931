"""The page at ``/``: the timeline, which asks this server for more of it, with buttons that move the clock."""

from __future__ import annotations

from lambda_states_mock.reporting.timeline_page import timeline_page
from lambda_states_mock.server.control_table import PREFIX
from lambda_states_mock.server.exchange import Asked, Reply
from lambda_states_mock.server.worlds import ServedWorld


def page(world: ServedWorld, asked: Asked) -> Reply:
    """Return the page that shows *world*, without the values of environment variables."""
    address = asked.target.partition("?")[0]
    if not address.endswith("/"):  # from where the page asks for what is below it
        return Reply(307, (("location", f"{address.rpartition('/')[2]}/"),))
    title = f"Lambda timeline of {world.name}" if world.name else "Lambda timeline"
    timeline = world.mock.timeline
    text = timeline_page(timeline.to_json(), title=title, plain=str(timeline), live=f"{PREFIX[1:]}/")
    return Reply(200, (("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store")), text.encode())
