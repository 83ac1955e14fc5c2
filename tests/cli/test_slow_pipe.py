"""What comes slowly down a pipe is served as it comes; what comes at once is packed for the quota."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.cli.command import eventually, rows, started
from tests.twin import Quota, fake_key


MODEL = "gemini-2.5-flash"


@pytest.mark.parametrize("quota", [None, Quota(rpd=20)], ids=["ample", "twenty a day"])
def test_a_post_is_answered_before_the_next_one_comes(twin, quota):
    service = twin(projects={"p": [fake_key(1)]}, **({"quotas": quota} if quota else {}))
    environment = {"GEMINI_API_KEY": fake_key(1), "GOOGLE_GEMINI_BASE_URL": service.url}
    with started("extract", "-", "--models", MODEL, "-q", stdin=subprocess.PIPE, **environment) as going:
        pipe = going.process.stdin
        assert pipe
        for number, row in enumerate(rows(3), 1):
            pipe.write(json.dumps(row).encode() + b"\n")
            pipe.flush()
            eventually(lambda so_far=number: len(service.generated) == so_far)
            record = json.loads(going.process.stdout.readline())
            assert record["post"]["id"] == str(row["id"])
            assert record["provenance"]["model"] == MODEL
        said = going.end()
    assert said.status == 0
    assert len(service.generated) == 3


def test_what_comes_at_once_is_packed(twin):
    service = twin(projects={"p": [fake_key(1)]}, quotas=Quota(rpd=20))
    environment = {"GEMINI_API_KEY": fake_key(1), "GOOGLE_GEMINI_BASE_URL": service.url}
    given = "".join(json.dumps(row) + "\n" for row in rows(120)).encode()
    with started("extract", "-", "--models", MODEL, "-q", stdin=subprocess.PIPE, **environment) as going:
        out, _ = going.process.communicate(given, timeout=60)
    assert len(out.splitlines()) == 120
    assert len(service.generated) <= 20
