"""A language server runs in the walls of a job; what it does with its way to the host harms nobody.

The promise is number 8 of docs/security.md.
The attackers are libraries that a language server imports. Here scripts stand for them, in jobs that have the same
descriptor.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from studiolo.domain.experiment import Node, Script
from studiolo.domain.limits import Limits
from studiolo.environments import current_environment
from studiolo.registry.registry import Registry
from studiolo.scheduler.building import Ingredients, build_job
from studiolo.studio.languages_talk import LanguageServer, LanguageServerGone
from studiolo.testing.pools import pools

FIND = """
import array, os, socket, time

def azureml_main():
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            one = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue
        if one.type == socket.SOCK_STREAM:
            found.append(one)
    (host,) = found
"""

ATTACKS = {
    "descriptors": """
    rights = array.array("i", [os.open("/dev/null", os.O_RDONLY)] * 200)
    for _ in range(200):
        host.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    host.shutdown(socket.SHUT_WR)
""",
    "endless": """
    while True:
        host.sendall(b"x" * 1_000_000)
""",
    "an endless header": """
    host.sendall(b"Content-Length: 1\\r\\n")
    while True:
        host.sendall(b"A: b\\r\\n" * 10_000)
""",
    "a message that never ends": """
    host.sendall(b"Content-Length: 8000000\\r\\n\\r\\n")
    while True:
        host.sendall(b"[" * 100_000)
""",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_a_server_does_with_its_conversation_ends_it(attack: str) -> None:
    """The host reads bounded messages and nothing else: no descriptor, no endless one."""
    before, memory = set(os.listdir("/proc/self/fd")), _memory()
    asyncio.run(_converse(FIND + attack))
    assert len(set(os.listdir("/proc/self/fd")) - before) < 20  # of the pool and its walls, not of the attack
    assert _memory() - memory < 100 << 20


def test_a_server_that_takes_too_much_ends_alone() -> None:
    """The memory of a server is bounded (R-6.3), and the page is told that it ended."""
    text = FIND + "    held = []\n    while True:\n        held.append(bytearray(10_000_000))\n"
    error = asyncio.run(_converse(text))
    assert error is not None


async def _converse(text: str) -> Exception | None:
    """Let a job say what it likes until the host has enough of it; give why it ended, where it did."""
    node = Node("script", "execute-python-script", script=Script("script.py", text))
    job = build_job(Ingredients(node, Registry.load().get(node.module), (), environment="current"))
    job = replace(job, converses=True, answer=None, limits=Limits(memory_mb=256, wall_seconds=60))
    pool = pools("full").get(current_environment())
    server = LanguageServer(job, await asyncio.to_thread(pool.open, job))
    await server.attach()
    try:
        with pytest.raises(LanguageServerGone):
            while True:
                await asyncio.wait_for(server.receive(), 30)
        return await server.why_it_ended()
    finally:
        server.close()


def _memory() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
