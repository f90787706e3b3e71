"""Script bundles are zips from anywhere: unpacked inside the jail, bounded, and never in our own code's way (R-1.9).

Numbers of cases are those of facts/sandbox-attacks.md.
"""

from __future__ import annotations

import base64
import functools
import pickle
import sys
from collections.abc import Callable

import pytest

from tests.jail import bundles
from tests.jail.bundles import zipped
from tests.jail.hosts import HostProcess
from tests.jail.trials import body, host_peak, run, text

LIST = """
import os
for folder in ('.', '..', '/', '/tmp', '/box', '/dev/shm'):
    try: names = os.listdir(folder)
    except OSError: names = []
    if any(name.startswith('evil') for name in names): print('BREACH: something in', folder)
print('ran')
"""

PLACES = {
    "case 71 ../../": zipped({"../../evil.txt": "x"}),
    "case 71 absolute": zipped({"/tmp/evil.txt": "x"}),
    "case 71 backslashes": zipped({"..\\..\\evil.txt": "x"}),
    "case 71 a drive": zipped({"C:\\evil.txt": "x"}),
    "case 71 within": zipped({"a/b/../../../evil.txt": "x"}),
    "case 71 link to the outside": bundles.with_modes(
        [("link", 0o120777, b"/tmp"), ("link/evil.txt", 0o100644, b"x")]
    ),
    "case 71 link to a file": bundles.with_modes([("data.csv", 0o120777, b"/etc/passwd")]),
    "own: device": bundles.with_modes([("zero", 0o020666, b""), ("evil.txt", 0o100644, b"x")]),
    "own: pipe": bundles.with_modes([("pipe", 0o010666, b"")]),
    "own: folder and file": zipped({"a": "x", "a/evil.txt": "x"}),
    "case 74 the same name twice": bundles.archive(
        *(lambda one, two: (one[0] + two[0], [one[1], two[1]]))(
            bundles.entry(b"evil.txt", bundles.deflated(b"x"), 1, 0, crc=0x8CDC1683),
            bundles.entry(b"evil.txt", bundles.deflated(b"y"), 1, 30 + 8 + 3, crc=0xFBDB2615),
        )
    ),
    "own: a folder that is up": zipped({"../": "", "..": ""}),
    "own: a name of 5000": zipped({"a" * 5000: "x"}),
    "own: a path of 300 folders": zipped({"/".join(["d" * 20] * 300): "x"}),
}


@pytest.mark.parametrize("bundle", PLACES.values(), ids=PLACES.keys())
def test_a_zip_that_reaches_out_is_refused(jail: HostProcess, bundle: bytes) -> None:
    """Cases 71 and 74: no entry lands outside its folder; the error names the bundle, and the script never begins."""
    reply = run(jail, LIST, bundle=bundle)
    assert reply.code in ("bundle-unsafe", "bundle-damaged", "bundle-too-large"), reply
    assert reply.log == ""


def test_another_name_in_the_local_part_is_no_way_out(jail: HostProcess) -> None:
    """Own: the directory says `good.txt`, the local part `../../evil.txt`; one of both counts, and it is safe."""
    part, line = bundles.entry(b"good.txt", bundles.deflated(b"x"), 1, 0, b"../../evil.txt", crc=0x8CDC1683)
    reply = run(jail, LIST, bundle=bundles.archive(part, [line]))
    assert (reply.code, reply.log) in ((None, "ran\n"), ("bundle-damaged", "")), reply


def test_a_bundles_links_into_itself_are_refused_too(jail: HostProcess) -> None:
    """Own: a link is a link, wherever it leads; zips of plain files need none."""
    bundle = bundles.with_modes([("a.txt", 0o100644, b"x"), ("b.txt", 0o120777, b"a.txt")])
    assert run(jail, LIST, bundle=bundle).code == "bundle-unsafe"


BOMBS: dict[str, Callable[[], bytes]] = {
    "case 72 400 MB of zeros": lambda: zipped({"zeros": bytes(400 << 20)}),
    "case 72 thousands of entries": lambda: zipped({f"f{n}": "" for n in range(5000)}),
    "case 72 thousands of folders": lambda: zipped({f"d{n}/": "" for n in range(5000)}),
    "own: 60000 entries": lambda: zipped({f"{n}": "" for n in range(60_000)}),
    "own: entries that overlap": lambda: bundles.overlapping(1000, 16 << 20),
    "own: a claim of nothing": lambda: bundles.lying(200 << 20, 10),
    "own: a claim of 4 GB": lambda: bundles.lying(10, 0xFFFFFFFF),
    "own: entries before the file": lambda: bundles.archive(b"", [bundles.entry(b"a", b"", 1, -100)[1]] * 2),
    "own: an offset beyond the end": lambda: bundles.archive(b"", [bundles.entry(b"a", b"", 1, 1 << 30)[1]]),
    "own: deflate without end": lambda: bundles.archive(
        *(lambda pair: (pair[0], [pair[1]]))(bundles.entry(b"a", b"\0\xff\xff\0\0" * 1000, 1 << 20, 0))
    ),
    "own: encrypted": lambda: bundles.archive(
        *(lambda pair: (pair[0], [pair[1]]))(bundles.entry(b"a", b"x" * 20, 8, 0, flags=1))
    ),
    "own: no zip": lambda: b"PK\3\4" + bytes(1000),
    "own: nothing but an end": lambda: b"PK\5\6" + b"\xff" * 18,
    "own: a comment of lies": lambda: zipped({"a": "x"})[:-2] + b"\xff\xff" + b"PK\5\6" * 1000,
}


@functools.cache
def bomb(name: str) -> bytes:
    """Give a bomb; it takes seconds to make some of them, and both accounts get the same."""
    return BOMBS[name]()


@pytest.mark.parametrize("name", BOMBS)
def test_a_zip_bomb_is_refused(jail: HostProcess, name: str) -> None:
    """Case 72: by its sizes, its count, its overlaps, or at the end of the box; the host never unpacks it."""
    bundle = bomb(name)
    with host_peak(jail) as peak:
        reply = run(jail, LIST, bundle=bundle)
    assert reply.code in ("bundle-too-large", "bundle-damaged", "bundle-encrypted"), reply
    assert reply.log == ""
    assert peak.megabytes < 32


def test_zips_in_a_zip_stay_zips(jail: HostProcess) -> None:
    """Case 72: nested bombs are files; a script that unpacks them itself meets the end of its box."""
    code = """
import glob, zipfile
waiting = glob.glob('Script Bundle/*.zip')
print('TRIED:', len(waiting), flush=True)
taken = 0
while waiting:
    with zipfile.ZipFile(waiting.pop()) as archive:
        for entry in archive.infolist():
            taken += entry.file_size
            waiting.append(archive.extract(entry, 'out%d' % taken))
print('BREACH: unpacked', taken)
"""
    reply = run(jail, code, bundle=bundles.nested(3, 8))
    assert "TRIED: 8" in reply.log and "BREACH" not in reply.log
    assert reply.code in ("script-raised", "disk-full")


def test_a_hostile_pickle_runs_in_the_jail_only(jail: HostProcess) -> None:
    """Case 73: a model file of a bundle that runs code when it is loaded reaches nothing of the host."""
    target = jail.facts["writable_file"]

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            told = f"os.write(1, b'TRIED: as %d\\n' % os.getuid()), open({target!r}, 'w').write('owned')"
            code = f"(lambda os: [{told}])(__import__('os'))"
            return eval, (code,)

    bundle = zipped({"model.pkl": pickle.dumps(Evil(), 2)})
    reply = run(jail, "import pickle\npickle.load(open('Script Bundle/model.pkl', 'rb'))", bundle=bundle)
    assert reply.log == "TRIED: as 1000\n"
    assert reply.code == "script-raised"


def test_a_bundle_of_every_librarys_name_waits_for_the_script(jail: HostProcess) -> None:
    """Case 75: json.py, pandas.py, numpy.py, encodings/ and all others run only when the script imports them."""
    spy = "import sys\nprint('BREACH: imported before the script', __name__, flush=True) "
    spy += "if not hasattr(sys, 'script_runs') else None\nimported = True\n"
    names = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    names |= {
        "pandas",
        "numpy",
        "pyarrow",
        "matplotlib",
        "dateutil",
        "pytz",
        "six",
        "studiolo_child",
        "studiolo",
    }
    files = {f"{name}.py": spy for name in names}
    files |= {
        f"{name}/__init__.py": spy for name in ("encodings", "xml", "collections") if files.pop(f"{name}.py")
    }
    files |= {"encodings/cp437.py": spy, "encodings/idna.py": spy, "__init__.py": spy, "__main__.py": spy}
    code = text(
        """
        import pandas, json, os
        frame = dataframe1
        print(frame.shape, hasattr(pandas, 'imported'))
        return frame
        """
    )
    tables = [{"a": ["x", "y"], "b": [1.5, None]}]
    reply = jail.run(
        body(code, "import sys\nsys.script_runs = True"),
        inputs=tables,
        bundle=base64.b64encode(zipped(files)).decode(),
    )
    assert "BREACH" not in reply.log, reply.log
    assert (reply.code, reply.log.splitlines()[-1]) == (None, "(2, 2) False"), reply


STARTS = {
    "case 75 sitecustomize": {"sitecustomize.py": "open('/tmp/evil', 'w')"},
    "own: usercustomize": {"usercustomize.py": "open('/tmp/evil', 'w')"},
    "own: a .pth file": {"evil.pth": "import os; open('/tmp/evil', 'w')\n/box\n"},
    "own: pyvenv.cfg": {"pyvenv.cfg": "home = /box/work\n", "python": "#!/bin/sh\n"},
    "own: LD_PRELOAD": {"libevil.so": b"\x7fELF" + bytes(100), "ld.so.preload": "/box/work/libevil.so"},
    "own: conftest and setup": {"conftest.py": "raise SystemExit", "setup.py": "raise SystemExit"},
}


@pytest.mark.parametrize("files", STARTS.values(), ids=STARTS.keys())
def test_what_interpreters_load_by_themselves_is_not_loaded(
    jail: HostProcess, files: dict[str, str | bytes]
) -> None:
    """Case 75: neither in this job, nor in the next, nor when the pool starts anew."""
    code = """
import os, shutil, sys
for name in os.listdir('Script Bundle'):
    for place in ('.', '/tmp', '/dev/shm', '/box', sys.prefix, os.path.dirname(os.__file__)):
        try: shutil.copy('Script Bundle/' + name, place)
        except OSError: pass
for name in ('LD_PRELOAD', 'LD_LIBRARY_PATH', 'PYTHONPATH', 'PYTHONSTARTUP', 'PYTHONHOME', 'LD_AUDIT'):
    os.environ[name] = os.getcwd() + '/Script Bundle/libevil.so'
print('TRIED: laid out', flush=True)
print(os.path.exists('/tmp/evil'))
"""
    reply = run(jail, code, bundle=zipped(files))
    assert (reply.code, reply.log) == (None, "TRIED: laid out\nFalse\n"), reply
    look = text(
        """
        import os, sys
        print(os.path.exists('/tmp/evil'), 'sitecustomize' in sys.modules, os.environ.get('LD_PRELOAD'))
        """
    )
    assert run(jail, look).log == "False False None\n"


def test_a_library_from_a_bundle_can_not_be_loaded(jail: HostProcess) -> None:
    """Own: the box is mounted noexec, so a bundle's shared object, real as it is, stays data."""
    code = """
import ctypes, glob, os, shutil, subprocess, sys
library = glob.glob(os.path.dirname(os.__file__) + '/lib-dynload/*.so')[0]
shutil.copy(library, 'libevil.so')
print('TRIED:', os.path.getsize('libevil.so') > 1000, flush=True)
try: ctypes.CDLL('./libevil.so'); print('BREACH: loaded')
except OSError as error: print('noexec' if 'map' in str(error) or 'permitted' in str(error) else error)
child = subprocess.Popen([sys.executable, '-c', 'print(1)'], env={'LD_PRELOAD': os.path.abspath('libevil.so')},
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
said, error = child.communicate()
print(said.strip(), 'cannot be preloaded' in error)
"""
    reply = run(jail, code)
    assert reply.log == "TRIED: True\nnoexec\n1 True\n", reply


def test_inputs_have_names_of_ports_only(jail: HostProcess) -> None:
    """Case 74: an input never becomes a file by its name; the working directory holds our two things alone."""
    code = "import os\nprint(sorted(os.listdir('.')), sorted(os.listdir('Script Bundle')))"
    reply = run(jail, code, bundle=zipped({"a/b.txt": "x"}))
    assert reply.log == "['Script Bundle', 'script_node.py'] ['a']\n"
