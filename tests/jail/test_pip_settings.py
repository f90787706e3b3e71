"""pip in a script asks the index that its user has configured, without the secrets (R-1.9 (4), R-6.1)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from studiolo.environments.index_for_scripts import settings_for_pip
from studiolo.environments.index_settings import pip_settings
from studiolo_child.pip_index import hosts
from studiolo_child.pip_packages import default_hosts, find_pip
from studiolo_child.pip_words import Command
from tests.in_environments import parameters
from tests.jail.hosts import HostProcess
from tests.jail.package_index import ROOM, USE, PackageIndex, run

# Looks through all its memory, without ever holding there what it looks for.
LOOK = """
import os
os.system("pip install tiny")
os.system("pip config list")
def azureml_main(dataframe1=None, dataframe2=None):
    import tiny
    looked = found = 0
    with open("/proc/self/smaps") as maps:
        lines = maps.read().splitlines()
    with open("/proc/self/mem", "rb", 0) as memory:
        for line in lines:
            fields = line.split()
            if not fields[0].endswith(":"):
                first, last = [int(part, 16) for part in fields[0].split("-")]
                is_own = fields[1].startswith("rw")
            elif fields[0] == "Rss:" and is_own and fields[1] != "0":
                try:
                    memory.seek(first)
                    data = memory.read(min(last - first, 256 << 20))
                except (IOError, OSError, ValueError, OverflowError): continue
                looked += len(data)
                place = data.find(b"hunter2-")
                while place >= 0:
                    found += data[place + 8 : place + 11][::-1] == b"-fo"
                    place = data.find(b"hunter2-", place + 1)
    print("VERSION %s, FOUND %d, %s" % (tiny.VERSION, found, looked > 1 << 20))
"""


@pytest.fixture(scope="module")
def index() -> Iterator[PackageIndex]:
    started = PackageIndex()
    yield started
    started.close()


def test_the_users_index_is_asked_without_its_password(jail: HostProcess, index: PackageIndex) -> None:
    """R-6.1: pip is configured as outside, less the secrets; folders of the machine are left out."""
    secret = "hunter2-of-the-index"
    settings = jail.folder / "home" / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True, exist_ok=True)
    folder = settings.parent.parent
    for path in (folder, settings.parent):
        path.chmod(0o755)
    address = index.url.replace("//", f"//me:{secret}@")
    settings.write_text(f"[global]\nindex-url = {address}\nfind-links = /opt/no-such-folder\n")
    settings.chmod(0o644)
    before = len(index.credentials)
    try:
        reply = jail.run(LOOK, limits=ROOM, network=[f"localhost:{index.port}"])
        refused = jail.run("import os\nos.system('pip install tiny')\n" + USE, limits=ROOM)
        planted = LOOK.replace("import os\n", "import os\nplanted = 'hunter2' + '-of-x'\n", 1)
        control = jail.run(planted, limits=ROOM, network=[f"localhost:{index.port}"])
    finally:
        settings.unlink()
    assert "VERSION 2.0, FOUND 0, True" in reply.log, (reply.summary, reply.log)
    assert "VERSION 2.0, FOUND" in control.log and "FOUND 0" not in control.log, (
        control.summary,
        control.log,
    )
    assert secret not in reply.log + refused.log + refused.hint
    assert f'"localhost:{index.port}"' in refused.hint, refused.hint
    assert len(index.credentials) == before


DOCUMENTED = """
import importlib.util, os
package_name = "scikit-misc"
spec = importlib.util.find_spec(package_name)
if spec is None:
    os.system(f"pip install scikit-misc")
from skmisc.loess import loess

def azureml_main(dataframe1=None, dataframe2=None):
    import numpy
    x = numpy.linspace(0, 10, 50)
    smooth = loess(x, 2 * x + 1)
    smooth.fit()
    print("FITTED", bool(numpy.allclose(smooth.outputs.fitted_values, 2 * x + 1)))
"""


@pytest.fixture
def configured(jail: HostProcess) -> Iterator[list[str]]:
    """What has to be granted for the index that pip is configured for here; the host is configured likewise."""
    pip = find_pip()
    assert pip is not None
    wanted = hosts(Command(["install", "x"]), settings_for_pip(False), default_hosts(pip))
    for name in wanted:
        host, _, port = name.rpartition(":")
        try:
            socket.create_connection((host, int(port)), 10).close()
        except OSError as error:
            pytest.skip(f"the package index can't be reached: {error}")
    pip_settings_here = pip_settings(os.environ)
    lines = [
        f"{key} = {pip_settings_here[key]}\n"
        for key in ("index-url", "extra-index-url")
        if pip_settings_here[key]
    ]
    settings = Path(jail.folder, "home", ".config", "pip", "pip.conf")
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("[global]\n" + "".join(lines))
    yield wanted
    settings.unlink()


@pytest.mark.needs(python=">=3.6", because="f-strings")
def test_the_documented_form_works_word_for_word(jail: HostProcess, configured: list[str]) -> None:
    """R-1.9 (4), issue 4 point 5: from the real index, with a compiled package."""
    reply = jail.run(DOCUMENTED, network=configured, limits=ROOM)
    assert (reply.code, "FITTED True\n" in reply.log) == (None, True), (reply.summary, reply.log)
    assert '# dependencies = ["scikit-misc==' in reply.log
    short = 'import os\nos.system("pip install scikit-misc")\n' + DOCUMENTED.partition('scikit-misc")\n')[2]
    reply = jail.run(short, network=configured, limits=ROOM)
    assert (reply.code, "FITTED True\n" in reply.log) == (None, True), (reply.summary, reply.log)
    reply = jail.run(short, limits=ROOM)
    assert reply.code == "missing-library" and configured[0] in reply.hint, reply


@pytest.mark.parametrize(
    "environment", parameters(["designer-py36", "classic-py27"]), indirect=True, scope="session"
)
def test_old_pythons_install_what_their_index_still_has(jail: HostProcess, index: PackageIndex) -> None:
    """R-5.2: old scripts run in old environments, those that install packages too."""
    script = f"import os, sys\nprint(os.system('pip install -i @INDEX leaning'))\nimport leaning\n{USE}"
    reply = run(jail, script, index)
    assert reply.code is None, (reply.summary, reply.log)
    assert "VERSION 2.0" in reply.log.replace("('VERSION', '2.0')", "VERSION 2.0"), reply.log
    assert "installed leaning 1.0 for this run only, with 1 that was needed." in reply.log, reply.log
