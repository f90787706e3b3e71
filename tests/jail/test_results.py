"""What comes back from a job is hostile: no forged report, frame, message, descriptor or file harms the host (R-6.3).

Numbers of cases are those of facts/sandbox-attacks.md.
"""

from __future__ import annotations

import zlib

import pytest

from tests.jail import hostile_frames
from tests.jail.forging import forged, with_frame, with_report
from tests.jail.hosts import HostProcess
from tests.jail.trials import attack, host_peak, run, run_script, text

PNG = "b'\\x89PNG\\r\\n\\x1a\\n' + b'x' * 100"
REFUSED = {"bad-result"}
HOST_MEGABYTES = 96  # more than any honest report costs
HEADER_MEGABYTES = 400  # for one of 32 MiB, its mapping and its text included


def test_the_forger_is_taken_for_the_worker(jail: HostProcess) -> None:
    """Control: what the other tests forge is read, so that a refusal comes from what it says."""
    frame = hostile_frames.texts([0, 1, 2], b"ab")
    reply = run_script(jail, with_frame(frame))
    assert (reply.code, reply.result) == (None, {"t": ["a", "b"]})


REPORTS: dict[str, bytes | str] = {
    "no JSON": b"not json",
    "nothing": b"",
    "zeros": b"\0" * 5000,
    "not UTF-8": b'{"status": "\xff\xfe"}',
    "UTF-16, cut": '{"status": "ok"}'.encode("utf-16")[:-1],
    "a list": b"[]",
    "a number": b"1",
    "no status": b"{}",
    "another status": b'{"status": "fine"}',
    "status of another type": b'{"status": {"ok": 1}}',
    "two documents": b'{"status": "ok"}{"status": "ok"}',
    "nested": b"[" * 100_000,
    "nested dictionaries": b'{"a":' * 100_000,
    "endless numbers": b'{"status": "ok", "x": ' + b"9" * 5000 + b"}",
    "outputs not written": b'{"status": "ok", "outputs": {"result_dataset": {"rows": 1}}}',
    "100 KB of blanks": b" " * 100_000,
    "17 MB": 'b\'{"status": "ok", "x": "\' + b\'x\' * (17 << 20) + b\'"}\'',
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
def test_a_forged_report_is_refused(jail: HostProcess, report: bytes | str) -> None:
    """Case 62: bad JSON, wrong types, too long, or success for an output that is empty."""
    reply = run_script(jail, with_report(report))
    assert reply.code in REFUSED, reply


ODD_REPORTS = {
    "timing beyond all numbers": b'{"status": "ok", "timing": {"a": 1' + b"0" * 400 + b"}}",
    "timing that is none": b'{"status": "ok", "timing": {"a": NaN, "b": Infinity, "c": 1e999, "d": true}}',
    "every part of another type": b'{"status": "ok", "outputs": [], "receipts": [], "warnings": {}, "timing": [],'
    b' "pictures": {"a": 1}, "problems": 5, "declarations": "x", "keywords": [], "error": []}',
    "every part null": b'{"status": "error", "outputs": null, "receipts": null, "warnings": null, "timing": null,'
    b' "pictures": null, "error": null}',
    "an error of odd parts": b'{"status": "error", "error": {"code": [], "summary": {}, "hint": 1, "line": "x",'
    b' "column": 1e400, "file": null, "port": {}, "traceback": [], "kind": {}}}',
    "lines beyond all lines": b'{"status": "error", "error": {"line": -1, "column": 9' + b"9" * 4000 + b"}}",
    "text that is no Unicode": b'{"status": "ok", "warnings": ["\\ud800", "\\u0000"], "pictures": ["\\ud800.png"]}',
    "a million warnings": b'{"status": "ok", "warnings": [' + b'"x",' * 20_000 + b'"x"]}',
    "receipts of odd parts": b'{"status": "ok", "receipts": {"in:a": [1, null, {"code": {"a": []}, "text": [[]],'
    b' "column": 5, "lossy": "yes"}], "out:b": 5, "": [[]]}}',
    "receipts nested to the edge": b'{"status": "ok", "receipts": {"in:a": [{"code": '
    + b"[" * 900
    + b"]" * 900
    + b"}]}}",
    "control sequences": b'{"status": "error", "error": {"code": "\\u001b]0;x\\u0007", "summary": "\\u001b[2J",'
    b' "hint": "\\r\\n\\u009b", "file": "../../x"}}',
}


@pytest.mark.parametrize("report", ODD_REPORTS.values(), ids=ODD_REPORTS.keys())
def test_odd_parts_of_a_report_are_left_out(jail: HostProcess, report: bytes) -> None:
    """Case 62: what has a wrong type or size is nothing; the host does not fail by it."""
    reply = run_script(jail, with_report(report))
    assert reply.code != "host-failed", reply
    assert len(reply.report.get("warnings", ())) <= 100


MEMORY_REPORTS = {
    "lists": "b'{\"status\": \"ok\", \"x\": [' + b'[],' * 1390000 + b'1]}'",
    "dictionaries": 'b\'{"status": "ok", "x": [\' + b\'{"a":0},\' * 480000 + b\'1]}\'',
    "names": "b'{\"status\": \"ok\", \"x\": {' + b','.join(b'\"%x\":0' % n for n in range(340000)) + b'}}'",
}


@pytest.mark.parametrize("report", MEMORY_REPORTS.values(), ids=MEMORY_REPORTS.keys())
def test_a_report_can_not_make_the_host_large(jail: HostProcess, report: str) -> None:
    """Own: 4 MB of small JSON objects take thirty times as much when parsed; that is bounded."""
    with host_peak(jail) as peak:
        run_script(jail, with_report(report))
    assert peak.megabytes < HOST_MEGABYTES


HEADERS = {
    "dictionaries": "b'[' + b'{\"aaaaaaaaaaaaaaaaaa\":1234567},' * 1030000 + b'1]'",
    "lists": "b'[' + b'[12345678901234],' * 1850000 + b'1]'",
    "numbers": "b'[' + b'12345678,' * 3500000 + b'1]'",
    "columns": 'b\'{"columns":[\' + b\',\'.join(b\'{"buffers":[[0,0]],"name":"%d","nulls":-1,"type":"float16"}\''
    " % n for n in range(500000)) + b'],\"rows\":1}'",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_can_not_make_the_host_large(jail: HostProcess, header: str) -> None:
    """Own: a header of 32 MB just below what is taken for columns; a metadata bomb."""
    text = f"import struct\nh = {header}\nf = b'STDLFRM1' + struct.pack('<Q', len(h)) + h; f += bytes(-len(f) % 64)"
    with host_peak(jail) as peak:
        reply = run_script(jail, with_frame("f", text), output_mb=128, memory_mb=512)
    assert reply.code in REFUSED
    assert peak.megabytes < HEADER_MEGABYTES


@pytest.mark.parametrize("part", ["headers", "columns", "values"])
def test_a_hostile_frame_is_refused(jail: HostProcess, part: str) -> None:
    """Cases 62 and 63: wrong lengths, offsets, counts, names and values, each with an error and no crash."""
    accepted = []
    for name, frame in getattr(hostile_frames, part)():
        reply = run_script(jail, with_frame(f"zlib.decompress({zlib.compress(frame)!r})", "import zlib"))
        if reply.code not in REFUSED:
            accepted.append((name, reply.code, reply.summary))
    assert accepted == []


def test_random_changes_to_a_frame_do_no_harm(jail: HostProcess) -> None:
    """Case 63: what is taken can be read; what can't be read is refused."""
    for frame in hostile_frames.mutated(40, seed=63):
        reply = run_script(jail, with_frame(frame))
        assert reply.code in (None, *REFUSED), reply


def test_random_bytes_are_no_frame(jail: HostProcess) -> None:
    """Case 63: random bytes, also behind the right beginning."""
    for code in (
        "os.urandom(100000)",
        "b'STDLFRM1' + os.urandom(100000)",
        "b'\\0' * (1 << 20)",
        "b'ARROW1' * 9999",
    ):
        assert run_script(jail, with_frame(code)).code in REFUSED


MESSAGES = {
    "case 67 descriptors in each message": text(
        """
        for _ in range(50):
            try:
                say(b'{"x": 1}', [0] * 200)
            except OSError:
                time.sleep(0.001)
        """
    ),
    "case 62 100 KB": text(
        """
        job.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        try:
            say(b'{' * 100000)
        except OSError:
            pass
        """
    ),
    "own: a flood": "end = time.monotonic() + 0.5\nwhile time.monotonic() < end: say(b'{\"x\": 1}')",
    "own: into a full socket": text(
        """
        job.setblocking(False)
        for _ in range(5000):
            try:
                say(b'{' * 1000, [0] * 100)
            except OSError:
                pass
        job.setblocking(True)
        """
    ),
    "own: empty packets": "for _ in range(20): say(b'', [0] * 9)",
    "own: nested": "say(b'[' * 60000)\nsay(b'{\"done\":' * 8000)",
    "own: not text": "say(bytes(range(256)))",
    "own: done, of other types": "for value in (b'\"1\"', b'[1]', b'{}', b'0'): say(b'{\"done\": %s}' % value)",
    "own: done many times": "for _ in range(20): say(numbers=[here()])",
    "own: its own socket and the report": "say(numbers=[job.fileno(), report])",
    "own: a socket whose queue holds itself": text(
        """
        a, b = socket.socketpair()
        socket.send_fds(a, [b'x'], [a.fileno(), b.fileno(), job.fileno()])
        say(numbers=[a.fileno()])
        say(numbers=[b.fileno()])
        """
    ),
}


@pytest.mark.parametrize("code", MESSAGES.values(), ids=MESSAGES.keys())
def test_messages_cost_the_host_nothing(jail: HostProcess, code: str) -> None:
    """Cases 62 and 67: forged messages are dropped and their descriptors closed (the aftermath counts them)."""
    reply = run_script(jail, forged(f"tell({{'status': 'ok'}})\n{code}\nsay()"))
    assert reply.code in (None, "exited", *REFUSED), reply


FOLDERS = {
    "the root": "os.open('/', os.O_RDONLY)",
    "/proc": "os.open('/proc', os.O_RDONLY)",
    "/dev": "os.open('/dev', os.O_RDONLY)",
    "a pipe": "os.pipe()[0]",
    "a memory file": "report",
    "a path only": "os.open('.', os.O_PATH)",
    "a library": "os.open(os.__file__, os.O_RDONLY)",
}
NAMES = [
    "etc/passwd",
    "zero",
    "random",
    "self/environ",
    "1/environ",
    "self/fd/0",
    "self/root/etc/passwd",
    "a.png",
    ".",
]


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS.keys())
def test_another_folder_than_the_own_gives_nothing(jail: HostProcess, folder: str) -> None:
    """Own: the job chooses the descriptor that pictures are read from; nothing of the host comes through it."""
    code = f"tell({{'status': 'ok', 'pictures': {NAMES!r}}})\nsay(numbers=[{folder}])"
    reply = run_script(jail, forged(code))
    assert (reply.code, list(reply.pictures)) == (None, [])


def test_names_that_lead_elsewhere_are_left_out(
    jail: HostProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Case 57: names with `..`, absolute ones, through links to the outside and through loops."""
    secret = jail.facts["secret_file"]
    names = [
        "../x.png",
        "/etc/passwd",
        secret,
        "a/../../b",
        "",
        ".",
        "..",
        "a//b",
        "a/",
        "x\0.png",
        "n" * 5000,
    ]
    names += [
        "/".join("d" * 30),
        "\n",
        "link",
        "loop",
        "folder/x.png",
        "up/x.png",
        secret.lstrip("/"),
        "%s%n",
        "\udcff",
    ]
    before = f"os.symlink({secret!r}, 'link'); os.symlink('loop', 'loop'); os.symlink('/', 'folder')\n"
    before += "os.symlink('..', 'up')"
    reply = run_script(jail, with_report(f"{{'status': 'ok', 'pictures': {names!r}}}", before))
    assert (reply.code, list(reply.pictures)) == (None, [])


OUTPUTS = {
    "case 57 link to a file": "os.symlink('/etc/passwd', 'a.png')",
    "case 57 link to a device": "os.symlink('/dev/urandom', 'a.png')",
    "case 57 link to a picture": f"open('b', 'wb').write({PNG}); os.symlink('b', 'a.png')",
    "case 57 through a folder's link": f"os.mkdir('e'); open('e/a.png', 'wb').write({PNG}); os.symlink('e', 'd')",
    "case 58 pipe": "os.mkfifo('a.png')",
    "case 58 socket": "socket.socket(socket.AF_UNIX).bind('a.png')",
    "case 61 folder": "os.mkdir('a.png')",
    "case 61 gone": "pass",
    "case 59 mode 0": f"open('a.png', 'wb').write({PNG}); os.chmod('a.png', 0)",
    "case 59 in a folder of mode 0": f"os.mkdir('d'); open('d/a.png', 'wb').write({PNG}); os.chmod('d', 0)",
    "case 60 sparse": f"f = open('a.png', 'wb'); f.write({PNG}); f.truncate(64 << 20)",
    "own: empty": "open('a.png', 'w')",
    "own: another file": "open('a.png', 'wb').write(b'GIF89a' + bytes(100))",
}


@pytest.mark.parametrize("code", OUTPUTS.values(), ids=OUTPUTS.keys())
def test_what_is_no_plain_picture_is_left_out(jail: HostProcess, code: str) -> None:
    """Cases 57 to 61: asked for by a forged report, so that nothing but the host's own look stands before it."""
    names = ["a.png", "d/a.png", "d"] * 10
    reply = run_script(jail, with_report(f"{{'status': 'ok', 'pictures': {names!r}}}", code), disk_mb=128)
    allowed = [[], [["a.png", "image/png", 108]] * 10, [["d/a.png", "image/png", 108]] * 10]
    assert reply.code is None
    assert list(reply.pictures) in (allowed if "mode 0" in code or "chmod" in code else [[]])


def test_odd_names_are_told_or_left_out(jail: HostProcess) -> None:
    """Case 59: names that are not UTF-8, with newlines and control sequences, hidden ones: no error of ours."""
    code = (
        "for name in (b'\\xff.png', b'a\\nb.png', b'\\x1b[2J.png', b'.hidden.png', b' .png', b'-rf.png'):\n"
    )
    code += f"    open(name, 'wb').write({PNG})"
    reply = run(jail, code)
    assert reply.code is None
    assert sorted(name for name, _, _ in reply.pictures) == sorted(
        ["a\nb.png", "\x1b[2J.png", ".hidden.png", " .png", "-rf.png"]
    )


def test_a_thousand_folders_within_each_other_are_no_error(jail: HostProcess) -> None:
    """Case 59: neither the worker nor the host follows them to the end."""
    reply = attack(
        jail, "import os\nprint('TRIED: 1500')\nfor _ in range(1500): os.mkdir('d'); os.chdir('d')"
    )
    assert reply.code is None, reply


MANY = {
    "case 60 3000 pictures": f"for n in range(3000): open('%d.png' % n, 'wb').write({PNG})",
    "case 60 100 links to one": f"f = open('a.png', 'wb'); f.write({PNG}); f.truncate(30 << 20); f.close()\n"
    "for n in range(99): os.link('a.png', '%d.png' % n)",
}


@pytest.mark.parametrize("code", MANY.values(), ids=MANY.keys())
def test_many_pictures_are_bounded_in_number_and_size(jail: HostProcess, code: str) -> None:
    """Case 60: a hundred at most, 128 MiB in all, and nothing larger is read first."""
    with host_peak(jail) as peak:
        reply = run(jail, f"import os\n{code}", files=4000)
    assert reply.code is None
    assert 0 < len(reply.pictures) <= 100
    assert sum(size for _, _, size in reply.pictures) <= 128 << 20
    assert peak.megabytes < 200


PICTURES = {
    "PNG of 100000 x 100000": text(
        r"""
        import struct, zlib

        def chunk(kind, data):
            return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data) & 0xffffffff)
        data = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 100000, 100000, 8, 6, 0, 0, 0))
        data += chunk(b'IDAT', zlib.compress(bytes(50 << 20), 9)) + chunk(b'IEND', b'')
        """
    ),
    "PNG with a text of 1 GB": text(
        r"""
        import zlib
        data = b'\x89PNG\r\n\x1a\n' + b'\x00\x00\x00 zTXt' + zlib.compress(bytes(50 << 20), 9)
        """
    ),
    "SVG of a billion laughs": text(
        """
        data = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha">'
        for n in range(9):
            data += b'<!ENTITY %c "%s">' % (98 + n, b'&%c;' % (97 + n) * 10)
        data += b']><svg>&j;</svg>'
        """
    ),
    "SVG with an outside entity": "data = b'<!DOCTYPE svg [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><svg>&a;</svg>'",
    "SVG of endless size": 'data = b\'<svg width="1e99" height="1e99"><rect width="1e99"/></svg>\'',
    "JPEG of 65535 x 65535": "data = b'\\xff\\xd8\\xff\\xc0\\0\\x11\\x08\\xff\\xff\\xff\\xff\\3' + bytes(1000)",
    "HTML with a script": "data = b'<html><script>fetch(\"http://127.0.0.1/\")</script></html>'",
}


@pytest.mark.parametrize("code", PICTURES.values(), ids=PICTURES.keys())
def test_a_picture_bomb_is_carried_unopened(jail: HostProcess, code: str) -> None:
    """Own: decompression bombs and documents that reach out are bytes to the host; it decodes none."""
    with host_peak(jail) as peak:
        reply = run(jail, f"{code}\nopen('a.png', 'wb').write(data)\nprint(len(data))")
    assert reply.code is None
    assert [size for _, _, size in reply.pictures] == [int(reply.log)]
    assert peak.megabytes < 32


def test_a_folder_that_changes_after_the_report_is_read_when_all_is_quiet(jail: HostProcess) -> None:
    """Own: a child swaps the picture for a link while the host reads; it reads after the last process has gone."""
    code = f"""
open('a.png', 'wb').write({PNG})
if os.fork() == 0:
    while True:
        try:
            os.symlink({jail.facts["secret_file"]!r}, 'x'); os.rename('x', 'a.png')
            open('y', 'wb').write({PNG}); os.rename('y', 'a.png')
        except OSError: pass
time.sleep(0.05)
tell({{'status': 'ok', 'pictures': ['a.png'] * 50}})
say(numbers=[here()])
"""
    for _ in range(3):
        reply = run_script(jail, forged(code))
        assert reply.code is None
        assert {size for _, _, size in reply.pictures} <= {108}
