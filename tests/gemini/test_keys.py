"""The key manager reads keys, leases them, and tells how keys, quotas and models stand, at no cost of quota."""

from __future__ import annotations

import copy
import logging
import pickle
from datetime import timedelta
from pathlib import Path

import pytest

from agent.errors import RungUnavailable, UsageError
from agent.gemini.keys import KeyManager
from agent.gemini.verdict import Scope, Verdict
from agent.records import Attempt
from tests.gemini.bench import MODEL, NOON, day_is_spent
from tests.twin import LIST, Model, Twin, VirtualClock, fake_key
from tests.twin.client import Twins


ONE, TWO, THREE = fake_key(1), fake_key(2), fake_key(3)


def manager(home: Path, *keys: str, **options: object) -> KeyManager:
    return KeyManager(list(keys) or None, home=home, **{"clock": VirtualClock(NOON), **options})  # type: ignore[arg-type]


class TestLeases:
    def test_a_lease_says_which_key_and_model(self, tmp_path: Path) -> None:
        lease = manager(tmp_path, f"mine={ONE}").lease(MODEL)
        assert lease.key.get_secret_value() == ONE
        assert (lease.fingerprint, lease.model, lease.project) == (f"…{ONE[-4:]}", MODEL, "name:mine")

    def test_where_no_key_can_serve_every_one_is_named_and_why(self, tmp_path: Path) -> None:
        keys = manager(tmp_path, ONE, TWO)
        keys.lease(MODEL).failed(day_is_spent())
        keys.lease(MODEL).failed(Verdict(Scope.KEY, "key_leaked"))
        with pytest.raises(RungUnavailable) as raised:
            keys.lease(MODEL)
        error = raised.value
        assert (error.model, error.reason, error.until) == (MODEL, "quota_day", NOON + timedelta(hours=12))
        assert error.attempts == (
            Attempt(model=MODEL, key=f"…{ONE[-4:]}", outcome="quota_day"),
            Attempt(model=MODEL, key=f"…{TWO[-4:]}", outcome="key_leaked"),
        )
        assert "day's quota" in str(error)

    def test_without_any_key_it_says_how_to_get_one(self, tmp_path: Path) -> None:
        with pytest.raises(RungUnavailable, match="aistudio") as raised:
            manager(tmp_path).lease(MODEL)
        assert raised.value.reason == "no_key"

    def test_what_costs_no_quota_needs_a_key_that_is_not_out(self, tmp_path: Path) -> None:
        with pytest.raises(RungUnavailable, match="mianjing keys add"):
            manager(tmp_path).any_key(MODEL)
        keys = manager(tmp_path, ONE, TWO)
        keys.lease(MODEL).failed(Verdict(Scope.KEY, "key_leaked"))
        assert keys.any_key(MODEL).get_secret_value() == TWO
        keys.lease(MODEL).failed(Verdict(Scope.KEY, "key_expired"))
        with pytest.raises(RungUnavailable) as raised:
            keys.any_key(MODEL)
        assert (raised.value.model, raised.value.reason) == (MODEL, "key_leaked")

    def test_keys_that_appear_later_are_found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        keys = manager(tmp_path)
        with pytest.raises(RungUnavailable):
            keys.lease(MODEL)
        monkeypatch.setenv("GEMINI_API_KEY", ONE)
        assert keys.lease(MODEL).key.get_secret_value() == ONE

    def test_while_the_first_is_under_way_the_next_is_asked_to_come_again(self, tmp_path: Path) -> None:
        keys = manager(tmp_path, ONE)
        first = keys.lease(MODEL)
        with pytest.raises(RungUnavailable) as raised:
            keys.lease(MODEL)
        assert raised.value.reason == "busy"
        first.served()
        keys.lease(MODEL)

    def test_an_answer_is_not_lost_because_the_ledger_cannot_be_written(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        lease = manager(tmp_path / "home", ONE).lease(MODEL)
        lease._ledger.close()
        (tmp_path / "home").rename(tmp_path / "away")
        (tmp_path / "home").write_text("in the way")
        lease.served(12)
        assert "could not be noted" in caplog.text


class TestTheWay:
    """What is wrong with the way to the service is no key's fault, and remembered by this program alone."""

    def test_a_location_that_is_not_served_stops_everything_at_once(self, tmp_path: Path) -> None:
        keys = manager(tmp_path, ONE, TWO)
        assert keys.lease(MODEL).failed(Verdict(Scope.SERVICE, "location", here_only=True)) is None
        with pytest.raises(RungUnavailable, match="HTTPS_PROXY") as raised:
            keys.lease("another-model")
        assert (raised.value.reason, raised.value.until) == ("location", None)
        assert {row.state for row in keys.list()} == {"untried"}
        manager(tmp_path, ONE, TWO).lease(MODEL)

    def test_an_unreachable_service_is_tried_again_by_one_request_after_a_growing_pause(self, tmp_path: Path) -> None:
        clock = VirtualClock(NOON)
        keys = manager(tmp_path, ONE, clock=clock)
        unreachable = Verdict(Scope.SERVICE, "unreachable", here_only=True)
        keys.lease(MODEL).served()
        pauses = []
        for _ in range(5):
            until = keys.lease(MODEL).failed(unreachable)
            assert until
            pauses.append((until - clock()).total_seconds())
            clock.advance(pauses[-1] + 0.001)
        assert pauses == sorted(pauses)
        trial = keys.lease(MODEL)
        with pytest.raises(RungUnavailable, match="cannot be reached"):
            keys.lease(MODEL)
        trial.dropped()
        trial = keys.lease(MODEL)
        clock.advance(31)
        keys.lease(MODEL)
        trial.served()
        keys.lease(MODEL)


class TestStoredKeys:
    def test_they_are_added_listed_and_removed(self, tmp_path: Path) -> None:
        keys = manager(tmp_path)
        assert keys.add(f"mine={ONE}").project == "mine"
        keys.add(TWO)
        assert [(row.key, row.source, row.state) for row in keys.list()] == [
            (f"…{ONE[-4:]}", "keys.json", "untried"),
            (f"…{TWO[-4:]}", "keys.json", "untried"),
        ]
        assert keys.remove("mine") == 1
        assert keys.remove(f"…{TWO[-4:]}") == 1
        assert list(keys.list()) == []

    @pytest.mark.parametrize("name", ["", "…", "nobody's", "0000"])
    def test_what_is_not_stored_cannot_be_removed(self, tmp_path: Path, name: str) -> None:
        keys = manager(tmp_path)
        keys.add(ONE)
        with pytest.raises(UsageError, match="keys list"):
            keys.remove(name)
        assert len(keys.list()) == 1

    def test_a_key_added_again_is_tried_again(self, tmp_path: Path) -> None:
        keys = manager(tmp_path)
        keys.add(ONE)
        keys.lease(MODEL).failed(Verdict(Scope.KEY, "key_invalid"))
        assert keys.list()[0].why.startswith("the key is not valid")
        keys.add(ONE)
        assert keys.list()[0].state == "untried"

    def test_a_row_says_since_when_a_key_is_out(self, tmp_path: Path) -> None:
        keys = manager(tmp_path, ONE)
        keys.lease(MODEL).failed(Verdict(Scope.PROJECT, "credit_gone"))
        row = keys.list()[0]
        assert (row.state, row.reason, row.since) == ("out", "credit_gone", NOON)


class TestChecks:
    @pytest.mark.parametrize(
        ("answer", "verdict"),
        [
            (None, "valid"),
            ("400_api_key_expired", "key_expired"),
            ("403_leaked", "key_leaked"),
            ("403_consumer_suspended", "project_suspended"),
            ("403_ip_blocked", "key_restricted"),
            ("400_location", "location"),
            ("html", "proxy_page"),
            ("503", "overloaded"),
        ],
    )
    def test_the_free_list_tells_what_a_key_is_worth(
        self, tmp_path: Path, twin: Twins, answer: str | None, verdict: str
    ) -> None:
        served = twin()
        if answer:
            served.script[LIST] = answer
        row = manager(tmp_path, *served.keys, base_url=served.url).check()[0]
        assert row.verdict == verdict
        assert not served.generated

    def test_a_key_found_bad_is_asked_no_more_and_one_found_good_is_again(self, tmp_path: Path, twin: Twins) -> None:
        served = twin()
        keys = manager(tmp_path, *served.keys, base_url=served.url)
        served.script[LIST] = "403_leaked"
        keys.check()
        with pytest.raises(RungUnavailable, match="leaked"):
            keys.lease(MODEL)
        del served.script[LIST]
        assert keys.check()[0].verdict == "valid"
        keys.lease(MODEL)

    def test_a_key_that_may_not_list_models_may_still_be_good_for_asking_them(
        self, tmp_path: Path, twin: Twins
    ) -> None:
        served = twin()
        served.script[LIST] = "403_service_blocked"
        keys = manager(tmp_path, *served.keys, base_url=served.url)
        assert keys.check()[0].verdict == "key_restricted"
        keys.lease(MODEL)

    @pytest.mark.parametrize("answer", ["400_location", "503", "html", "redirect"])
    def test_what_is_no_keys_fault_benches_none(self, tmp_path: Path, twin: Twins, answer: str) -> None:
        served = twin()
        served.script[LIST] = answer
        keys = manager(tmp_path, *served.keys, base_url=served.url)
        keys.check()
        assert not served.strayed
        keys.lease(MODEL)

    def test_a_service_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        row = manager(tmp_path, ONE, base_url="http://127.0.0.1:9").check()[0]
        assert row.verdict == "unreachable"


class TestModels:
    def test_the_list_says_which_live_and_what_to_take_instead(self, tmp_path: Path, twin: Twins) -> None:
        served: Twin = twin(
            models=[
                "gemini-3.8-flash",
                "gemini-3.5-flash",
                "gemini-3.8-flash-lite",
                Model("gemini-2.0-flash", gone="retired"),
            ]
        )
        keys = manager(tmp_path, *served.keys, base_url=served.url)
        keys.lease("gemini-2.0-flash").failed(Verdict(Scope.MODEL, "model_not_found"))
        live, retired, unknown = keys.models(["gemini-3.8-flash", "gemini-2.0-flash", "gemini-9-flash"])
        assert (live.state, live.left_today, live.successor) == ("live", 20, None)
        assert (retired.state, retired.left_today, retired.successor) == ("retired", 0, "gemini-3.8-flash")
        assert unknown.state == "unknown"

    def test_it_is_asked_for_once_a_day(self, tmp_path: Path, twin: Twins) -> None:
        served, clock = twin(), VirtualClock(NOON)
        keys = manager(tmp_path, *served.keys, base_url=served.url, clock=clock)
        keys.models([MODEL])
        keys.models([MODEL])
        assert len(served.requests) == 1
        clock.advance(days=1)
        keys.models([MODEL])
        assert len(served.requests) == 2

    def test_all_its_pages_are_read(self, tmp_path: Path, twin: Twins) -> None:
        served = twin(page_size=2)
        rows = manager(tmp_path, *served.keys, base_url=served.url).models(
            [name for name in served.models if name.startswith("gemini-3")]
        )
        assert {row.state for row in rows} == {"live"}

    def test_a_bad_key_does_not_keep_another_from_asking(self, tmp_path: Path, twin: Twins) -> None:
        served = twin(projects={"p": [TWO]})
        rows = manager(tmp_path, ONE, TWO, base_url=served.url).models([MODEL])
        assert rows[0].state == "live"

    def test_a_key_found_bad_at_that_is_asked_no_more(self, tmp_path: Path, twin: Twins) -> None:
        served, clock = twin(projects={"p": [TWO]}), VirtualClock(NOON)
        keys = manager(tmp_path, ONE, TWO, base_url=served.url, clock=clock)
        for _ in range(3):
            keys.models([MODEL])
            clock.advance(days=2)
        assert [seen.key for seen in served.requests] == [ONE, TWO, TWO, TWO]
        assert keys.lease(MODEL).key.get_secret_value() == TWO

    def test_a_retired_model_is_warned_of_once(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        keys = manager(tmp_path, ONE)
        keys.lease(MODEL).failed(Verdict(Scope.MODEL, "model_not_found", successor="gemini-3.8-flash"))
        for _ in range(3):
            with pytest.raises(RungUnavailable, match=r"gemini-3\.8-flash lives"):
                keys.lease(MODEL)
        warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
        assert [record.getMessage() for record in warnings] == [
            f"{MODEL} is left out: the model does not exist, or no more; gemini-3.8-flash lives"
        ]

    def test_a_closed_model_is_told_with_what_the_service_names_in_its_place(self, tmp_path: Path) -> None:
        keys = manager(tmp_path, ONE)
        keys.lease(MODEL).failed(Verdict(Scope.PROJECT_MODEL, "model_closed", successor="gemini-3.8-flash"))
        with pytest.raises(RungUnavailable, match=r"gemini-3\.8-flash lives"):
            keys.lease(MODEL)


class TestSecrecy:
    def test_neither_manager_nor_lease_shows_a_key(self, tmp_path: Path) -> None:
        keys = manager(tmp_path, ONE)
        lease = keys.lease(MODEL)
        for shown in (repr(keys), repr(lease), str(vars(keys)), str(vars(lease))):
            assert ONE not in shown
        assert f"…{ONE[-4:]}" in repr(keys)

    def test_one_with_keys_of_its_own_is_not_pickled(self, tmp_path: Path) -> None:
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(manager(tmp_path, ONE))

    def test_one_of_the_environment_reads_it_again_on_the_other_side(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GEMINI_API_KEY", ONE)
        keys = manager(tmp_path)
        keys.lease(MODEL)
        pickled = pickle.dumps(keys)
        assert ONE.encode() not in pickled
        monkeypatch.setenv("GEMINI_API_KEY", TWO)
        assert pickle.loads(pickled).lease(MODEL).key.get_secret_value() == TWO

    def test_a_copy_is_the_same_one(self, tmp_path: Path) -> None:
        keys = manager(tmp_path, ONE)
        assert copy.deepcopy(keys) is keys
        assert copy.copy(keys) is keys

    def test_the_ledger_holds_no_key(self, tmp_path: Path) -> None:
        manager(tmp_path, ONE).lease(MODEL).failed(Verdict(Scope.KEY, "key_invalid", message=f"…{ONE[-4:]}"))
        for path in tmp_path.iterdir():
            assert ONE[:-4].encode() not in path.read_bytes()


def test_what_a_rung_says_comes_whole_out_of_another_process() -> None:
    error = RungUnavailable(
        MODEL, "quota_day", until=NOON, attempts=[Attempt(model=MODEL, outcome="quota_day")], detail="in words"
    )
    copied = pickle.loads(pickle.dumps(error))
    assert vars(copied) == vars(error)
    assert str(copied) == str(error)
