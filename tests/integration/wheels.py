"""Makes wheels and sources for tests, and lets uv and pip find them beside what they find anyway."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from studiolo.environments.index_settings import pip_settings, uv_variables


def make_wheel(
    folder: Path, name: str, files: Mapping[str, str], needs: Sequence[str] = (), version: str = "1.0"
) -> Path:
    """Write a pure wheel for every Python."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {one}\n" for one in needs)
    tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n"
    everything = {**files, f"{info}/METADATA": metadata, f"{info}/WHEEL": tag}
    everything[f"{info}/RECORD"] = "".join(f"{one},,\n" for one in [*everything, f"{info}/RECORD"])
    path = folder / f"{name}-{version}-py2.py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in everything.items():
            archive.writestr(file, text)
    return path


def make_source(folder: Path, name: str, setup: str = "", version: str = "1.0") -> Path:
    """Write a source distribution that is built by `setup.py`."""
    text = f"{setup}\nfrom setuptools import setup\nsetup(name={name!r}, version={version!r}, py_modules=[{name!r}])\n"
    metadata = f"Metadata-Version: 1.1\nName: {name}\nVersion: {version}\n"
    path = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file, content in {"setup.py": text, f"{name}.py": "BUILT = True\n", "PKG-INFO": metadata}.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{file}")
            entry.size = len(content.encode())
            archive.addfile(entry, io.BytesIO(content.encode()))
    return path


def variables_to_find(folder: Path) -> dict[str, str]:
    """Give the variables by which uv and pip find what is in a folder too."""
    for_uv = uv_variables().get("UV_FIND_LINKS") or os.environ.get("UV_FIND_LINKS", "")
    for_pip = pip_settings(os.environ)["find-links"]
    return {
        "UV_FIND_LINKS": ",".join(one for one in (for_uv, str(folder)) if one),
        "PIP_FIND_LINKS": f"{for_pip} {folder}".strip(),
    }


def hostile_files(witness: Path, replaces_python: bool = False) -> dict[str, str]:
    """Give the files of a wheel that tries to run at every start of its environment, leaving traces in a folder.

    With `replaces_python` it brings programs of the interpreter's name too, which uv refuses by itself.
    Inside a jail the traces fail; there it sets `sys.started`, which shows that it was really tried.
    """
    attack = (
        "import sys\nsys.started = getattr(sys, 'started', ()) + (__name__,)\n"
        f"try:\n    open({str(witness)!r} + '/' + __name__, 'w').close()\nexcept Exception:\n    pass\n"
    )
    program = f"#!/bin/sh\ntouch {witness}/program\nexit 1\n"
    return {
        "evil.py": attack,
        "evil.pth": "import evil\n",
        "_virtualenv.py": attack,
        "sitecustomize.py": attack,
        "usercustomize.py": attack,
        "encodings.py": attack,
        "os.py": attack,
        **({"evil-1.0.data/data/bin/python": program} if replaces_python else {}),
        "evil-1.0.data/scripts/evil-program": program,
        "evil-1.0.data/data/pyvenv.cfg": "home = /nowhere\n",
        "evil-1.0.data/data/lib/python2.7/os.py": attack,
    }
