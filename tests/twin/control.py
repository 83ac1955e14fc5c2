"""How another process looks into a twin and turns its clock: `/_twin/…` beside the API."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from tests.twin.clock import VirtualClock
from tests.twin.http import HttpRequest, Reply
from tests.twin.quotas import Quota


if TYPE_CHECKING:
    from tests.twin.service import Service

PREFIX = "/_twin/"


def controlled(service: Service, http: HttpRequest) -> Reply:
    """`GET counts`, `GET requests`; `POST advance`, `script`, `retire`, `quotas` with a JSON object."""
    what = http.path.removeprefix(PREFIX)
    told: dict[str, Any] = json.loads(http.body) if http.body else {}
    match what:
        case "counts":
            return Reply.of_json(200, counts(service))
        case "requests":
            return Reply.of_json(200, [{**asdict(seen), "at": seen.at.isoformat()} for seen in service.log.seen])
        case "advance" if isinstance(service.clock, VirtualClock):
            service.clock.advance(told["seconds"])
        case "script":
            service.script.update(told)
        case "retire":
            service.models[told["model"]] = replace(service.models[told["model"]], gone="retired")
        case "quotas":
            service.quotas.limits.update({place: Quota(**limits) for place, limits in told.items()})
        case _:
            return Reply.of_json(404, {"error": {"code": 404, "message": what, "status": "NOT_FOUND"}})
    return Reply.of_json(200, {})


def counts(service: Service) -> dict[str, Any]:
    """Everything that is counted; `used` by `project/bucket`."""
    now = service.clock()
    ever = service.quotas.used_ever()
    return {
        "requests": sum(service.log.outcomes.values()),
        "outcomes": dict(service.log.outcomes),
        "wasted": dict(service.log.wasted),
        "peak": service.log.peak,
        "in_flight": service.log.in_flight,
        "used_ever": {"/".join(place): used for place, used in ever.items()},
        "used_today": {"/".join(place): service.quotas.used_today(*place, now) for place in ever},
        "now": now.isoformat(),
    }
