"""Mounts, devices, setuid files and the inputs of a job (facts/sandbox-attacks.md, cases 9 to 13 and 15)."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest

from tests.jail.attacking import attack, attack_text, body
from tests.jail.hosts import HostProcess

TABLE = [{"a": list(range(1000))}]


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
                device = os.makedev(major, minor)
                refused("mknod %s" % place, lambda: syscall("mknodat", -100, place, kind | 0o666, device))
    os.mkfifo("fifo")
    """
    attack(jail, code)


def test_files_cannot_be_opened_by_their_numbers(jail: HostProcess) -> None:
    """Case 10: handles name files of a whole disk past every mount (the escape of old containers)."""
    code = """
    handle = struct.pack("=II", 8, 1) + struct.pack("=II", 2, 0)
    top = os.open("/", os.O_RDONLY)
    refused("open_by_handle_at", lambda: syscall("open_by_handle_at", top, handle, 0), by=(EPERM,))
    room = ctypes.create_string_buffer(struct.pack("=I", 128) + bytes(256))
    number = ctypes.c_int()
    def name(): return syscall("name_to_handle_at", -100, b"/usr/lib", room, ctypes.byref(number), 0)
    refused("name_to_handle_at", name, by=(EPERM,))
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


def test_what_only_its_owner_may_read_stays_unread(jail: HostProcess) -> None:
    """Own: also where root started the pool, files of libraries that are not for everybody don't open."""
    code = """
    count = 0
    for path, folders, names in os.walk("/"):
        if path == "/": folders.remove("proc"); folders.remove("box")
        if path == "/tmp": folders[:] = [name for name in folders if os.lstat("/tmp/" + name).st_uid != os.getuid()]
        for name in names:
            facts = os.lstat(path + "/" + name)
            if facts.st_mode & 0o170004 == 0o100000 and facts.st_uid != os.getuid():
                count += 1
                refused("read " + path + "/" + name, read, path + "/" + name, by=(EACCES, EPERM))
    tried("%d files" % count)
    """
    attack(jail, code)


def test_a_program_from_memory_has_no_more_rights(jail: HostProcess) -> None:
    """Own: an output's memory can hold a program and be run; it has the same walls around it."""
    code = """
    import shutil
    number = next(int(n) for n in os.listdir("/proc/self/fd")
                  if os.readlink("/proc/self/fd/" + n).startswith("/memfd:result_dataset2"))
    with open(os.path.realpath(sys.executable), "rb") as program, os.fdopen(os.dup(number), "wb") as copy:
        shutil.copyfileobj(program, copy)
    try: os.fchmod(number, 0o6755)
    except OSError: pass
    text = "names = ('Uid', 'CapEff', 'NoNewPrivs', 'Seccomp:')\\n"
    text += "found = [line.split()[1] for line in open('/proc/self/status') if line.startswith(names)]\\n"
    text += "print('TRIED: ' + ' '.join(found))"
    text += "\\ntry: open(%r); print('BREACH')\\nexcept OSError: pass" % V["secret_file"]
    tried("run from memory")
    def run():
        os.set_inheritable(number, True)
        os.environ["PYTHONHOME"] = sys.base_prefix
        os.execv("/proc/self/fd/%d" % number, ["python", "-E", "-s", "-S", "-c", text])
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
    if target.startswith("/memfd:input") or re.match("(/.*)?/[0-9a-f]{2}/[0-9a-f]{62}$", target):
        inputs.append(int(name))
if not inputs: say("ODD", "there is no input")
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
    refused("link", lambda: os.link(name, "linked", follow_symlinks=True), by=by + (EXDEV,))
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


def test_a_job_cannot_move_anothers_place_in_a_common_input(jail: HostProcess) -> None:
    """Own: two jobs get the same zip from memory; one moves the reading position of its descriptor all the time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for number in range(200):
            zipped.writestr(f"file{number}.txt", f"{number} " * 2000)
    bundle = base64.b64encode(buffer.getvalue()).decode()
    move = """
    found = [int(name) for name in os.listdir("/proc/self/fd") if os.path.lexists("/proc/self/fd/" + name)]
    found = [number for number in found if "memfd:input" in os.readlink("/proc/self/fd/%d" % number)]
    say("TRIED", "moving %d" % len(found))
    while True:
        for number in found: os.lseek(number, 7, 0)
    """
    other = jail.start(attack_text(move, jail.facts), bundle=bundle, passed=True, stream=True)
    other.until("moving 1")
    try:
        codes = {jail.run(body("pass"), bundle=bundle, passed=True).code for _ in range(10)}
    finally:
        other.cancel()
        other.reply()
    assert codes == {None}


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
    for owner in (0, 65534, 12345, 2000000001):
        refused("chown to %d" % owner, os.chown, "file", owner, owner, by=WALLS + (EINVAL,))
    """
    attack(jail, code)
