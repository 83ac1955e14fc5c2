"""The API itself: one HTTP request in, one reply out; keeps the books and the log, knows nothing of sockets."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import UserDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.twin import bodies, control
from tests.twin.answers import EVENTS, as_events, prompt_tokens
from tests.twin.asked import Asked, Oracle, shown_posts
from tests.twin.batch import Batches
from tests.twin.checks import request_trouble
from tests.twin.clock import Clock, wall_clock
from tests.twin.faults import SAYS, STATUS, Fault, FaultSource, as_fault, on_the_wire
from tests.twin.http import HttpRequest, Reply
from tests.twin.log import Log, Seen
from tests.twin.models import Model, catalogue
from tests.twin.oracle import Labelled
from tests.twin.quotas import Quota, Quotas
from tests.twin.speaker import Speaker


_MODELS = re.compile(r"(?:/v1\w*)?/models(?:/([^/:]+))?(?::(\w+))?$")
_GENERATE = {"generateContent", "streamGenerateContent"}
_BATCH = "batchGenerateContent"
LIST, BATCH = "models.list", "models.batch"
"""The names that the model list and the submitting of batches have in a script."""
_BESIDE = {"list": LIST, _BATCH: BATCH}

Latency = Callable[[random.Random], float]
ScriptPlace = int | str | tuple[str, str]


class Script(UserDict[ScriptPlace, "Fault | str"]):
    """What is answered whatever the quotas say: to the n-th generate request, to a (key, model), a key, a model, or `*`.

    The answer is a fault or its name, or the name of a published body. `models.list` and `models.batch` may stand
    for a model; through a key or `*` they are told only what concerns the key itself (400, 401, 403).
    """

    def __setitem__(self, place: ScriptPlace, fault: Fault | str) -> None:
        super().__setitem__(place, fault if isinstance(fault, Fault) else Fault(fault))

    def at(self, n: int, key: str, model: str) -> Fault | None:
        places: tuple[ScriptPlace, ...] = (n, (key, model), key, model, "*")
        found = next((self.data[place] for place in places if place in self.data), None)
        return as_fault(found)

    def beside(self, key: str, what: str) -> Fault | None:
        """What is told of `LIST` or `BATCH`: their own script, else what concerns the key whatever it asks for."""
        if own := self.data.get((key, what)) or self.data.get(what):
            return as_fault(own)
        told = as_fault(self.data.get(key) or self.data.get("*"))
        return told if told and told.is_of_key else None


@dataclass(frozen=True, slots=True)
class _Call:
    """One request on its way through the service."""

    http: HttpRequest
    asked: Asked
    method: str
    tokens: int = 0


@dataclass(slots=True)
class Service:
    """Everything that the twin knows; see `tests.twin.Twin` for what the fields mean."""

    projects: dict[str, Sequence[str]]
    models: dict[str, Model]
    quotas: Quotas
    speaker: Speaker
    fault: FaultSource | None = None
    poison: Mapping[str, Fault | str] = field(default_factory=dict)
    clock: Clock = wall_clock
    latency: float | Latency = 0.0
    counts_failures: bool = True
    min_deadline: float = 10.0
    payload_limit: int = 20 * 2**20
    page_size: int = 50
    elsewhere: str = ""
    script: Script = field(default_factory=Script)
    log: Log = field(default_factory=Log)
    chance: random.Random = field(default_factory=random.Random)
    _n: int = 0
    batches: Batches = field(default_factory=Batches)

    @classmethod
    def of(
        cls,
        *,
        projects: Mapping[str, Sequence[str]],
        models: Iterable[Model | str] | None,
        quotas: Quota | Mapping[str, Quota] | None,
        oracle: Oracle | None,
        thoughts: int,
        implicit_cache: bool,
        seed: int,
        keep: int | None,
        **more: Any,
    ) -> Service:
        chance = random.Random(seed)
        speaker = Speaker(oracle or Labelled(), thoughts, implicit_cache, chance)
        return cls(dict(projects), catalogue(models), Quotas(quotas), speaker, log=Log(keep), chance=chance, **more)

    def answer(self, http: HttpRequest) -> Reply:
        """The reply, and its line in the log."""
        if http.path.startswith(control.PREFIX):
            return control.controlled(self, http)
        found = _MODELS.match(http.path)
        if not found:
            return self.batches.answer(self, http) or Reply.of_json(
                404, bodies.error(404, "NOT_FOUND", f"no such path: {http.path}")
            )
        model, method = found[1] or "", found[2] or ("get" if found[1] else "list")
        asked, is_json = self._asked(http, model, method)
        call = _Call(http, asked, method, prompt_tokens(asked.body))
        if not is_json:
            return self._error(call, "invalid", bodies.invalid("Invalid JSON payload received."))
        return self._routed(call)

    def _asked(self, http: HttpRequest, model: str, method: str) -> tuple[Asked, bool]:
        """The request parsed, and whether its body was a JSON object."""
        self._n += method in _GENERATE
        try:
            body = json.loads(http.body or b"{}")
        except ValueError:
            body = None
        is_json = isinstance(body, dict)
        body = body if is_json else {}
        n, stream = self._n if method in _GENERATE else 0, method == "streamGenerateContent"
        return Asked(n, model, http.key, self.project_of(http.key), body, shown_posts(body), stream=stream), is_json

    def project_of(self, key: str) -> str:
        return next((name for name, keys in self.projects.items() if key in keys), "")

    def _routed(self, call: _Call) -> Reply:
        if refused := self._key_trouble(call):
            return refused
        if call.method in _GENERATE:
            return self._generated(call)
        if call.method == "list":
            return self._listed(call)
        model = self.models.get(call.asked.model)
        if model is None:
            return self._error(call, "model_unknown", bodies.model_unknown(call.asked.model, call.method))
        if call.method == _BATCH:
            refused = self._model_trouble(call)
            return refused or self._told(call, self.batches.submit(self, call.asked), "ok")
        value = model.card() if call.method == "get" else {"totalTokens": call.tokens}
        return self._told(call, Reply.of_json(200, value), "ok")

    def _key_trouble(self, call: _Call) -> Reply | None:
        key = call.asked.key
        if call.asked.n:
            scripted = self.script.at(call.asked.n, key, call.asked.model)
        else:
            scripted = self.script.beside(key, _BESIDE.get(call.method, call.method))
        if scripted and (scripted.is_of_key or not call.asked.n):
            return self._scripted(call, scripted) if scripted.has_body else self._on_the_wire(call, scripted)
        if not key:
            return self._error(call, "403_no_key", bodies.OWN["403_no_key"])
        if not call.asked.project:
            return self._error(call, "400_api_key_invalid", bodies.OWN["400_api_key_invalid"])
        return None

    def _generated(self, call: _Call) -> Reply:
        asked = call.asked
        fault = self._fault_of(asked)
        if fault and fault.kind in {"html", "redirect"}:
            return self._on_the_wire(call, fault)
        if refused := self._model_trouble(call) or self._request_trouble(call):
            return refused
        model = self.models[asked.model]
        if fault and fault.has_body and not fault.is_counted():
            return self._scripted(call, fault)
        now = self.clock()
        if violations := self.quotas.violations(asked.project, model.counted_as, call.tokens, now):
            body = bodies.quota_exceeded(violations, model.counted_as, self.chance)
            per_day = any(one.window == "day" for one in violations)
            outcome = "limit_0" if not violations[0].limit else "quota_day" if per_day else "quota_minute"
            return self._error(call, outcome, body)
        counted = fault is None or (fault.is_counted() and (self.counts_failures or fault.is_answer))
        if counted:
            self.quotas.count(asked.project, model.counted_as, call.tokens, now)
        if fault and fault.has_body:
            return self._scripted(call, fault, counted=counted)
        return self._served(call, model, fault, counted=counted)

    def batched(self, asked: Asked) -> tuple[int, Any]:
        """Status and body for one line of a batch; it goes past quotas and log, and knows no faults on the wire."""
        fault = self._fault_of(asked)
        if fault and fault.has_body:
            return bodies.published(fault.body_name, key=asked.key, project_number=project_number(asked.project))
        said = self.speaker.say(asked, self.models[asked.model], prompt_tokens(asked.body), fault)
        return 200, said.response

    def _fault_of(self, asked: Asked) -> Fault | None:
        if scripted := self.script.at(asked.n, asked.key, asked.model):
            return scripted
        for marker, fault in self.poison.items():
            if any(marker in post.text for post in asked.posts):
                return as_fault(fault)
        return as_fault(self.fault(asked)) if self.fault else None

    def _model_trouble(self, call: _Call) -> Reply | None:
        asked = call.asked
        model = self.models.get(asked.model)
        if model is None or not model.generates:
            return self._error(call, "model_unknown", bodies.model_unknown(asked.model, call.method))
        if model.gone == "retired":
            return self._error(call, "model_retired", bodies.model_retired(asked.model))
        if model.gone == "closed" and asked.project not in model.open_to:
            return self._error(call, "model_closed", bodies.model_closed(asked.model, model.successor))
        return None

    def _request_trouble(self, call: _Call) -> Reply | None:
        model = self.models[call.asked.model]
        trouble = request_trouble(
            call.http,
            call.asked,
            call.tokens,
            model,
            min_deadline=self.min_deadline,
            payload_limit=self.payload_limit,
        )
        return self._error(call, "invalid", bodies.invalid(trouble)) if trouble else None

    def _served(self, call: _Call, model: Model, fault: Fault | None, *, counted: bool) -> Reply:
        said = self.speaker.say(call.asked, model, call.tokens, fault)
        outcome = fault.kind if fault else "cut" if said.cut else "ok"
        if call.asked.stream and call.http.query.get("alt") == "sse":
            reply = Reply(chunks=as_events(said.pieces()), content_type=EVENTS)
        else:
            value = [said.response] if call.asked.stream else said.response
            reply = Reply.of_json(200, value)
        reply = replace(reply, seconds=self._seconds())
        if fault and fault.kind not in SAYS:
            return self._on_the_wire(call, fault, reply, counted=counted)
        return self._told(call, reply, outcome, counted=counted, output=said.usage.output)

    def _seconds(self) -> float:
        return self.latency if isinstance(self.latency, int | float) else self.latency(self.chance)

    def _listed(self, call: _Call) -> Reply:
        query = call.http.query
        listed = [model.card() for model in self.models.values() if model.listed]
        size = min(int(query.get("pageSize") or self.page_size), self.page_size)
        start = int(query.get("pageToken") or 0)
        page: dict[str, Any] = {"models": listed[start : start + size]}
        if start + size < len(listed):
            page["nextPageToken"] = str(start + size)
        return self._told(call, Reply.of_json(200, page), "ok")

    def _on_the_wire(self, call: _Call, fault: Fault, reply: Reply | None = None, *, counted: bool = False) -> Reply:
        made = on_the_wire(fault, reply or Reply(), self.elsewhere + call.http.path, self.chance)
        return self._told(call, made, fault.kind, counted=counted)

    def _scripted(self, call: _Call, fault: Fault, *, counted: bool = False) -> Reply:
        asked = call.asked
        number = project_number(asked.project)
        status, body = bodies.published(fault.body_name, key=asked.key, project_number=number)
        seconds = self._seconds() if status == 200 or status >= 500 else 0.0
        if status == 200 and asked.stream:
            reply = Reply(chunks=as_events([body]), content_type=EVENTS, seconds=seconds)
        else:
            reply = Reply.of_json(status, body, seconds=seconds)
        return self._told(call, reply, fault.kind if fault.kind in STATUS else fault.body_name, counted=counted)

    def _error(self, call: _Call, outcome: str, body: Mapping[str, Any]) -> Reply:
        return self._told(call, Reply.of_json(body["error"]["code"], body), outcome)

    def _told(self, call: _Call, reply: Reply, outcome: str, *, counted: bool = False, output: int = 0) -> Reply:
        asked = call.asked
        self.log.add(
            Seen(
                asked.n,
                self.clock(),
                asked.key,
                asked.project,
                asked.model,
                call.method,
                0 if reply.wire in {"drop", "hang"} else reply.status,
                outcome,
                counted,
                call.http.headers,
                asked.body,
                tuple(post.id for post in asked.posts),
                call.tokens,
                output,
            )
        )
        return reply


def project_number(project: str) -> str:
    """The number that the service calls a project by: twelve digits, the same for the same name."""
    return str(10**11 + int(hashlib.sha256(project.encode()).hexdigest(), 16) % (9 * 10**11))
