"""The twin: Gemini's REST API on loopback, for the real client to be tested against.

    from tests.twin import Labelled, Model, Quota, Twin, VirtualClock, fake_key

    one, two, three = fake_key(1), fake_key(2), fake_key(3)
    clock = VirtualClock()                                    # or leave it: the wall clock
    with Twin(
        projects={"p1": [one, two], "p2": [three]},
        models=["gemini-2.5-flash", Model("gemini-9-flash", gone="retired")],   # default: DEFAULT_MODELS
        quotas={"gemini-2.5-flash": Quota(rpd=20, rpm=5, tpm=250_000)},         # default: no limits
        oracle=Labelled(rows),                                # rows of the corpus; others by a naive rule
        clock=clock,
    ) as twin:
        chat = ChatGoogleGenerativeAI(model="gemini-2.5-flash", api_key=one, base_url=twin.url, max_retries=1)
        twin.script[two] = "403_leaked"                       # a key, a model, (key, model), the n-th request, "*"
        twin.retire("gemini-2.5-flash")
        clock.advance(days=1)
        twin.requests, twin.outcomes, twin.wasted, twin.used("p1", "gemini-2.5-flash"), twin.peak

What a script says: any name in `shared/gemini_errors.json` (`NotRecorded` where that file is absent and the twin
does not build that body itself), or a fault: see `STATUS`, `WIRE`, `SAYS` in `tests.twin.faults`. `FaultPlan(1 / 3)`
as `fault=` spoils one request in three in every way; `poison={"MARKER": "blocked"}` whatever shows a post with that
marker; `Noisy(Labelled(rows))` is a bad model. An `oracle=` of your own is a function of `Asked` that returns a text,
an object (sent as JSON) or an `Answer`; a `fault=` one that returns a `Fault`, its name or None.

In pytest the fixture `twin` makes them: `served = twin(quotas=Quota(rpd=20))`; `tests.twin.client` has the bare real
client. As a process of its own: `tests.twin.process.TwinProcess(config)`, or `python -m tests.twin --config FILE`.
"""

from __future__ import annotations

from tests.twin.asked import Answer, Asked, Oracle, ShownPost
from tests.twin.bodies import NotRecorded, Recorded, recorded
from tests.twin.clock import VirtualClock, next_pacific_midnight, pacific_day
from tests.twin.faults import SAYS, STATUS, WIRE, Fault, FaultPlan
from tests.twin.keys import fake_key
from tests.twin.log import Seen
from tests.twin.models import DEFAULT_MODELS, Model
from tests.twin.noise import Noisy
from tests.twin.oracle import Labelled, naive
from tests.twin.quotas import Quota
from tests.twin.server import Twin
from tests.twin.service import BATCH, LIST


__all__ = [
    "BATCH",
    "DEFAULT_MODELS",
    "LIST",
    "SAYS",
    "STATUS",
    "WIRE",
    "Answer",
    "Asked",
    "Fault",
    "FaultPlan",
    "Labelled",
    "Model",
    "Noisy",
    "NotRecorded",
    "Oracle",
    "Quota",
    "Recorded",
    "Seen",
    "ShownPost",
    "Twin",
    "VirtualClock",
    "fake_key",
    "naive",
    "next_pacific_midnight",
    "pacific_day",
    "recorded",
]
