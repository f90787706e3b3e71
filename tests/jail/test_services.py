"""A web service in `fresh` state: the code of one request reads, changes and delays nothing of another (R-6.3, R-12.2).

The attacker sends text that an honest script evaluates, as the published example of expressions does. Each attack
runs between two requests that look around in the same way; these must see the same.
"""

from __future__ import annotations

import pytest

from tests.jail.hosts import HostProcess
from tests.jail.service_attacks import ATTACKS, LIMITS, LOOK, SERVICE
from tests.jail.trials import host_peak, text

HOST_MEGABYTES = 400  # for what the node may return, `output_mb`, and its text
SECONDS = {"it is killed": 5.0, "stopped itself": 0.5}


@pytest.mark.needs(python=">=3.6", because="what the attacks are written in")
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_the_next_request_sees_nothing_of_an_attack(jail: HostProcess, request, attack: str) -> None:
    """R-6.3: whatever a request leaves, the next one finds what the first one found; the attack costs one error."""
    name = request.node.callspec.id.split("-", 1)[-1]
    seconds = next((value for key, value in SECONDS.items() if key in name), 30.0)
    before, did, after, last = jail.serve(
        SERVICE, [LOOK, text(attack), LOOK, "said = 'well'"], limits=LIMITS, seconds=seconds
    )
    assert before.code is None, before
    assert did.code != "host-failed", did
    assert (after.code, after.result) == (None, before.result), (did, after)
    assert (last.code, last.result) == (None, {"said": ["'well'"]}), last


@pytest.mark.needs(python=">=3.6", because="what the attacks are written in")
def test_what_can_be_put_back_does_not_cost_the_loaded_node(jail: HostProcess) -> None:
    """R-7.3: an honest request, and one that leaves files, places in files and shared memory, end no loaded process."""
    leaves = "OPENED.read(); SHARED[:1] = b'x'; io.open('left', 'w'); said = LOADED"
    replies = jail.serve(SERVICE, ["said = LOADED", leaves, LOOK, "said = LOADED"], limits=LIMITS)
    assert replies[0].result == replies[1].result == replies[3].result


REACHES = {
    "memory": "io.open('/proc/%d/mem' % parent, 'rb').read(1)",
    "memory to write": "io.open('/proc/%d/mem' % parent, 'r+b')",
    "environment": "io.open('/proc/%d/environ' % parent, 'rb').read()",
    "map": "io.open('/proc/%d/maps' % parent).read()",
    "where a descriptor leads": "os.readlink('/proc/%d/fd/1' % parent)",
    "a descriptor": "io.open('/proc/%d/fd/3' % parent, 'rb')",
    "its working directory": "os.listdir('/proc/%d/cwd' % parent)",
    "its root": "os.listdir('/proc/%d/root' % parent)",
    "ptrace": "call(101, 16, parent, 0, 0)",
    "ptrace by seizing": "call(101, 0x4206, parent, 0, 0)",
    "process_vm_readv": "call(310, parent, None, 0, None, 0, 0)",
    "pidfd_getfd": "call(438, call(434, parent, 0), 3, 0)",
    "kcmp": "call(312, parent, os.getpid(), 0, 1, 1)",
    "oom score": "io.open('/proc/%d/oom_score_adj' % parent, 'w').write(u'1000')",
    "core filter": "io.open('/proc/%d/coredump_filter' % parent, 'w').write(u'0')",
    "timer slack": "io.open('/proc/%d/timerslack_ns' % parent, 'w').write(u'1')",
    "dirty pages": "io.open('/proc/%d/clear_refs' % parent, 'w').write(u'1')",
    "the socket of requests": "sorted(set(map(inode, others())) & KNOWN)[0]",
    "a second socket": "others()[1]",
    "words on the reply's socket": "[socket.fromfd(number, 1, 5).recv(9, 0x40) for number in others()]",
}


@pytest.mark.needs(python=">=3.6", because="what the attacks are written in")
def test_the_process_that_loaded_the_node_is_out_of_reach(jail: HostProcess) -> None:
    """R-6.3: its memory, environment, descriptors and the socket of requests; each is really tried."""
    code = text(
        """
        libc = ctypes.CDLL(None, use_errno=True)
        def call(*arguments):
            given = libc.syscall(*arguments)
            if given < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            return given
        scope = dict(globals(), parent=parent, call=call)
        said = {}
        for name, attack in REACHES.items():
            try:
                said[name] = "reached: %r" % (eval(attack, scope),)
            except (OSError, IndexError) as error:
                pass
        """
    )
    reply = jail.serve(SERVICE, [f"REACHES = {REACHES!r}\n{code}"], limits=LIMITS)[0]
    assert (reply.code, reply.result) == (None, {"said": ["{}"]}), reply


FINE = "{'report': {'status': 'ok'}, 'outputs': []}"
LIES = {
    "nothing": "send(b'')",
    "three bytes": "send(b'abc')",
    "no JSON": "send(packet(b'hello'))",
    "a head beyond the packet": "send(struct.pack('<I', 1 << 31) + b'{}')",
    "a list": "send(packet([]))",
    "nested": "send(packet(b'[' * 50000))",
    "no report": "send(packet({'outputs': []}))",
    "a report of another type": "send(packet({'report': [], 'outputs': []}))",
    "outputs of another type": "send(packet({'report': {'status': 'ok'}, 'outputs': {'a': 1}}))",
    "outputs without names": "send(packet({'report': {'status': 'ok'}, 'outputs': [1]}))",
    "an output that is a list": "output([], 0)",
    "an unknown output": "output('x', 0)",
    "an output twice": "output('result_dataset', 0, times=2)",
    "too long an output": "output('result_dataset', 9 ** 9)",
    "a negative size": "output('result_dataset', -1)",
    "a size in parts": "output('result_dataset', 0.5)",
    "a frame that is none": "output('result_dataset', 64, b'x' * 64)",
    "no file": "send(packet({'is_filed': True, 'report': {'status': 'ok'}, 'outputs': []}))",
    "two files": f"send(packet(dict({FINE}, is_filed=True)), 0, 0)",
    "a hundred files": f"send(packet(dict({FINE}, is_filed=True)), *[0] * 100)",
    "a pipe": f"send(packet(dict({FINE}, is_filed=True)), READ)",
    "a socket": f"send(packet(dict({FINE}, is_filed=True)), NEAR.fileno())",
    "a folder": "send(packet({'filed_head': 9}), os.open('.', os.O_RDONLY))",
    "a file of /proc": "send(packet({'filed_head': 9}), os.open('/proc/self/status', os.O_RDONLY))",
    "memory of its own": "send(packet({'filed_head': 9}), os.open('/proc/self/mem', os.O_RDONLY))",
    "a terminal": "send(packet({'filed_head': 9}), os.open('/dev/null', os.O_RDONLY))",
    "a file to write": "send(packet({'filed_head': 9}), opened('kept.txt', os.O_WRONLY))",
    "a path": "send(packet({'filed_head': 9}), opened('kept.txt', 0o10000000))",
    "a short file": "send(packet({'filed_head': 1 << 20}), opened())",
    "an endless head": "send(packet(b'{\"filed_head\": Infinity}'), opened())",
    "a head that is no number": "send(packet(b'{\"filed_head\": NaN}'), opened())",
    "a head of text": "send(packet({'filed_head': '9'}), opened())",
    "a negative head": "send(packet({'filed_head': -9}), opened())",
    "holes as large as a file may be": f"send(packet(dict({FINE}, is_filed=True)), opened('empty.txt', size=64 << 20))",
    "a head of holes": "send(packet({'filed_head': 30 << 20}), opened('empty.txt', size=30 << 20))",
    "a head of lists": "io.open('empty.txt', 'wb').write(packet(b'{\"x\":[' + b'[],' * 9000000 + b'1]}')); "
    "send(packet({'filed_head': 27000064}), opened('empty.txt'))",
    "a file that is cut": "os.truncate('empty.txt', 20 << 20); pid = os.fork()\nif pid == 0:\n"
    "    while True:\n        os.truncate('empty.txt', 0); os.truncate('empty.txt', 20 << 20)\n"
    "send(packet({'filed_head': 9}), opened('empty.txt'))",
    "a line of no script": "error = {'line': 1 << 99, 'code': [], 'kind': {}}; "
    "send(packet({'report': {'status': 'error', 'error': error}, 'outputs': []}))",
    "an error of ours": "error = {'kind': 'internal', 'code': 'x'}; "
    "send(packet({'report': {'status': 'error', 'error': error}, 'outputs': []}))",
}
ACCEPTED = {"bad-result", "exited", "worker-lost", "script-raised", "x", "killed"}


@pytest.mark.needs(python=">=3.6", because="what the attacks are written in")
def test_replies_that_lie_cost_one_error_each(jail: HostProcess) -> None:
    """R-6.3: sizes, names, heads, files: each is refused, the host stays small, and the next request is answered."""
    requests = []
    for lie in LIES.values():
        requests += [f"{lie}\nos._exit(0)", "said = 'well'"]
    with host_peak(jail) as peak:
        replies = jail.serve(SERVICE, requests, limits=LIMITS)
    for name, reply in zip(LIES, replies[::2], strict=True):
        assert reply.code in ACCEPTED, (name, reply)
    assert [reply.result for reply in replies[1::2]] == [{"said": ["'well'"]}] * len(LIES)
    assert peak.megabytes < HOST_MEGABYTES


@pytest.mark.needs(python=">=3.6", because="what the attacks are written in")
def test_a_log_without_end_holds_nobody(jail: HostProcess) -> None:
    """R-6.3: several processes fill the log as fast as they can; requests beside them are answered meanwhile."""
    flood = text(
        """
        block = b"x" * 65536
        for _ in range(3):
            if os.fork() == 0:
                while True:
                    os.write(1, block)
        while True:
            os.write(1, block)
        """
    )
    replies = jail.serve(
        SERVICE, [flood, *["said = 'well'"] * 20], limits=LIMITS, seconds=2.0, children=2, at_once=True
    )
    assert replies[0].code in ("timed-out", "cpu-limit"), replies[0]
    assert [reply.result for reply in replies[1:]] == [{"said": ["'well'"]}] * 20


@pytest.mark.needs(python=">=3.6", because="what the attacks are written in")
def test_words_of_one_request_are_not_in_the_log_or_error_of_another(jail: HostProcess) -> None:
    """R-6.3: what is written after the reply, and what is said of a place, is gone when the next request begins."""
    lie = text(
        f"""
        send(packet({FINE}))
        frames = 'Current thread 0x1 (most recent call first):\\n  File "scripts/node.py", line 4242 in lie\\n'
        for name in os.listdir("/proc/self/fd"):
            try:
                if stat.S_ISFIFO(os.fstat(int(name)).st_mode) and int(name) not in (READ, WRITE):
                    os.write(int(name), frames.encode() * 5)
            except OSError:
                pass
        os._exit(0)
        """
    )
    _, honest, broken = jail.serve(SERVICE, [lie, "print('mine')", lie.split("\n")[-1]], limits=LIMITS)
    assert honest.log == "mine\n"
    assert broken.code == "exited"
    assert broken.where.get("line") != 4242


@pytest.mark.needs(python=">=3.6", because="what the attacks are written in")
def test_a_process_that_is_kept_can_not_harm_the_host(jail: HostProcess) -> None:
    """R-6.3: in `kept` state requests share a process, and are not kept apart; the host stays well all the same."""
    lie = text(
        """
        for number in sockets():
            end = socket.fromfd(number, socket.AF_UNIX, socket.SOCK_SEQPACKET)
            for status in (0, 9, 1 << 80, -1, "x", None):
                for _ in range(5):
                    try:
                        end.send(json.dumps({"ready": 1, "status": status}).encode(), socket.MSG_DONTWAIT)
                    except OSError:
                        pass
        """
    )
    replies = jail.serve(
        SERVICE, ["said = 'well'", lie, *["said = 'well'"] * 40], limits=LIMITS, state="kept", seconds=5.0
    )
    assert all(reply.code != "host-failed" for reply in replies), replies
    assert replies[-1].result == {"said": ["'well'"]}, replies
