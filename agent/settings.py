"""What the environment says: the folder of the state, the `.env` file, the ladder of models. No keys; they are read in `agent.gemini.keys`."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The folder that all state lives in: `MIANJING_HOME`, else the platform's user data folder. It need not exist yet."""
    named = os.environ.get("MIANJING_HOME")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("mianjing", appauthor=False)


def load_dotenv() -> None:
    """Take what a `.env` in the working folder or above it says into the environment; what is set already stays."""
    here = Path.cwd()
    found = next((file for folder in (here, *here.parents) if (file := folder / ".env").is_file()), None)
    if found:
        from dotenv import load_dotenv as load

        load(found, encoding="utf-8-sig")
