"""Keys are masked wherever a text passes to people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.gemini.errors import mask, scrub
from tests.twin import fake_key


@pytest.mark.parametrize("kind", ["AIza", "AQ"])
@pytest.mark.parametrize(
    "around", ["{}", "key={}&alt=sse", "Consumer 'api_key:{}' has", "密钥{}泄露", "https://x/?k={}."]
)
def test_what_looks_like_a_key_is_masked(kind: str, around: str) -> None:
    key = fake_key(1, kind)  # type: ignore[arg-type]
    masked = scrub(around.format(key))
    assert key[:-4] not in masked
    assert masked.startswith(around.partition("{}")[0])
    assert key[-4:] in masked


def test_a_key_of_another_form_is_masked_where_it_is_given() -> None:
    assert scrub("Bearer hunter2-hunter2", ["hunter2-hunter2"]) == "Bearer …ter2"


def test_a_short_key_is_not_shown_at_all() -> None:
    assert mask("short") == "…"
    assert scrub("a short one", ["short"]) == "a … one"


def test_no_key_given_masks_nothing() -> None:
    assert scrub("nothing to hide", ["", "absent-absent"]) == "nothing to hide"


@given(before=st.text(), after=st.text(), n=st.integers(0, 50))
def test_no_text_around_a_key_keeps_it_from_being_masked(before: str, after: str, n: int) -> None:
    key = fake_key(n)
    assert key not in scrub(before + key + after, [key])
