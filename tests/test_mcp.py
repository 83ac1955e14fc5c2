"""The tools for assistants, asked by the protocol's own client: in memory, and in a process of its own over its standard streams."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent import Extractor, Record
from agent.errors import MissingExtra, UsageError
from agent.mcp_server import read_bank, serve, server
from agent.outputs.bank import build
from tests.outputs.samples import asked
from tests.twin import fake_key


pytest.importorskip("mcp.server.mcpserver", reason="mcp is not installed")

ROOT = Path(__file__).parents[1]
POST = "一面：\n1. 什么是 LoRA？\n2. 手撕：反转链表\n一定要先刷八股！\n"
BANK = build(
    [
        asked("什么是 LoRA？", "如何评估 RAG 的召回？", post="a", company="云图科技", topic="大模型"),
        asked("什么是 LoRA？", "手撕：反转链表", post="b", company="海带短视频", topic="算法"),
    ]
)
COMMAND = [
    *(sys.executable, "-X", "utf8", "-c"),
    "import sys; from pathlib import Path; from agent.mcp_server import serve; serve(*map(Path, sys.argv[1:]))",
]


def called(served: Any, tool: str, **arguments: Any) -> Any:
    """What the client gets for one call."""
    from mcp import Client

    async def call() -> Any:
        async with Client(served, read_timeout_seconds=60) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(call())


def tools(served: Any) -> dict[str, Any]:
    from mcp import Client

    async def ask() -> Any:
        async with Client(served) as client:
            return (await client.list_tools()).tools

    return {tool.name: tool for tool in asyncio.run(ask())}


def questions(result: Any) -> list[str]:
    assert not result.is_error, result.content
    return [one["text"] for one in result.structured_content["questions"]]


@pytest.fixture
def offline():
    return server(Extractor(offline=True), BANK)


def test_a_text_becomes_a_record(offline):
    result = called(offline, "extract", text=POST, title="云图一面")
    record = Record.model_validate(result.structured_content)
    assert [one.quote for one in record.questions] == ["什么是 LoRA？", "手撕：反转链表"]
    assert all(POST[one.start : one.end] == one.quote for one in [*record.questions, *record.advice])
    assert record.post.title == "云图一面"
    assert Record.from_json(result.content[0].text) == record


def test_the_tools_say_what_they_take_and_give(offline):
    offered = tools(offline)
    assert set(offered) == {"extract", "search_bank"}
    for tool in offered.values():
        assert tool.description
        assert all(one.get("description") for one in tool.input_schema["properties"].values())
    assert set(offered["extract"].output_schema["properties"]) == set(Record.model_fields)
    assert offered["search_bank"].annotations.read_only_hint


def test_without_a_bank_there_is_no_search():
    assert set(tools(server(Extractor(offline=True)))) == {"extract"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"query": "lora"}, ["什么是 LoRA？"]),
        ({"topic": "算法"}, ["什么是 LoRA？", "手撕：反转链表"]),
        ({"company": "云图"}, ["什么是 LoRA？", "如何评估 RAG 的召回？"]),
        ({"query": "召回", "company": "海带"}, []),
        ({}, ["什么是 LoRA？", "如何评估 RAG 的召回？", "手撕：反转链表"]),
    ],
    ids=["words", "topic", "company", "both", "all"],
)
def test_the_bank_is_searched(offline, wanted, found):
    assert questions(called(offline, "search_bank", **wanted)) == found


def test_a_hit_tells_how_often_and_where(offline):
    result = called(offline, "search_bank", limit=1).structured_content
    assert result["total"] == 3
    [hit] = result["questions"]
    assert hit["count"] == 2
    assert hit["companies"] == ["云图科技", "海带短视频"]
    assert [(one["url"], one["quote"]) for one in hit["sources"]] == [
        ("https://example.com/a", "什么是 LoRA？"),
        ("https://example.com/b", "什么是 LoRA？"),
    ]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("extract", {"text": " \n\u200b"}, "no text"),
        ("extract", {}, "text"),
        ("search_bank", {"limit": 0}, "limit"),
        ("nothing", {}, "Unknown tool"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(offline, tool, arguments, said):
    result = called(offline, tool, **arguments)
    assert result.is_error
    assert said in result.content[0].text
    assert "Traceback" not in result.content[0].text


def test_half_an_emoji_does_no_harm():
    text = "1. 什么是 LoRA \ud83d？"
    served = server(Extractor(offline=True), build([asked(text)]))
    record = Record.model_validate(called(served, "extract", text=text).structured_content)
    assert (record.questions[0].start, record.questions[0].end) == (3, len(text))
    assert questions(called(served, "search_bank", query="LoRA"))[0].endswith("LoRA \ufffd？")


def test_a_model_answers_where_one_can(twin):
    service = twin(projects={"p": [fake_key(1)]})
    with Extractor(models=["gemini-2.5-flash"], keys=[fake_key(1)], base_url=service.url) as extractor:
        served = server(extractor)
        assert called(served, "extract", text=POST).structured_content["provenance"]["model"] == "gemini-2.5-flash"
        called(served, "extract", text=POST + "3. 讲讲 RAG？", offline=True)
    assert len(service.requests) == 1


def test_a_process_serves_over_its_standard_streams(tmp_path):
    from mcp import StdioServerParameters

    bank = tmp_path / "bank.json"
    bank.write_text(BANK.to_json(), encoding="utf-8")
    program, *options = COMMAND
    served = StdioServerParameters(
        command=program, args=[*options, str(bank)], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert questions(called(served, "search_bank", query="RAG 评估")) == ["如何评估 RAG 的召回？"]


def test_standard_output_is_the_protocols_alone_and_no_key_is_on_any_stream(twin):
    """A key that the service refuses: the rules answer, and what is told of it is its last characters."""
    service, key = twin(projects={}), fake_key(9)
    environment = {"GEMINI_API_KEY": key, "GOOGLE_GEMINI_BASE_URL": service.url, "MIANJING_MODELS": "gemini-2.5-flash"}
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    messages = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "extract", "arguments": {"text": POST}}},
    ]
    with subprocess.Popen(
        COMMAND,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as running:
        for message in messages:
            running.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        running.stdin.flush()
        answers = [json.loads(running.stdout.readline()) for _ in range(2)]
        rest, logged = running.communicate()
    assert [one["id"] for one in answers] == [1, 2]
    provenance = answers[1]["result"]["structuredContent"]["provenance"]
    assert provenance["origin"] == "rules"
    assert provenance["attempts"][0]["key"] == f"…{key[-4:]}"
    assert (rest, running.returncode) == ("", 0)
    assert key not in json.dumps(answers) + logged


@pytest.mark.parametrize("line", [True, False], ids=["records.jsonl", "bank.json"])
def test_a_bank_is_read_from_a_bank_or_from_records(tmp_path, line):
    record = asked("什么是 LoRA？", "手撕：反转链表")
    file = tmp_path / "file"
    file.write_text(record.to_json() + "\n" if line else build([record]).to_json(indent=2), encoding="utf-8")
    assert read_bank(file) == build([record])


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\xff", b'{"a": 1}', b"[" * 100_000], ids=repr)
def test_what_is_no_bank_is_refused_before_anything_is_served(tmp_path, content):
    file = tmp_path / "bank.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=r"bank\.json"):
        serve(file)


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    with pytest.raises(MissingExtra, match=r'pip install "mianjing\[mcp\]"'):
        server(Extractor(offline=True))
