"""The harness can fail: the same attacks without a jail are breaches, and harm is seen in the aftermath."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studiolo.environments import Environment
from tests.jail import test_files, test_network, test_processes, test_rights
from tests.jail.attacking import attack, attack_text, failures
from tests.jail.hosts import HostProcess, differences

ATTACKS = {
    "case 1 read a secret": test_files.READ_SECRET,
    "case 2 list a folder": test_files.LIST_FOLDER,
    "case 3 write to a file": test_files.WRITE_VICTIM,
    "case 4 chmod, utime and link": test_files.CHANGE_VICTIM,
    "case 5 read and write through links": test_files.THROUGH_LINK,
    "case 16 connect": test_network.CONNECT,
    "case 17 send a datagram": test_network.SEND_DATAGRAM,
    "case 21 an abstract socket": test_network.ABSTRACT,
    "case 21 a socket file": test_network.SOCKET_FILE,
    "case 26 shared memory": f"refused('share', lambda: {test_network.SHARED['memory of the host']})",
    "case 28 stop a process": test_processes.FREEZE_VICTIM,
    "case 29 read a process's memory": test_processes.PEEK_VICTIM,
    "case 30 limit a process": test_processes.LIMIT_VICTIM,
    "case 36 capabilities and filter": test_rights.CAPABILITIES,
    "case 37 a user namespace": test_rights.USER_NAMESPACE,
    "case 44 read an environment": test_processes.READ_ENVIRONMENT,
}
REFUSED_BY_SOME_MACHINES = {
    "case 29 read a process's memory": "Yama or a container",
    "case 37 a user namespace": "AppArmor or a container",
}
HARM = {
    "a file": (test_files.WRITE_VICTIM, "victims"),
    "a mode and a date": (test_files.CHANGE_VICTIM, "victims"),
    "a connection": (test_network.CONNECT, "victims"),
    "a datagram": (test_network.SEND_DATAGRAM, "victims"),
    "an abstract socket": (test_network.ABSTRACT, "victims"),
    "a process": ("os.kill(V['victim'], signal.SIGKILL)", "victims"),
    "a file left behind": ("open(os.environ['TMPDIR'] + '/left', 'w').close()", "left"),
}


@pytest.fixture(scope="module")
def host(environment: Environment) -> Iterator[HostProcess]:
    """A host of its own: its victims are harmed."""
    with HostProcess("ordinary", environment=environment) as started:
        yield started


def bare(host: HostProcess, code: str) -> str:
    """Run an attack without a jail, against the victims of `host`; give its log."""
    log: str = host.ask("bare", script=attack_text(code, host.facts))
    return log


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_without_a_jail_is_a_breach(host: HostProcess, name: str) -> None:
    """The very texts of the suite, with every wall missing: a harness that saw nothing here would see nothing."""
    log = bare(host, ATTACKS[name])
    if "BREACH" not in log and name in REFUSED_BY_SOME_MACHINES:
        pytest.skip(f"refused without a jail too, by {REFUSED_BY_SOME_MACHINES[name]}: {log}")
    assert any(line.startswith("BREACH") for line in failures(log)), log


@pytest.mark.parametrize("name", HARM)
def test_harm_is_seen_in_the_aftermath(host: HostProcess, name: str) -> None:
    """What an attack changed is found by the look that follows every test."""
    code, part = HARM[name]
    before = host.ask("state")
    bare(host, f"{code}\ntime.sleep(0.1)")
    found = differences(before, host.ask("state"))
    assert [line.split(":")[0] for line in found] == [part]


@pytest.mark.parametrize(
    "code",
    [
        "pass",
        "breach('by hand')",
        "refused('fails by its own fault', int, 'x')",
        "tried('x'); raise ValueError",
        "refused('wrong number', os.kill, 1 << 22, 0)",
        "refused('comes back', os.getpid)",
        "tried('x'); os._exit(0)",
    ],
)
def test_an_attack_that_was_not_made_or_not_refused_fails_its_test(host: HostProcess, code: str) -> None:
    """Nothing tried, a breach, a wrong error number, an error of the attack's own: none passes for a wall."""
    with pytest.raises(AssertionError):
        attack(host, code)


def test_a_process_that_is_left_is_seen(host: HostProcess) -> None:
    """A job still at work counts as left behind."""
    before = host.settled_state()
    running = host.start(
        attack_text("os.fork(); say('TRIED', 'up'); time.sleep(60)", host.facts), stream=True
    )
    running.until("up")
    found = differences(before, host.ask("state"))
    running.cancel()
    running.reply()
    assert "processes are left" in "".join(found)
