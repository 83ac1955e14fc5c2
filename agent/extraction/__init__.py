"""What stands between a post and its record: prompts, the chain of a rung, an answer read, grounded and checked, and the rules.

* Without a model: `rules` (they see), `findings` (what was seen), `result` (the record).
* With one: `prompt` and `showing` (what is sent), `models` and `chain` (by whom), `answer`, `entries` and `repair` (what was said).
* Held against the post: `grounding` over `folding` and `rewording` (where it stands), `check` and `overlap` (whether it is right).

Looks no further than one request: packing, waiting and keeping are `pipeline`'s. Without a model LangChain is never imported.
"""
