"""Every error that mianjing raises on purpose, split by who must act.

* MianjingError
  * UsageError               the caller: a wrong option, an unknown provider, nothing to read
    * MissingExtra           the caller: a package that this format or model needs is not installed
  * InputProblem             the input: one file or row that cannot be read; the rest goes on
    * NoText                 the input: a post that can have no result
    * LeftOut                nobody: what was understood and is no post, such as comments (`agent.inputs`)
  * StateError               the machine: the folder of `MIANJING_HOME` cannot be used
  * RungUnavailable          nobody, but time: this model cannot serve now; the ladder goes on

None of them ever holds a key: texts that come from elsewhere are scrubbed before they get here. All of them can be pickled: they
come whole out of another process.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.records import Attempt


class MianjingError(Exception):
    """The root of all errors of this package."""


class UsageError(MianjingError):
    """The command or call is wrong as it stands; the text says what to change."""


class MissingExtra(UsageError):
    """A package is not installed that this needs."""

    def __init__(self, what: str, extra: str) -> None:
        self.what, self.extra = what, extra
        super().__init__(f"{what} needs the extra '{extra}': pip install \"mianjing[{extra}]\"")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.what, self.extra)


class InputProblem(MianjingError):
    """One file, or one row of it, cannot be read. The rest of the input goes on."""

    def __init__(self, source: str, why: str, *, row: int | None = None) -> None:
        self.source, self.why, self.row = source, why, row
        super().__init__(f"{self.where}: {why}")

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), row=self.row), (self.source, self.why)

    @property
    def where(self) -> str:
        return self.source if self.row is None else f"{self.source}, row {self.row}"


class NoText(InputProblem):
    """A post without text: empty, white space, or invisible. There is nothing to extract."""

    def __init__(self, source: str) -> None:
        super().__init__(source, "the post has no text; nothing to extract")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.source,)


class StateError(MianjingError):
    """The state folder cannot be read or written; the text says what to do."""


class RungUnavailable(MianjingError):
    """One model of the ladder cannot serve now.

    `until` is when it could (aware, UTC), null where nobody knows or never; `reason` is a code such as
    `quota_day`; `attempts` are the requests made in vain and the keys passed over.
    """

    def __init__(
        self,
        model: str,
        reason: str,
        *,
        until: datetime | None = None,
        attempts: Sequence[Attempt] = (),
        detail: str = "",
    ) -> None:
        self.model, self.reason, self.until = model, reason, until
        self.attempts, self.detail = tuple(attempts), detail
        super().__init__(f"{model}: {detail or reason}")

    def __reduce__(self) -> tuple[Any, ...]:
        made = partial(RungUnavailable, until=self.until, attempts=self.attempts, detail=self.detail)
        return made, (self.model, self.reason)
