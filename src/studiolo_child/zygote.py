"""The zygote: one interpreter of an environment with its libraries imported, from which every job is forked.

It is pid 1 of the pool's jail. It opens the store's files for a job but never reads user data and never runs
user text. Messages of the host arrive on the control socket; when that closes the zygote ends and the kernel
ends everything below it.

    {"op": "run", "id", "wall_seconds", "limits", "input_bytes", "blobs": ["ab/cdef..."], "grants": null or
        {"reads": [[number, path below, target]], "network": null or {"ports": [443], "any": false}}}
        + job socket, status pipe, with a network also the socket that takes its listeners
    {"op": "kill", "id", "why"}
    {"op": "close"}  + any descriptor: closed, so that the host knows that its messages are read

For each job one line of JSON goes to its status pipe when its last process has gone.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import gc
import importlib
import json
import os
import re
import select
import signal
import socket
import sys
import traceback
import warnings

from . import bare, cells, descriptors, landlock, seccomp, syscalls, walls, watching, whereabouts
from .children import Prepared, Running
from .watching import now

# `job` and `worker` import pandas: they come in `load`, after the nursery has been forked small.

_BLOB_NAME = re.compile("^[0-9a-f]{2}/[0-9a-f]{62}$")
TELL_SECONDS = {"out-of-memory": 0.03}  # time to say where it is before a job is killed for a limit
LONGEST_TELL_SECONDS = 0.1


class Zygote(object):
    """Keeps prepared children ready, hands jobs to them, watches limits, reports ends."""

    def __init__(self, control, blobs, configuration):
        self.control = control
        self.blobs = blobs
        self.room = (configuration["disk_bytes"], configuration["files"])
        self.prefork = configuration["prefork"]
        self.processors = configuration["processors"]
        self.watch_seconds = configuration["watch_seconds"]
        self.shut = walls.Shut(landlock.abi(), True, tuple(configuration["readable"]))
        self.ready = []
        self.running = {}  # pidfd of the worker, then of its place, to Running
        self.leaving = {}  # status pipe to the box of an ended job (bare jail)
        self.poller = select.poll()
        self.refill_at = 0
        self.housing = (bare.Boxes if configuration["is_bare"] else cells.Nursery).start(configuration)

    def load(self, names):
        """Import libraries and pay first-call costs; give the names that could not be imported."""
        missing = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what old libraries find odd about the jail is nobody's business
            for name in names:
                try:
                    importlib.import_module(name)
                except Exception as error:
                    missing.append("%s: %s" % (name, error))
        from . import job, worker

        job.warm()
        self.be_worker = worker.be_worker
        gc.collect()
        if hasattr(gc, "freeze"):
            gc.freeze()
        watching.collapse_heap()
        syscalls.set_dumpable(0)
        self._install_filter()
        self.base_data = walls.data_segment()
        self.base_memory = watching.anonymous_bytes("self")
        return missing

    def _install_filter(self):
        """Filter the system calls of this process and all its children, where the kernel can."""
        try:
            seccomp.install(seccomp.program(building=True))
        except (OSError, seccomp.UnsupportedMachine):
            self.shut.has_seccomp = False

    def spawn(self, room, grants=None, gate=None):
        """Fork a child into a new place; it shuts its walls and waits for a job."""
        place = self.housing.place(room, grants, gate)
        ends, pid = [], 0
        try:
            ends += socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            place.enter()  # for the next fork only: each spawn enters a newer one
            self.shut.has_network = bool(grants and grants["network"])
            pid = os.fork()
            if pid == 0:
                self.be_worker(ends[1], place, self.shut, self.base_data, self.processors)
            pidfd = syscalls.pidfd_open(pid)
            place.hold(pid, pidfd)
            place.trust(ends[1].fileno())
        except BaseException:
            if pid:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            place.kill()
            place.close()
            for end in ends:
                end.close()
            raise
        ends[1].close()
        return Prepared(pid, pidfd, place, ends[0], room)

    def serve(self):
        """Work until the host has gone."""
        self.poller.register(self.control.fileno(), select.POLLIN)
        while True:
            for descriptor, _ in self.poller.poll(self._timeout()):
                if descriptor == self.control.fileno():
                    message, received = descriptors.receive(self.control)
                    if message is None:
                        return
                    self._obey(message, received)
                elif descriptor in self.running:
                    self._on_end(descriptor)
                elif descriptor in self.leaving:
                    self._left(descriptor)
                else:
                    self._drop_prepared(descriptor)
            self._watch()
            if len(self.ready) < self.prefork and now() >= self.refill_at:
                self._refill()

    def _refill(self):
        try:
            prepared = self.spawn(self.room)
        except (
            OSError,
            socket.error,
            cells.CellError,
        ):  # the machine is full: jobs at work must not end by it
            self.refill_at = now() + 0.5
            return
        self.ready.append(prepared)
        self.poller.register(prepared.pidfd, select.POLLIN)

    def _timeout(self):
        entries = [entry for entry in self.running.values() if entry.exit is None]
        times = [entry.deadline if entry.kill_at is None else entry.kill_at for entry in entries]
        if entries:
            watched = [max(self.watch_seconds, entry.look_at - now()) for entry in entries]
            times.append(now() + min(watched))
        if len(self.ready) < self.prefork:
            times.append(self.refill_at)
        return max(0, (min(times) - now()) * 1000) if times else None

    def _obey(self, message, received):
        if message.get("op") == "run":
            has_gate = bool(message["grants"] and message["grants"]["network"])
            if len(received) == 2 + has_gate:
                self._start(message, *received)
            else:  # the kernel drops what finds no free number
                descriptors.close_all(received)
        elif message.get("op") == "kill":
            for entry in self.running.values():
                if entry.id == message["id"]:
                    self._end(entry, message.get("why", "cancelled"))
        else:
            descriptors.close_all(received)

    def _start(self, message, connection, status, gate=None):
        opened = []
        prepared = None
        grants = message["grants"]
        try:
            for name in message["blobs"]:
                if not _BLOB_NAME.match(name):
                    raise OSError(22, "bad name of a blob: %r" % name)
                opened.append(_open_below(self.blobs, name))
            room = (message["limits"]["disk_mb"] << 20, message["limits"]["files"])
            prepared = self.spawn(room, grants, gate) if grants else self._take(room)
            prepared.place.trust(connection)
            try:
                descriptors.send(prepared.connection, {"go": 1}, [connection] + opened)
            except (OSError, socket.error):  # it died while it waited: a fresh one
                gone, prepared = prepared, None
                self._discard(gone)
                prepared = self.spawn(room, grants, gate)
                prepared.place.trust(connection)
                descriptors.send(prepared.connection, {"go": 1}, [connection] + opened)
        except (OSError, socket.error, cells.CellError, ValueError) as error:
            if prepared is not None:
                self._discard(prepared)
            _say(status, {"lost": "%s" % error})
            os.close(status)
            return
        finally:
            descriptors.close_all(opened + [connection] + ([] if gate is None else [gate]))
        prepared.connection.close()
        entry = Running(message, prepared, status)
        self.running[entry.pidfd] = entry
        self.poller.register(entry.pidfd, select.POLLIN)
        self.refill_at = now() + 0.002

    def _take(self, room):
        for index, prepared in enumerate(self.ready):
            if prepared.room == room:
                del self.ready[index]
                self.poller.unregister(prepared.pidfd)
                return prepared
        return self.spawn(room)

    def _drop_prepared(self, descriptor):
        for prepared in list(self.ready):
            if prepared.pidfd == descriptor:
                self.ready.remove(prepared)
                self.poller.unregister(descriptor)
                self._discard(prepared)
                self.refill_at = now() + 0.2  # a child that dies at once must not be forked in a storm

    def _discard(self, prepared):
        prepared.place.kill()
        try:
            os.waitpid(prepared.pid, 0)
        except OSError:
            pass
        prepared.connection.close()
        os.close(prepared.pidfd)
        prepared.place.close()

    def _end(self, entry, why):
        if entry.ended_by is None and entry.exit is None:
            entry.ended_by = why
            entry.place.kill()

    def _exceeded(self, entry, limit):
        """End a job that took more than it may, after a moment in which it says where it is."""
        if entry.ended_by is None and entry.exit is None:
            entry.ended_by = limit
            entry.kill_at = now() + TELL_SECONDS.get(limit, LONGEST_TELL_SECONDS)
            try:
                syscalls.call("pidfd_send_signal", entry.pidfd, whereabouts.TELL, None, 0)
            except OSError:
                entry.kill_at = now()

    def _on_end(self, descriptor):
        """The worker has ended: end its cell. The cell has ended: nothing of the job is left, say so."""
        entry = self.running.pop(descriptor)
        self.poller.unregister(descriptor)
        if entry.exit is None:
            _, status, usage = os.wait4(entry.pid, 0)
            entry.end_with(status, usage)
            os.close(entry.pidfd)
            entry.place.kill()
            self.running[entry.place.descriptor] = entry
            self.poller.register(entry.place.descriptor, select.POLLIN)
        else:
            self._leave(entry)

    def _leave(self, entry):
        _say(entry.status, entry.exit)
        if not self.housing.is_bare:
            os.close(entry.status)
            entry.place.close()
            return
        if not self.shut.has_seccomp:
            known = [prepared.pid for prepared in self.ready] + [other.pid for other in self.running.values()]
            bare.end_strays(known)
        self.leaving[entry.status] = entry.place  # the host reads its files until it closes the pipe
        self.poller.register(entry.status, 0)

    def _left(self, status):
        self.poller.unregister(status)
        os.close(status)
        try:
            self.leaving.pop(status).close()
        except OSError as error:  # the next pool sweeps it away
            sys.stderr.write("studiolo: a box stays: %s\n" % error)

    def _watch(self):
        moment = now()
        for entry in list(self.running.values()):
            if entry.exit is not None:
                continue
            if entry.kill_at is not None:
                if moment >= entry.kill_at:
                    entry.place.kill()
            elif moment >= entry.deadline:
                self._exceeded(entry, "wall-limit")
            elif moment - entry.started >= self.watch_seconds and moment >= entry.look_at:
                entry.look_at = moment + entry.look_seconds
                try:
                    self._look_at(entry)
                except Exception:  # one that can't be watched must not end the others
                    sys.stderr.write(traceback.format_exc())
                    self._end(entry, "unwatchable")

    def _look_at(self, entry):
        roots = [entry.pid] + entry.place.roots()
        entry.usage.look(roots, self.base_memory, entry.memory_limit)
        if entry.usage.memory > entry.memory_limit:
            self._exceeded(entry, "out-of-memory")
        elif entry.usage.cpu > entry.cpu_limit:
            self._exceeded(entry, "cpu-limit")
        else:
            entry.overrun = entry.place.overrun(entry.limits)
            if entry.overrun:
                self._exceeded(entry, entry.overrun[0])


def _font_lists():
    """Give the paths of the font lists that matplotlib has made, for the host to keep."""
    folder = os.environ.get("MPLCONFIGDIR", "")
    if not os.path.isdir(folder):
        return []
    return [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("fontlist")]


def _open_below(folder, name):
    path = "/proc/self/fd/%d/%s" % (folder, name) if not _HAS_DIR_FD else name
    if _HAS_DIR_FD:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=folder)
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)


_HAS_DIR_FD = os.open in getattr(os, "supports_dir_fd", ())


def _say(status, facts):
    try:
        os.write(status, json.dumps(facts).encode("ascii"))
    except OSError:
        pass


def main(control_number, blobs_number):
    """Run the zygote on an inherited control socket; `blobs_number` is the store's folder, opened read-only."""
    control = socket.fromfd(control_number, socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.close(control_number)
    try:
        configuration, _ = descriptors.receive(control)
        if configuration is None:
            return
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        zygote = Zygote(control, blobs_number, configuration)
        missing = zygote.load(configuration["preload"])
        facts = {
            "up": 1,
            "missing": missing,
            "threads": len(os.listdir("/proc/self/task")),
            "version": "%d.%d.%d" % sys.version_info[:3],
            "landlock": zygote.shut.landlock_version,
            "seccomp": zygote.shut.has_seccomp,
            "is_bare": zygote.housing.is_bare,
        }
        fonts = _font_lists() if configuration.get("send_fonts") else []
        facts["fonts"] = [os.path.basename(path) for path in fonts]
        opened = [os.open(path, os.O_RDONLY) for path in fonts]
        try:
            descriptors.send(control, facts, opened)
        except (OSError, socket.error):  # the host was stopped meanwhile: nobody wants to read of that
            return
        descriptors.close_all(opened)
        zygote.serve()
    except cells.NurseryGone:  # the host sees the control socket close, and starts another pool
        pass
    except BaseException:
        text = traceback.format_exc()
        sys.stderr.write(text)
        try:
            descriptors.send(control, {"up": 0, "error": text[-8000:]})
        except (OSError, socket.error):
            pass
    finally:
        os._exit(0)
