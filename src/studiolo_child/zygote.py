"""The zygote: one interpreter of an environment with its libraries imported, from which every job is forked.

It is pid 1 of the pool's jail. It opens the store's files for a job but never reads user data and never runs
user text. Messages of the host arrive on the control socket; when that closes the zygote ends and the kernel
ends everything below it.

    {"op": "run", "id", "wall_seconds", "limits", "input_bytes", "blobs": ["ab/cdef…"]}  + job socket, status pipe
    {"op": "kill", "id", "why"}

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
import time
import traceback

from . import cells, descriptors, landlock, seccomp, syscalls, walls, watching

# `job` and `worker` import pandas: they come in `load`, after the nursery has been forked small.

_BLOB_NAME = re.compile("^[0-9a-f]{2}/[0-9a-f]{62}$")
_now = getattr(time, "monotonic", time.time)


class _Prepared(object):
    """A walled-in child that waits for its job."""

    def __init__(self, pid, pidfd, cell, connection, room):
        self.pid, self.pidfd, self.cell = pid, pidfd, cell
        self.connection, self.room = connection, room


class _Running(object):
    """A job at work, and what is known of it until its last process has gone."""

    def __init__(self, message, prepared, status):
        self.id = message["id"]
        self.pid, self.pidfd, self.cell = prepared.pid, prepared.pidfd, prepared.cell
        self.status = status
        self.started = _now()
        self.deadline = self.started + message["wall_seconds"]
        limits = message["limits"]
        self.memory_limit = (limits["memory_mb"] << 20) + message["input_bytes"]
        self.cpu_limit = limits["cpu_seconds"]
        self.peak = 0
        self.cpu = 0
        self.ended_by = None
        self.exit = None


class Zygote(object):
    """Keeps prepared children ready, hands jobs to them, watches limits, reports ends."""

    def __init__(self, control, blobs, configuration):
        self.control = control
        self.blobs = blobs
        self.room = (configuration["disk_bytes"], configuration["files"])
        self.prefork = configuration["prefork"]
        self.processors = configuration["processors"]
        self.watch_seconds = configuration["watch_seconds"]
        self.filter = seccomp.program(building=True)
        self.landlock_version = landlock.abi()
        self.ready = []
        self.running = {}  # pidfd of the worker, then of the cell, to _Running
        self.poller = select.poll()
        self.refill_at = 0
        self.nursery = cells.Nursery.start(configuration["below_tmp"])

    def load(self, names):
        """Import libraries and pay first-call costs; give the names that could not be imported."""
        missing = []
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
        seccomp.install(self.filter)
        self.filter = seccomp.completion()
        self.base_data = walls.data_segment()
        self.base_memory = watching.anonymous_bytes("self")
        return missing

    def spawn(self, room):
        """Fork a child into a new cell; it shuts its walls and waits for a job."""
        cell = self.nursery.cell(*room)
        ends = []
        try:
            ends += socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            syscalls.setns(
                cell, syscalls.CLONE_NEWPID
            )  # for the next fork only: each spawn enters a newer one
            pid = os.fork()
            if pid == 0:
                self.be_worker(
                    ends[1], cell, self.filter, self.landlock_version, self.base_data, self.processors
                )
            pidfd = syscalls.pidfd_open(pid)
        except BaseException:
            syscalls.pidfd_kill(cell)
            os.close(cell)
            for end in ends:
                end.close()
            raise
        ends[1].close()
        return _Prepared(pid, pidfd, cell, ends[0], room)

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
                else:
                    self._drop_prepared(descriptor)
            self._watch()
            if len(self.ready) < self.prefork and _now() >= self.refill_at:
                self._refill()

    def _refill(self):
        try:
            prepared = self.spawn(self.room)
        except (
            OSError,
            socket.error,
            cells.CellError,
        ):  # the machine is full: jobs at work must not end by it
            self.refill_at = _now() + 0.5
            return
        self.ready.append(prepared)
        self.poller.register(prepared.pidfd, select.POLLIN)

    def _timeout(self):
        times = [entry.deadline for entry in self.running.values() if entry.exit is None]
        if self.running:
            times.append(_now() + self.watch_seconds)
        if len(self.ready) < self.prefork:
            times.append(self.refill_at)
        return max(0, (min(times) - _now()) * 1000) if times else None

    def _obey(self, message, received):
        if message.get("op") == "run" and len(received) != 2:  # the kernel drops what finds no free number
            descriptors.close_all(received)
        elif message.get("op") == "run":
            self._start(message, received[0], received[1])
        elif message.get("op") == "kill":
            for entry in self.running.values():
                if entry.id == message["id"]:
                    self._end(entry, message.get("why", "cancelled"))

    def _start(self, message, connection, status):
        opened = []
        prepared = None
        try:
            for name in message["blobs"]:
                if not _BLOB_NAME.match(name):
                    raise OSError(22, "bad name of a blob: %r" % name)
                opened.append(_open_below(self.blobs, name))
            prepared = self._take((message["limits"]["disk_mb"] << 20, message["limits"]["files"]))
            try:
                descriptors.send(prepared.connection, {"go": 1}, [connection] + opened)
            except (OSError, socket.error):  # it died while it waited: a fresh one
                room, gone, prepared = prepared.room, prepared, None
                self._discard(gone)
                prepared = self.spawn(room)
                descriptors.send(prepared.connection, {"go": 1}, [connection] + opened)
        except (OSError, socket.error, cells.CellError, ValueError) as error:
            if prepared is not None:
                self._discard(prepared)
            _report(status, {"lost": "%s" % error})
            return
        finally:
            descriptors.close_all(opened + [connection])
        prepared.connection.close()
        entry = _Running(message, prepared, status)
        self.running[entry.pidfd] = entry
        self.poller.register(entry.pidfd, select.POLLIN)
        self.refill_at = _now() + 0.002

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
                self.refill_at = _now() + 0.2  # a child that dies at once must not be forked in a storm

    def _discard(self, prepared):
        syscalls.pidfd_kill(prepared.cell)
        try:
            os.waitpid(prepared.pid, 0)
        except OSError:
            pass
        prepared.connection.close()
        descriptors.close_all([prepared.pidfd, prepared.cell])

    def _end(self, entry, why):
        if entry.ended_by is None and entry.exit is None:
            entry.ended_by = why
            syscalls.pidfd_kill(entry.cell)

    def _on_end(self, descriptor):
        """The worker has ended: end its cell. The cell has ended: nothing of the job is left, say so."""
        entry = self.running.pop(descriptor)
        self.poller.unregister(descriptor)
        if entry.exit is None:
            _, status, usage = os.wait4(entry.pid, 0)
            signal_number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
            entry.exit = {
                "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
                "signal": signal_number,
                "cpu_seconds": max(
                    entry.cpu, usage.ru_utime + usage.ru_stime
                ),  # children are in the first only
                "wall_seconds": _now() - entry.started,
                "peak_memory_bytes": max(entry.peak, usage.ru_maxrss * 1024 - self.base_memory, 0),
                "ended_by": entry.ended_by,
            }
            os.close(entry.pidfd)
            syscalls.pidfd_kill(entry.cell)
            self.running[entry.cell] = entry
            self.poller.register(entry.cell, select.POLLIN)
        else:
            os.close(entry.cell)
            _report(entry.status, entry.exit)

    def _watch(self):
        now = _now()
        for entry in list(self.running.values()):
            if entry.exit is not None:
                continue
            if now >= entry.deadline:
                self._end(entry, "wall-limit")
            elif now - entry.started >= self.watch_seconds:
                memory, cpu = watching.usage([entry.pid], entry.cell, self.base_memory, entry.memory_limit)
                entry.peak, entry.cpu = max(entry.peak, memory), max(entry.cpu, cpu)
                if memory > entry.memory_limit:
                    self._end(entry, "out-of-memory")
                elif cpu > entry.cpu_limit:
                    self._end(entry, "cpu-limit")


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


def _report(status, facts):
    try:
        os.write(status, json.dumps(facts).encode("ascii"))
    except OSError:
        pass
    os.close(status)


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
            "landlock": zygote.landlock_version,
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
    except BaseException:
        text = traceback.format_exc()
        sys.stderr.write(text)
        try:
            descriptors.send(control, {"up": 0, "error": text[-8000:]})
        except (OSError, socket.error):
            pass
    finally:
        os._exit(0)
