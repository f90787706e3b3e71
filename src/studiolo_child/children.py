"""The zygote's children: those that wait for a job, and those at work."""

from __future__ import absolute_import, division, print_function, unicode_literals

import os

from . import watching
from .watching import now


class Prepared(object):
    """A walled-in child that waits for its job."""

    def __init__(self, pid, pidfd, place, connection, room):
        self.pid, self.pidfd, self.place = pid, pidfd, place
        self.connection, self.room = connection, room


class Running(object):
    """A job at work, and what is known of it until its last process has gone."""

    def __init__(self, message, prepared, status):
        self.id = message["id"]
        self.pid, self.pidfd, self.place = prepared.pid, prepared.pidfd, prepared.place
        self.status = status
        self.started = now()
        # A service waits most of its time, and there may be many: they are looked at less often.
        self.look_seconds = 0.25 if message.get("serves") else 0.0
        self.look_at = 0.0
        self.deadline = self.started + message["wall_seconds"]
        self.limits = message["limits"]
        self.memory_limit = (self.limits["memory_mb"] << 20) + message["input_bytes"]
        self.cpu_limit = self.limits["cpu_seconds"]
        self.usage = watching.Usage()
        self.input_bytes = message["input_bytes"]
        self.overrun = None
        self.ended_by = None
        self.kill_at = None
        self.exit = None

    def end_with(self, status, usage):
        """Note how the job's process ended, as `os.wait4` tells it; the host gets `exit`."""
        self.exit = {
            "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
            "cpu_seconds": max(self.usage.cpu, usage.ru_utime + usage.ru_stime),
            "wall_seconds": now() - self.started,
            "peak_memory_bytes": self.usage.peak,
            "highest_resident_bytes": usage.ru_maxrss * 1024,
            "input_bytes": self.input_bytes,
            "ended_by": self.ended_by,
        }
        if self.overrun:
            self.exit.update(self.overrun[1])
