"""Network and other channels (facts/sandbox-attacks.md, cases 16 to 27); nothing is granted to these jobs."""

from __future__ import annotations

import pytest

from tests.jail.attacking import attack, attack_text
from tests.jail.cases import cases
from tests.jail.hosts import HostProcess

OUTSIDE = "192.0.2.1"  # for documentation only (RFC 5737): nobody is there

# Also run without a jail by test_control.py: there each of them is a breach.
CONNECT = """
refused("connect to a listener of the host", lambda: socket.create_connection(("127.0.0.1", V["tcp"]), 2))
"""
SEND_DATAGRAM = """
refused("send to a port of the host",
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", V["udp"])))
"""
ABSTRACT = """
def connect(address):
    with socket.socket(socket.AF_UNIX) as found: found.connect(address)
refused("an abstract socket of the host", connect, "\\0" + V["abstract"], by=WALLS + (ECONNREFUSED,))
"""
SOCKET_FILE = """
def connect(address):
    with socket.socket(socket.AF_UNIX) as found: found.connect(address)
refused("a socket file of the host", connect, V["socket_file"])
"""


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(CONNECT, id="case 16 connect"),
        pytest.param(SEND_DATAGRAM, id="case 17 send"),
        pytest.param(ABSTRACT, id="case 21 abstract socket"),
        pytest.param(SOCKET_FILE, id="case 21 socket file"),
    ],
)
def test_sockets_of_the_host_are_out_of_reach(jail: HostProcess, code: str) -> None:
    """Cases 16, 17, 21: the aftermath shows that the host's listeners saw nothing."""
    attack(jail, code)


WAYS = {
    "the host by IPv6": "socket.create_connection(('::1', V['tcp']), 2)",
    "by name": "socket.create_connection(('localhost', V['tcp']), 2)",
    "by mapped address": "socket.create_connection(('::ffff:127.0.0.1', V['tcp']), 2)",
    "outside by address": f"socket.create_connection(('{OUTSIDE}', 443), 2)",
    "outside by name": "socket.create_connection(('example.com', 443), 2)",
    "urllib": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:%d/' % V['tcp'], timeout=2)",
    "http.client": "import http.client; http.client.HTTPConnection('127.0.0.1', V['tcp'], 2).request('GET', '/')",
    "pandas": "import pandas; pandas.read_csv('http://127.0.0.1:%d/x.csv' % V['tcp'])",
    "asyncio": "import asyncio\n            wait = asyncio.new_event_loop().run_until_complete\n"
    "            wait(asyncio.open_connection('127.0.0.1', V['tcp']))",
    "cloud metadata": "socket.create_connection(('169.254.169.254', 80), 2)",
    "10/8": "socket.create_connection(('10.0.0.1', 80), 2)",
    "172.16/12": "socket.create_connection(('172.17.0.1', 80), 2)",
    "192.168/16": "socket.create_connection(('192.168.0.1', 80), 2)",
    "listen": "socket.create_server(('127.0.0.1', 0))",
    "listen everywhere": "socket.create_server(('', 8080))",
    "listen on IPv6": "socket.create_server(('::1', 0), family=socket.AF_INET6)",
    "bind a datagram socket": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(('127.0.0.1', 0))",
    "TCP fast open": "socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', V['tcp']))",
    "multicast": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('224.0.0.1', 5353))",
    "multipath TCP": "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)",
    "SCTP": "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)",
    "UDP-Lite": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136)",
    "ping": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1)",
}
_CASES = {"listen": 23, "bind": 23, "cloud": 20, "10/8": 20, "172.": 20, "192.": 20, "ping": 17, "SCTP": 17}


def _case(name: str) -> str:
    number = next((number for begin, number in _CASES.items() if name.startswith(begin)), 16)
    return f"case {number} {name}"


ASYNC_CASES = {_case("asyncio"): ({"python": ">=3.5"}, "asyncio")}


@pytest.mark.parametrize("way", cases({_case(name): way for name, way in WAYS.items()}, ASYNC_CASES))
def test_there_is_no_network(jail: HostProcess, way: str) -> None:
    """Cases 16, 17, 20, 23: whatever library asks, whatever the address; names are not resolved."""
    code = f"""
    def act():
        try:
            {way}
        except Exception as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, socket.gaierror): raise OSError(EPERM, "no such name")
            raise reason
    refused("the network", act, by=(EACCES, EPERM))
    """
    attack(jail, code)


def test_programs_that_reach_out_are_not_there(jail: HostProcess) -> None:
    """Case 16: neither curl nor a shell's /dev/tcp."""
    code = """
    for name in ("curl", "wget", "nc", "ncat", "ssh", "getent", "ping", "dig", "bash", "socat", "telnet", "git"):
        refused(name, subprocess.call, [name, "http://127.0.0.1:%d/" % V["tcp"]])
        refused("/usr/bin/" + name, subprocess.call, ["/usr/bin/" + name])
    refused("/dev/tcp", os.open, "/dev/tcp/127.0.0.1/%d" % V["tcp"], os.O_RDWR)
    """
    attack(jail, code)


@pytest.mark.parametrize("kind", ["STREAM", "DGRAM", "RAW", "SEQPACKET", "RDM", "PACKET"])
def test_no_family_of_sockets_but_unix_is_there(jail: HostProcess, kind: str) -> None:
    """Cases 17, 18: netlink, packet, alg, vsock, Bluetooth, XDP and every other, by socket and socketpair."""
    code = f"""
    kind = {{"PACKET": 10}}.get({kind!r}) or getattr(socket, "SOCK_" + {kind!r})
    pair = (ctypes.c_int * 2)()
    for family in list(range(0, 64)) + [255, 65535, -1]:
        if family == socket.AF_UNIX: continue
        for protocol in (0, 1, 6, 17, 255):
            refused("family %d" % family, lambda: syscall("socket", family, kind, protocol), by=(EACCES,))
        refused("high bits", lambda: syscall("socket", family | 1 << 32, kind, 0), by=(EACCES,))
        def both():
            if libc.socketpair(family, kind, 0, pair): raise OSError(ctypes.get_errno(), "socketpair")
        refused("pair of %d" % family, both, by=(EACCES,))
    """
    attack(jail, code, limits={"log_kb": 4096})


def test_io_uring_makes_no_sockets(jail: HostProcess) -> None:
    """Case 19: its requests pass no filter of system calls, so it can't be set up at all."""
    code = """
    refused("io_uring_setup", lambda: syscall("io_uring_setup", 8, ctypes.create_string_buffer(120)), by=(EPERM,))
    refused("io_uring_enter", lambda: syscall("io_uring_enter", 0, 1, 1, 0, None, 0), by=(EPERM,))
    refused("io_uring_register", lambda: syscall("io_uring_register", 0, 0, None, 0), by=(EPERM,))
    refused("io_setup", lambda: syscall("io_setup", 8, ctypes.byref(ctypes.c_long(0))), by=(EPERM,))
    """
    attack(jail, code)


def test_unix_sockets_end_at_the_cell(jail: HostProcess) -> None:
    """Case 21: neither by a path, a link, a short abstract name, nor as another kind of socket."""
    code = """
    os.symlink(V["socket_file"], "s")
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        for address in ("/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "s",
                        "/run/systemd/private", "/tmp/.X11-unix/X0", "/proc/1/root" + V["socket_file"],
                        "\\0" + V["abstract"], "\\0/tmp/.X11-unix/X0", "\\0"):
            def connect():
                with socket.socket(socket.AF_UNIX, kind) as found: found.connect(address)
            refused("connect to %r" % address, connect, by=WALLS + (ECONNREFUSED, EINVAL, EPROTOTYPE))
    if "@" in open("/proc/self/net/unix").read() if os.path.exists("/proc/self/net/unix") else False: breach("names")
    """
    attack(jail, code)


@pytest.mark.parametrize("code", [ABSTRACT, SOCKET_FILE], ids=["abstract socket", "socket file"])
@pytest.mark.parametrize("grants", [["*"], ["localhost:9"]], ids=["any", "one port"])
def test_a_granted_network_reaches_no_unix_socket(jail: HostProcess, grants: list[str], code: str) -> None:
    """Case 22: internet sockets are granted, the host's own Unix sockets are not among them."""
    attack(jail, code, network=grants)


def test_interfaces_can_be_neither_seen_nor_made(jail: HostProcess) -> None:
    """Own: through ioctls of a Unix socket a job sees its own loopback only, and can't even start that."""
    code = """
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    tried("ask for interfaces")
    room = ctypes.create_string_buffer(4096)
    found = fcntl.ioctl(unix, 0x8912, struct.pack("=i4xQ", 4096, ctypes.addressof(room)))
    names = {room.raw[at:at + 16].rstrip(bytes(1)) for at in range(0, struct.unpack("=i", found[:4])[0], 40)}
    if names - {b"lo"}: breach(names)
    request = struct.pack("16sH14s", b"lo", 0x41, bytes(14))
    by = WALLS + (ENOTTY, EINVAL, ENODEV, EOPNOTSUPP, EFAULT)
    for name, number in (("SIOCSIFFLAGS", 0x8914), ("SIOCSIFADDR", 0x8916), ("SIOCADDRT", 0x890B),
                         ("SIOCBRADDBR", 0x89a0), ("SIOCSIFNAME", 0x8923), ("SIOCETHTOOL", 0x8946),
                         ("SIOCADDTUNNEL", 0x89f1)):
        refused(name, lambda: fcntl.ioctl(unix, number, request), by=by)
    refused("a tunnel", os.open, "/dev/net/tun", os.O_RDWR)
    refused("the namespace of init", os.open, "/proc/1/ns/net", os.O_RDONLY)
    """
    attack(jail, code)


def test_names_are_not_resolved(jail: HostProcess) -> None:
    """Own: no question leaves by DNS, and none of the host's names is known."""
    code = """
    tried("ask for names")
    import random
    for name in ("example.com", "studiolo-%d.example" % random.getrandbits(40), socket.gethostname() + ".local",
                 "host.docker.internal"):
        try: breach("%s is %r" % (name, socket.getaddrinfo(name, 80)))
        except socket.gaierror: pass
    if os.path.exists("/etc/resolv.conf") and re.findall(b"(?m)^nameserver (?!127.0.0.1$)", read("/etc/resolv.conf")):
        breach(read("/etc/resolv.conf"))
    if socket.gethostname() != "studiolo": breach(socket.gethostname())
    """
    attack(jail, code)


def test_keyrings_are_no_memory_between_jobs(jail: HostProcess) -> None:
    """Case 24: keys live as long as the account; none can be added, found, read or linked."""
    code = """
    for ring in (-1, -2, -3, -4, -5, -6, -7):
        refused("add_key", lambda: syscall("add_key", b"user", b"studiolo", b"left", 4, ring), by=(EPERM,))
        refused("read", lambda: syscall("keyctl", 11, ring, ctypes.create_string_buffer(100), 100, 0), by=(EPERM,))
        refused("link", lambda: syscall("keyctl", 8, ring, -1, 0, 0), by=(EPERM,))
    refused("request_key", lambda: syscall("request_key", b"user", b"studiolo", None, -4), by=(EPERM,))
    refused("join a session", lambda: syscall("keyctl", 1, b"studiolo", 0, 0, 0), by=(EPERM,))
    refused("persistent", lambda: syscall("keyctl", 22, -1, -2, 0, 0), by=(EPERM,))
    refused("/proc/keys", read, "/proc/keys")
    """
    attack(jail, code)


def test_files_of_libraries_tell_nothing(jail: HostProcess) -> None:
    """Cases 25, 27: no lease, notice, inotify or fanotify shows what others import."""
    code = """
    path = os.path.dirname(V["library"])
    number = os.open(V["library"], os.O_RDONLY)
    folder = os.open(path, os.O_RDONLY)
    refused("read lease", fcntl.fcntl, number, 1024, fcntl.F_RDLCK, by=(EPERM,))
    refused("write lease", fcntl.fcntl, number, 1024, fcntl.F_WRLCK, by=(EPERM,))
    refused("F_NOTIFY", fcntl.fcntl, folder, 1026, 0x8000003f, by=(EPERM,))
    refused("inotify", lambda: syscall("inotify_init1", 0), by=(EPERM,))
    refused("fanotify", lambda: syscall("fanotify_init", 0, 0), by=(EPERM,))
    refused("fanotify with names", lambda: syscall("fanotify_init", 0x200, 0), by=(EPERM,))
    """
    attack(jail, code)


def test_file_locks_on_libraries_leak_and_no_more(jail: HostProcess) -> None:
    """Case 25: the known leak, one bit at a time (docs/security.md); locks on inputs stop nobody else."""
    lock = """
    tried("lock")
    fcntl.flock(os.open(V["library"], os.O_RDONLY), fcntl.LOCK_EX)
    for name in os.listdir("/proc/self/fd"):
        try: fcntl.flock(int(name), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError: pass
    say("TRIED", "locked")
    time.sleep(60)
    """
    table = [{"a": [1, 2, 3]}]
    other = jail.start(attack_text(lock, jail.facts), inputs=table, stream=True)
    other.until("locked")
    try:
        reply = jail.run(
            "import pandas as pd\ndef azureml_main(frame): return pd.DataFrame(frame)", inputs=table
        )
        assert (reply.code, reply.result) == (None, table[0])
    finally:
        other.cancel()
        other.reply()


PLANT = """
import threading
secret = "studiolo-" + "secret-" + "0" * 32
for place in (".", "/tmp", "/dev/shm"): open(place + "/left-here", "w").write(secret)
abstract = socket.socket(socket.AF_UNIX); abstract.bind("\\0left-here"); abstract.listen()
named = socket.socket(socket.AF_UNIX); named.bind("/tmp/left.sock"); named.listen()
os.mkfifo("/tmp/fifo")
os.environ["LEFT_HERE"] = secret
libc.prctl(15, b"left-here", 0, 0, 0)
if os.fork() == 0: time.sleep(60)
say("TRIED", "planted %d" % os.getpid())
time.sleep(60)
"""
LOOK = """
tried("look")
for place in (".", "/tmp", "/dev/shm", "/box/work", "/box/tmp", "/box/shm"):
    if "left-here" in os.listdir(place): breach(place)
def connect(address):
    with socket.socket(socket.AF_UNIX) as found: found.connect(address)
refused("abstract socket", connect, "\\0left-here", by=(ECONNREFUSED, EPERM))
refused("socket file", connect, "/tmp/left.sock")
refused("pipe", os.open, "/tmp/fifo", os.O_RDONLY | os.O_NONBLOCK)
for pid in range(1, 70000):
    if pid in (1, os.getpid()): continue
    try: os.kill(pid, 0)
    except ProcessLookupError: continue
    except PermissionError: pass
    try: comm = read("/proc/%d/comm" % pid)
    except OSError: comm = b""
    if comm: breach("%d is %r" % (pid, comm))
for name in os.listdir("/proc"):
    if not name.isdigit(): continue
    for what in ("environ", "cmdline", "comm"):
        try: data = read("/proc/%s/%s" % (name, what))
        except OSError: continue
        if b"left-here" in data or b"0" * 32 in data: breach(name + what)
for number in range(0, 4096):
    try: syscall("shmat", number, None, 0)
    except OSError as error:
        if error.errno != EPERM: say("ODD", repr(error))
    else: breach("shared memory %d" % number)
"""


def test_two_jobs_at_once_see_nothing_of_each_other(jail: HostProcess) -> None:
    """Case 26: folders, sockets, pipes, process numbers, names and environments of a job beside."""
    other = jail.start(attack_text(PLANT, jail.facts), stream=True)
    other.until("planted")
    try:
        attack(jail, LOOK)
    finally:
        other.cancel()
        other.reply()


SHARED = {
    "System V memory": "syscall('shmget', 77, 4096, 0o1666)",
    "memory of the host": "syscall('shmat', V['shared_memory'], None, 0)",
    "semaphores": "syscall('semget', 77, 1, 0o1666)",
    "messages": "syscall('msgget', 77, 0o1666)",
    "POSIX queue": "syscall('mq_open', b'studiolo', 0o102, 0o600, None)",
}


@pytest.mark.parametrize("call", SHARED.values(), ids=[f"case 26 {name}" for name in SHARED])
def test_shared_objects_of_the_kernel_are_not_there(jail: HostProcess, call: str) -> None:
    """Cases 26, 49: what outlives a process or is named by a number can't be made or attached."""
    attack(jail, f"refused('share', lambda: {call}, by=(EPERM,))")


TRICKS = {
    "its own socket in its own queue": "for _ in range(200): send(connection.fileno())",
    "pairs that hold each other": """
for _ in range(100):
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    socket.send_fds(a, [b"x"], [b.fileno()]); socket.send_fds(b, [b"x"], [a.fileno()])
    send(a.fileno()); send(b.fileno())
""",
    "its folder, its memory, pipes": """
for name in (".", "/", "/proc/self/mem", "/dev/full", "/proc/self/ns/user"): send(os.open(name, os.O_RDONLY))
read_end, write_end = os.pipe(); send(read_end); send(write_end)
""",
    "handles of processes": "send(syscall('pidfd_open', os.getpid(), 0)); send(syscall('pidfd_open', 1, 0))",
    "a pipe that never ends": "os.mkfifo('f'); send(os.open('f', os.O_RDWR))",
    "done with its socket as folder": "socket.send_fds(connection, [b'{\"done\": 1}'], [connection.fileno()])",
    "done with a device as folder": 'socket.send_fds(connection, [b\'{"done": 1}\'], [os.open("/dev/full", 0)])',
    "done with /proc as folder": 'socket.send_fds(connection, [b\'{"done": 1}\'], [os.open("/proc", 0)])',
    "forged identity": """
for who in ((V["host"], 0, 0), (1, 1000, 1000), (os.getpid(), 0, 0)):
    as_another = [(socket.SOL_SOCKET, 2, struct.pack("3i", *who))]
    refused("be another", connection.sendmsg, [b"x"], as_another, by=(EPERM, EINVAL, ESRCH))
""",
    "deep nesting": "connection.send(b'[' * 60000)",
    "not UTF-8": "connection.send(b'\\xff\\xfe' * 1000)",
    "huge numbers": 'connection.send(b\'{"done": 1e999, "x": \' + b"9" * 5000 + b"}")',
    "no message": "connection.send(b''); connection.send(b'null'); connection.send(b'[]'); connection.send(b'1')",
    "shutdown": "connection.shutdown(socket.SHUT_RDWR)",
    "out of band": "refused('urgent', lambda: connection.send(b'x', socket.MSG_OOB), by=(EOPNOTSUPP,))",
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=[f"own {name}" for name in TRICKS])
def test_tricks_on_the_jobs_own_socket_cost_the_host_nothing(jail: HostProcess, trick: str) -> None:
    """Own: descriptors sent in circles, odd kinds of them, forged identities, broken messages."""
    code = """
    tried("a trick")
    connection, report = job_socket()
    connection.setblocking(False)
    def send(number):
        try: socket.send_fds(connection, [b'{"x": 1}'], [number])
        except BlockingIOError: pass
        except OSError as error:
            if error.errno not in (ETOOMANYREFS, EPIPE): say("ODD", repr(error))
    """
    text = attack_text(code.replace("\n    ", "\n") + trick, jail.facts)
    reply = jail.run(text)
    assert "TRIED" in reply.log and "ODD" not in reply.log and "BREACH" not in reply.log, reply.log
    assert reply.code in (None, "bad-result", "worker-lost", "exited"), (reply.code, reply.summary)
