"""`--max-requests` holds to the request: over keys, models and retries. The rest gets rules, and the summary says so."""

from __future__ import annotations

import random
import threading

import pytest

from agent.errors import RungUnavailable
from agent.gemini.allowance import Allowance
from agent.gemini.keys import KeyManager
from tests.cli.command import mianjing, rows, write_jsonl
from tests.twin import Quota, fake_key


LADDER = "gemini-2.5-flash-lite,gemini-2.5-flash"


@pytest.mark.parametrize(
    ("most", "options"),
    [
        (0, {}),
        (3, {}),
        (4, {"quotas": Quota(rpd=1)}),
        (2, {"fault": lambda asked: "503"}),
    ],
    ids=["none", "enough keys", "429s count too", "retries count too"],
)
def test_no_request_goes_beyond_it(twin, tmp_path, most, options):
    service = twin(projects={f"p{n}": [fake_key(n)] for n in (1, 2, 3)}, **options)
    file = write_jsonl(tmp_path / "posts.jsonl", rows(8))
    said = mianjing(
        *("extract", file, "--max-requests", str(most), "--pack", "1", "--models", LADDER),
        GEMINI_API_KEYS=",".join(service.keys),
        GOOGLE_GEMINI_BASE_URL=service.url,
    )
    assert len(service.generated) == most
    assert said.status == 3
    assert len(said.records) == 8
    assert "as many requests were sent as --max-requests allows" in said.err
    assert "No more requests may be sent; run the same command again" in said.err


def test_packs_are_made_so_that_it_suffices(twin, tmp_path):
    service = twin()
    file = write_jsonl(tmp_path / "posts.jsonl", rows(30))
    said = mianjing(
        *("extract", file, "--max-requests", "3", "--models", "gemini-2.5-flash", "-q"),
        GEMINI_API_KEYS=",".join(service.keys),
        GOOGLE_GEMINI_BASE_URL=service.url,
    )
    assert said.status == 0
    assert len(service.generated) <= 3


def test_an_allowance_counts_over_threads_and_never_gives_too_many():
    allowance = Allowance(50)
    granted = []

    def take() -> None:
        chance = random.Random(threading.get_ident())
        for _ in range(40):
            if allowance.take() is None:
                if chance.random() < 0.3:
                    allowance.give_back()
                else:
                    granted.append(1)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowance.sent == len(granted) <= 50
    assert allowance.left == 50 - len(granted)


def test_the_key_manager_lends_no_more_keys_than_allowed_and_takes_back_none_that_was_used(tmp_path):
    manager = KeyManager([fake_key(1)], home=tmp_path, allowance=Allowance(2))
    for _ in range(2):
        manager.lease("gemini-2.5-flash").served()
    with pytest.raises(RungUnavailable) as raised:
        manager.lease("gemini-2.5-flash")
    assert raised.value.reason == "max_requests"
    assert raised.value.until is None
    assert manager.allowance.sent == 2


def test_what_is_denied_for_another_reason_uses_up_nothing(tmp_path):
    manager = KeyManager([], home=tmp_path, allowance=Allowance(2))
    with pytest.raises(RungUnavailable) as raised:
        manager.lease("gemini-2.5-flash")
    assert raised.value.reason == "no_key"
    assert manager.allowance.left == 2
