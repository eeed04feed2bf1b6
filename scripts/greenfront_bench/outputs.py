"""Files that a word leaves behind: looked at before anything is measured, so that nothing measured is lost."""

import json
import os
import sys
from pathlib import Path

USAGE, NO_INPUT, CANNOT_CREATE = 64, 66, 73
"""Exit codes, as the program's own."""


def refuse(code, text):
    """Ends the program with a message for the user."""
    print(f"bench: {text}", file=sys.stderr)
    raise SystemExit(code)


def require_place(file):
    """Makes the folder of a file; ends the program where the file cannot be written."""
    file = Path(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        refuse(CANNOT_CREATE, f"{file} cannot be written: {problem.strerror}: {problem.filename}")
    if file.is_dir():
        refuse(CANNOT_CREATE, f"{file} cannot be written: it is a folder")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        refuse(CANNOT_CREATE, f"{file} cannot be written: no permission")


def require_folder(folder):
    """The same of a folder that files will stand in."""
    require_place(Path(folder) / "figures.json")


def write(file, content):
    Path(file).write_text(json.dumps(content, indent=1) + "\n")
