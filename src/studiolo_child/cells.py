"""The nursery: a small process that makes cells, so that the large zygote forks only once for a job.

A cell is a set of fresh namespaces held by a tiny init, the first process of the job's own pid namespace. The
nursery is forked from the zygote before any library is imported; its forks cost a tenth of the zygote's.
When a cell's init is killed the kernel ends everything inside and frees its box.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import signal
import socket

from . import descriptors, gatekeeper, loopback, syscalls, walls, watching


class CellError(Exception):
    """A cell could not be built; the text says which wall failed."""


class NurseryGone(Exception):
    """The nursery has ended, and every cell with it; no job can run any more."""


class Cell(object):
    """The namespaces of one job, held by their init.

    Attributes:
        work, temporary, matplotlib: folders of its box, as the job sees them.
        packages: the folder of its box in which files may be executed; there with a network only.
        descriptor: pidfd of the init.
        notifier: socket on which the init waits for the job's notifications of connect(2), or None.
    """

    is_bare = False
    work, temporary, matplotlib = walls.WORK, walls.TEMPORARY, walls.MATPLOTLIB
    packages = walls.PACKAGES

    def __init__(self, descriptor, notifier):
        self.descriptor, self.notifier = descriptor, notifier

    def enter(self):
        """Let the next fork of this process, and only that, be born inside."""
        syscalls.setns(self.descriptor, syscalls.CLONE_NEWPID)

    def close_in(self, shut):
        """Shut every wall around this process, the job's. `shut` is a `walls.Shut`. Raises OSError."""
        walls.close_in(self.descriptor, shut, self.notifier)

    def kept(self):
        """Give the descriptors that the job's process needs until it is closed in."""
        return [self.descriptor] + ([self.notifier] if self.notifier is not None else [])

    def hold(self, pid, pidfd):
        """Learn which process works in it; the parent then needs the notifier no more."""
        if self.notifier is not None:
            os.close(self.notifier)
            self.notifier = None

    def trust(self, descriptor):
        """Learn of a socket that only the host or the zygote sends on to the job; of no interest here."""

    def roots(self):
        """Give process ids, as this process sees them, above everything that runs inside."""
        return [watching.pid_of(self.descriptor)]

    def overrun(self, limits):
        """Give which limit was passed that no kernel keeps: none, it keeps them all."""
        return None

    def kill(self):
        """End everything inside."""
        syscalls.pidfd_kill(self.descriptor)

    def close(self):
        """Forget it. The box is freed with its last process."""
        descriptors.close_all(self.kept())
        self.notifier = None


class Nursery(object):
    """The zygote's side: asks for cells."""

    is_bare = False

    def __init__(self, connection, pid):
        self._connection = connection
        self.pid = pid

    @classmethod
    def start(cls, configuration):
        """Fork the nursery. Call it before large libraries are imported and while there is one thread.

        Args:
            configuration: of the zygote; `below_tmp` and `has_folders` are used.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            try:
                ours.close()
                _serve(theirs, configuration["below_tmp"], configuration["has_folders"])
            finally:
                os._exit(0)
        theirs.close()
        return cls(ours, pid)

    def place(self, room, grants, gate):
        """Give a new cell.

        Args:
            room: bytes and files that its box holds.
            grants: what the job may reach, `{"reads": [...], "network": {...} or None}`, or None.
            gate: descriptor of the socket on which the cell's init sends its listeners to the host, or None.

        Raises:
            CellError: a wall could not be built.
            NurseryGone: nobody makes cells any more.
        """
        request = {"disk": room[0], "files": room[1], "grants": grants}
        try:
            descriptors.send(self._connection, request, [] if gate is None else [gate])
            reply, received = descriptors.receive(self._connection)
        except (OSError, socket.error) as error:
            raise NurseryGone("the nursery has gone: %s" % error)
        if reply is None:
            raise NurseryGone("the nursery has gone")
        if not received:
            raise CellError(reply.get("error", "the descriptor of a cell was lost: too many are open"))
        return Cell(received[0], received[1] if len(received) > 1 else None)


def _serve(connection, below_tmp, has_folders):
    """Make cells until the zygote has gone."""
    syscalls.die_with_parent()
    syscalls.close_all_except([connection.fileno()])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended inits need no wait
    own_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)
    maker = _Maker(own_namespace, below_tmp, has_folders)
    spare_request, spare = None, None
    while True:
        request, received = descriptors.receive(connection)
        if request is None:
            return
        try:
            if request == spare_request:
                made, spare_request = spare, None
            else:
                made = maker.make(request, received)
        except (OSError, CellError) as error:
            descriptors.send(connection, {"error": "%s" % error})
            continue
        finally:
            descriptors.close_all(received)
        try:
            descriptors.send(connection, {"made": 1}, made)
        except (
            OSError,
            socket.error,
        ) as error:  # too many descriptors on their way; when the zygote has gone too
            syscalls.pidfd_kill(made[0])
            descriptors.send(connection, {"error": "%s" % error})
        finally:
            descriptors.close_all(made)
        if spare_request is None and not request["grants"]:  # made while the zygote forks
            try:
                spare, spare_request = maker.make(request, []), request
            except (OSError, CellError):
                pass


class _Maker(object):
    """Forks the inits of cells."""

    def __init__(self, own_namespace, below_tmp, has_folders):
        self._own_namespace, self._below_tmp, self._has_folders = own_namespace, below_tmp, has_folders

    def make(self, request, received):
        """Give the pidfd of a new cell's init and, with a network, the socket that takes its notifier."""
        syscalls.setns(self._own_namespace, syscalls.CLONE_NEWPID)  # unshare works again only from here
        syscalls.unshare(syscalls.CLONE_NEWPID)
        readable, writable = os.pipe()
        network = (request["grants"] or {}).get("network")
        ours = theirs = None
        if network and network["any"]:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            try:
                self._be_init(writable, request, received, theirs)
            finally:
                os._exit(1)
        os.close(writable)
        made = [syscalls.pidfd_open(pid)]
        if ours is not None:
            theirs.close()
            made.append(os.dup(ours.fileno()))
            ours.close()
        try:
            answer = os.read(readable, 4096)
        finally:
            os.close(readable)
        if answer != b"built":
            descriptors.close_all(made)
            raise CellError(answer.decode("utf-8", "replace") or "the cell's init died")
        return made

    def _be_init(self, writable, request, received, notifier):
        """Build the cell, say so, then stay as its first process; the ignored SIGCHLD reaps orphans."""
        syscalls.die_with_parent()
        grants = request["grants"] or {}
        network = grants.get("network")
        try:
            walls.build_cell(
                request["disk"],
                request["files"],
                self._below_tmp,
                self._has_folders,
                grants.get("reads", ()),
                has_packages=bool(network),
            )
            made = _open_network(network, received[0]) if network else ()
        except (OSError, socket.error) as error:
            os.write(writable, ("%s" % error).encode("utf-8"))
            return
        syscalls.set_dumpable(0)
        os.write(writable, b"built")
        if notifier is None:
            syscalls.close_all_except([])
        else:
            syscalls.close_all_except([received[0], notifier.fileno()])
            gate = socket.fromfd(received[0], socket.AF_UNIX, socket.SOCK_SEQPACKET)
            gatekeeper.serve(gate, notifier, made)
        while True:
            signal.pause()


def _open_network(network, gate_number):
    """Make every address local and hand a listener for each granted port to the host; give their labels."""
    loopback.open_everything()
    gate = socket.fromfd(gate_number, socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made = loopback.listeners(network["ports"])
    loopback.hand_over(gate, made)
    gate.close()
    return [label for label, _ in made]
