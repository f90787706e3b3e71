"""Files: reading, writing and reaching out of the box (facts/sandbox-attacks.md, cases 1 to 5 and 14)."""

from __future__ import annotations

import pytest

from tests.jail.accounts import interpreter_paths
from tests.jail.attacking import attack, attack_text
from tests.jail.hosts import HostProcess

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


MACHINE = """
/etc/shadow /etc/hostname /etc/ssh /etc/ssl/private /home /srv /mnt /boot /old /sys/kernel /sys/fs/cgroup
/var/log /var/tmp /run/dbus /run/docker.sock /proc/sys /proc/bus /proc/fs /dev/vda /dev/sda /dev/mem /dev/kmsg /dev/kmem
/dev/port /dev/tty /dev/ptmx /dev/net/tun /dev/fuse /dev/kvm /dev/pts /dev/mqueue /dev/console /bin /sbin /usr/bin
/usr/sbin /usr/local/bin
"""
SHOWN = [path for path in interpreter_paths() if path != "/"]
# A folder of the machine that is on nobody's way to the interpreter.
HIDDEN = next(
    name for name in ("home", "srv", "mnt") if not any(one.startswith(f"/{name}/") for one in SHOWN)
)
OUTSIDE = [path for path in MACHINE.split() if not any(f"{shown}/".startswith(f"{path}/") for shown in SHOWN)]


@pytest.mark.parametrize("path", OUTSIDE)
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
    allowed = {"passwd", "group", "hosts", "nsswitch.conf", "resolv.conf", "ld.so.cache", "fonts", "ssl", "pki"}
    if set(os.listdir("/etc")) - allowed: breach(os.listdir("/etc"))
    if b"root" in read("/etc/passwd") + read("/etc/group"): breach(read("/etc/passwd"))
    if set(os.listdir("/opt")) - {"studiolo"} - SHOWN: breach(os.listdir("/opt"))
    if set(os.listdir("/dev")) - {"fd", "full", "null", "random", "shm", "urandom", "zero"}: breach(os.listdir("/dev"))
    """
    attack(jail, code.replace("SHOWN", repr(jail.shown_below("/opt") or {"studiolo"})))


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
            own = ("matplotlib", "script_node.py", "Script Bundle") + V["below_tmp"]
            if entry not in own and os.path.getsize(name + "/" + entry): breach(entry)
    """

    other = jail.start(attack_text(plant, jail.facts), stream=True)
    other.until("planted")
    try:
        attack(jail, look.replace('V["below_tmp"]', repr(tuple(jail.shown_below("/tmp")))))
    finally:
        other.cancel()
        other.reply()


def test_no_folder_outside_the_box_can_be_written(jail: HostProcess) -> None:
    """Case 3: every folder there is, the environment's own too, refuses a new file."""
    code = """
    tried("a file in every folder")
    count, box = 0, os.stat("/box").st_dev
    for path, folders, files in os.walk("/"):
        if path == "/": folders.remove("proc"); folders.remove("box")
        if os.path.realpath(path).startswith(("/box", "/proc")) or os.stat(path).st_dev == box: continue
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
    "through a link in the box": "name = os.path.basename(path); os.symlink(path, name); open(name, 'r+')",
    "through a linked folder": "name = os.path.basename(path)\n        os.symlink(os.path.dirname(path), name)\n"
    "        open(name + '/planted', 'w')",
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
                                     "/proc/self/cwd/../../../HIDDEN", "/dev/fd/../../../HIDDEN", "/proc/self/exe/..")):
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
    attack(jail, code.replace("HIDDEN", HIDDEN))


def test_odd_paths_are_errors_of_the_script(jail: HostProcess) -> None:
    """Case 14: NUL, no UTF-8, 5000 characters, formats: each fails or works inside, and nothing else happens."""
    code = r"""
    tried("odd paths")
    for name in ("\0", "x" * 5000, "/" * 5000, "%s%n%n%n", b"\xff\xfe", "a\nb", "", "../" * 2000, "\udcff",
                 b"x" * 255, "-rf", "~"):
        for act in (open, os.listdir, os.stat, lambda n: open(n, "w").close(), os.mkdir, lambda n: os.symlink(n, n),
                    os.unlink):
            try: act(name)
            except (OSError, ValueError, UnicodeError, TypeError): pass
    refused("path NULL", lambda: syscall("mount", None, None, None, 0, None), by=(EPERM,))
    refused("a bad pointer", lambda: syscall("openat2", -100, 1, 1, 24), by=(EFAULT,))
    """
    attack(jail, code)


def test_openat2_and_magic_links_stay_inside(jail: HostProcess) -> None:
    """Own: no flag of openat2, and no magic link of /proc, leaves the root."""
    code = """
    for resolve in (0, 0x10, 0x08, 0x02, 0x01):
        for start in ("", "/proc/self/root/..", "/proc/self/cwd/../../..", "/proc/self/task/%d/root" % os.getpid()):
            path = start + V["secret_file"]
            how = struct.pack("=QQQ", os.O_RDONLY, 0, resolve)
            refused("openat2 " + path, lambda: syscall("openat2", -100, path.encode(), how, 24),
                    by=WALLS + (ELOOP, EXDEV))
    """
    attack(jail, code)
