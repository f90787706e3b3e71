"""The wheel is the whole product: page, licences and sample are in it (issue 6, 1)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from tests.acceptance.studio import studio_process
from tests.acceptance.studio.studio_process import StudioProcess
from tests.docs.conftest import list_files

ROOT = Path(__file__).parents[3]
WEBAPP = Path("src/studiolo/webapp")
pytestmark = pytest.mark.skipif(
    not (ROOT / WEBAPP / "index.html").is_file(), reason="the page is not built: make page"
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source tree as git has it, with the built page."""
    folder = tmp_path_factory.mktemp("source")
    for path in list_files(ROOT):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.copytree(ROOT / WEBAPP, folder / WEBAPP, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--quiet",
        "--wheel-dir",
        str(folder),
        str(source),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("studiolo-*.whl"))


def test_the_wheel_holds_page_licences_and_sample_and_nothing_produced(wheel: Path) -> None:
    """What pip installs must open the studio without npm, and name whose code it brings."""
    names = set(zipfile.ZipFile(wheel).namelist())
    needed = {
        "webapp/index.html",
        "webapp/third-party-licences.txt",
        "sample/studiolo.toml",
        "sample/data/measures.csv",
    }
    assert {f"studiolo/{name}" for name in needed} <= names
    assert [
        name for name in names if ".studiolo/" in name or "__pycache__" in name or "node_modules" in name
    ] == []


def test_the_installed_wheel_serves_the_page(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an environment that knows nothing of the source tree; only its libraries are borrowed from ours."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        str(wheel),
    ]
    done = subprocess.run(install, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    own = Path(
        subprocess.check_output(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        ).strip()
    )
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    monkeypatch.setattr(studio_process, "COMMAND", [str(python), "-m", "studiolo.cli.main"])
    monkeypatch.delenv("STUDIOLO_WEBAPP", raising=False)
    folder = tmp_path / "study"
    with StudioProcess(folder, "--new", str(folder), "--sample") as studio:
        page = studio.call("GET", "/")
        assert (page.status, b'<div id="root">' in page.body) == (200, True)
        assert [row["name"] for row in studio.call("GET", "/api/experiments").document] == ["diabetes"]


def test_a_wheel_without_the_page_is_refused(source: Path, tmp_path: Path) -> None:
    """A studio that nobody can open must not be published by mistake."""
    bare = tmp_path / "bare"
    shutil.copytree(source, bare, ignore=shutil.ignore_patterns("webapp", "frontend"))
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--quiet",
        "--wheel-dir",
        str(tmp_path),
        str(bare),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "The page of the studio is not built" in done.stderr
