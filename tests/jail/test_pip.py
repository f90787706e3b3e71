"""pip in a script: works with a network grant, is gone with the job, and opens no wall for others (R-1.9 (4))."""

from __future__ import annotations

import base64
import os
import textwrap
from collections.abc import Iterator

import pytest

from tests.jail.attacking import attack, body
from tests.jail.bundles import zipped
from tests.jail.hosts import HostProcess
from tests.jail.package_index import ROOM, USE, PackageIndex, run

HEADER = '# /// script\n# dependencies = ["tiny==2.0"]\n# ///\n'


@pytest.fixture(scope="module")
def index() -> Iterator[PackageIndex]:
    started = PackageIndex()
    yield started
    started.close()


FORMS = {
    "os.system": "os.system('pip install --index-url @INDEX tiny')",
    "find_spec": """
        import importlib
        spec = importlib.util.find_spec("tiny") if sys.version_info[0] > 2 else None
        if spec is None:
            os.system("{} -m pip install -q --user --upgrade -i @INDEX tiny==2.0".format(sys.executable))
        """,
    "call": "print(subprocess.call(['pip', 'install', '-i', '@INDEX', 'tiny>=1,<3']))",
    "check_call": "subprocess.check_call([sys.executable, '-m', 'pip', 'install', '-i', '@INDEX', 'tiny'])",
    "shell": "subprocess.check_call('pip3 install tiny --index-url @INDEX', shell=True)",
    "check_output": "assert b'tiny' in subprocess.check_output(['pip', 'install', '-i@INDEX', 'tiny'])",
    "Popen": """
        process = subprocess.Popen(["pip", "install", "-i", "@INDEX", "tiny"], stdout=subprocess.PIPE)
        assert b"Successfully installed tiny-2.0" in process.communicate()[0]
        """,
    "popen": "assert 'Successfully installed tiny-2.0' in os.popen('pip install -i @INDEX tiny').read()",
    "requirements": """
        open("requirements.txt", "w").write("--index-url @INDEX\\ntiny\\n")
        os.system("pip install -r requirements.txt")
        """,
    "two commands": "os.system('pip install -i @INDEX nothing-like-it || pip install -i @INDEX tiny > log.txt 2>&1')",
    "pip.main": "import pip; pip.main(['install', '-i', '@INDEX', 'tiny'])",
    "pip._internal.main": "from pip._internal import main; main(['install', '-i', '@INDEX', 'tiny'])",
    "variables": "os.environ['PIP_INDEX_URL'] = '@INDEX'; os.system('pip install tiny')",
}


@pytest.mark.parametrize("form", FORMS)
def test_what_a_script_installs_can_be_imported_at_once(
    jail: HostProcess, index: PackageIndex, form: str
) -> None:
    """R-1.9 (4): every way in which people write it."""
    script = f"import os, subprocess, sys\n{textwrap.dedent(FORMS[form]).strip()}\n{USE}"
    reply = run(jail, script, index)
    assert reply.code is None, (reply.summary, reply.hint, reply.log)
    assert "VERSION 2.0\n" in reply.log, reply.log
    assert reply.log.endswith(
        "studiolo: installed tiny 2.0 for this run only. To keep it, put this at the top of the script:\n"
        + HEADER
    ), reply.log


def test_what_is_installed_may_be_executed_and_the_rest_of_the_box_not(
    jail: HostProcess, index: PackageIndex
) -> None:
    """A compiled package loads from the job's folder for packages; from every other place of the job it does not."""
    code = """
    tried("installed")
    assert subprocess.call(["pip", "install", "-q", "-i", "@INDEX", "tiny"]) == 0
    import ctypes, shutil, tiny
    native = os.path.join(os.path.dirname(tiny.__file__), "native.so")
    ctypes.CDLL(native)
    for place in (".", "/tmp", "/dev/shm", "/box/shm"):
        shutil.copy(native, place + "/copy.so")
        refused("load from " + place, ctypes.CDLL, os.path.abspath(place + "/copy.so"), by=(None, EACCES, EPERM, ()))
    print(subprocess.check_output(["tiny-tool"]).decode().strip())
    shutil.copy(shutil.which("tiny-tool"), "tool")
    refused("run the copy", os.execv, "./tool", ["tool"], by=(EACCES,))
    for line in open("/proc/self/mountinfo"):
        fields, kind = line.split(" - ")
        where, options = fields.split()[4], set(fields.split()[5].split(","))
        if "ro" in options or where == "/proc" or where.startswith("/dev/"): continue
        wanted = {"nosuid", "nodev"} | (set() if where == "/box/packages" else {"noexec"})
        if wanted - options: breach(line)
    """
    reply = attack(jail, code.replace("@INDEX", index.url), network=[f"localhost:{index.port}"], limits=ROOM)
    assert "tiny ran\n" in reply.log


def test_a_network_changes_no_mount(jail: HostProcess, index: PackageIndex) -> None:
    """The folder for packages belongs to the box: the job can change its mount as little as any other."""
    code = """
    flags = 32 | 4096  # MS_REMOUNT, MS_BIND
    refused("with setuid programs", lambda: syscall("mount", None, b"/box/packages", None, flags, None))
    refused("the box", lambda: syscall("mount", None, b"/box", None, flags, None))
    refused("a bind", lambda: syscall("mount", b"/box/packages", b"/box/work", None, 4096, None))
    refused("umount", lambda: syscall("umount2", b"/box/packages", 2))
    refused("move the box's files in", os.rename, "/box/work", "/box/packages/work", by=WALLS + (EXDEV, EBUSY))
    open("file", "w").close()
    refused("a link of a file", os.link, "file", "/box/packages/file", by=WALLS + (EXDEV,))
    refused("a device", os.mknod, "/box/packages/null", 0o20600, 0x103)
    """
    attack(jail, code, network=[f"localhost:{index.port}"])


def test_without_a_network_there_is_no_such_folder(jail: HostProcess) -> None:
    """Jobs without the grant keep every wall as it was."""
    code = """
    tried("look")
    if os.path.exists("/box/packages"): breach("it is there")
    os.system("pip install tiny")
    if os.path.exists("/box/packages"): breach("it is there after pip")
    """
    attack(jail, code)


def test_without_a_network_the_log_and_the_error_say_what_to_write(
    jail: HostProcess, index: PackageIndex
) -> None:
    """Issue 4 point 5: the grant with the hosts of the index, and the header that needs none."""
    before = len(index.asked)
    script = "import os\nprint('STATUS', os.system('pip install -i @INDEX tiny==2.0'))\nimport tiny\n" + USE
    reply = run(jail, script, index, network=[])
    grant = f'grants: {{network: ["localhost:{index.port}"]}}'
    assert reply.code == "missing-library", reply
    assert grant in reply.hint and '# dependencies = ["tiny==2.0"]' in reply.hint, reply.hint
    assert "studiolo: pip was not started: this node has no network." in reply.log
    assert grant in reply.log and HEADER in reply.log, reply.log
    assert "STATUS 256\n" in reply.log, reply.log
    assert len(index.asked) == before


def test_without_a_network_a_checked_call_names_the_grant(jail: HostProcess, index: PackageIndex) -> None:
    script = body("import subprocess\nsubprocess.check_call(['pip', 'install', '-i', '@INDEX', 'tiny'])")
    reply = run(jail, script, index, network=[])
    assert reply.code == "script-raised" and "returned non-zero exit status 1" in reply.summary, reply
    assert f'grants: {{network: ["localhost:{index.port}"]}}' in reply.hint, reply.hint


def test_what_is_there_already_needs_no_network(jail: HostProcess) -> None:
    """Many old scripts install first what they use, wherever they run."""
    script = body(
        """
        import os, subprocess
        print(os.system("pip install numpy 'pandas>=0.1'"))
        subprocess.check_call(["pip", "install", "-q", "numpy"])
        print(b"numpy==" in subprocess.check_output("pip list --format=freeze", shell=True).lower())
        """
    )
    reply = jail.run(script, limits=ROOM)
    assert reply.code is None, (reply.summary, reply.log)
    assert (
        "Requirement already satisfied: numpy\nRequirement already satisfied: pandas>=0.1\n0\n" in reply.log
    )
    assert reply.log.endswith("True\n"), reply.log


def test_a_wheel_of_the_bundle_needs_no_network(jail: HostProcess, index: PackageIndex) -> None:
    """It lies in the box then, where nothing can be executed: Python's own files work, compiled ones do not."""
    name = "tiny-2.0-py2.py3-none-any.whl"
    script = f"""
import os
print(os.system("pip install './Script Bundle/{name}'"))
def azureml_main(dataframe1=None, dataframe2=None):
    import ctypes, tiny
    print("VERSION", tiny.VERSION)
    try: ctypes.CDLL(os.path.join(os.path.dirname(tiny.__file__), "native.so")); print("BREACH: loaded")
    except OSError: print("noexec")
"""
    bundle = base64.b64encode(zipped({name: index.files[name]})).decode()
    reply = jail.run(script, bundle=bundle, limits=ROOM)
    assert reply.code is None, (reply.summary, reply.log)
    assert reply.log.endswith("0\nVERSION 2.0\nnoexec\n"), reply.log


def test_an_index_that_is_not_granted_is_named(jail: HostProcess, index: PackageIndex) -> None:
    """A grant for one host is none for pip; the log and the error name what it lacks beside what the node has."""
    before = len(index.asked)
    script = "import os\nos.system('pip install -i @INDEX tiny')\nimport tiny\n" + USE
    reply = run(jail, script, index, network=["localhost:1"])
    grant = f'grants: {{network: ["localhost:1", "localhost:{index.port}"]}}'
    assert reply.code == "missing-library", reply
    assert grant in reply.hint, reply.hint
    assert grant in reply.log, reply.log
    assert len(index.asked) == before


def test_what_is_loaded_stays_as_it_is(jail: HostProcess, index: PackageIndex) -> None:
    """A package gets along with the NumPy and pandas that the script has, or is not installed."""
    script = body(
        """
        import os, numpy, pandas
        before = numpy.__version__, numpy.__file__, pandas.__file__
        print(os.system("pip install -i @INDEX leaning"))
        import leaning, numpy.linalg
        print(os.system("pip install -i @INDEX stubborn") != 0)
        print(os.system("pip install -i @INDEX numpy==1.0.999") != 0)
        print(before == (numpy.__version__, numpy.__file__, pandas.__file__))
        print(sorted(name for name in os.listdir(os.path.dirname(leaning.__file__)) if name.endswith("info")))
        """
    )
    reply = run(jail, script, index)
    assert reply.code is None, (reply.summary, reply.log)
    lines = reply.log.splitlines()
    told = [line for line in lines if line in ("0", "True", "False")]
    # pip before 20.3 installs a package whose requirements contradict what is held, and says so.
    expected = ["0", "True", "True", "True"]
    assert told == expected if jail.environment is None else told[::3] == expected[::3], reply.log
    assert not any("numpy-" in line or "pandas-" in line for line in lines[-6:]), reply.log
    assert "is loaded already and stays as it is" in reply.log
    assert "studiolo: installed leaning 1.0" in reply.log


def test_nothing_is_left_for_the_next_job(jail: HostProcess, index: PackageIndex) -> None:
    """Promise 6: neither after the job nor while it runs does another one see its packages."""
    code = """
    import time
    assert os.system("pip install -q -i @INDEX tiny") == 0
    import tiny
    print("installed")
    while not os.path.exists("/nowhere"): time.sleep(0.01)
    """
    look = body(
        """
        import os
        try: import tiny; print("BREACH")
        except ImportError: print(os.path.exists("/box/packages/bin"))
        """
    )
    grant = [f"localhost:{index.port}"]
    script = "import os\n" + body(code).replace("@INDEX", index.url)
    busy = jail.start(script, limits=ROOM, network=grant, stream=True)
    busy.until("installed")
    assert jail.run(look, network=grant).log == "False\n"
    busy.cancel()
    assert busy.reply().code == "cancelled"
    assert jail.run(look, network=grant).log == "False\n"
    assert jail.run(look).log == "False\n"


def test_packages_count_against_the_disk_of_the_job(jail: HostProcess, index: PackageIndex) -> None:
    """Issue 4, disk full: the packages share the room of the box, and the error is that of a full disk."""
    script = "import os\nprint(os.system('pip install -i @INDEX large'))\nimport large\n" + USE
    reply = run(jail, script, index, limits={"disk_mb": 40})
    assert reply.code == "disk-full", (reply.summary, reply.log)
    assert reply.details["allowed"] == 40
    assert "disk_mb" in reply.hint
    script = "import os\nos.system('pip install -i @INDEX large')\nimport large\nprint(os.statvfs('/box/packages'), "
    reply = run(
        jail,
        script + "os.statvfs('.'))\n" + USE.replace("tiny.VERSION", "1").replace("import tiny", ""),
        index,
    )
    assert reply.code is None, (reply.summary, reply.log)


def test_memory_and_time_of_pip_count_as_the_jobs_own(jail: HostProcess, index: PackageIndex) -> None:
    """Promise 5: a process that pip starts belongs to the job."""
    script = "import os\nos.system('pip install -i @INDEX tiny')\n" + USE
    reply = run(jail, script, index, limits={"wall_seconds": 0.3})
    assert reply.code == "wall-limit", (reply.code, reply.summary, reply.log)


def test_a_header_that_is_there_is_to_be_added_to(jail: HostProcess, index: PackageIndex) -> None:
    head = (
        '# /// script\n# dependencies = []\n# ///\nimport os\nos.system("pip install -i @INDEX tiny==1.0")\n'
    )
    reply = run(jail, head + USE, index)
    assert reply.log.endswith('To keep it, add to the header of the script:\n"tiny==1.0"\n'), reply.log


def test_in_the_bare_jail_pip_says_that_there_is_no_network(index: PackageIndex) -> None:
    """There is no network to grant without namespaces, so nothing is started, and the error says why."""
    account = "root" if os.geteuid() == 0 else "ordinary"
    with HostProcess(account, denied=["namespaces"], allow_badge="reduced") as host:
        assert host.refused is None, host.refused
        script = "import os\nprint('STATUS', os.system('pip install -i @INDEX tiny'))\nimport tiny\n" + USE
        reply = host.run(script.replace("@INDEX", index.url))
        assert reply.code == "missing-library" and "the node has no network" in reply.hint, reply
        assert "STATUS 256" in reply.log, reply.log
        reply = host.run(script, network=[f"localhost:{index.port}"])
        assert reply.code == "grant-needs-full-jail", reply
