"""Gemini with a person's many keys: verdicts on failures, a ledger of quotas, a key manager, and LangChain's chat model on top.

* What went wrong: `verdict` (the value), `errors` (judges anything), by way of `refusal`, `status`, `quota` and `answers`.
* What is left: `ledger` (the front), over `choosing` (who goes next), `booking` (how it went), `accounts` (how things stand);
  `standing`, `circuit`, `moment` and `beliefs` decide, `projects`, `uses` and `reading` know the tables of `schema`, `database` the file.
* Whose keys: `keys` (the manager), `keystore` (where they come from), `listing` (the free call), `way`, `reasons`, `scrub`.
* Who sends: `chat` (the model), `calling` (one call over all its tries), `clients`, `sizes`.

Nothing is imported here: `agent.gemini.chat` alone needs LangChain, and takes its time.
"""
