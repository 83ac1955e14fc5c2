"""The ledger counts what is used, learns limits, remembers what is out, and never sends what it knows to be doomed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from agent.gemini.leasing import Denial, Grant
from agent.gemini.ledger import Ledger, fingerprint
from agent.gemini.verdict import Limit, Metric, Scope, Verdict
from tests.gemini.bench import MODEL, NOON, Desk, day_is_spent, minute_is_spent


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class TestUse:
    def test_it_is_entered_before_the_request_goes(self, desk: Desk) -> None:
        desk.granted(tokens=70)
        assert desk.used() == 1

    @pytest.mark.parametrize(
        ("verdict", "used"),
        [
            (day_is_spent(), 0),
            (Verdict(Scope.KEY, "key_invalid"), 0),
            (Verdict(Scope.REQUEST, "bad_request"), 0),
            (Verdict(Scope.SERVICE, "unreachable"), 0),
            (Verdict(Scope.SERVICE, "internal", counted=True), 1),
            (Verdict(Scope.SERVICE, "timeout", counted=True), 1),
        ],
    )
    def test_it_is_taken_back_where_the_service_did_not_count_it(self, desk: Desk, verdict: Verdict, used: int) -> None:
        desk.fail(verdict)
        assert desk.used() == used

    def test_what_is_given_up_half_way_counts(self, desk: Desk) -> None:
        desk.ledger.dropped(desk.granted())
        assert desk.used() == 1
        assert isinstance(desk.lease(), Grant)

    def test_what_is_given_up_is_counted_in_the_minute_in_which_it_was(self, desk: Desk) -> None:
        desk.fail(minute_is_spent(1, NOON, seconds=1))
        desk.clock.advance(62)
        grant = desk.granted()
        desk.clock.advance(5)
        desk.ledger.dropped(grant)
        assert desk.denied().until == (NOON + timedelta(seconds=62 + 5 + 62)).timestamp()

    def test_tokens_are_corrected_when_they_are_told(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path)
        desk.fail(minute_is_spent(100, NOON, "tokens_minute"))
        desk.clock.advance(61)
        desk.ledger.served(desk.granted(tokens=90), 10)
        assert isinstance(desk.lease(tokens=80), Grant)

    def test_it_is_kept_under_the_same_name_as_ever(self, desk: Desk, tmp_path: Path) -> None:
        """Else all that is known of the keys would be lost with the next version."""
        assert fingerprint("a key") == "71f0156e81b9fc83a5259490a257313e"
        desk.granted()
        assert (tmp_path / "ledger.sqlite3").is_file()

    def test_a_lease_that_was_forgotten_holds_up_nobody_for_long(self, desk: Desk) -> None:
        desk.granted()
        denial = desk.denied()
        assert (denial.reason, denial.until) == ("busy", NOON.timestamp())
        desk.clock.advance(901)
        desk.granted()
        desk.clock.advance(1)
        assert desk.denied().reason == "busy"


class TestDays:
    def test_a_days_quota_is_out_until_midnight_in_los_angeles(self, desk: Desk) -> None:
        desk.fail(day_is_spent())
        denial = desk.denied()
        assert (denial.reason, denial.until) == ("quota_day", (NOON + timedelta(hours=12)).timestamp())
        desk.clock.advance(hours=12, seconds=-1)
        desk.denied()
        desk.clock.advance(seconds=1)
        desk.granted()

    def test_so_it_is_where_the_service_names_no_end(self, desk: Desk) -> None:
        desk.fail(Verdict(Scope.PROJECT_MODEL, "quota_day"))
        assert desk.denied().until == (NOON + timedelta(hours=12)).timestamp()

    def test_a_told_limit_stops_the_next_day_before_it_is_passed(self, desk: Desk) -> None:
        desk.fail(day_is_spent(3))
        desk.clock.advance(days=1)
        desk.serve(3)
        denial = desk.denied()
        assert (denial.reason, denial.until) == ("quota_day", (NOON + timedelta(days=1, hours=12)).timestamp())
        assert desk.used() == 3

    def test_other_models_go_on(self, desk: Desk) -> None:
        desk.fail(day_is_spent())
        desk.granted("gemini-3.8-flash")

    def test_a_limit_told_a_week_ago_is_a_belief_again(self, desk: Desk) -> None:
        desk.fail(day_is_spent(3))
        desk.clock.advance(days=7, seconds=1)
        desk.serve(5)

    def test_a_later_word_of_the_service_replaces_an_earlier_one(self, desk: Desk) -> None:
        desk.serve(9)
        desk.fail(day_is_spent(9))
        desk.clock.advance(days=1)
        desk.serve(2)
        desk.fail(day_is_spent(2))
        desk.clock.advance(days=1)
        desk.serve(2)
        desk.denied()

    def test_what_is_served_beyond_a_belief_raises_it(self, desk: Desk) -> None:
        desk.serve(26)
        desk.clock.advance(days=1)
        assert desk.ledger.capacity(MODEL, desk.keys) == 26

    def test_the_clock_set_back_a_day_neither_loses_nor_doubles(self, desk: Desk) -> None:
        desk.fail(day_is_spent(3))
        desk.clock.advance(days=1)
        desk.serve(2)
        desk.clock.advance(days=-1)
        assert desk.used() == 2
        desk.serve(1)
        assert desk.denied().reason == "quota_day"
        desk.clock.advance(days=1)
        assert desk.used() == 3
        desk.denied()
        desk.clock.advance(days=1)
        desk.serve(3)

    def test_what_is_out_for_the_day_stays_out_when_the_clock_is_set_back_in_it(self, desk: Desk) -> None:
        desk.fail(day_is_spent())
        desk.clock.advance(days=-1)
        desk.denied()
        desk.clock.advance(days=1)
        desk.denied()

    def test_a_clock_that_was_a_year_ahead_holds_up_nothing_for_a_year(self, desk: Desk) -> None:
        desk.clock.advance(days=365)
        desk.fail(day_is_spent())
        desk.clock.advance(days=-365)
        desk.denied()
        desk.clock.advance(days=1)
        desk.granted()


class TestSlowStart:
    """On the way to an unknown limit, what was let in counts before its answer is there: a refusal would be."""

    def begun(self, desk: Desk, *, others: float) -> None:
        """The first request was served; then five more went, of which the first has come back; others went so much later."""
        desk.serve()
        first = desk.granted()
        desk.clock.advance(others)
        for _ in range(4):
            desk.granted()
        desk.clock.advance(1.0)
        desk.ledger.served(first)

    def test_what_is_long_on_its_way_was_let_in(self, desk: Desk) -> None:
        self.begun(desk, others=0.01)
        for _ in range(5):
            desk.granted()
        assert desk.denied().reason == "busy"

    def test_what_went_a_moment_ago_may_yet_be_refused(self, desk: Desk) -> None:
        self.begun(desk, others=2.0)
        assert desk.denied().reason == "busy"

    def test_an_answer_that_comes_at_once_shows_nothing_of_the_others(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path)
        desk.serve()
        grants = [desk.granted() for _ in range(5)]
        desk.ledger.served(grants[0])
        assert desk.denied().reason == "busy"


class TestMinutes:
    def test_the_service_says_when_a_minutes_quota_is_back(self, desk: Desk) -> None:
        desk.fail(minute_is_spent(5, NOON, seconds=38))
        denial = desk.denied()
        assert (denial.reason, denial.until) == ("quota_minute", (NOON + timedelta(seconds=38)).timestamp())
        desk.clock.advance(38)
        desk.granted()

    def test_it_is_discovered_once_and_paced_from_then_on(self, desk: Desk) -> None:
        desk.fail(minute_is_spent(2, NOON, seconds=1))
        desk.clock.advance(61)
        desk.serve(1)
        desk.clock.advance(20)
        desk.serve(1)
        denial = desk.denied()
        assert denial.reason == "quota_minute"
        assert denial.until
        desk.clock.advance(denial.until - desk.clock().timestamp() - 1)
        desk.denied()
        desk.clock.advance(1)
        desk.serve(1)
        desk.denied()

    @pytest.mark.parametrize(("metric", "limit"), [("requests_minute", 2), ("tokens_minute", 1_000)])
    def test_it_is_back_when_enough_of_it_is_free_again(self, desk: Desk, metric: Metric, limit: int) -> None:
        desk.serve(tokens=400)
        desk.clock.advance(10)
        desk.serve(tokens=400)
        desk.clock.advance(10)
        desk.serve(tokens=400)
        desk.fail(minute_is_spent(limit, NOON, metric, seconds=21))
        desk.clock.advance(2)
        # The first that is freed is too little.
        assert desk.denied(tokens=500).until == (NOON + timedelta(seconds=10 + 62)).timestamp()

    def test_what_is_larger_than_a_minutes_tokens_waits_until_all_of_them_are_free(self, desk: Desk) -> None:
        desk.serve(tokens=400)
        desk.clock.advance(10)
        desk.serve(tokens=400)
        desk.fail(minute_is_spent(1_000, NOON, "tokens_minute", seconds=11))
        desk.clock.advance(2)
        assert desk.denied(tokens=5_000).until == (NOON + timedelta(seconds=10 + 62)).timestamp()

    def test_input_tokens_are_paced_too(self, desk: Desk) -> None:
        desk.fail(minute_is_spent(1_000, NOON, "tokens_minute", seconds=1))
        desk.clock.advance(61)
        desk.serve(1, tokens=900)
        assert desk.denied(tokens=200).reason == "quota_minute"
        desk.granted(tokens=100)

    def test_the_clock_set_back_an_hour_holds_up_a_minute_at_most(self, desk: Desk) -> None:
        desk.fail(minute_is_spent(2, NOON, seconds=1))
        desk.clock.advance(61)
        desk.serve(2)
        desk.clock.advance(-3600)
        desk.denied()
        desk.clock.advance(63)
        desk.granted()


class TestWhatIsOut:
    @pytest.mark.parametrize("reason", ["key_invalid", "key_expired", "key_leaked", "key_restricted"])
    def test_a_bad_key_never_comes_back_by_waiting(self, desk: Desk, reason: str) -> None:
        desk.fail(Verdict(Scope.KEY, reason))
        desk.clock.advance(days=400)
        denial = desk.denied("another-model")
        assert (denial.reason, denial.until) == (reason, None)

    def test_it_does_when_it_is_checked_and_found_well(self, desk: Desk) -> None:
        desk.fail(Verdict(Scope.KEY, "key_invalid"))
        desk.ledger.checked(desk.keys[0], None)
        desk.granted()

    def test_a_key_that_is_checked_and_found_bad_is_out(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2)
        desk.ledger.checked(desk.keys[0], Verdict(Scope.KEY, "key_expired", message="API key expired."))
        denial = desk.denied(only=0)
        assert (denial.reason, denial.until, denial.message) == ("key_expired", None, "API key expired.")
        assert desk.index(desk.granted()) == 1

    @pytest.mark.parametrize(("here_only", "is_out_elsewhere"), [(True, False), (False, True)])
    def test_what_holds_for_one_machine_stops_no_other(
        self, tmp_path: Path, here_only: bool, is_out_elsewhere: bool
    ) -> None:
        desk = Desk(tmp_path)
        desk.fail(Verdict(Scope.KEY, "key_restricted", here_only=here_only))
        assert desk.denied().reason == "key_restricted"
        with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as db, db:
            db.execute("UPDATE outs SET machine = 'elsewhere' WHERE machine != ''")
        assert isinstance(desk.lease(), Denial) == is_out_elsewhere

    def test_a_projects_fault_is_all_its_keys(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=3, projects={0: "mine", 1: "mine"})
        desk.fail(Verdict(Scope.PROJECT, "project_suspended"), only=0)
        assert desk.denied(only=1).reason == "project_suspended"
        assert desk.index(desk.granted()) == 2

    @pytest.mark.parametrize(
        ("reason", "hours"), [("credit_gone", 6), ("spend_cap", 24), ("quota_zero", 7 * 24), ("model_denied", 24)]
    )
    def test_what_nobody_knows_the_end_of_is_tried_again_after_a_while(
        self, desk: Desk, reason: str, hours: int
    ) -> None:
        scope = Scope.PROJECT_MODEL if reason in {"quota_zero", "model_denied"} else Scope.PROJECT
        desk.fail(Verdict(scope, reason))
        desk.clock.advance(hours=hours, seconds=-1)
        assert desk.denied().until is None
        desk.clock.advance(1)
        desk.granted()

    def test_a_model_without_quota_for_a_project_is_out_past_midnight(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2)
        desk.fail(Verdict(Scope.PROJECT_MODEL, "quota_zero"), only=0)
        desk.clock.advance(days=2)
        assert desk.index(desk.granted()) == 1

    def test_a_model_that_is_not_found_is_out_for_all_keys(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2)
        desk.fail(Verdict(Scope.MODEL, "model_not_found", successor="gemini-3.8-flash"), only=0)
        assert desk.denied(only=1).reason == "model_not_found"
        assert desk.ledger.model_state(MODEL).successor == "gemini-3.8-flash"
        desk.granted("gemini-3.8-flash", only=1)

    def test_a_model_that_is_out_for_a_while_is_back_when_it_is_told_to_be(self, desk: Desk) -> None:
        until = NOON + timedelta(minutes=5)
        desk.fail(Verdict(Scope.MODEL, "model_not_found", until, message="gone for now"))
        denial = desk.denied()
        assert (denial.until, denial.message) == (until.timestamp(), "gone for now")

    def test_of_several_faults_the_longest_counts(self, desk: Desk) -> None:
        desk.serve()
        one, other = desk.granted(), desk.granted()
        desk.ledger.failed(one, Verdict(Scope.PROJECT, "credit_gone"))
        desk.ledger.failed(other, Verdict(Scope.PROJECT_MODEL, "quota_zero"))
        assert desk.denied().reason == "quota_zero"
        assert desk.denied("another-model").reason == "credit_gone"

    def test_a_closed_model_is_out_for_that_project_alone(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2)
        desk.fail(Verdict(Scope.PROJECT_MODEL, "model_closed"), only=0)
        assert desk.index(desk.granted()) == 1

    def test_the_model_list_brings_back_what_was_not_in_it_when_it_was_retired(self, desk: Desk) -> None:
        desk.ledger.listed({"gemini-3.8-flash": True})
        desk.fail(Verdict(Scope.MODEL, "model_not_found"))
        desk.ledger.listed({"gemini-3.8-flash": True, MODEL: True})
        desk.granted()

    def test_but_not_what_was_listed_and_dead_all_the_same(self, desk: Desk) -> None:
        desk.ledger.listed({MODEL: True})
        desk.fail(Verdict(Scope.MODEL, "model_not_found"))
        desk.ledger.listed({MODEL: True})
        desk.denied()

    def test_a_denial_names_every_key_and_is_named_after_the_one_that_is_back_first(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=3)
        desk.fail(Verdict(Scope.KEY, "key_leaked"), only=0)
        desk.fail(day_is_spent(), only=1)
        desk.fail(minute_is_spent(5, NOON), only=2)
        denial = desk.denied()
        assert [one.reason for one in denial.passed_over] == ["key_leaked", "quota_day", "quota_minute"]
        assert denial.reason == "quota_minute"


class TestCircuits:
    overloaded = Verdict(Scope.SERVICE, "overloaded", counted=True)

    def test_a_model_that_fails_for_everybody_is_left_alone_for_a_while(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2)
        desk.fail(self.overloaded, only=0)
        desk.fail(self.overloaded, only=1)
        denial = desk.denied()
        assert denial.reason == "overloaded"
        assert denial.until

    def test_then_one_trial_goes_and_all_others_when_it_is_served(self, desk: Desk) -> None:
        desk.serve(9)
        desk.fail(self.overloaded)
        desk.fail(self.overloaded)
        desk.clock.advance(10)
        trial = desk.granted()
        denial = desk.denied()
        assert (denial.reason, denial.until) == ("overloaded", desk.clock().timestamp() + 2)
        desk.ledger.served(trial)
        desk.granted()
        desk.granted()

    def test_a_trial_that_fails_makes_the_pause_longer(self, desk: Desk) -> None:
        pauses = []
        for _ in range(6):
            desk.fail(self.overloaded)
            answer = desk.lease()
            until = NOON.timestamp() if isinstance(answer, Grant) else answer.until or 0.0
            if isinstance(answer, Grant):
                desk.ledger.failed(answer, self.overloaded)
                until = desk.denied().until or 0.0
            pauses.append(until - desk.clock().timestamp())
            desk.clock.advance(pauses[-1] + 0.001)
        assert pauses == sorted(pauses)
        assert pauses[-1] > 30

    def test_other_models_go_on(self, desk: Desk) -> None:
        desk.fail(self.overloaded)
        desk.fail(self.overloaded)
        desk.granted("gemini-3.8-flash")

    def test_pauses_differ_by_chance_where_none_is_given(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path)
        desk.ledger = Ledger(tmp_path, clock=desk.clock)
        pauses = set()
        for n in range(8):
            for _ in range(2):
                desk.fail(self.overloaded, f"model-{n}")
            pauses.add(desk.denied(f"model-{n}").until)
        assert len(pauses) > 1


class TestBuckets:
    def test_models_of_one_bucket_share_its_quota(self, desk: Desk) -> None:
        desk.serve(1, "gemini-3.1-pro-preview")
        desk.fail(day_is_spent(2, bucket="gemini-3.1-pro"), "gemini-3.1-pro-preview")
        assert desk.denied("gemini-3.1-pro").reason == "quota_day"
        assert desk.used("gemini-3.1-pro-preview") == 1

    def test_what_was_used_before_the_bucket_was_known_counts_in_it(self, desk: Desk) -> None:
        desk.serve(2, "gemini-3.1-pro-preview")
        desk.serve(3, "gemini-3.1-pro")
        desk.fail(minute_is_spent(99, NOON, seconds=1), "gemini-3.1-pro")
        verdict = Verdict(Scope.PROJECT_MODEL, "quota_minute", NOON + timedelta(seconds=1), bucket="gemini-3.1-pro")
        desk.clock.advance(2)
        desk.fail(verdict, "gemini-3.1-pro-preview")
        assert desk.used("gemini-3.1-pro") == 5

    def test_a_day_that_is_spent_through_one_name_is_spent_under_all_of_them(self, desk: Desk) -> None:
        desk.fail(Verdict(Scope.REQUEST, "too_long", bucket="gemini-3.1-pro"), "gemini-3.1-pro-exp")
        desk.fail(day_is_spent(bucket="gemini-3.1-pro"), "gemini-3.1-pro-preview")
        assert desk.denied("gemini-3.1-pro-exp").reason == "quota_day"

    @pytest.mark.parametrize("version", ["gemini-3.8-flash", "gemini-3.8-flash-001"])
    def test_an_alias_is_resolved_by_the_model_that_answers(self, desk: Desk, version: str) -> None:
        for used in (1, 2):
            desk.ledger.served(desk.granted("gemini-flash-latest"), None, version)
            assert desk.ledger.model_state("gemini-flash-latest").counted_as == "gemini-3.8-flash"
            assert desk.used("gemini-3.8-flash") == used

    def test_a_dated_version_of_a_model_is_no_bucket_of_its_own(self, desk: Desk) -> None:
        desk.ledger.served(desk.granted(), None, f"{MODEL}-preview-09-2025")
        assert desk.ledger.model_state(MODEL).counted_as == MODEL


class TestTiers:
    def test_a_limit_told_to_one_project_stops_others_of_its_tier(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2)
        for n in (0, 1):
            desk.fail(day_is_spent(9), "another-model", only=n)
        desk.fail(day_is_spent(3), only=0)
        desk.serve(3, only=1)
        assert desk.denied(only=1).reason == "quota_day"

    def test_but_not_one_of_another_tier(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2)
        desk.fail(day_is_spent(9, tier="paid"), "another-model", only=1)
        desk.fail(day_is_spent(3), only=0)
        desk.serve(30, only=1)

    def test_a_project_of_unknown_tier_may_try_once_past_it(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2)
        desk.fail(day_is_spent(3), only=0)
        desk.serve(3, only=1)
        desk.granted(only=1)
        assert desk.denied(only=1).reason == "busy"

    def test_one_that_was_served_more_shows_otherwise(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2)
        desk.serve(8, only=1)
        desk.fail(day_is_spent(9), "another-model", only=1)
        desk.fail(day_is_spent(3), only=0)
        desk.serve(1, only=1)


class TestOrder:
    def test_one_key_is_drained_before_the_next_is_begun(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=3)
        used = []
        for _ in range(45):
            grant = desk.granted()
            desk.ledger.served(grant)
            used.append(desk.index(grant))
        assert used == [0] * 20 + [1] * 20 + [2] * 5

    def test_past_every_belief_the_one_most_in_use_goes_on(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2)
        desk.serve(40)
        assert desk.index(desk.granted()) == 0

    def test_a_key_that_served_goes_before_another_of_its_project(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2, projects={0: "mine", 1: "mine"})
        desk.serve(1, only=1)
        assert desk.index(desk.granted()) == 1

    def test_an_untried_key_is_asked_once_before_it_is_asked_twice(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=2, projects={0: "mine", 1: "mine"})
        desk.serve(9, only=0)
        desk.granted(only=1)
        assert desk.denied(only=1).reason == "busy"

    def test_without_keys_there_is_none(self, tmp_path: Path) -> None:
        assert Desk(tmp_path, keys=0).denied().reason == "no_key"


class TestCapacity:
    def test_it_is_what_is_told_or_believed_to_be_left_over_all_projects(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=3, projects={1: "mine", 2: "mine"})
        assert desk.ledger.capacity(MODEL, desk.keys) == 40
        desk.serve(4, only=0)
        desk.serve(1, only=1)
        assert desk.ledger.capacity(MODEL, desk.keys) == 35

    def test_what_is_out_for_the_day_or_longer_has_none(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, keys=3)
        desk.fail(day_is_spent(), only=0)
        desk.fail(Verdict(Scope.KEY, "key_leaked"), only=1)
        assert desk.ledger.capacity(MODEL, desk.keys) == 20
        desk.fail(Verdict(Scope.MODEL, "model_not_found"), only=2)
        assert desk.ledger.capacity(MODEL, desk.keys) == 0

    def test_what_is_out_for_a_minute_still_has_its_day(self, desk: Desk) -> None:
        desk.fail(minute_is_spent(5, NOON))
        assert desk.ledger.capacity(MODEL, desk.keys) == 20


def test_a_limit_of_one_project_is_shown_as_told_and_anothers_as_believed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=2, projects={0: "mine"})
    desk.serve(2, only=0)
    desk.fail(Verdict(Scope.PROJECT_MODEL, "quota_minute", NOON, limits=(Limit("requests_day", 50),)), only=0)
    mine, other = desk.ledger.quotas([MODEL], desk.keys)
    assert (mine.project, mine.used, mine.limit, mine.is_told, mine.left) == ("mine", 2, 50, True, 48)
    assert (other.project, other.used, other.limit, other.is_told, other.left) == ("…key1", 0, 20, False, 20)
