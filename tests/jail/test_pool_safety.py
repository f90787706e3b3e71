"""What one job must not do to the pool, to the host or to the job beside it (found by a hostile review; own)."""

from __future__ import annotations

import pytest

from tests.jail.attacking import attack, attack_text, body
from tests.jail.hosts import HostProcess

BESIDE = body("import time\nfor _ in range(8):\n    time.sleep(0.1)\nprint('unharmed')")


@pytest.mark.parametrize("name", [b"\xff\xfe", b") R 1 (", b"\n", b"\x80" * 15, b"(", b""])
def test_a_process_may_have_any_name(jail: HostProcess, name: bytes) -> None:
    """The watcher reads names that a job chooses; the job beside it must not notice."""
    beside = jail.start(BESIDE)
    reply = jail.run(
        body(f"""
        import ctypes, os, threading, time
        libc = ctypes.CDLL(None)
        def be_named():
            libc.prctl(15, {name!r}, 0, 0, 0)
            time.sleep(0.4)
        threading.Thread(target=be_named).start()
        if os.fork() == 0:
            be_named()
            os._exit(0)
        be_named()
        """)
    )
    assert reply.code is None, reply
    assert beside.reply().log == "unharmed\n"


def test_no_child_is_made_that_nobody_watches(jail: HostProcess) -> None:
    """clone(2) with CLONE_PARENT would make children of the zygote; threads with descriptors of their own hide them."""
    attack(
        jail,
        """
        refused("a sibling", lambda: syscall("clone", 0x8000 | signal.SIGCHLD, 0, 0, 0, 0))
        refused("a thread with a table of its own", lambda: syscall("clone", 0x10900, 0, 0, 0, 0))
        """,
    )


def test_pages_do_not_hide_in_sockets_and_pipes(jail: HostProcess) -> None:
    """Spliced pages are kept by reference: the box looks empty, the memory is gone."""
    attack(
        jail,
        """
        with open("file", "wb") as file: file.write(bytes(1 << 16))
        file = os.open("file", os.O_RDWR)
        out, into = os.pipe()
        one, other = socket.socketpair()
        refused("splice", os.splice, file, into, 4096, by=(EINVAL,)) if hasattr(os, "splice") else tried("splice")
        refused("sendfile", os.sendfile, one.fileno(), file, 0, 4096, by=(EINVAL,))
        import shutil
        shutil.copy("file", "copy")
        assert os.stat("copy").st_size == 1 << 16
        """,
    )


def test_a_process_without_its_first_thread_is_counted(jail: HostProcess) -> None:
    reply = jail.run(
        attack_text(
            """
            import threading
            tried("memory")
            def work():
                held = bytearray(60 * 10**6)
                for place in range(0, len(held), 4096): held[place] = 1
                time.sleep(8)
            for _ in range(4):
                if os.fork() == 0:
                    threading.Thread(target=work).start()
                    libc.syscall(60 if platform.machine() == "x86_64" else 93, 0)
            time.sleep(8)
            breach("took 240 MB")
            """,
            jail.facts,
        ),
        limits={"memory_mb": 100},
    )
    assert reply.code == "out-of-memory", (reply.code, reply.summary, reply.log)
    assert "BREACH" not in reply.log


def test_a_granted_job_cannot_make_the_host_wait_for_a_close(jail: HostProcess) -> None:
    """SO_LINGER on sockets that are passed to the host: its close must not wait for them."""
    reply = jail.run(
        attack_text(
            """
            import array
            server = socket.create_server(("127.0.0.1", 0))
            near = socket.create_connection(server.getsockname())
            far, _ = server.accept()
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 40))
            near.setblocking(False)
            tried("to fill")
            try:
                while True: near.send(bytes(1 << 16))
            except BlockingIOError: pass
            connection, _ = job_socket()
            rights = array.array("i", [near.fileno(), far.fileno()])
            connection.sendmsg([b"{}"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
            """,
            jail.facts,
        ),
        network=["localhost:1"],
        limits={"wall_seconds": 20},
    )
    assert "TRIED" in reply.log, reply
    assert reply.usage["wall_seconds"] < 20


def test_filters_of_its_own_are_refused(jail: HostProcess) -> None:
    """Their compiled code is one budget for the whole machine."""
    attack(
        jail,
        """
        program = struct.pack("HBBI", 6, 0, 0, 0)
        code = ctypes.create_string_buffer(program, 8)
        header = struct.pack("H6xQ", 1, ctypes.addressof(code))
        one, other = socket.socketpair()
        refused("SO_ATTACH_FILTER", one.setsockopt, socket.SOL_SOCKET, 26, header)
        refused("prctl", prctl, 22, 2, ctypes.addressof(ctypes.create_string_buffer(header, 16)))
        refused("seccomp", lambda: syscall("seccomp", 1, 0, ctypes.create_string_buffer(header, 16)))
        """,
    )
