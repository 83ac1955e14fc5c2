"""What one call of `mianjing extract` asks for: its options as given, and what is plainly impossible among them. Opens no file."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from agent.errors import UsageError
from agent.outputs import FORMATS, format_for


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The options of one call."""

    inputs: list[str]
    output: Path | None
    format_name: str | None
    models: str | None
    base_url: str | None
    offline: bool
    fresh: bool
    pack: int | None
    concurrency: int | None
    patience: float
    limit: int | None
    engine: str
    ray_address: str | None
    batch: bool
    max_requests: int | None
    budget: Decimal | None
    dry_run: bool
    watch: bool
    encoding: str | None
    quiet: bool
    verbose: bool
    log_json: bool

    def check(self) -> None:
        """Refuse what cannot be done before anything is asked. Raises `UsageError`."""
        if self.output:
            format_for(self.output, self.format_name)
            if any(given != "-" and Path(given).resolve() == self.output.resolve() for given in self.inputs):
                raise UsageError(f"-o {self.output} is one of the inputs; name another file")
        elif self.format_name and not (self.format_name in FORMATS and FORMATS[self.format_name].is_text):
            known = ", ".join(name for name, one in FORMATS.items() if one.is_text)
            raise UsageError(f"--format {self.format_name} needs -o FILE; to standard output go {known}")
        if self.batch and (self.offline or self.watch):
            raise UsageError(
                "--batch goes neither with --offline, which asks nobody, nor with --watch, which does not wait for a day"
            )
        if self.engine == "ray" and self.watch:
            raise UsageError("--engine ray does not go with --watch, whose input has no end; leave one of them out")
        if self.ray_address and self.engine != "ray":
            raise UsageError("--ray-address is for --engine ray; add that, or leave it out")
        if self.watch and "-" in self.inputs:
            raise UsageError("--watch takes files and folders; standard input cannot be watched")

    @cached_property
    def is_view(self) -> bool:
        """Whether results are shown to a person, on the terminal."""
        return not self.output and not self.format_name and sys.stdout.isatty()

    def is_output(self, path: Path) -> bool:
        """Whether this is the file that the run itself writes."""
        return self.output is not None and path.name == self.output.name and path.resolve() == self.output.resolve()
