"""What attacks need of today's Python and old ones lack: a text that stands before a script that runs in one of those.

The attacks of this folder are written once. They keep to a syntax that Python 2.7 reads too (no f-strings, no
keyword-only arguments, no `*` in lists); names, functions and classes of errors that came later are made here out of
system calls, in the script's own process. Nothing of it is in a jail of today's Python.
"""

from __future__ import annotations

# For 2.7 and 3.6: functions that came with 3.7 to 3.9. Adds names to modules, and replaces none that exist.
_LATER = '''
def _calls():
    """Give the C library; its functions raise OSError."""
    import ctypes, numbers, os
    library = ctypes.CDLL(None, use_errno=True)

    def call(name, *arguments):
        converted = [ctypes.c_long(one) if isinstance(one, numbers.Integral) else one for one in arguments]
        function = getattr(library, name)
        function.restype = ctypes.c_long
        value = ctypes.c_int(function(*converted)).value if name != "syscall" else function(*converted)
        if value < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return value
    return call


def _teach_both():
    import array, ctypes, fcntl, os, socket
    call, old = _calls(), socket.socket

    def add(module, **values):
        for name in values:
            if not hasattr(module, name):
                setattr(module, name, values[name])

    def create_server(address, family=socket.AF_INET):
        made = socket.socket(family, socket.SOCK_STREAM)
        made.bind(address)
        made.listen(128)
        return made

    def send_fds(connection, buffers, numbers):
        rights = [(socket.SOL_SOCKET, 1, array.array("i", numbers))]
        return connection.sendmsg(buffers, rights)

    add(fcntl, F_SETPIPE_SZ=1031, F_GETPIPE_SZ=1032, F_ADD_SEALS=1033, F_GET_SEALS=1034)
    add(os, pidfd_open=lambda pid, flags=0: call("syscall", 434, pid, flags))
    add(socket, create_server=create_server, send_fds=send_fds, SCM_RIGHTS=1)

    def asked(number, option):
        value = ctypes.c_int()
        call("getsockopt", number, 1, option, ctypes.byref(value), ctypes.byref(ctypes.c_int(4)))
        return value.value

    class Found(old):
        """Knows the family of a socket that is given by its number; is closed by `with`; sends with descriptors."""

        def __init__(self, family=-1, type=-1, proto=-1, fileno=None, _sock=None):
            if _sock is not None:
                return old.__init__(self, _sock=_sock)
            if fileno is None:
                family = socket.AF_INET if family == -1 else family
                type = socket.SOCK_STREAM if type == -1 else type
                return old.__init__(self, family, type, 0 if proto == -1 else proto)
            family, type = asked(fileno, 39), asked(fileno, 3)
            if sys.version_info >= (3,):
                return old.__init__(self, family, type, 0, fileno)
            old.__init__(self, _sock=socket.fromfd(fileno, family, type))
            os.close(fileno)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.close()

        if sys.version_info < (3,):
            def listen(self, backlog=128):
                return self._sock.listen(backlog)

            def sendmsg(self, buffers, ancillary=(), flags=0):
                return _sendmsg(self.fileno(), b"".join(buffers), ancillary, flags)

    if sys.version_info < (3, 7):
        socket.socket = Found
        if sys.version_info < (3,):
            socket._socketobject, pair = Found, socket.socketpair
            socket.socketpair = lambda *kind: tuple(Found(_sock=one) for one in pair(*kind))


def _sendmsg(number, data, ancillary, flags):
    import ctypes, struct
    control = b""
    for level, kind, value in ancillary:
        value = value.tostring() if hasattr(value, "tostring") else value
        control += struct.pack("@Lii", 16 + len(value), level, kind) + value
        control += b"\\0" * (-len(value) % 8)
    room, held = ctypes.create_string_buffer(data, max(len(data), 1)), ctypes.create_string_buffer(control)
    piece = ctypes.create_string_buffer(struct.pack("@LL", ctypes.addressof(room), len(data)))
    rest = (ctypes.addressof(held) if control else 0, len(control), 0)
    header = struct.pack("@LI4xLLLLi4x", 0, 0, ctypes.addressof(piece), 1, *rest)
    return _calls()("sendmsg", number, ctypes.create_string_buffer(header, len(header)), flags)


if sys.version_info < (3, 9):
    _teach_both()
'''

# For 2.7 alone. `except OSError` and its kinds look at the number of the error that is on its way (PEP 3151).
_LATER_THAN_2 = """
def _teach_errors(names):
    import errno, resource, select, socket
    kinds = (EnvironmentError, select.error, resource.error)

    class ByNumber(type):
        def __subclasscheck__(cls, kind):
            if kind is cls:
                return True
            value = sys.exc_info()[1]
            if not isinstance(value, kinds) or kind not in (value.__class__, EnvironmentError):
                return False
            number = getattr(value, "errno", None) or (value.args or [None])[0]
            return cls.numbers is None or number in cls.numbers

        def __instancecheck__(cls, value):
            number = getattr(value, "errno", None)
            return isinstance(value, kinds) and (cls.numbers is None or number in cls.numbers)

    numbers = {"OSError": None, "PermissionError": (1, 13), "ProcessLookupError": (3,), "BlockingIOError": (11, 115),
               "FileNotFoundError": (2,), "FileExistsError": (17,), "ConnectionError": (32, 103, 104, 111)}
    for name in numbers:
        names[name] = ByNumber(name, (EnvironmentError,), {"numbers": numbers[name]})


def _teach_builtins(names):
    import io
    written, opened, text = sys.stdout, open, str

    def show(*values, **options):
        file = options.pop("file", None) or sys.stdout
        flush = options.pop("flush", False)
        __builtins__["print"](*values, file=file, **options) if isinstance(__builtins__, dict) else \\
            getattr(__builtins__, "print")(*values, file=file, **options)
        if flush:
            file.flush()

    class Bytes(type):
        def __instancecheck__(cls, value):
            return isinstance(value, text)

    class bytes(text):
        __metaclass__ = Bytes

        def __new__(cls, value=b"", *_):
            if isinstance(value, (int, long)):
                return b"\\0" * value
            if isinstance(value, (list, tuple, xrange)):
                return b"".join(chr(one) for one in value)
            return value.encode(*_) if _ else text(value)

    def open_file(path, mode="r", *rest, **options):
        if isinstance(path, int) or "b" in mode and "buffering" in options:
            return io.open(path, mode, *rest, **options)
        return opened(path, mode, *rest, **options)

    names.update(print=show, bytes=bytes, open=open_file, range=xrange)


def _teach_modules():
    import __builtin__, httplib, Queue, urllib, urllib2
    sys.modules.update({"builtins": __builtin__, "http": httplib, "http.client": httplib, "queue": Queue})
    sys.modules["urllib.request"] = urllib.request = urllib2
    httplib.client = httplib


def _teach_system():
    import ctypes, errno, mmap, os, resource, shutil, signal, socket, struct, subprocess, threading, time
    call = _calls()

    def add(module, **values):
        for name in values:
            if not hasattr(module, name):
                setattr(module, name, values[name])

    def attribute(path, name, value, flags=0, follow_symlinks=True):
        call("fsetxattr" if isinstance(path, int) else "setxattr", path, name, value, len(value), flags)

    def processors(number, chosen):
        mask = sum(1 << one for one in chosen)
        call("sched_setaffinity", number, 128, ctypes.create_string_buffer(struct.pack("=Q", mask), 128))

    def available(number):
        room = ctypes.create_string_buffer(128)
        call("sched_getaffinity", number, 128, room)
        mask = struct.unpack("=Q", room.raw[:8])[0]
        return set(one for one in range(64) if mask >> one & 1)

    def scheduler(number, policy, parameter):
        call("sched_setscheduler", number, policy, struct.pack("=i", parameter))

    def limit(number, kind, limits=None):
        new = limits and struct.pack("=QQ", *(one & (1 << 64) - 1 for one in limits))
        room = ctypes.create_string_buffer(16)
        call("prlimit64", number, int(kind), new, room)
        return struct.unpack("=QQ", room.raw)

    def pread(number, size, offset):
        room = ctypes.create_string_buffer(size)
        count = call("pread64", number, room, size, offset)
        return room.raw[:count]

    def mask(how, numbers):
        new = struct.pack("=Q", sum(1 << one - 1 for one in numbers)) + b"\\0" * 120
        call("sigprocmask", how, new, None)

    def blocking(number, is_blocking):
        import fcntl
        flags = fcntl.fcntl(number, fcntl.F_GETFL)
        fcntl.fcntl(number, fcntl.F_SETFL, flags & ~os.O_NONBLOCK if is_blocking else flags | os.O_NONBLOCK)

    def terminal():
        return call("openpty", None, None, None, None, None)

    def which(name, path=None):
        for folder in (path or os.environ.get("PATH", "")).split(":"):
            if os.access(os.path.join(folder, name), os.X_OK):
                return os.path.join(folder, name)

    def set_clock(clock, seconds):
        call("clock_settime", clock, struct.pack("=qq", int(seconds), 0))

    add(os, setxattr=attribute, sched_setaffinity=processors, sched_getaffinity=available, SCHED_FIFO=1, SCHED_BATCH=3,
        sched_setscheduler=scheduler, sched_param=int, PRIO_PROCESS=0, PRIO_PGRP=1, PRIO_USER=2,
        setpriority=lambda kind, who, value: call("setpriority", kind, who, value),
        getpriority=lambda kind, who: call("getpriority", kind, who),
        truncate=lambda path, size: call("truncate64", path, size), replace=os.rename, pread=pread,
        pwrite=lambda number, data, offset: call("pwrite64", number, data, len(data), offset),
        posix_fallocate=lambda number, offset, size: call("fallocate64", number, 0, offset, size),
        set_blocking=blocking, set_inheritable=lambda number, is_inheritable: None, ST_NOSUID=2, ST_RDONLY=1,
        O_PATH=0o10000000, O_CLOEXEC=0o2000000,
        sendfile=lambda to, number, offset, count: call("sendfile64", to, number, struct.pack("=q", offset), count))
    add(resource, prlimit=limit)
    add(signal, pthread_sigmask=mask, SIG_BLOCK=0, SIG_UNBLOCK=1, SIG_SETMASK=2)
    add(time, clock_settime=set_clock, CLOCK_REALTIME=0, monotonic=time.time)
    add(shutil, which=which)
    add(subprocess, DEVNULL=os.open("/dev/null", os.O_RDWR))
    plain = {name: getattr(os, name) for name in ("open", "link", "utime", "chmod")}

    def open_at(path, flags, mode=0o777, dir_fd=None):
        return plain["open"](path, flags, mode) if dir_fd is None else call("openat", dir_fd, path, flags, mode)

    def link(path, name, follow_symlinks=True):
        if not follow_symlinks or not path.startswith("/proc/"):
            return plain["link"](path, name)
        return call("linkat", -100, path, -100, name, 0x400)

    def date(path, times):
        if isinstance(path, int):
            return call("futimens", path, struct.pack("=4q", times[0], 0, times[1], 0))
        return plain["utime"](path, times)

    handle = signal.signal

    def handled(number, by):
        try:
            return handle(number, by)
        except RuntimeError as error:
            raise ValueError(*error.args)

    os.open, os.link, os.utime, signal.signal = open_at, link, date, handled

    class Thread(threading.Thread):
        def __init__(self, *arguments, **options):
            is_daemon = options.pop("daemon", None)
            super(Thread, self).__init__(*arguments, **options)
            if is_daemon is not None:
                self.daemon = is_daemon

    class Map(mmap.mmap):
        def __setitem__(self, at, value):
            super(Map, self).__setitem__(at, chr(value) if isinstance(value, int) else value)

        def __getitem__(self, at):
            value = super(Map, self).__getitem__(at)
            return ord(value) if isinstance(at, (int, long)) else value

    threading.Thread, mmap.mmap = Thread, Map


if sys.version_info < (3,):
    _teach_errors(globals())
    _teach_system()
    _teach_modules()
    _teach_builtins(globals())
"""

HEAD = (
    "# -*- coding: utf-8 -*-\nfrom __future__ import division, print_function\nimport sys\n"
    + _LATER
    + _LATER_THAN_2
)
