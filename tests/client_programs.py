"""Runs the clients of the help pages as they are, each with the runtime of its language where that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from studiolo.services.documents.clients import LANGUAGES, Client


def find_python2() -> str | None:
    """Give a Python 2.7 from pyenv, whose command on PATH may be off, or PATH."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return next(map(str, pyenv.glob("2.7.*/bin/python")), None) or shutil.which("python2.7")


def need_runtime(language: str) -> None:
    """Skip the test where a language has no runtime, and say which."""
    programs = {
        "python3": sys.executable,
        "python2": find_python2(),
        "javascript": shutil.which("node"),
        "csharp": shutil.which("mcs") and shutil.which("mono"),
        "curl": shutil.which("curl"),
        "r": shutil.which("Rscript"),
    }
    if not programs[language]:
        pytest.skip(f"no runtime for {LANGUAGES[language]} (C#: mcs and mono)")
    if language == "r" and not _has_r_packages():
        pytest.skip("R lacks the packages curl and jsonlite")


def run_client(client: Client, folder: Path, key: str) -> subprocess.CompletedProcess[str]:
    """Save the program as the page says and run it, with nothing in its environment but the key and PATH."""
    file = folder / client.file
    file.write_text(client.text, encoding="utf-8")
    environment = {"STUDIOLO_KEY": key, "PATH": os.environ["PATH"], "HOME": str(folder)}
    commands = {
        "python3": [sys.executable, "-I", client.file],
        "python2": [find_python2() or "python2.7", client.file],
        "javascript": ["node", client.file],
        "csharp": ["mono", "client.exe"],
        "curl": ["sh", client.file],
        "r": ["Rscript", "--vanilla", client.file],
    }
    if client.language == "csharp":
        compiling = ["mcs", "-langversion:7", "-r:System.Net.Http.dll", "-out:client.exe", client.file]
        subprocess.run(compiling, cwd=folder, check=True, capture_output=True)
    return subprocess.run(
        commands[client.language],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def _has_r_packages() -> bool:
    question = 'quit(status = !all(sapply(c("curl", "jsonlite"), requireNamespace, quietly = TRUE)))'
    return subprocess.run(["Rscript", "-e", question], capture_output=True).returncode == 0
