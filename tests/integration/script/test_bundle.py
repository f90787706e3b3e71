"""The script bundle: unpacked to ./Script Bundle, first on the import path, hostile zips refused (R-1.5)."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest

READ = "import pandas\ndef azureml_main(a=None, b=None):\n    return pandas.DataFrame({'got': [%s]}),"
NOTHING = "def azureml_main(): pass"


def test_the_documented_examples_work(child, zip_of):
    """`import mymodule` and `open('./Script Bundle/my_sample.txt')`, folders kept (R-1.5)."""
    bundle = zip_of(
        {
            "mymodule.py": "def say(): return 'hello'",
            "my_sample.txt": "sample",
            "folder/deep/data.csv": "x\n1\n",
            "package/__init__.py": "from .part import value",
            "package/part.py": "value = 7",
        }
    )
    text = (
        "import mymodule, package, pandas\ndef azureml_main(a=None):\n    sample = open('./Script Bundle/my_sample.txt').read()\n"  # noqa: E501
        "    table = pandas.read_csv('Script Bundle/folder/deep/data.csv')\n"
        "    return pandas.DataFrame({'got': [mymodule.say(), sample, str(package.value), str(table.x[0])]}),"
    )
    assert child.script(text, bundle=bundle).rows() == {"got": ["hello", "sample", "7", "1"]}


def test_the_folder_is_there_without_a_bundle(child):
    """Scripts list it whether a zip is connected or not (facts/classic-formats.md 6.2)."""
    assert child.script(READ % "__import__('os').path.isdir('Script Bundle')").rows() == {"got": [True]}


@pytest.mark.parametrize(
    "name", ["app", "test", "job", "script", "report", "trace", "conftest", "main", "utils"]
)
def test_no_name_is_reserved(child, zip_of, name):
    """`app` and `test` failed in the product; no name of ours gets in the way (R-1.5)."""
    outcome = child.script(
        f"import {name}\n" + READ % f"{name}.x", bundle=zip_of({f"{name}.py": "x = 'mine'"})
    )
    assert (outcome.rows(), outcome.warnings) == ({"got": ["mine"]}, [])


def test_a_name_of_a_loaded_library_is_warned_of(child, zip_of):
    """Pandas has loaded it long before the script, and Python keeps it."""
    outcome = child.script(NOTHING, bundle=zip_of({"json.py": ""}))
    assert [text.split(";")[0] for text in outcome.warnings] == [
        'The script bundle has a "json", but a library of that name is loaded already'
    ]


def test_a_zip_in_the_bundle_stays_a_file(child, zip_of):
    """Old scripts put it on sys.path or open it themselves (R-1.5)."""
    bundle = zip_of({"inner.zip": zip_of({"deep.py": "x = 3"})})
    text = "import sys\nsys.path.insert(0, './Script Bundle/inner.zip')\nimport deep\n" + READ % "deep.x"
    assert child.script(text, bundle=bundle).rows() == {"got": [3]}


def test_a_sitecustomize_does_nothing_by_itself(child, zip_of):
    """Only what the script imports is executed."""
    bundle = zip_of(
        {"sitecustomize.py": "print('ran')", "usercustomize.py": "print('ran')", "x.pth": "import y"}
    )
    outcome = child.script(
        "import subprocess, sys\nsubprocess.call([sys.executable, '-c', ''])\n" + NOTHING, bundle=bundle
    )
    assert outcome.log == ""


def test_an_empty_bundle_is_fine(child, zip_of):
    """Nothing to unpack is nothing wrong."""
    assert child.script(NOTHING, bundle=zip_of({})).warnings == []


@pytest.mark.parametrize(
    ("flagged", "encoded"),
    [(True, "größe.txt".encode()), (False, "größe.txt".encode()), (False, "größe.txt".encode("cp437"))],
)
def test_names_in_utf_8_and_cp437_are_read(child, flagged, encoded):
    """Zips from Windows name files in cp437; some programs write UTF-8 without saying so."""
    assert child.script(
        READ % "__import__('os').listdir('Script Bundle')[0]",
        bundle=raw_zip([(encoded, b"x")], flags=0x800 if flagged else 0),
    ).rows() == {"got": ["größe.txt"]}


def test_windows_separators_in_names_are_folders(child):
    """Some Windows programs write them into zips."""
    assert child.script(
        READ % "open('Script Bundle/a/b.txt').read()", bundle=raw_zip([(b"a\\b.txt", b"x")])
    ).rows() == {"got": ["x"]}


def test_the_same_entry_twice_is_fine_when_equal(child):
    """Harmless, and some programs do it."""
    assert child.script(NOTHING, bundle=raw_zip([(b"a.txt", b"x"), (b"a.txt", b"x")])).warnings == []


@pytest.mark.parametrize(
    ("entries", "summary"),
    [
        ([(b"../evil.py", b"")], 'its entry "../evil.py" leads out of the bundle'),
        ([(b"a/../../evil.py", b"")], 'its entry "a/../../evil.py" leads out'),
        ([(b"a\\..\\..\\evil.py", b"")], "leads out"),
        ([(b"/etc/evil", b"")], 'its entry "/etc/evil" has an absolute name'),
        ([(b"C:\\evil", b"")], 'its entry "C:\\evil" has an absolute name'),
        ([(b"\\\\server\\evil", b"")], "has an absolute name"),
        ([(b"a.txt", b"x"), (b"a.txt", b"y")], 'its entry "a.txt" stands twice with different content'),
        ([(b"a", b"x"), (b"a/b", b"y")], 'its entry "a" is both a file and a folder'),
        ([(b"a/b", b"y"), (b"a", b"x")], 'its entry "a" is both a file and a folder'),
    ],
)
def test_unsafe_entries_are_refused_by_name(child, entries, summary):
    """Zip-slip and ambiguous entries are refused with the entry's name (R-1.5)."""
    error = child.script(NOTHING, bundle=raw_zip(entries)).error
    assert (error["kind"], error["code"], error["port"]) == ("user", "bundle-unsafe", "script_bundle")
    assert summary in error["summary"]


@pytest.mark.parametrize(
    ("mode", "what"),
    [(stat.S_IFLNK, "is a link"), (stat.S_IFCHR, "is a device"), (stat.S_IFBLK, "is a device"),
     (stat.S_IFIFO, "is a device"), (stat.S_IFSOCK, "is a device")],
)  # fmt: skip
def test_links_and_devices_are_refused(child, mode, what):
    """A link would lead reads and writes elsewhere (R-1.5)."""
    error = child.script(NOTHING, bundle=raw_zip([(b"odd", b"/etc/passwd")], mode=mode | 0o777)).error
    assert (error["code"], f'"odd" {what}' in error["summary"]) == ("bundle-unsafe", True)


def test_an_encrypted_bundle_is_refused(child):
    """There is nobody to ask for the password."""
    error = child.script(NOTHING, bundle=raw_zip([(b"a.py", b"x")], flags=1)).error
    assert (error["code"], '"a.py" needs a password' in error["summary"]) == ("bundle-encrypted", True)


@pytest.mark.parametrize(
    "data",
    [b"", b"not a zip", b"PK\x05\x06" + bytes(10), b"x,y\n1,2\n"],
)
def test_what_is_no_zip_is_said(child, data):
    """A CSV connected to the bundle's port, for example."""
    assert child.script(NOTHING, bundle=data).error["code"] == "bundle-damaged"


def test_damage_of_an_entry_names_it(child, zip_of):
    """The sum over the content does not hold any more."""
    data = bytearray(zip_of({"a.txt": b"x" * 100}, zipfile.ZIP_STORED))
    data[60] ^= 1
    error = child.script(NOTHING, bundle=bytes(data)).error
    assert (error["code"], 'The entry "a.txt"' in error["summary"]) == ("bundle-damaged", True)


@pytest.mark.parametrize("cut", range(0, 200, 20))
def test_a_cut_zip_is_an_error_and_never_a_crash(child, zip_of, cut):
    """Any bytes on the bundle's port: a clear error."""
    data = zip_of({"a.txt": b"x" * 100, "b.txt": b"y"})
    assert child.script(NOTHING, bundle=data[:cut]).error["code"] == "bundle-damaged"


@pytest.mark.parametrize("place", range(1, 30, 4))
def test_a_zip_with_missing_bytes_is_an_error_and_never_a_crash(child, zip_of, place):
    """Offsets in its directory then point before the file."""
    data = zip_of({"a.txt": b"x" * 100})
    assert child.script(NOTHING, bundle=data[:place] + data[place + 5 :]).error["code"] == "bundle-damaged"


def test_an_unknown_method_names_the_entry(child):
    """Zip has more methods than Python reads."""
    error = child.script(NOTHING, bundle=raw_zip([(b"a.txt", b"x")], method=99)).error
    assert (error["code"], "a.txt" in error["summary"]) == ("bundle-damaged", True)


def test_bombs_are_refused_by_ratio(child, zip_of):
    """100 MB of zeros in 100 kB (R-1.5)."""
    error = child.script(NOTHING, bundle=zip_of({"zeros": bytes(100 << 20)})).error
    assert (error["code"], '"zeros" grows from' in error["summary"]) == ("bundle-too-large", True)


def test_bombs_are_refused_by_size(child, zip_of):
    """More than the node's disk limit, by the entry that crosses it (R-1.5)."""
    bundle = zip_of({"a": bytes(1 << 20), "b": bytes(1 << 20)})
    error = child.script(NOTHING, bundle=bundle, disk_bytes=3 << 19).error
    assert (
        error["summary"]
        == 'The script bundle is refused: with "b" it comes to 3 MiB; the node may use 1 MiB of disk.'
    )


def test_bombs_are_refused_by_count(child, zip_of):
    """Entries cost inodes."""
    error = child.script(NOTHING, bundle=zip_of({f"f{number}": b"" for number in range(50_001)})).error
    assert error["summary"] == "The script bundle is refused: it has 50001 entries; 50000 are allowed."


def test_bombs_of_shared_bytes_are_refused(child):
    """Entries that all point at one compressed stream unpack to terabytes."""
    data = bytearray(raw_zip([(b"a.txt", b"xxxx"), (b"b.txt", b"xxxx")]))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    error = child.script(NOTHING, bundle=bytes(data)).error
    assert (error["code"], "shares its bytes" in error["summary"]) == ("bundle-too-large", True)


def test_names_that_the_disk_refuses_are_said(child, zip_of):
    """A name of 300 characters fits no file system."""
    error = child.script(NOTHING, bundle=zip_of({"x" * 300: b""})).error
    assert (error["code"], "name too long" in error["summary"]) == ("bundle-too-large", True)


@pytest.mark.parametrize(
    "expression",
    [
        r"open('.\\Script Bundle\\Data\\x.txt').read()",
        r"open('Script Bundle\\data\\X.TXT').read()",
        r"open('./script bundle/data/x.txt').read()",
        pytest.param(
            r"open(__import__('pathlib').Path('.\\Script Bundle\\Data\\x.txt')).read()",
            marks=pytest.mark.needs(python=">=3.6", because="open takes a Path"),
        ),
        r"__import__('io').open('.\\Script Bundle\\Data\\x.txt').read()",
        r"str(pandas.read_csv('.\\Script Bundle\\Data\\x.txt').columns[0])",
        r"'abc' if __import__('os').path.exists('.\\Script Bundle\\Data\\x.txt') else ''",
        r"__import__('os').listdir('.\\Script Bundle')[0].replace('Data', 'abc')",
        r"str(__import__('numpy').genfromtxt('Script Bundle\\Data\\x.txt', dtype=str))",
    ],
)
def test_windows_names_are_resolved_in_the_classic_dialect(child, zip_of, expression):
    """The classic product ran on Windows (facts/compat-traps.md, 5)."""
    outcome = child.script(READ % expression, bundle=zip_of({"Data/x.txt": "abc"}), dialect="classic")
    assert outcome.rows() == {"got": ["abc"]}


def test_windows_names_stay_errors_in_the_designer_dialect(child, zip_of):
    """Nothing is patched there."""
    error = child.script(READ % r"open('.\\Script Bundle\\x.txt')", bundle=zip_of({"x.txt": ""})).error
    assert error["summary"].partition(":")[0] in ("FileNotFoundError", "IOError")


def test_a_file_that_is_nowhere_is_still_not_found(child, zip_of):
    """The first error is the one that is told."""
    error = child.script(
        READ % r"open('.\\Script Bundle\\y.txt')", bundle=zip_of({"x.txt": ""}), dialect="classic"
    ).error
    name, _, text = error["summary"].partition(": ")
    assert name in ("FileNotFoundError", "IOError")
    assert text == "[Errno 2] No such file or directory: '.\\\\Script Bundle\\\\y.txt'"


def raw_zip(entries, *, flags=0, mode=0, method=0):
    """Write a stored zip by hand, with names, flags and modes that zipfile would not write."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, content in entries:
        facts = struct.pack(
            "<HHHHHLLLHH", 20, flags, method, 0, 33, crc(content), len(content), len(content), len(name), 0
        )
        directory.write(b"PK\x01\x02" + struct.pack("<BB", 20, 3) + facts)
        directory.write(struct.pack("<HHHLL", 0, 0, 0, mode << 16, body.tell()) + name)
        body.write(b"PK\x03\x04" + facts + name + content)
    size = len(directory.getvalue())
    end = struct.pack("<HHHHLLH", 0, 0, len(entries), len(entries), size, body.tell(), 0)
    return body.getvalue() + directory.getvalue() + b"PK\x05\x06" + end


def crc(content):
    """Give the sum that zips keep."""
    import zlib

    return zlib.crc32(content)
