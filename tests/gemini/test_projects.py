"""Keys of one project share its quota: by the user's word, the service's, or a 429 that fits no other way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.gemini.leasing import Denial, Grant
from agent.gemini.verdict import Scope, Verdict
from tests.gemini.bench import NOON, Desk, day_is_spent, minute_is_spent


def share(desk: Desk, *keys: int) -> bool:
    """Whether these keys are of one project, as the ledger sees it."""
    states = desk.ledger.key_states(desk.keys)
    return len({states[n].project for n in keys}) == 1


def test_each_key_is_its_own_project_where_nobody_tells(tmp_path: Path) -> None:
    assert not share(Desk(tmp_path, keys=2), 0, 1)


def test_the_users_word_makes_one_project(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=2, projects={0: "mine", 1: "mine"})
    desk.fail(day_is_spent(), only=0)
    assert desk.denied(only=1).reason == "quota_day"


def test_it_does_so_whenever_it_comes_and_what_was_used_counts_together(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=2)
    desk.serve(3, only=0)
    desk.serve(1, only=1)
    desk.keys = [replace(entry, project="mine") for entry in desk.keys]
    assert share(desk, 0, 1)
    assert desk.used(n=0) == desk.used(n=1) == 4


def test_keys_that_the_user_parts_are_not_joined(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=2, projects={0: "mine", 1: "other"})
    desk.serve(13, only=0)
    desk.serve(7, only=1)
    desk.fail(day_is_spent(20), only=1)
    desk.granted(only=0)


def test_so_does_the_services(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=2)
    for n in (0, 1):
        desk.fail(Verdict(Scope.KEY, "key_restricted", project="projects/7"), only=n)
        desk.ledger.checked(desk.keys[n], None)
    assert share(desk, 0, 1)


def test_the_users_word_goes_before_the_services(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=1, projects={0: "mine"})
    desk.fail(Verdict(Scope.KEY, "key_restricted", project="projects/7"))
    assert desk.ledger.key_states(desk.keys)[0].project == "mine"


def test_what_was_known_of_a_key_alone_is_known_of_its_project_when_that_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.serve(4)
    desk.fail(Verdict(Scope.PROJECT_MODEL, "model_closed"), "gemini-2.5-pro")
    desk.fail(Verdict(Scope.REQUEST, "too_long", project="projects/7"))
    assert desk.denied("gemini-2.5-pro").reason == "model_closed"
    assert desk.used() == 4


@pytest.mark.parametrize(("mine", "others"), [(0, 20), (7, 13), (19, 1)])
def test_a_days_429_below_ones_own_count_joins_the_key_whose_count_makes_up_the_rest(
    tmp_path: Path, mine: int, others: int
) -> None:
    desk = Desk(tmp_path, keys=2)
    desk.serve(others, only=0)
    desk.serve(mine, only=1)
    desk.fail(day_is_spent(20), only=1)
    assert share(desk, 0, 1)
    assert desk.denied(only=0).reason == "quota_day"


@pytest.mark.parametrize(("mine", "others"), [(20, 20), (3, 20), (0, 0), (5, 8)])
def test_one_that_does_not_fit_joins_nobody(tmp_path: Path, mine: int, others: int) -> None:
    desk = Desk(tmp_path, keys=2)
    desk.serve(others, only=0)
    desk.serve(mine, only=1)
    desk.fail(day_is_spent(20), only=1)
    assert not share(desk, 0, 1)


def test_what_the_service_may_not_have_counted_leaves_room_for_a_fit(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=2)
    desk.serve(20, only=0)
    desk.fail(Verdict(Scope.SERVICE, "internal", counted=True), only=0)
    desk.fail(day_is_spent(20), only=1)
    assert share(desk, 0, 1)


def test_a_minutes_429_joins_too_so_that_it_is_met_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=2)
    desk.serve(5, only=0)
    desk.fail(minute_is_spent(5, NOON), only=1)
    assert share(desk, 0, 1)
    desk.clock.advance(63)
    desk.serve(5)
    assert desk.denied().reason == "quota_minute"


def test_a_named_key_is_joined_to_nobody(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=2, projects={1: "mine"})
    desk.serve(20, only=0)
    desk.fail(day_is_spent(20), only=1)
    assert not share(desk, 0, 1)


class TestWrongJoins:
    """Another program had used up the second key: its 429 fits all the same."""

    def joined(self, tmp_path: Path) -> Desk:
        desk = Desk(tmp_path, keys=2)
        desk.serve(20, only=0)
        desk.fail(day_is_spent(20), only=1)
        assert share(desk, 0, 1)
        return desk

    def drain(self, desk: Desk) -> Denial | Grant:
        """Use up what the ledger gives for today, but for a request past the known limit."""
        for _ in range(20):
            desk.ledger.served(desk.granted())
        return desk.lease()

    def test_the_next_day_nothing_is_wasted_on_it(self, tmp_path: Path) -> None:
        desk = self.joined(tmp_path)
        desk.clock.advance(days=1)
        assert isinstance(self.drain(desk), Denial)

    def test_some_days_on_one_request_finds_out_and_the_keys_part(self, tmp_path: Path) -> None:
        desk = self.joined(tmp_path)
        desk.clock.advance(days=2)
        probe = self.drain(desk)
        assert isinstance(probe, Grant)
        desk.denied()
        desk.ledger.served(probe)
        assert not share(desk, 0, 1)
        desk.serve(19)
        assert isinstance(desk.lease(), Denial)

    def test_where_the_join_was_right_that_request_is_seldom_made(self, tmp_path: Path) -> None:
        desk = self.joined(tmp_path)
        probes = 0
        for _ in range(30):
            desk.clock.advance(days=1)
            answer = self.drain(desk)
            if isinstance(answer, Grant):
                probes += 1
                desk.ledger.failed(answer, day_is_spent(20))
        # Four times in a month, and three for a limit told more than a week before.
        assert probes == 7
        assert share(desk, 0, 1)


def test_served_beyond_what_one_project_can_be_they_part(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=2)
    desk.serve(17, only=0)
    desk.serve(2, only=1)
    under_way = [desk.granted(only=0), desk.granted(only=1)]
    desk.fail(day_is_spent(20), only=1)
    assert share(desk, 0, 1)
    for grant in under_way:
        desk.ledger.served(grant)
    assert not share(desk, 0, 1)


def test_what_was_joined_stays_so_while_it_is_served_within_one_projects_limit(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keys=2)
    desk.serve(5, only=0)
    desk.fail(minute_is_spent(5, NOON), only=1)
    desk.clock.advance(63)
    desk.serve(3, only=1)
    assert share(desk, 0, 1)
