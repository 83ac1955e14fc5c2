"""The ledger's tables. A change is a further migration; one that has shipped is never edited.

Times are seconds since 1970; days are Pacific dates, `2026-11-24`. A key stands here as its fingerprint alone.
"""

from __future__ import annotations


MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # `salt` of the fingerprints; `latest` is the latest time that was ever seen; `listed` when the models were asked for.
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
        # Whose project, and how that is known: `guess` (each its own), `joined` (by a 429), `told` by the service, `named` by the user.
        """CREATE TABLE keys (key TEXT PRIMARY KEY, tail TEXT NOT NULL, project TEXT NOT NULL, source TEXT NOT NULL,
            proven INTEGER NOT NULL DEFAULT 0, probe_at REAL, probe_wait REAL) WITHOUT ROWID""",
        "CREATE TABLE projects (project TEXT PRIMARY KEY, tier TEXT NOT NULL) WITHOUT ROWID",
        # Models that are counted under another name.
        "CREATE TABLE buckets (model TEXT PRIMARY KEY, bucket TEXT NOT NULL) WITHOUT ROWID",
        # `unsure`: requests counted here that the service may not have counted.
        """CREATE TABLE days (bucket TEXT, day TEXT, key TEXT, requests INTEGER NOT NULL DEFAULT 0, tokens INTEGER NOT NULL DEFAULT 0,
            unsure INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (bucket, day, key)) WITHOUT ROWID""",
        """CREATE TABLE seconds (bucket TEXT, second INTEGER, key TEXT, requests INTEGER NOT NULL, tokens INTEGER NOT NULL,
            PRIMARY KEY (bucket, second, key)) WITHOUT ROWID""",
        """CREATE TABLE leases (id INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, key TEXT NOT NULL, day TEXT NOT NULL,
            at REAL NOT NULL, machine TEXT NOT NULL, pid INTEGER NOT NULL, born TEXT NOT NULL)""",
        "CREATE INDEX open_leases ON leases (bucket, key)",
        # `holder` is a project, or `tier:free` and the like.
        """CREATE TABLE limits (bucket TEXT, holder TEXT, metric TEXT, value INTEGER NOT NULL, at REAL NOT NULL,
            PRIMARY KEY (bucket, holder, metric)) WITHOUT ROWID""",
        # The most that was seen served to a project, in a day and in a minute.
        """CREATE TABLE peaks (bucket TEXT, project TEXT, served INTEGER NOT NULL, day INTEGER NOT NULL, minute INTEGER NOT NULL,
            PRIMARY KEY (bucket, project)) WITHOUT ROWID""",
        # What is out: `who` is a project, a key, or nothing for everybody; `model` a model, its bucket, or nothing for all.
        # `until` is what may be told to people, `ends` when it is tried again; null is never. `machine` is set where only it is meant.
        """CREATE TABLE outs (who TEXT, model TEXT, machine TEXT, reason TEXT NOT NULL, message TEXT NOT NULL, since REAL NOT NULL,
            until REAL, ends REAL, PRIMARY KEY (who, model, machine)) WITHOUT ROWID""",
        """CREATE TABLE circuits (model TEXT PRIMARY KEY, failures INTEGER NOT NULL, reason TEXT NOT NULL, opened REAL NOT NULL,
            until REAL NOT NULL, trial INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
        "CREATE TABLE models (model TEXT PRIMARY KEY, generates INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE successors (model TEXT PRIMARY KEY, successor TEXT NOT NULL) WITHOUT ROWID",
    ),
)
