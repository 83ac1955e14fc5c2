"""Keys come from the first source that holds any, and are stored for their owner's eyes alone."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.errors import StateError, UsageError
from agent.gemini.keystore import parse_key, read_keys, store_keys, stored_keys
from tests.twin import fake_key


ONE, TWO, THREE = fake_key(1), fake_key(2), fake_key(3, "AQ")


def plain(home: Path, given: object = None) -> list[tuple[str, str | None]]:
    return [(key.secret.get_secret_value(), key.project) for key in read_keys(given, home)]  # type: ignore[arg-type]


class TestSources:
    @pytest.mark.parametrize(
        "given", [[ONE, TWO], f"{ONE},{TWO}", f" {ONE} ,\n'{TWO}',,", [SecretStr(ONE), SecretStr(TWO)], [ONE, TWO, ONE]]
    )
    def test_given_ones_go_before_all_others(
        self, tmp_path: Path, given: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GEMINI_API_KEYS", THREE)
        assert plain(tmp_path, given) == [(ONE, None), (TWO, None)]

    @pytest.mark.parametrize(
        ("environment", "found"),
        [
            ({"GEMINI_API_KEYS": f"{ONE},{TWO}", "GEMINI_API_KEY": THREE}, [ONE, TWO]),
            ({"GEMINI_API_KEYS": f"{ONE}\n{TWO}\n"}, [ONE, TWO]),
            ({"GEMINI_API_KEYS": " , ", "GEMINI_API_KEY": ONE, "GOOGLE_API_KEY": TWO}, [ONE]),
            ({"GEMINI_API_KEY": "", "GOOGLE_API_KEY": TWO}, [TWO]),
            ({}, []),
        ],
    )
    def test_the_environment_is_asked_in_order(
        self, tmp_path: Path, environment: dict[str, str], found: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert [key for key, _ in plain(tmp_path)] == found

    def test_stored_ones_come_last(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store_keys(tmp_path, [parse_key(ONE)])
        assert plain(tmp_path) == [(ONE, None)]
        monkeypatch.setenv("GOOGLE_API_KEY", TWO)
        assert plain(tmp_path) == [(TWO, None)]

    def test_an_empty_list_is_none_given(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GEMINI_API_KEY", ONE)
        assert plain(tmp_path, []) == [(ONE, None)]

    def test_a_name_tells_the_project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GEMINI_API_KEYS", f"mine={ONE}, 我的 = {TWO}, ={THREE}")
        assert plain(tmp_path) == [(ONE, "mine"), (TWO, "我的"), (THREE, None)]

    @pytest.mark.parametrize("wrong", ["two words", "密钥", "line\x00end", "mine="])
    def test_what_can_be_no_key_is_left_out_with_a_warning_that_does_not_show_it(
        self, tmp_path: Path, wrong: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert plain(tmp_path, [wrong, ONE]) == [(ONE, None)]
        assert "place 1" in caplog.text
        assert wrong not in caplog.text


class TestStore:
    def test_it_is_readable_by_its_owner_alone(self, tmp_path: Path) -> None:
        os.umask(0)
        home = tmp_path / "new" / "home"
        store_keys(home, [parse_key(ONE)])
        assert stat.S_IMODE((home / "keys.json").stat().st_mode) == 0o600
        assert [path.name for path in home.iterdir()] == ["keys.json"]

    def test_keys_come_back_as_they_were(self, tmp_path: Path) -> None:
        keys = [parse_key(f"mine={ONE}"), parse_key(TWO)]
        store_keys(tmp_path, keys)
        assert stored_keys(tmp_path) == keys

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"keys": 3}', '{"keys": [{}]}', '{"keys": ["x"]}', "\x00"])
    def test_a_file_that_is_something_else_is_told_and_not_touched(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "keys.json").write_text(content)
        with pytest.raises(StateError, match="move it away"):
            stored_keys(tmp_path)
        assert (tmp_path / "keys.json").read_text() == content

    def test_a_folder_that_cannot_be_made_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StateError, match="MIANJING_HOME"):
            store_keys(tmp_path / "file" / "home", [])

    def test_a_write_that_fails_leaves_the_old_file_whole(self, tmp_path: Path) -> None:
        (tmp_path / "keys.json").mkdir()
        with pytest.raises(StateError, match="nothing was changed"):
            store_keys(tmp_path, [parse_key(ONE)])
        assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]

    def test_it_is_plain_json(self, tmp_path: Path) -> None:
        store_keys(tmp_path, [parse_key(f"mine={ONE}")])
        assert json.loads((tmp_path / "keys.json").read_text()) == {"keys": [{"key": ONE, "project": "mine"}]}


@pytest.mark.parametrize("text", ["", " ", "=", "name=", "two words", "密钥", "tab\tbed"])
def test_what_can_be_no_key_is_refused_in_words_that_do_not_show_it(text: str) -> None:
    with pytest.raises(UsageError, match="no key") as raised:
        parse_key(text)
    assert not text.strip() or text.strip(" =") not in str(raised.value) or text.strip() == "="
