"""Many posts on their way through one ladder: packed, waited for, cut where they are too long, kept when they are done.

* Online: `engine` (the way) over `jobs`, `packing`, `second_look` and `outage`; `parts` over `windows` and `room` for long posts.
* By batch: `batch` over `batch_answers` and `batch_store`. Beforehand: `forecast`.
* Around both: `reading` (input), `store` (finished work), `tally` (how far it is), `run` (for callers that are synchronous).

Reads no files of posts, writes no exports, and knows nothing of what a good answer is.
"""
