"""The nursery: a small process that makes cells, so that the large zygote forks only once for a job.

A cell is a set of fresh namespaces held by a tiny init, the first process of the job's own pid namespace. The
nursery is forked from the zygote before any library is imported; its forks cost a tenth of the zygote's.
When a cell's init is killed the kernel ends everything inside and frees its box.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import signal
import socket

from . import descriptors, syscalls, walls


class CellError(Exception):
    """A cell could not be built; the text says which wall failed."""


class NurseryGone(Exception):
    """The nursery has ended, and every cell with it; no job can run any more."""


class Nursery(object):
    """The zygote's side: asks for cells."""

    def __init__(self, connection, pid):
        self._connection = connection
        self.pid = pid

    @classmethod
    def start(cls, below_tmp):
        """Fork the nursery. Call it before large libraries are imported and while there is one thread.

        Args:
            below_tmp: see `walls.build_cell`.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            try:
                ours.close()
                _serve(theirs, below_tmp)
            finally:
                os._exit(0)
        theirs.close()
        return cls(ours, pid)

    def cell(self, disk_bytes, files):
        """Give a pidfd of the init of a new cell whose box holds so many bytes and files.

        Raises:
            CellError: a wall could not be built.
            NurseryGone: nobody makes cells any more.
        """
        try:
            descriptors.send(self._connection, {"disk": disk_bytes, "files": files})
            reply, received = descriptors.receive(self._connection)
        except (OSError, socket.error) as error:
            raise NurseryGone("the nursery has gone: %s" % error)
        if reply is None:
            raise NurseryGone("the nursery has gone")
        if not received:
            raise CellError(reply.get("error", "the descriptor of a cell was lost: too many are open"))
        return received[0]


def _serve(connection, below_tmp):
    """Make cells until the zygote has gone."""
    syscalls.die_with_parent()
    syscalls.close_all_except([connection.fileno()])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended inits need no wait
    own_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)
    spare_room, spare = None, None
    while True:
        request, _ = descriptors.receive(connection)
        if request is None:
            return
        room = (request["disk"], request["files"])
        try:
            if room == spare_room:
                pidfd, spare_room = spare, None
            else:
                pidfd = _make_cell(own_namespace, below_tmp, *room)
        except (OSError, CellError) as error:
            descriptors.send(connection, {"error": "%s" % error})
            continue
        try:
            descriptors.send(connection, {"made": 1}, [pidfd])
        except (
            OSError,
            socket.error,
        ) as error:  # too many descriptors on their way; when the zygote has gone too
            syscalls.pidfd_kill(pidfd)
            descriptors.send(connection, {"error": "%s" % error})
        finally:
            os.close(pidfd)
        if spare_room is None:  # made while the zygote forks
            try:
                spare, spare_room = _make_cell(own_namespace, below_tmp, *room), room
            except (OSError, CellError):
                pass


def _make_cell(own_namespace, below_tmp, disk_bytes, files):
    syscalls.setns(own_namespace, syscalls.CLONE_NEWPID)  # unshare works again only from here
    syscalls.unshare(syscalls.CLONE_NEWPID)
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _be_init(writable, disk_bytes, files, below_tmp)
        finally:
            os._exit(1)
    os.close(writable)
    pidfd = syscalls.pidfd_open(pid)
    try:
        answer = os.read(readable, 4096)
    finally:
        os.close(readable)
    if answer != b"built":
        os.close(pidfd)
        raise CellError(answer.decode("utf-8", "replace") or "the cell's init died")
    return pidfd


def _be_init(writable, disk_bytes, files, below_tmp):
    """Build the cell, say so, then stay as its first process; orphans are reaped by the ignored SIGCHLD."""
    syscalls.die_with_parent()
    try:
        walls.build_cell(disk_bytes, files, below_tmp)
    except OSError as error:
        os.write(writable, ("%s" % error).encode("utf-8"))
        return
    syscalls.set_dumpable(0)
    os.write(writable, b"built")
    syscalls.close_all_except([])
    while True:
        signal.pause()
