"""Files: reading, writing and reaching out of the box (facts/sandbox-attacks.md, cases 1 to 15)."""

from __future__ import annotations

import pytest

from tests.jail.attacking import attack
from tests.jail.hosts import HostProcess

TABLE = [{"a": list(range(1000))}]

# Also run without a jail by test_control.py: there each of them is a breach.
READ_SECRET = """
refused("read the secret", lambda: leak(read(V["secret_file"]), "the file") or read(V["secret_file"]))
"""
WRITE_VICTIM = """
refused("write to a file of the host", lambda: open(V["writable_file"], "a").write("x"))
"""
CHANGE_VICTIM = """
refused("chmod a file of the host", os.chmod, V["writable_file"], 0o777)
refused("date a file of the host", os.utime, V["writable_file"], (0, 0))
refused("link a file of the host", os.link, V["writable_file"], "linked")
"""
LIST_FOLDER = """
refused("list a folder of the host", os.listdir, V["folder"])
"""
THROUGH_LINK = """
os.symlink(V["secret_file"], "link"); os.symlink(V["folder"], "folder")
refused("read through a link", read, "link")
refused("read through a linked folder", read, "folder/secret.txt")
os.unlink("link"); os.symlink(V["writable_file"], "link")
refused("write through a link", open, "link", "r+")
"""


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(READ_SECRET, id="case 1 a secret file"),
        pytest.param(WRITE_VICTIM, id="case 3 a file that everybody may write"),
        pytest.param(CHANGE_VICTIM, id="case 4 a file of the host"),
        pytest.param(LIST_FOLDER, id="case 2 a folder of the host"),
        pytest.param(THROUGH_LINK, id="case 5 links to files of the host"),
    ],
)
def test_files_of_the_host_are_not_there(jail: HostProcess, code: str) -> None:
    """Cases 1 to 5: the host's own files, readable for the same account, don't exist inside."""
    attack(jail, code)


@pytest.mark.parametrize(
    "path",
    ["/etc/shadow", "/etc/hostname", "/etc/ssh", "/root/.bashrc", "/home", "/srv", "/mnt"]
    + ["/boot", "/sys/kernel", "/sys/fs/cgroup", "/var/log", "/var/tmp", "/run/dbus", "/run/docker.sock"]
    + ["/dev/vda", "/dev/sda", "/dev/mem", "/dev/kmsg", "/dev/kmem", "/dev/port", "/dev/tty", "/dev/ptmx"]
    + ["/dev/net/tun", "/dev/fuse", "/dev/kvm", "/dev/pts", "/dev/mqueue", "/dev/console", "/bin", "/sbin"]
    + ["/usr/bin", "/usr/sbin", "/usr/local", "/old", "/proc/sys", "/proc/bus", "/proc/fs"],
)
def test_no_path_of_the_machine_is_there(jail: HostProcess, path: str) -> None:
    """Case 1: what is no library can't be read, listed or opened as a device."""
    code = f"""
    for path in ({path!r}, "/proc/self/root" + {path!r}, "/box/../.." + {path!r}):
        refused("open " + path, os.open, path, os.O_RDONLY, by=(ENOENT, EACCES, ENOTDIR))
        refused("list " + path, os.listdir, path, by=(ENOENT, EACCES, ENOTDIR))
    """
    attack(jail, code)


def test_etc_is_made_up(jail: HostProcess) -> None:
    """Case 1: the few files in /etc name one account, and no other of the machine."""
    code = """
    tried("read /etc")
    allowed = {"passwd", "group", "hosts", "nsswitch.conf", "resolv.conf", "ld.so.cache", "fonts"}
    if set(os.listdir("/etc")) - allowed: breach(os.listdir("/etc"))
    if b"root" in read("/etc/passwd") + read("/etc/group"): breach(read("/etc/passwd"))
    if os.listdir("/opt") != ["studiolo"]: breach(os.listdir("/opt"))
    if sorted(os.listdir("/dev")) != ["fd", "full", "null", "random", "shm", "urandom", "zero"]:
        breach(os.listdir("/dev"))
    """
    attack(jail, code)


def test_no_trace_of_another_job_is_found(jail: HostProcess) -> None:
    """Case 2: while a job with marked files runs, another walks every folder that it can reach."""
    plant = """
    for place in (".", "/tmp", "/dev/shm", ".."):
        try: open(place + "/marked-by-another", "w").write("studiolo-" + "secret-" + "0" * 32)
        except OSError: pass
    say("TRIED", "planted")
    time.sleep(60)
    """
    look = """
    tried("walk")
    import stat
    for folder in ("..", "../..", "/tmp", "/dev/shm", "/box", "/var", "/run", "/etc", "/proc", "/opt"):
        for path, folders, files in os.walk(folder):
            if path.count("/") > 6: del folders[:]
            for name in files:
                if "marked" in name: breach(path + "/" + name)
    for name in ("/box/work", "/box/tmp", "/box/shm"):
        for entry in os.listdir(name):
            if entry not in ("matplotlib", "script_node.py", "Script Bundle") and os.path.getsize(name + "/" + entry): breach(entry)
    """
    from tests.jail.attacking import attack_text

    other = jail.start(attack_text(plant, jail.facts), stream=True)
    other.until("planted")
    try:
        attack(jail, look)
    finally:
        other.cancel()
        other.reply()


def test_no_folder_outside_the_box_can_be_written(jail: HostProcess) -> None:
    """Case 3: every folder there is, the environment's own too, refuses a new file."""
    code = """
    tried("a file in every folder")
    count = 0
    for path, folders, files in os.walk("/"):
        if path == "/": folders.remove("proc"); folders.remove("box")
        if path == "/tmp": folders[:] = [name for name in folders if os.stat("/tmp/" + name).st_dev == os.stat("/").st_dev]
        if os.path.realpath(path).startswith(("/box", "/proc")) or os.stat(path).st_dev == os.stat("/box").st_dev: continue
        count += 1
        for name in (path + "/planted", path + "/__pycache__"):
            try:
                if name.endswith("planted"): os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
                else: os.mkdir(name)
            except OSError as error:
                if error.errno not in (EROFS, EACCES, EEXIST, EPERM): say("ODD", repr(error))
            else: breach(name)
    if count < 100: say("ODD", "only %d folders" % count)
    for path in ("/proc/planted", "/proc/self/planted", "/proc/1/planted", "/proc/self/fd/planted"):
        refused(path, os.open, path, os.O_CREAT | os.O_WRONLY)
    """
    attack(jail, code)


LIBRARY = {
    "append": "open(path, 'a')",
    "write": "open(path, 'r+')",
    "empty": "os.truncate(path, 0)",
    "unlink": "os.unlink(path)",
    "rename": "os.rename(path, path + '.old')",
    "rename into the box": "os.rename(path, 'stolen')",
    "replace": "open('new', 'w').close(); os.replace('new', path)",
    "chmod": "os.chmod(path, 0o777)",
    "chown": "os.chown(path, os.getuid(), os.getgid())",
    "utime": "os.utime(path, (0, 0))",
    "setxattr": "os.setxattr(path, 'user.x', b'x')",
    "hard link in the box": "os.link(path, 'linked')",
    "hard link beside it": "os.link(path, path + '.2')",
    "symbolic link beside it": "os.symlink('/tmp', path + '.2')",
    "through a link in the box": "os.path.islink('link') and os.unlink('link'); os.symlink(path, 'link'); open('link', 'r+')",
    "through a linked folder": "os.path.islink('d') and os.unlink('d'); os.symlink(os.path.dirname(path), 'd'); open('d/planted', 'w')",
    "through /proc/self/root": "open('/proc/self/root' + path, 'r+')",
    "through an open descriptor": "fd = os.open(path, os.O_RDONLY); os.open('/proc/self/fd/%d' % fd, os.O_RDWR)",
    "chmod of a descriptor": "os.fchmod(os.open(path, os.O_RDONLY), 0o777)",
    "utime of a descriptor": "os.utime(os.open(path, os.O_RDONLY), (0, 0))",
    "O_PATH and back": "fd = os.open(path, os.O_PATH); os.open('/proc/self/fd/%d' % fd, os.O_RDWR | os.O_TRUNC)",
    "fallocate": "os.posix_fallocate(os.open(path, os.O_RDWR), 0, 1 << 16)",
    "shared writable map": "mmap.mmap(os.open(path, os.O_RDONLY), 0, mmap.MAP_SHARED, mmap.PROT_WRITE)",
    "ioctl FS_IOC_SETFLAGS": "fcntl.ioctl(os.open(path, os.O_RDONLY), 0x40086602, bytes(8))",
    "rmdir": "os.rmdir(os.path.dirname(path) + '/__pycache__')",
    "mount over it": "syscall('mount', b'none', os.path.dirname(path).encode(), b'tmpfs', 0, None)",
}


@pytest.mark.parametrize("attempt", LIBRARY.values(), ids=[f"case 4 {name}" for name in LIBRARY])
def test_a_library_cannot_be_changed(jail: HostProcess, attempt: str) -> None:
    """Case 4: the environment's files are the host's own, on read-only mounts; they stay as they are."""
    code = f"""
    def act(path):
        {attempt}
    for path in (V["library"], os.__file__):
        refused(path, act, path, by=WALLS + (EXDEV, ENOTTY, ENOTSUP))
    """
    attack(jail, code)


def test_links_lead_nowhere(jail: HostProcess) -> None:
    """Case 5: links are followed inside the jail's own root, whatever they name."""
    code = """
    home = os.path.dirname(V["folder"])
    for number, target in enumerate(("/etc/shadow", "../" * 40 + "etc/shadow", "/proc/1/root/etc/shadow", home,
                                     "/proc/self/cwd/../../../home", "/dev/fd/../../../home", "/proc/self/exe/..")):
        os.symlink(target, "link%d" % number)
        refused("read " + target, os.open, "link%d" % number, os.O_RDONLY, by=WALLS + (ENOTDIR,))
        refused("write " + target, os.open, "link%d" % number, os.O_WRONLY | os.O_CREAT, 0o600,
                by=WALLS + (ENOTDIR, EISDIR, EEXIST))
    os.symlink("loop", "loop")
    refused("a loop", os.open, "loop", os.O_RDONLY, by=(ELOOP,))
    os.symlink("/etc/passwd", "passwd")
    refused("write /etc/passwd", open, "passwd", "r+")
    if b"studiolo" not in read("passwd"): say("ODD", "passwd")
    """
    attack(jail, code)


PROC_1 = "root cwd exe environ maps mem fd/0 fd/1 fd/2 fd/3 fdinfo/1 map_files ns/mnt ns/user syscall stack io auxv"
PROC_1 += " pagemap smaps clear_refs timerslack_ns personality"


def test_the_cells_init_keeps_its_secrets(jail: HostProcess) -> None:
    """Case 6: /proc/1 is the init of the cell; nothing of its memory, files or namespaces opens."""
    code = f"""
    for name in {PROC_1!r}.split():
        for path in ("/proc/1/", "/proc/2/../1/", "/proc/self/task/../../1/", "/proc/thread-self/../../../1/"):
            for act in (os.listdir, os.readlink, read):
                refused(act.__name__ + " " + path + name, act, path + name, by=WALLS + (ENOTDIR, EINVAL) + ((EISDIR,) if name == "map_files" else ()))
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
                 "sys/kernel/modprobe", "sys/vm/drop_caches", "sys/kernel/hostname", "timer_list", "sched_debug", "config.gz",
                 "modules", "slabinfo", "iomem", "ioports", "partitions", "diskstats", "mounts/x", "locks", "vmallocinfo",
                 "acpi", "bus/pci", "scsi", "fs/ext4", "irq", "driver", "tty", "cmdline", "version", "interrupts"):
        refused("read " + name, read, "/proc/" + name, by=WALLS + (ENOTDIR,))
        refused("write " + name, os.open, "/proc/" + name, os.O_WRONLY, by=WALLS + (ENOTDIR,))
    names = {name for name in os.listdir("/proc") if not name.isdigit()}
    if names - {"self", "thread-self"}: breach(sorted(names))
    for name in ("uid_map", "gid_map", "setgroups", "projid_map", "timens_offsets", "sched", "oom_adj", "clear_refs", "mem"):
        path = "/proc/self/" + name
        if name in ("uid_map", "gid_map", "projid_map", "setgroups"):
            refused("map again", lambda: os.write(os.open(path, os.O_WRONLY), b"0 0 1" if "map" in name else b"allow"),
                    by=WALLS + (EINVAL,))
    refused("other clocks", lambda: os.write(os.open("/proc/self/timens_offsets", os.O_WRONLY), b"monotonic 1000 0"))
    """
    attack(jail, code)


def test_own_tables_name_no_folder_of_the_host_but_libraries(jail: HostProcess) -> None:
    """Own: /proc/self/mountinfo names the host's paths of what is shown inside, and nothing else of it."""
    code = """
    tried("read tables")
    text = b"".join(read("/proc/self/" + name, 1 << 20) for name in ("mountinfo", "mounts", "mountstats", "maps", "cgroup", "status"))
    for name in (V["folder"], os.path.dirname(V["folder"]), "blobs", "/work/main/tests"):
        if name.encode() in text and name != "blobs": breach(name)
    """
    attack(jail, code)


def test_every_mount_is_read_only_but_the_box(jail: HostProcess) -> None:
    """Cases 3, 11, 15: also mounts below mounts: read-only, no setuid, no devices; what is writable can't run."""
    code = """
    tried("mounts")
    for line in open("/proc/self/mountinfo"):
        fields, kind = line.split(" - ")
        where, options = fields.split()[4], fields.split()[5].split(",")
        if where.startswith("/dev/") and where != "/dev/shm": continue  # null, zero and the like
        needed = {"nosuid", "nodev"} | (set() if "ro" in options else {"noexec"})
        if needed - set(options): breach(line)
        if "ro" not in options and where not in ("/box", "/tmp", "/proc"): breach(line)
    """
    attack(jail, code)


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


MOUNTS = {
    "mount": "syscall('mount', b'none', b'/box/work', b'tmpfs', 0, None)",
    "bind": "syscall('mount', b'/', b'/box/work', None, 4096, None)",
    "remount": "syscall('mount', None, b'/', None, 32 | 4096, None)",
    "propagation": "syscall('mount', None, b'/', None, 1 << 20, None)",
    "umount the box": "syscall('umount2', b'/box', 2)",
    "umount a library": "syscall('umount2', b'/usr/lib', 2)",
    "umount proc": "syscall('umount2', b'/proc', 2)",
    "pivot_root": "syscall('pivot_root', b'/box', b'/box/work')",
    "chroot": "syscall('chroot', b'/box/work')",
    "open_tree": "syscall('open_tree', -100, b'/', 1)",
    "move_mount": "syscall('move_mount', -100, b'/usr', -100, b'/box/work', 0)",
    "fsopen": "syscall('fsopen', b'tmpfs', 0)",
    "fspick": "syscall('fspick', -100, b'/box', 0)",
    "fsconfig": "syscall('fsconfig', 0, 0, b'source', b'x', 0)",
    "fsmount": "syscall('fsmount', 0, 0, 0)",
    "mount_setattr": "syscall('mount_setattr', -100, b'/', 0, bytes(32), 32)",
    "setns": "syscall('setns', os.open('/proc/self/ns/mnt', os.O_RDONLY), 0)",
    "setns by pidfd": "syscall('setns', syscall('pidfd_open', os.getpid(), 0), 0x00020000)",
}


@pytest.mark.parametrize("call", MOUNTS.values(), ids=[f"case 9 {name}" for name in MOUNTS])
def test_mounts_cannot_be_changed(jail: HostProcess, call: str) -> None:
    """Case 9: none of the calls that change, uncover or copy mounts is there, old or new."""
    attack(jail, f"refused('change mounts', lambda: {call}, by=(EPERM,))")


def test_a_chroot_escape_begins_nowhere(jail: HostProcess) -> None:
    """Own: the old trick: keep a folder open, chroot below it, walk up past the new root."""
    code = """
    os.mkdir("below")
    outside = os.open(".", os.O_RDONLY)
    refused("chroot", os.chroot, "below")
    os.fchdir(outside)
    for _ in range(100): os.chdir("..")
    refused("chroot .", os.chroot, ".")
    refused("the host's folder", os.listdir, V["folder"].lstrip("/"))
    os.chdir("/box/work")
    """
    attack(jail, code)


def test_device_nodes_cannot_be_made(jail: HostProcess) -> None:
    """Case 10: neither disks nor memory; a pipe with a name is harmless and works."""
    code = """
    import stat
    for kind in (stat.S_IFBLK, stat.S_IFCHR):
        for major, minor in ((1, 1), (1, 3), (254, 0), (8, 0), (10, 229)):
            for place in (b"node", b"/tmp/node", b"/dev/shm/node", b"/dev/node"):
                refused("mknod %s" % place, lambda: syscall("mknodat", -100, place, kind | 0o666, os.makedev(major, minor)))
    os.mkfifo("fifo")
    """
    attack(jail, code)


def test_files_cannot_be_opened_by_their_numbers(jail: HostProcess) -> None:
    """Case 10: handles name files of a whole disk past every mount (the escape of old containers)."""
    code = """
    handle = struct.pack("=II", 8, 1) + struct.pack("=II", 2, 0)
    refused("open_by_handle_at", lambda: syscall("open_by_handle_at", os.open("/", os.O_RDONLY), handle, 0), by=(EPERM,))
    room = ctypes.create_string_buffer(struct.pack("=I", 128) + bytes(256))
    number = ctypes.c_int()
    refused("name_to_handle_at", lambda: syscall("name_to_handle_at", -100, b"/usr/lib", room, ctypes.byref(number), 0), by=(EPERM,))
    """
    attack(jail, code)


def test_setuid_gives_nothing(jail: HostProcess) -> None:
    """Case 11: a setuid copy can't be started from the box, setuid programs of the machine rise to nothing."""
    code = """
    import shutil, stat
    shutil.copy(os.path.realpath(sys.executable), "python")
    os.chmod("python", 0o6755)
    refused("run the copy", os.execv, "./python", ["python", "-c", "0"], by=(EACCES,))
    for place in ("/tmp", "/dev/shm"):
        shutil.copy("python", place + "/python"); os.chmod(place + "/python", 0o6755)
        refused("run the copy in " + place, os.execv, place + "/python", ["python", "-c", "0"], by=(EACCES,))
    open("text", "w").write("#!/usr/bin/env python\\n"); os.chmod("text", 0o6755)
    refused("run a text", os.execv, "./text", ["text"], by=(EACCES,))
    for name in ("/usr/bin/sudo", "/bin/su", "/usr/bin/pkexec", "/usr/bin/newuidmap", "/usr/bin/mount"):
        refused("run " + name, os.execv, name, [name], by=(ENOENT,))
    found = [path + "/" + name for path, _, names in os.walk("/usr/lib") for name in names
             if not os.path.islink(path + "/" + name) and os.lstat(path + "/" + name).st_mode & 0o6000]
    for name in found:
        tried("setuid " + name)
        if not os.statvfs(name).f_flag & os.ST_NOSUID: breach(name + " counts")
    """
    attack(jail, code)


def test_a_program_from_memory_has_no_more_rights(jail: HostProcess) -> None:
    """Own: an output's memory can hold a program and be run; it has the same walls around it."""
    code = """
    import shutil
    number = next(int(n) for n in os.listdir("/proc/self/fd")
                  if os.readlink("/proc/self/fd/" + n).startswith("/memfd:result_dataset2"))
    with open(os.path.realpath(sys.executable), "rb") as program: shutil.copyfileobj(program, os.fdopen(os.dup(number), "wb"))
    try: os.fchmod(number, 0o6755)
    except OSError: pass
    text = "print('TRIED:', *[l.split()[1] for l in open('/proc/self/status') if l.startswith(('Uid', 'CapEff', 'NoNewPrivs', 'Seccomp:'))])"
    text += "\\ntry: open(%r); print('BREACH')\\nexcept OSError: pass" % V["secret_file"]
    tried("run from memory")
    def run():
        os.set_inheritable(number, True)
        os.environ["PYTHONHOME"] = sys.base_prefix
        os.execv("/proc/self/fd/%d" % number, ["python", "-I", "-S", "-c", text])
    in_child(run)
    os.ftruncate(number, 0)
    """
    reply = attack(jail, code)
    assert "TRIED: 1000 0000000000000000 1 2" in reply.log or "CHILD" in reply.log, reply.log


SEALED = """
import hashlib
inputs = []
for name in os.listdir("/proc/self/fd"):
    try: target = os.readlink("/proc/self/fd/" + name)
    except OSError: continue
    if target.startswith("/memfd:input") or re.fullmatch("(/.*)?/[0-9a-f]{2}/[0-9a-f]{62}", target): inputs.append(int(name))
if not inputs:
    # closed when read: open again what is mapped
    say("ODD", "no input: %r" % [os.readlink("/proc/self/fd/%d" % n) for n in range(20) if os.path.lexists("/proc/self/fd/%d" % n)])
for number in inputs:
    name = "/proc/self/fd/%d" % number
    by = WALLS + (EBADF, EINVAL, EBUSY, ETXTBSY, ENOTSUP)
    refused("write", os.pwrite, number, b"x", 0, by=by)
    refused("ftruncate", os.ftruncate, number, 0, by=by)
    refused("grow", os.ftruncate, number, 1 << 20, by=by)
    refused("shared map", lambda: mmap.mmap(number, 8, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE), by=by)
    refused("punch a hole", lambda: syscall("fallocate", number, 3, 0, 4096), by=by)
    refused("add a seal", lambda: fcntl.fcntl(number, 1033, 1), by=by)
    refused("utime", lambda: os.utime(number, (0, 0)), by=by) if not MEMORY else None
    refused("chmod", os.fchmod, number, 0o777, by=by) if not MEMORY else None
    refused("link", lambda: libc.linkat(number, b"", -100, b"linked", 0x1000) and (_ for _ in ()).throw(OSError(ctypes.get_errno(), "")), by=by + (EXDEV, ENOENT))
    for flags in (os.O_RDWR, os.O_WRONLY | os.O_TRUNC, os.O_WRONLY | os.O_APPEND):
        def again():
            descriptor = os.open(name, flags)
            os.write(descriptor, b"x")
        refused("open again", again, by=by)
"""


@pytest.mark.parametrize(
    "passed", [True, False], ids=["case 12 sealed memory", "case 13 a file of the store"]
)
def test_inputs_cannot_be_changed(jail: HostProcess, passed: bool) -> None:
    """Cases 12, 13: not by writing, mapping, sealing or opening again; the host's copy keeps bytes, mode and times."""
    code = f"MEMORY = {passed}\n" + SEALED
    reply = attack(jail, code, inputs=TABLE, passed=passed)
    assert list(reply.changed_inputs) == []


def test_attributes_of_memory_files_cannot_be_set(jail: HostProcess) -> None:
    """Own: the kernel keeps them outside of every limit, a gigabyte within seconds, and they stay for the next job."""
    code = """
    for name in os.listdir("/proc/self/fd"):
        try: target = os.readlink("/proc/self/fd/" + name)
        except OSError: continue
        if target.startswith("/memfd:"):
            refused("setxattr " + target, os.setxattr, int(name), "user.x", b"x", by=WALLS + (ENOTSUP,))
            refused("the same by path", os.setxattr, "/proc/self/fd/" + name, "user.x", b"x", by=WALLS + (ENOTSUP,))
    """
    attack(jail, code, inputs=TABLE, passed=True)


def test_odd_paths_are_errors_of_the_script(jail: HostProcess) -> None:
    """Case 14: NUL, no UTF-8, 5000 characters, formats: each fails or works inside, and nothing else happens."""
    code = r"""
    tried("odd paths")
    for name in ("\0", "x" * 5000, "/" * 5000, "%s%n%n%n", b"\xff\xfe", "a\nb", "", "../" * 2000, "\udcff", b"x" * 255, "-rf", "~"):
        for act in (open, os.listdir, os.stat, lambda n: open(n, "w").close(), os.mkdir, lambda n: os.symlink(n, n), os.unlink):
            try: act(name)
            except (OSError, ValueError, UnicodeError): pass
    refused("path NULL", lambda: syscall("mount", None, None, None, 0, None), by=(EPERM,))
    refused("a bad pointer", lambda: syscall("openat2", -100, 1, 1, 24), by=(EFAULT,))
    """
    attack(jail, code)


def test_openat2_and_magic_links_stay_inside(jail: HostProcess) -> None:
    """Own: no flag of openat2, and no magic link of /proc, leaves the root."""
    code = """
    for resolve in (0, 0x10, 0x08, 0x02, 0x01):
        for path in (V["secret_file"], "/proc/self/root/.." + V["secret_file"], "/proc/self/cwd/../../.." + V["secret_file"],
                     "/proc/self/task/%d/root%s" % (os.getpid(), V["secret_file"])):
            how = struct.pack("=QQQ", os.O_RDONLY, 0, resolve)
            refused("openat2 %s" % path, lambda: syscall("openat2", -100, path.encode(), how, 24), by=WALLS + (ELOOP, EXDEV))
    """
    attack(jail, code)


def test_writing_past_page_protections_is_refused(jail: HostProcess) -> None:
    """Own: /proc/self/mem writes even to read-only pages of libraries (Dirty COW went this way): it can't be opened so."""
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


def test_attributes_that_give_rights_cannot_be_set(jail: HostProcess) -> None:
    """Own: no file capability, no trusted or system attribute, no immutable flag, also in the box."""
    code = """
    open("file", "w").close()
    capability = struct.pack("<IIIII", 0x02000001, 0xffffffff, 0, 0xff, 0)
    for name, value in (("security.capability", capability), ("trusted.x", b"x"), ("security.ima", b"x")):
        refused("setxattr " + name, lambda: os.setxattr("file", name, value), by=WALLS + (ENOTSUP,))
    for flag in (0x10, 0x20):
        refused("flag %x" % flag, lambda: fcntl.ioctl(os.open("file", os.O_RDONLY), 0x40086602, struct.pack("l", flag)),
                by=WALLS + (ENOTTY, ENOTSUP))
    for owner in (0, 65534, 12345, 2000000001): refused("chown to %d" % owner, os.chown, "file", owner, owner, by=WALLS + (EINVAL,))
    """
    attack(jail, code)
