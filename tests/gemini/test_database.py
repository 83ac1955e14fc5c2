"""The ledger's file: shared by processes, safe from a killed one, set aside where it cannot be used, plain about a bad disk."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from agent.errors import StateError
from agent.gemini.database import Database, set_aside
from agent.gemini.leasing import Denial, Grant
from agent.gemini.process import Process, is_alive, this_process
from agent.gemini.schema import MIGRATIONS
from tests.gemini.bench import MODEL, Desk


ROOT = Path(__file__).parents[2]


def file(home: Path) -> Path:
    return home / "ledger.sqlite3"


def run(script: str, home: Path, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own that works on the same ledger."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(home), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def note(database: Database, fact: str) -> None:
    with database.write() as db:
        db.execute("INSERT INTO facts VALUES (?, '')", (fact,))


def facts(database: Database) -> set[str]:
    with database.write() as db:
        return {name for (name,) in db.execute("SELECT name FROM facts")}


def damage(path: Path, first_page: int) -> None:
    """Overwrite a file from that page on, while another connection has it open, and so that it looks again."""
    with closing(sqlite3.connect(path)) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
        db.execute("CREATE TABLE anything (x)")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as opened:
        opened.seek(size * first_page)
        opened.write(b"\xff" * (path.stat().st_size - size * first_page))


class TestUnusableFiles:
    def test_one_that_is_no_database_is_set_aside_and_begun_anew(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        file(tmp_path).write_bytes(b"no database at all" * 999)
        Desk(tmp_path).granted()
        (aside,) = tmp_path.glob("ledger.sqlite3.unusable-*")
        assert aside.read_bytes().startswith(b"no database at all")
        assert "set aside" in caplog.text

    def test_one_that_breaks_in_use_is_too(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        desk = Desk(tmp_path)
        desk.serve(3)
        desk.ledger.close()
        size = file(tmp_path).stat().st_size
        with file(tmp_path).open("r+b") as opened:
            opened.seek(4096)
            opened.write(b"\xff" * (size - 4096))
        desk.granted()
        assert len(list(tmp_path.glob("ledger.sqlite3.unusable-*"))) == 1
        assert caplog.record_tuples[0][1] == logging.WARNING

    @pytest.mark.parametrize(("first_page", "is_told"), [(1, True), (0, False)], ids=["inside", "its head"])
    def test_one_that_breaks_while_it_is_open_is_too_and_the_work_goes_on(
        self, tmp_path: Path, first_page: int, is_told: bool
    ) -> None:
        """A transaction that was begun already ends with an error; the next one is well."""
        database = Database(file(tmp_path))
        note(database, "before")
        damage(database.path, first_page)
        with pytest.raises(StateError) if is_told else nullcontext():
            note(database, "meanwhile")
        note(database, "after")
        assert facts(database) == {"after"} | (set() if is_told else {"meanwhile"})
        (aside,) = tmp_path.glob("ledger.sqlite3.unusable-*[0-9]")
        assert aside.read_bytes().endswith(b"\xff" * 99)
        database.close()

    def test_one_that_cannot_be_set_aside_is_told_and_stays(self, tmp_path: Path) -> None:
        """The new name would be too long for the disk."""
        path = tmp_path / ("x" * 240)
        path.write_bytes(b"no database at all" * 999)
        with pytest.raises(StateError, match="nor set aside"):
            set_aside(path, "it is none")
        assert path.read_bytes() == b"no database at all" * 999

    def test_one_that_is_half_migrated_stays_as_it_was(self, tmp_path: Path) -> None:
        """The last table of the first version is in the way: none of those before it is made."""
        (table,) = re.findall(r"CREATE TABLE (\w+)", " ".join(MIGRATIONS[0]))[-1:]
        with closing(sqlite3.connect(file(tmp_path))) as db:
            db.execute(f"CREATE TABLE {table} (mine)")
        database = Database(file(tmp_path))
        with pytest.raises(StateError, match="already exists"):
            facts(database)
        database.close()
        with closing(sqlite3.connect(file(tmp_path))) as db:
            assert db.execute("SELECT name FROM sqlite_master").fetchall() == [(table,)]
            assert db.execute("PRAGMA user_version").fetchone() == (0,)

    def test_one_of_a_newer_version_is_too_and_nothing_in_it_is_touched(self, tmp_path: Path) -> None:
        with sqlite3.connect(file(tmp_path)) as db:
            db.execute("CREATE TABLE of_the_future (x)")
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        db.close()
        Desk(tmp_path).granted()
        (aside,) = tmp_path.glob("ledger.sqlite3.unusable-*")
        with sqlite3.connect(aside) as db:
            assert db.execute("SELECT COUNT(*) FROM of_the_future").fetchone() == (0,)
        db.close()

    def test_an_empty_one_is_a_new_one(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        file(tmp_path).touch()
        Desk(tmp_path).granted()
        assert not caplog.records


class TestBadDisks:
    def test_a_folder_that_cannot_be_made_is_told_in_words(self, tmp_path: Path) -> None:
        (tmp_path / "taken").write_text("a file")
        with pytest.raises(StateError, match="MIANJING_HOME"):
            Desk(tmp_path / "taken").granted()

    def test_a_full_disk_is_told_in_words_and_what_was_written_stays(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path)
        desk.serve(1)
        with desk.ledger._database.write() as db:
            (pages,) = db.execute("PRAGMA page_count").fetchone()
        full = Database(file(tmp_path))
        with full.write() as db:
            db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StateError, match="full"), full.write() as db:
            db.executemany("INSERT INTO facts VALUES (?, ?)", [(f"{n}", "x" * 2_000) for n in range(99)])
        full.close()
        assert desk.used() == 1

    def test_a_folder_in_its_place_is_told_in_words_and_left(self, tmp_path: Path) -> None:
        file(tmp_path).mkdir()
        with pytest.raises(StateError, match="MIANJING_HOME"):
            Desk(tmp_path).granted()
        assert [path.name for path in tmp_path.iterdir()] == ["ledger.sqlite3"]

    def test_one_that_another_program_holds_for_too_long_is_told_as_held(self, tmp_path: Path) -> None:
        holder, waiting = Database(file(tmp_path)), Database(file(tmp_path), patience=0)
        note(waiting, "before")
        with holder.write(), pytest.raises(StateError, match="held by another program"):
            note(waiting, "meanwhile")
        note(waiting, "after")
        assert facts(holder) == {"before", "after"}
        for database in (holder, waiting):
            database.close()

    def test_a_read_only_file_is_told_in_words(self) -> None:
        script = """
            import os, sys
            from pathlib import Path
            from agent.errors import StateError
            from agent.gemini.ledger import Ledger
            from agent.gemini.leasing import Entry
            os.chmod(sys.argv[1] + "/ledger.sqlite3", 0o444), os.chmod(sys.argv[1], 0o555)
            if not os.geteuid():
                os.setgid(65534), os.setuid(65534)
            try:
                Ledger(Path(sys.argv[1])).lease("m", [Entry("k", "…")], 0)
            except StateError as error:
                print("MIANJING_HOME" in str(error))
            """
        # Not in pytest's own folder, which nobody else may look into.
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            Desk(home).granted()
            home.chmod(0o755)
            assert run(script, home).communicate()[0] == "True\n"
            home.chmod(0o700)


class TestProcesses:
    def test_one_that_is_killed_leaves_its_leases_as_used_and_holds_up_nobody(self, tmp_path: Path) -> None:
        script = """
            import sys
            from tests.gemini.bench import Desk
            from pathlib import Path
            desk = Desk(Path(sys.argv[1]))
            desk.granted()
            print("leased", flush=True)
            sys.stdin.read() if False else __import__("time").sleep(600)
            """
        other = run(script, tmp_path)
        assert other.stdout
        assert other.stdout.readline() == "leased\n"
        desk = Desk(tmp_path)
        assert desk.denied().reason == "busy"
        other.send_signal(signal.SIGKILL)
        other.communicate()
        desk.granted()
        assert desk.used() == 2

    def test_one_killed_in_the_middle_of_writing_leaves_nothing_half_done(self, tmp_path: Path) -> None:
        script = """
            import sys
            from tests.gemini.bench import Desk
            from pathlib import Path
            desk = Desk(Path(sys.argv[1]))
            print("begun", flush=True)
            while True:
                desk.serve()
            """
        desk = Desk(tmp_path)
        for _ in range(3):
            other = run(script, tmp_path)
            assert other.stdout
            other.stdout.readline()
            time.sleep(0.1)  # so that it is in the middle of something
            other.kill()
            other.communicate()
            with desk.ledger._database.write() as db:
                assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                (used,) = db.execute("SELECT SUM(requests) FROM days").fetchone()
                (minutes,) = db.execute("SELECT SUM(requests) FROM seconds").fetchone()
            assert used == minutes

    @pytest.mark.slow
    def test_four_share_one_ledger_at_a_thousand_a_second_and_none_waits_long(self, tmp_path: Path) -> None:
        script = """
            import json, sys, time
            from pathlib import Path
            from agent.gemini.ledger import Ledger
            from agent.gemini.leasing import Entry, Grant
            ledger, key = Ledger(Path(sys.argv[1])), Entry(sys.argv[2], "…")
            waits, due = [], time.perf_counter()
            for _ in range(500):
                due += 1 / 260
                time.sleep(max(0.0, due - time.perf_counter()))
                began = time.perf_counter()
                grant = ledger.lease("m", [key], 10)
                assert isinstance(grant, Grant), grant
                leased = time.perf_counter()
                ledger.served(grant, 10)
                waits += [leased - began, time.perf_counter() - leased]
            print(json.dumps([waits, time.perf_counter() - due]))
            """
        Desk(tmp_path).granted()
        workers = [run(script, tmp_path, f"key {n}") for n in range(4)]
        results = [json.loads(worker.communicate()[0]) for worker in workers]
        waits = sorted(wait for result in results for wait in result[0])
        with Desk(tmp_path).ledger._database.write() as db:
            (used,) = db.execute("SELECT SUM(requests) FROM days WHERE bucket = 'm'").fetchone()
        assert used == 2_000
        # None is behind its time by much; the machine may be busy with other things.
        assert max(behind for _, behind in results) < 1.0
        assert waits[int(len(waits) * 0.999)] < 0.1

    def test_a_fork_gets_a_connection_of_its_own(self, tmp_path: Path) -> None:
        script = """
            import os, sys
            from pathlib import Path
            from agent.gemini.leasing import Grant
            from tests.gemini.bench import Desk
            desk = Desk(Path(sys.argv[1]))
            desk.serve(5)
            child = os.fork()
            served = 0
            while served < 50:
                if isinstance(grant := desk.lease(), Grant):
                    desk.ledger.served(grant)
                    served += 1
            if not child:
                os._exit(0)
            os.waitpid(child, 0)
            print(desk.used())
            """
        if not hasattr(os, "fork"):
            pytest.skip("no fork here")
        assert run(script, tmp_path).communicate()[0] == "105\n"

    @pytest.mark.parametrize("is_open", [False, True])
    def test_a_fork_that_closes_it_leaves_the_parents_open(self, tmp_path: Path, is_open: bool) -> None:
        script = """
            import os, sys
            from pathlib import Path
            from agent.gemini.database import Database
            database = Database(Path(sys.argv[1]) / "ledger.sqlite3")
            def note(fact):
                with database.write() as db:
                    db.execute("INSERT INTO facts VALUES (?, '')", (fact,))
            if sys.argv[2]:
                note("before")
            if not (child := os.fork()):
                database.close()
                note("child")
                os._exit(0)
            os.waitpid(child, 0)
            note("parent")
            """
        if not hasattr(os, "fork"):
            pytest.skip("no fork here")
        other = run(script, tmp_path, "open" if is_open else "")
        other.communicate()
        assert other.returncode == 0
        assert facts(Database(file(tmp_path))) == {"child", "parent"} | ({"before"} if is_open else set())

    def test_a_fork_in_the_middle_of_writing_can_close_it_and_what_was_begun_is_the_parents(
        self, tmp_path: Path
    ) -> None:
        script = """
            import os, signal, sys
            from pathlib import Path
            from agent.gemini.database import Database
            database = Database(Path(sys.argv[1]) / "ledger.sqlite3")
            with database.write() as db:
                db.execute("INSERT INTO facts VALUES ('begun', '')")
                if not (child := os.fork()):
                    signal.alarm(5)
                    database.close()
                    os._exit(0)
                _, status = os.waitpid(child, 0)
            sys.exit(bool(status))
            """
        if not hasattr(os, "fork"):
            pytest.skip("no fork here")
        other = run(script, tmp_path)
        other.communicate()
        assert other.returncode == 0
        assert facts(Database(file(tmp_path))) == {"begun"}

    def test_threads_share_one_ledger(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path)
        desk.serve(1)

        def work(_: int) -> int:
            answers: Iterator[Grant | Denial] = (desk.lease() for _ in range(20))
            grants = [answer for answer in answers if isinstance(answer, Grant)]
            for grant in grants:
                desk.ledger.served(grant)
            return len(grants)

        with ThreadPoolExecutor(8) as threads:
            granted = sum(threads.map(work, range(8)))
        assert granted
        assert desk.used() == granted + 1


def test_this_process_is_alive_and_another_of_its_number_would_not_be() -> None:
    me = this_process()
    assert is_alive(me)
    assert not is_alive(Process(me.machine, me.pid, "born at another time")) or not me.born


def test_a_process_elsewhere_is_taken_to_live() -> None:
    assert is_alive(Process("another machine", 1, "?"))


def test_a_process_that_has_ended_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    me = this_process()
    born = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19] if me.born else ""
    process = Process(me.machine, child.pid, born)
    assert is_alive(process)
    child.kill()
    child.wait()
    assert not is_alive(process)


def test_the_state_of_a_model_survives_the_program(tmp_path: Path) -> None:
    Desk(tmp_path).serve(3)
    assert Desk(tmp_path).used(MODEL) == 3
