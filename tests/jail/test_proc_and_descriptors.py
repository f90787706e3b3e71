"""What /proc and open descriptors show of others (facts/sandbox-attacks.md, cases 6 to 8)."""

from __future__ import annotations

import textwrap

from tests.jail.attacking import attack
from tests.jail.hosts import ROOT, HostProcess

TABLE = [{"a": list(range(1000))}]


PROC_1 = "root cwd exe environ maps mem fd/0 fd/1 fd/2 fd/3 fdinfo/1 map_files ns/mnt ns/user syscall stack io auxv"


PROC_1 += " pagemap smaps clear_refs timerslack_ns personality"


def test_the_cells_init_keeps_its_secrets(jail: HostProcess) -> None:
    """Case 6: /proc/1 is the init of the cell; nothing of its memory, files or namespaces opens."""
    code = f"""
    for name in {PROC_1!r}.split():
        for path in ("/proc/1/", "/proc/2/../1/", "/proc/self/task/../../1/", "/proc/thread-self/../../../1/"):
            for act in (os.listdir, os.readlink, read):
                by = WALLS + (ENOTDIR, EINVAL) + ((EISDIR,) if name == "map_files" else ())
                refused(act.__name__ + " " + path + name, act, path + name, by=by)
    refused("write", open, "/proc/1/oom_score_adj", "w")
    refused("write mem", open, "/proc/1/mem", "r+b")
    refused("autogroup", open, "/proc/1/sched", "w")
    """
    attack(jail, code)


def test_only_own_processes_are_in_proc(jail: HostProcess) -> None:
    """Case 6: the host, its victim and the pool have no number inside."""
    code = """
    tried("list /proc")
    seen = [name for name in os.listdir("/proc") if name.isdigit()]
    if set(seen) - {"1", str(os.getpid())}: breach(seen)
    for pid in (V["host"], V["victim"]):
        if pid not in (1, os.getpid()): refused("status of %d" % pid, read, "/proc/%d/status" % pid)
    for pid in range(1, 3000):
        if pid not in (1, os.getpid()) and os.path.exists("/proc/%d" % pid):
            if read("/proc/%d/status" % pid).split(b"Tgid:")[1].split()[0] != b"%d" % os.getpid(): breach(pid)
    """
    attack(jail, code)


def test_proc_shows_nothing_of_the_kernel(jail: HostProcess) -> None:
    """Case 7: /proc holds processes only: no switches, memory, addresses, keys or tables of the machine."""
    code = """
    for name in ("sysrq-trigger", "kcore", "kallsyms", "keys", "key-users", "kmsg", "sys/kernel/core_pattern",
                 "sys/kernel/modprobe", "sys/vm/drop_caches", "sys/kernel/hostname", "timer_list", "sched_debug",
                 "config.gz", "modules", "slabinfo", "iomem", "ioports", "partitions", "diskstats", "locks",
                 "vmallocinfo",
                 "acpi", "bus/pci", "scsi", "fs/ext4", "irq", "driver", "tty", "cmdline", "version", "interrupts"):
        refused("read " + name, read, "/proc/" + name, by=WALLS + (ENOTDIR,))
        refused("write " + name, os.open, "/proc/" + name, os.O_WRONLY, by=WALLS + (ENOTDIR,))
    names = {name for name in os.listdir("/proc") if not name.isdigit()}
    if names - {"self", "thread-self"}: breach(sorted(names))
    for name, text in (("uid_map", b"0 0 1"), ("gid_map", b"0 0 1"), ("projid_map", b"0 0 1"), ("setgroups", b"allow"),
                       ("timens_offsets", b"monotonic 1000 0"), ("oom_score_adj", b"-1000")):
        def write(): os.write(os.open("/proc/self/" + name, os.O_WRONLY), text)
        refused("write " + name, write, by=WALLS + (EINVAL,))
    """
    attack(jail, code)


def test_own_tables_name_no_folder_of_the_host_but_libraries(jail: HostProcess) -> None:
    """Own: /proc/self/mountinfo names the host's paths of what is shown inside, and nothing else of it."""
    code = """
    tried("read tables")
    names = ("mountinfo", "mounts", "mountstats", "maps", "cgroup", "status")
    text = b"".join(read("/proc/self/" + name, 1 << 20) for name in names)
    for name in (V["folder"], os.path.dirname(V["folder"]), TESTS):
        if name.encode() in text: breach(name)
    """
    attack(jail, f"TESTS = {str(ROOT / 'tests')!r}\n" + textwrap.dedent(code))


def test_only_the_jobs_own_descriptors_are_open(jail: HostProcess) -> None:
    """Case 8: pipes, one socket, memory files, the inputs: no folder, no file of the host but inputs."""
    code = """
    tried("look at 0 to 4095")
    import stat
    sockets = 0
    own = os.open("/proc/self/fd", os.O_RDONLY)
    for number in range(4096):
        try: facts = os.fstat(number)
        except OSError: continue
        target = os.readlink("/proc/self/fd/%d" % number)
        if number == own: continue
        if stat.S_ISSOCK(facts.st_mode):
            sockets += 1
            with socket.socket(fileno=os.dup(number)) as found:
                if found.family != socket.AF_UNIX: breach(target)
        elif stat.S_ISDIR(facts.st_mode):
            if facts.st_dev != os.stat("/box").st_dev: breach("%d is the folder %s" % (number, target))
        elif stat.S_ISREG(facts.st_mode):
            flags = fcntl.fcntl(number, fcntl.F_GETFL)
            if not target.startswith("/memfd:") and flags & 3: breach("%d is %s, writable" % (number, target))
        elif stat.S_ISCHR(facts.st_mode):
            if target not in ("/dev/null", "/dev/urandom"): breach(target)
        elif not stat.S_ISFIFO(facts.st_mode): breach(target)
    if sockets > 1: breach("%d sockets" % sockets)
    """
    attack(jail, code, inputs=TABLE)


def test_no_descriptor_leads_upwards(jail: HostProcess) -> None:
    """Case 8: folders that are open, and links of /proc to descriptors, end at the jail's root."""
    code = """
    top = os.stat("/")
    for number in [int(name) for name in os.listdir("/proc/self/fd")]:
        try: folder = os.open("/proc/self/fd/%d" % number, os.O_RDONLY | os.O_DIRECTORY)
        except OSError: continue
        for _ in range(50): folder = os.open("..", os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        if (os.fstat(folder).st_dev, os.fstat(folder).st_ino) != (top.st_dev, top.st_ino): breach(os.listdir(folder))
        os.fchdir(folder)
        tried("upwards from %d" % number)
        refused("the host's folder", os.listdir, V["folder"].lstrip("/"))
    """
    attack(jail, code + 'os.chdir("/box/work"); tried("end")', inputs=TABLE)


def test_writing_past_page_protections_is_refused(jail: HostProcess) -> None:
    """Own: /proc/self/mem would write to read-only pages too (Dirty COW went this way): it can't be opened so."""
    code = """
    for path in ("/proc/self/mem", "/proc/self/task/%d/mem" % os.getpid(), "/proc/thread-self/mem"):
        for flags in (os.O_RDWR, os.O_WRONLY): refused("open " + path, os.open, path, flags)
    libc.mmap.restype = ctypes.c_void_p
    number = os.open(V["library"], os.O_RDONLY)
    at = libc.mmap(None, ctypes.c_size_t(4096), 1, 1, number, ctypes.c_long(0))
    def write_enable():
        if libc.mprotect(ctypes.c_void_p(at), ctypes.c_size_t(4096), 3): raise OSError(ctypes.get_errno(), "mprotect")
    refused("make a shared page of a library writable", write_enable)
    """
    attack(jail, code)
