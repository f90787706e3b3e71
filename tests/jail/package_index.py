"""A package index on this machine (PEP 503) with a few small wheels that are made here."""

from __future__ import annotations

import base64
import random
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.jail.bundles import zipped
from tests.jail.hosts import HostProcess, Reply

NATIVE = next(
    path
    for pattern in ("lib/*/libm.so.6", "lib64/libm.so.6", "usr/lib*/libm.so.6")
    for path in sorted(Path("/").glob(pattern))
)
"""A compiled library that any Python can load."""
LARGE = 24 << 20
ROOM = {"memory_mb": 1024, "cpu_seconds": 120, "wall_seconds": 180, "disk_mb": 256}
USE = """
def azureml_main(dataframe1=None, dataframe2=None):
    import tiny
    print("VERSION", tiny.VERSION)
"""


def wheel(
    name: str, version: str, files: dict[str, bytes | str], requires: Iterable[str] = (), scripts: str = ""
) -> bytes:
    """Give a wheel for every Python."""
    folder = f"{name}-{version}.dist-info"
    needed = "".join(f"Requires-Dist: {one}\n" for one in requires)
    files = {
        **files,
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py2.py3-none-any\n",
    }
    if scripts:
        files[f"{folder}/entry_points.txt"] = f"[console_scripts]\n{scripts}\n"
    record = "".join(f"{path},,\n" for path in [*files, f"{folder}/RECORD"])
    return zipped({**files, f"{folder}/RECORD": record})


def wheels() -> dict[str, bytes]:
    """Give the wheels of the index by their file names."""
    tiny = "VERSION = '{}'\ndef main():\n    print('tiny ran')\n"
    noise = random.Random(1).randbytes(LARGE)
    made = {
        ("tiny", version): wheel(
            "tiny",
            version,
            {"tiny/__init__.py": tiny.format(version), "tiny/native.so": NATIVE.read_bytes()},
            scripts="tiny-tool = tiny:main",
        )
        for version in ("1.0", "2.0")
    }
    made["leaning", "1.0"] = wheel(
        "leaning", "1.0", {"leaning.py": "LEANS = True\n"}, ["numpy>=1.2", "pandas", "tiny"]
    )
    made["stubborn", "1.0"] = wheel("stubborn", "1.0", {"stubborn.py": ""}, ["numpy==1.0.999"])
    made["large", "1.0"] = wheel("large", "1.0", {"large/__init__.py": "", "large/noise.bin": noise})
    return {f"{name}-{version}-py2.py3-none-any.whl": data for (name, version), data in made.items()}


class PackageIndex:
    """Serves the wheels at `url` until it is closed.

    Attributes:
        port: its TCP port on the loopback.
        url: address for `--index-url`.
        asked: paths that were asked for.
        credentials: what was sent as `Authorization`, decoded.
    """

    def __init__(self) -> None:
        self.files = wheels()
        self.asked: list[str] = []
        self.credentials: list[str] = []
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.asked.append(self.path)
                if sent := self.headers.get("Authorization"):
                    index.credentials.append(base64.b64decode(sent.split()[1]).decode())
                content = index.content(self.path)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://localhost:{self.port}/simple"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def content(self, path: str) -> bytes | None:
        """Give what lies at a path: the list of a package, or a wheel."""
        parts = path.strip("/").split("/")
        if parts[0] == "files" and len(parts) == 2:
            return self.files.get(parts[1])
        names = [name for name in self.files if len(parts) == 2 and name.startswith(f"{parts[1]}-")]
        links = "".join(f'<a href="/files/{name}">{name}</a>\n' for name in names)
        return f"<!DOCTYPE html><html><body>{links}</body></html>".encode() if names else None

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()


def run(jail: HostProcess, script: str, index: PackageIndex | None, **values: object) -> Reply:
    """Run a script with the index granted; @INDEX in it stands for its address."""
    if index is not None:
        script = script.replace("@INDEX", index.url)
        values.setdefault("network", [f"localhost:{index.port}"])
    return jail.run(script, limits={**ROOM, **values.pop("limits", {})}, **values)  # type: ignore[dict-item]
