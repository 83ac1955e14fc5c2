"""The commands and their options. None does anything itself: its body is loaded when it is called, so that `--help` starts at once."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.lang_option import Commands, Language


app = typer.Typer(
    name="mianjing",
    help="Reads interview-experience posts (面经) into methods, questions and advice, each grounded in the post.",
    epilog="Example: mianjing extract posts/ -o questions.xlsx    (no key? add --offline)",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
)
keys_app = typer.Typer(
    help="The Gemini keys that are kept, readable by you alone.",
    epilog="Example: mianjing keys add   (asks for the key, so that it stays out of the shell's history)",
    no_args_is_help=True,
)
app.add_typer(keys_app, name="keys")
batch_app = typer.Typer(
    help="Jobs at Gemini's Batch API that `mianjing extract --batch` submitted.",
    epilog="Example: mianjing batch fetch",
    no_args_is_help=True,
)
app.add_typer(batch_app, name="batch")


class Engine(StrEnum):
    """What runs the posts."""

    LOCAL = "local"
    RAY = "ray"


Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT", help="Files, folders, or - for standard input.", show_default=False)
]
RecordFiles = Annotated[
    list[Path], typer.Argument(metavar="RECORDS", help="Files of records: .jsonl or .json.", show_default=False)
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to FILE, whole or not at all.")
]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="json, jsonl, csv, md, xlsx, parquet, anki or html; told from FILE's ending where absent.",
    ),
]
Models = Annotated[
    str | None,
    typer.Option("--models", metavar="A,B,C", help="The ladder of models, asked in this order; rules are always last."),
]
BaseUrl = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="Another endpoint that speaks Gemini's API.")
]
Jobs = Annotated[
    list[str] | None,
    typer.Argument(metavar="[JOB...]", help="By name, as `mianjing batch list` shows it; all where absent."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Tell it as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")]


@app.callback()
def mianjing(lang: Language = None) -> None:  # noqa: ARG001  # its callback has done the work
    """Set up what all commands share."""
    from agent.cli.logs import set_up

    set_up()


def _count(text: str, option: str) -> int | None:
    """`auto` or a number from 1 on."""
    if text == "auto":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise typer.BadParameter("'auto', or a number from 1 on", param_hint=f"'{option}'")
    return int(text)


def _amount(text: str | None) -> Decimal | None:
    """US dollars from 0 on."""
    if text is None:
        return None
    try:
        amount = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter("an amount of US dollars from 0 on, such as 0.50", param_hint="'--budget'")
    return amount


@app.command(epilog="Example: mianjing extract saved-posts/ -o bank.xlsx")
def extract(
    inputs: Inputs,
    output: Output = None,
    format_name: FormatName = None,
    models: Models = None,
    base_url: BaseUrl = None,
    offline: Annotated[bool, typer.Option("--offline", help="Rules only; no network at all.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again, whatever was finished before.")] = False,
    pack: Annotated[str, typer.Option("--pack", metavar="auto|N", help="Posts in one request.")] = "auto",
    concurrency: Annotated[str, typer.Option("--concurrency", metavar="auto|N", help="Requests in flight.")] = "auto",
    patience: Annotated[
        float, typer.Option("--patience", metavar="SECONDS", min=0, help="The longest that a post may wait for quota.")
    ] = 90.0,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first N posts.")] = None,
    engine: Annotated[
        Engine,
        typer.Option("--engine", help="Where the work is done: by this process, or by all cores of a Ray cluster."),
    ] = Engine.LOCAL,
    ray_address: Annotated[
        str | None,
        typer.Option(
            "--ray-address",
            metavar="HOST:PORT",
            help="The cluster to join, or auto; else one is started here, and stopped.",
        ),
    ] = None,
    batch: Annotated[
        bool, typer.Option("--batch", help="By Gemini's Batch API: half the price, answers within a day.")
    ] = False,
    max_requests: Annotated[
        int | None,
        typer.Option("--max-requests", metavar="N", min=0, help="Send no more requests; rules do the rest."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="USD", help="Send nothing that could cost more in all; rules do the rest."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what there is to do; send nothing.")] = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Go on: take new files as they come, wait until quota returns. Ctrl-C ends it."),
    ] = False,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help="The files' encoding, where it is known.")
    ] = None,
    quiet: Quiet = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Tell each request, and what libraries have to say.")
    ] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Tell everything as JSON on standard error, one object a line.")
    ] = False,
    lang: Language = None,  # noqa: ARG001  # its callback has done the work
) -> None:
    """Extract methods, questions and advice from posts.

    Results go to standard output or FILE; progress and the summary go to standard error. Run the same command again and it
    goes on where it stopped. Exit status: 0 all by a model (or only rules were asked for), 3 some by rules because no model could
    serve, 4 some post has no result, 2 wrong usage or nothing to read, 130 interrupted.
    """
    from agent.cli.extract import run
    from agent.cli.wanted import Wanted

    raise typer.Exit(
        run(
            Wanted(
                inputs=inputs,
                output=output,
                format_name=format_name,
                models=models,
                base_url=base_url,
                offline=offline,
                fresh=fresh,
                pack=_count(pack, "--pack"),
                concurrency=_count(concurrency, "--concurrency"),
                patience=patience,
                limit=limit,
                engine=engine.value,
                ray_address=ray_address,
                batch=batch,
                max_requests=max_requests,
                budget=_amount(budget),
                dry_run=dry_run,
                watch=watch,
                encoding=encoding,
                quiet=quiet,
                verbose=verbose,
                log_json=log_json,
            )
        )
    )


@app.command(epilog="Example: mianjing bank records.jsonl -o bank.md")
def bank(
    records: RecordFiles,
    output: Output = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="NAME", help="md, json, xlsx, anki or html; told from FILE's ending where absent."
        ),
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="BANK.json", help="A bank that these records join.")
    ] = None,
    lang: Language = None,  # noqa: ARG001  # its callback has done the work
) -> None:
    """Make one question bank of all records.

    Questions that mean the same are merged, with how often and where they were asked.
    """
    from agent.cli.records import make_bank

    make_bank(records, output, format_name, into)


@app.command(epilog="Example: mianjing report records.jsonl -o report.html")
def report(records: RecordFiles, output: Output = None, lang: Language = None) -> None:  # noqa: ARG001
    """Make one HTML page to look at: overview, search, spans, practice; it needs no network.

    Of a bank that was written as JSON, its own page.
    """
    from agent.cli.records import make_report

    make_report(records, output)


@app.command(epilog="Example: mianjing schema > record.schema.json")
def schema() -> None:
    """Print the JSON Schema of a record."""
    from agent.cli.records import print_schema

    print_schema()


@app.command("eval", epilog="Example: mianjing eval gold.jsonl --offline --list")
def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD.jsonl", help="Posts with labels.")],
    records: Annotated[
        Path | None, typer.Argument(metavar="[RECORDS]", help="Records to score; made now where absent.")
    ] = None,
    models: Annotated[
        list[str] | None,
        typer.Option("--models", metavar="A,B,C", help="A ladder to score; give it several times to compare."),
    ] = None,
    base_url: BaseUrl = None,
    offline: Annotated[bool, typer.Option("--offline", help="Score the rules alone.")] = False,
    show: Annotated[bool, typer.Option("--list", help="List what was missed and what is false.")] = False,
    as_json: AsJson = False,
) -> None:
    """Score records against labels.

    Precision, recall and F1 by kind; spans match by overlap (IoU at least 0.5); optional labels neither help nor harm.
    """
    from agent.cli.evaluate import Scoring, run

    run(
        Scoring(
            gold=gold,
            records=records,
            models=models or [],
            base_url=base_url,
            offline=offline,
            show=show,
            as_json=as_json,
        )
    )


@app.command(epilog="Example: mianjing forget posts/old.txt")
def forget(
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="INPUT", help="The posts whose results to drop.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Drop all finished work.")] = False,
) -> None:
    """Drop finished work, so that it is asked for again."""
    from agent.cli.records import forget_work

    forget_work(inputs or [], everything=everything)


@app.command(epilog="Example: mianjing quota --json")
def quota(as_json: AsJson = False) -> None:
    """Show what is used, what is left, and when it comes back."""
    from agent.cli.quota import show_quota

    show_quota(as_json=as_json)


@app.command(epilog="Example: mianjing models --models gemini-2.5-flash,gemini-2.5-pro")
def models(models: Models = None, base_url: BaseUrl = None, as_json: AsJson = False) -> None:
    """Show which models of the ladder live. Costs no quota."""
    from agent.cli.quota import show_models

    show_models(models, base_url, as_json=as_json)


@app.command(epilog="Example: mianjing mcp --bank bank.json")
def mcp(
    bank: Annotated[
        Path | None, typer.Option("--bank", metavar="FILE", help="A bank, or records, that assistants may search.")
    ] = None,
) -> None:
    """Offer extraction, and a search in a bank, to assistants.

    Speaks the Model Context Protocol on standard input and output: an assistant starts it, you need not.
    """
    from agent.mcp_server import serve

    serve(bank)


@keys_app.command("list", epilog="Example: mianjing keys list")
def keys_list(as_json: AsJson = False) -> None:
    """Show the keys in use: where each comes from and how it fares; never the key itself."""
    from agent.cli.keys import list_keys

    list_keys(as_json=as_json)


@keys_app.command(
    "add", epilog="Example: mianjing keys add --name my-project", context_settings={"allow_extra_args": True}
)
def keys_add(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Option(
            "--name", metavar="PROJECT", help="The project the key belongs to; keys of one project share its quota."
        ),
    ] = None,
) -> None:
    """Keep a key. It is asked for, or read from standard input, so that it stays out of the shell's history."""
    from agent.cli.keys import add_key

    add_key(name, typed=bool(ctx.args))


@keys_app.command("remove", epilog="Example: mianjing keys remove A1b2")
def keys_remove(
    which: Annotated[str, typer.Argument(metavar="LAST4", help="The key's last four characters, or its fingerprint.")],
) -> None:
    """Forget a kept key."""
    from agent.cli.keys import remove_key

    remove_key(which)


@keys_app.command("check", epilog="Example: mianjing keys check")
def keys_check(base_url: BaseUrl = None, as_json: AsJson = False) -> None:
    """Ask the service about each key by a call that costs no quota: valid, invalid, leaked, suspended, wrong place."""
    from agent.cli.keys import check_keys

    check_keys(base_url, as_json=as_json)


@batch_app.command("list", epilog="Example: mianjing batch list")
def batch_list(as_json: AsJson = False) -> None:
    """Show the jobs under way, and how each stands."""
    from agent.cli.batch import list_jobs

    list_jobs(as_json=as_json)


@batch_app.command("fetch", epilog="Example: mianjing batch fetch")
def batch_fetch(jobs: Jobs = None) -> None:
    """Take in the answers of jobs that are over. What they lack is asked for by the next `mianjing extract`."""
    from agent.cli.batch import fetch_jobs

    fetch_jobs(jobs or [])


@batch_app.command("cancel", epilog="Example: mianjing batch cancel --all")
def batch_cancel(
    jobs: Jobs = None,
    everything: Annotated[bool, typer.Option("--all", help="Cancel all jobs under way.")] = False,
) -> None:
    """End jobs before they are done. Their posts are asked for anew."""
    from agent.cli.batch import cancel_jobs

    cancel_jobs(jobs or [], everything=everything)
