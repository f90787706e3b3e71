"""The walls of one job, built in the forked child before any of its text is read.

Order matters (docs/security.md, "The walls"): enter the job's cell, take a user namespace of its own, give up
capabilities, Landlock, seccomp. Resource limits come with the job, after the walls: lowering them needs no right.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import os
import resource
import socket

from . import descriptors, gatekeeper, landlock, seccomp, syscalls

BOX = "/box"
WORK = BOX + "/work"
TEMPORARY = BOX + "/tmp"
MATPLOTLIB = TEMPORARY + "/matplotlib"
PACKAGES = BOX + "/packages"  # of a job with a network: what its pip installs may be executed there
FONT_LISTS = "/opt/studiolo/matplotlib"
FOLDERS = "/opt/studiolo/read"  # the folders of the workspace that its file lets nodes read, by number
CELL_NAMESPACES = (
    syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
    | syscalls.CLONE_NEWCGROUP
    | syscalls.CLONE_NEWNET
)
JOB_UID = 1000
OPEN_FILES = (
    512  # descriptors on their way count per user up to this: room must stay for the pool and the host
)
BROKE_OFF = 96  # exit status: what comes after the script failed; most often it has closed descriptors
NEVER_BEGAN = 97  # exit status: a wall or the job itself could not be had; nothing of the script has run
LARGEST_LIMIT = 1 << 60  # setrlimit takes no more than 63 bits; more than there is of anything
_O_PATH = 0o10000000
# Limits that Python 2.7 does not know by name (Linux, asm-generic/resource.h).
_NUMBERS = {"RLIMIT_SIGPENDING": 11, "RLIMIT_MSGQUEUE": 12, "RLIMIT_NICE": 13, "RLIMIT_RTPRIO": 14}
ADDRESS_SPACE_SLACK = 16 << 30  # allocators reserve far more addresses than they use


class Shut(object):
    """What a job's process needs to shut its walls.

    Attributes:
        landlock_version: 0 without Landlock.
        has_seccomp: the zygote's filter stands, and every child has inherited it.
        has_network: the job may make internet sockets.
        readable: paths for Landlock where there are no mounts of our own (bare jail).
    """

    def __init__(self, landlock_version, has_seccomp, readable=()):
        self.landlock_version, self.has_seccomp, self.readable = landlock_version, has_seccomp, readable
        self.has_network = False


def build_cell(disk_bytes, files, below_tmp=(), has_folders=False, reads=(), has_packages=False):
    """Make this process the first of a job's own namespaces, with an empty box and its own /proc.

    Called in the cell's init, which keeps the rights of the pool's user namespace: the job, in a user
    namespace below, can change none of these mounts.

    Args:
        disk_bytes: room in the box.
        files: number of files and folders in it.
        below_tmp: read-only paths of the environment that lie below /tmp.
        has_folders: the pool shows folders of the workspace; the job must not see those it was not granted.
        reads: granted folders, as `[number, path below that folder, path below the working directory]`.
        has_packages: add a folder in which files may be executed; it shares the room of the box.
    """
    syscalls.unshare(CELL_NAMESPACES)
    syscalls.libc.sethostname(b"studiolo", 8)
    quiet = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
    syscalls.mount("proc", "/proc", "proc", quiet, "subset=pid")
    syscalls.mount("tmpfs", BOX, "tmpfs", quiet, "size=%d,nr_inodes=%d,mode=755" % (disk_bytes, files))
    for name in ("work", "tmp", "shm"):
        os.mkdir(BOX + "/" + name, 0o700)
    os.mkdir(MATPLOTLIB, 0o700)
    # Lists of fonts, found by a former zygote: finding them anew costs a third of a second.
    for name in os.listdir(FONT_LISTS):
        os.symlink(FONT_LISTS + "/" + name, MATPLOTLIB + "/" + name)
    if has_packages:
        os.mkdir(PACKAGES, 0o700)
        syscalls.mount(PACKAGES, PACKAGES, None, syscalls.MS_BIND)
        again = syscalls.MS_BIND | syscalls.MS_REMOUNT | syscalls.MS_NOSUID | syscalls.MS_NODEV
        syscalls.mount(None, PACKAGES, None, again)
    if below_tmp:
        _lay_box_under(below_tmp)
    for number, below, target in reads:
        _show_folder("%s/%d" % (FOLDERS, number), below, os.path.join(WORK, target))
    if has_folders:
        syscalls.mount("tmpfs", FOLDERS, "tmpfs", quiet | syscalls.MS_RDONLY, "size=4k,nr_inodes=2,mode=755")


def _show_folder(allowed, below, target):
    """Show the folder `below` an allowed one at a place of the working directory; it stays read-only.

    Raises:
        OSError: it is not there, or a link leads out of the allowed folder.
    """
    source = os.path.realpath(os.path.join(allowed, below))
    if not (source + "/").startswith(allowed + "/"):
        raise OSError(errno.EACCES, "the folder %s is a link out of what may be read" % below)
    if not os.path.isdir(target):
        os.makedirs(target, 0o700)
    syscalls.mount(source, target, None, syscalls.MS_BIND | syscalls.MS_REC)


def _lay_box_under(paths):
    """Make /tmp the job's own where libraries lie below it, and show those in it again, read-only as they were.

    Elsewhere /tmp is a link into the box; it can't be one while the environment's files are below it.
    """
    held = [(path, os.open(path, _O_PATH)) for path in paths]
    syscalls.mount(TEMPORARY, "/tmp", None, syscalls.MS_BIND)
    for path, descriptor in held:
        if not os.path.isdir(os.path.dirname(path)):
            os.makedirs(os.path.dirname(path))
        shown = "/proc/self/fd/%d" % descriptor
        if os.path.isdir(shown):
            os.mkdir(path)
        else:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        syscalls.mount(shown, path, None, syscalls.MS_BIND | syscalls.MS_REC)
        os.close(descriptor)


def close_in(cell_pidfd, shut, notifier=None):
    """Enter the cell and shut every wall. Afterwards this process may only work in its box.

    Args:
        cell_pidfd: of the cell's init.
        shut: see `Shut`.
        notifier: socket to the cell's init, for a job that may reach any port; else None.

    Raises:
        OSError: a wall could not be built; the caller must end the process.
    """
    syscalls.setns(cell_pidfd, CELL_NAMESPACES)
    os.setsid()
    os.chdir(WORK)
    uid, gid = os.geteuid(), os.getegid()
    syscalls.set_dumpable(1)  # else /proc/self belongs to root
    syscalls.go_first_when_memory_ends()
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    syscalls.map_ids(uid, gid, JOB_UID, JOB_UID)
    syscalls.drop_capabilities()
    landlock.restrict(shut.landlock_version, ["/"], [BOX, TEMPORARY], ["/dev"], shut.has_network)
    if notifier is not None:
        _notify_of_connections(notifier)
    if shut.has_seccomp:
        seccomp.install(seccomp.completion(shut.has_network))


def _notify_of_connections(number):
    told = gatekeeper.install_notifier()
    connection = socket.fromfd(number, socket.AF_UNIX, socket.SOCK_SEQPACKET)
    descriptors.send(connection, {"notifier": 1}, [told])
    connection.close()
    os.close(told)


def limit(limits, input_bytes, base_data_bytes, is_bare):
    """Lower the resource limits of this process to those of the job; they can't be raised again.

    Args:
        limits: `domain.limits.Limits.to_json()`.
        input_bytes: size of all mapped inputs; private mappings count as data.
        base_data_bytes: what the zygote's libraries already take.
        is_bare: without namespaces the kernel would count all processes of the account; the zygote looks.
    """
    memory = limits["memory_mb"] << 20
    disk = limits["disk_mb"] << 20
    cpu = min(limits["cpu_seconds"], 1 << 31)  # the kernel counts in nanoseconds
    output = limits["output_mb"] << 20
    for name, value in (
        ("RLIMIT_CORE", 1),  # at 0 a handler of core dumps would still be fed
        ("RLIMIT_MSGQUEUE", 0),
        ("RLIMIT_NICE", 0),
        ("RLIMIT_RTPRIO", 0),
        ("RLIMIT_MEMLOCK", 1 << 16),
        ("RLIMIT_SIGPENDING", 256),
        ("RLIMIT_NOFILE", OPEN_FILES),
        ("RLIMIT_FSIZE", max(disk, output)),
        ("RLIMIT_DATA", base_data_bytes + input_bytes + memory),
        ("RLIMIT_AS", address_space() + input_bytes + memory + ADDRESS_SPACE_SLACK),
        ("RLIMIT_NPROC", LARGEST_LIMIT if is_bare else limits["processes"]),
    ):
        _lower(getattr(resource, name, _NUMBERS.get(name)), value, value)
    _lower(resource.RLIMIT_CPU, cpu, cpu + 1)


def _lower(which, soft, hard):
    soft, hard = min(soft, LARGEST_LIMIT), min(hard, LARGEST_LIMIT)
    _, highest = resource.getrlimit(which)
    if highest != resource.RLIM_INFINITY:
        soft, hard = min(soft, highest), min(hard, highest)
    try:
        resource.setrlimit(which, (soft, hard))
    except (ValueError, resource.error) as error:  # no OSError on Python 2.7
        if error.args[:1] != (errno.EINVAL,):
            raise


def address_space():
    """Give the size of this process's address space in bytes."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def data_segment():
    """Give what the kernel counts against RLIMIT_DATA in this process, in bytes."""
    with open("/proc/self/status", "rb") as status:
        for line in status:
            if line.startswith(b"VmData"):
                return int(line.split()[1]) * 1024
    return 0
