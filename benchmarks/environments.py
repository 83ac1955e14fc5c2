"""A virtual environment for each peer, outside the repository, with the versions that `peers.txt` pins."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from platformdirs import user_cache_path


PINS = Path(__file__).with_name("peers.txt")
OURS = Path(sys.executable)
# Taken back from PyPI with code that stole credentials; a pin on one of them is refused.
_STOLEN = {"litellm==1.82.7", "litellm==1.82.8", "litellm==1.107.0"}


def python_of(peer: str) -> Path:
    """The interpreter of the peer's environment, made when first asked for. Only wheels: nothing is built, nothing run."""
    pin = pins()[peer]
    folder = user_cache_path("mianjing-benchmarks", appauthor=False) / pin.replace("==", "-")
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done = folder / "installed"
    if not done.exists():
        print(f"installing {pin} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "-qqq", "--disable-pip-version-check"]
        subprocess.run([*command, "--only-binary", ":all:", pin], check=True, stdout=sys.stderr)
        done.touch()
    return python


def pins(file: Path = PINS) -> dict[str, str]:
    """The pins by name of the package. Raises `ValueError` for what is no exact pin, or known to be stolen."""
    found = {}
    for line in filter(None, map(str.strip, file.read_text(encoding="utf-8").splitlines())):
        name, equals, version = line.partition("==")
        if not (name and equals and version) or line in _STOLEN:
            raise ValueError(f"{file.name}: '{line}' is no pin to install")
        found[name] = line
    return found


def installed(peer: str) -> str:
    """Name and version, for the tables: `litellm 1.108.14`."""
    return pins()[peer].replace("==", " ")
