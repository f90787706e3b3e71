"""Answers requests of a web service: a script or module that is loaded once and called for each request.

The host sends requests on a socket of their own (kind `serve` of job.py). In the document stand `serve`, the kind
that the node has otherwise (`script` or `module`), and `state`:

* `fresh`: each request is answered in a process forked from this one, which ends with it. It lets go of the socket
  before it calls the author's function, so that nothing of one request reaches another; what it leaves, processes
  and files, is removed before the next one begins.
* `kept`: this process answers them all.
* `once`: this process answers one and ends; for the bare jail, where nothing may fork.

A request is one packet (see packets.py) whose parts are its inputs; with it comes the descriptor of the socket for
the reply, then the one of the file when the inputs are too long for a packet:

    {"inputs": [{"name", "type", "size"}], "parameters": {...}, "is_filed": false, "cpu_seconds": 60}

The reply is a packet whose parts are the outputs, with a report as report.py makes it:

    {"report": {...}, "outputs": [{"name", "size"}], "is_filed": false}

When the report itself is too long for a packet, it has only {"filed_head": its size}, and the file begins with the
head. On the socket of the requests this process only says that it is ready, and how the last process ended:
{"ready": 1, "status": 0}.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import gc
import mmap
import os
import resource
import socket
import tempfile
import threading

from . import calls, descriptors, leftovers, output_stream, packets, syscalls, warming
from .report import Report, write_all

_SERVED_AT_MOST = 10000  # then this process ends, and with it what it may have gathered
_requests = []


def connect(descriptor, others):
    """Take the socket on which requests come, and the descriptors that no request may hold."""
    connection = socket.fromfd(descriptor, socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.close(descriptor)
    _requests.append((connection, list(others)))


def run(document, handles, report):
    """Load the node of a document of kind `serve` and answer requests until the host has gone.

    What goes wrong while loading is told in `report`, as for a run of the node.

    Args:
        document: see above and job.py.
        handles: gives a descriptor for a number in the document.
        report: `Report`.
    """
    connection, others = _requests.pop()
    loaded = calls.load(document, handles, report)
    if loaded is None:
        return
    server = _Server(connection, others, loaded, document)
    gc.collect()
    if hasattr(gc, "freeze"):
        gc.freeze()
    {"fresh": server.serve_fresh, "kept": server.serve_kept, "once": server.serve_once}[document["state"]]()


class _Server(object):
    def __init__(self, connection, others, loaded, document):
        self.connection, self.others, self.loaded = connection, others, loaded
        self.answer = self._answer_next
        self.box = document["box"] or []

    def serve_once(self):
        """Answer one request in this process, which then ends: it has let go of what it would report on."""
        self._say_ready(0)
        self._answer_next()
        os._exit(0)

    def serve_kept(self):
        for _ in range(_SERVED_AT_MOST):
            self._say_ready(0)
            if not self._answer_next():
                return
            calls.close_figures()

    def serve_fresh(self):
        """Fork for each request; this process itself never reads one."""
        status = 0
        # A request must not be able to look into this process: /proc/PID/mem needs no call that is filtered.
        syscalls.set_dumpable(0)
        before = leftovers.Before(self.box, [self.connection.fileno()] + self.others)
        if _has_threads():
            self.answer = self._answer_in_thread
        for _ in range(_SERVED_AT_MOST):
            pid = os.fork()
            if pid == 0:
                self._be_request(status)
            _, status = _wait(pid)
            if os.WIFEXITED(status) and os.WEXITSTATUS(status) == _HOST_GONE:
                return
            if not (leftovers.end_strays() and before.restore()):
                return

    def _be_request(self, status):
        code = _HOST_GONE
        try:
            syscalls.set_dumpable(1)
            warming.touch_frames()
            self._say_ready(status)
            if self.answer():
                code = 0
        except BaseException as error:
            try:
                os.write(2, ("studiolo: %s: %s\n" % (type(error).__name__, error)).encode("utf-8", "replace"))
            except BaseException:
                pass
            code = _BROKE_OFF
        finally:
            os._exit(code)

    def _answer_in_thread(self):
        """Answer in a new thread, for a node that began threads while it was loaded: a fork loses them.

        OpenMP keeps its threads for the one that began them and would wait for them for ever; a new thread gets new
        ones.
        """
        done = []

        def answer():
            try:
                done.append(self._answer_next())
            except BaseException as error:
                done.append(error)

        threading.stack_size(_STACK_BYTES)
        thread = threading.Thread(target=answer)
        thread.start()
        thread.join()
        if isinstance(done[0], BaseException):
            raise done[0]
        return done[0]

    def _say_ready(self, status):
        descriptors.send(self.connection, {"ready": 1, "status": status})

    def _answer_next(self):
        """Wait for one request and answer it; False when the host has gone."""
        packet, received = _receive(self.connection)
        if not packet:
            return False
        is_kept = self.loaded.is_kept
        if not is_kept:
            self.connection.close()
            descriptors.close_all(self.others)
        head, frames, reply = _request(packet, received)
        if not is_kept:
            _limit_cpu(head["cpu_seconds"])
        report, written = Report(), []
        try:
            written = self.loaded.call(frames, head["parameters"], report)
        finally:
            output_stream.flush()
            _reply(reply, report, written)
        return True


_HOST_GONE, _BROKE_OFF = 3, 4
_STACK_BYTES = 8 << 20  # what the first thread of a process has


def _has_threads():
    try:
        return len(os.listdir("/proc/self/task")) > 1
    except OSError:
        return False


def _receive(connection):
    while True:
        try:
            return descriptors.receive_bytes(connection)
        except (OSError, socket.error) as error:
            if error.errno == errno.ECONNRESET:
                return b"", []
            if error.errno != errno.EINTR:  # Python 2
                raise


def _request(packet, received):
    """Give a request's head, its frames by name and the socket for its reply."""
    reply = socket.fromfd(received[0], socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.close(received[0])
    head, start = packets.read_head(packet)
    if head["is_filed"]:
        size = os.fstat(received[1]).st_size
        whole, start = mmap.mmap(received[1], size, access=mmap.ACCESS_COPY), 0
    else:
        whole = bytearray(packet)
    descriptors.close_all(received[1:])
    frames = {}
    for part in head["inputs"]:
        frames[part["name"]] = (part["type"], memoryview(whole)[start : start + part["size"]])
        start += packets.padded(part["size"])
    return head, frames, reply


def _reply(connection, report, written):
    """Send report and outputs; what is too long for a packet in a file of the box that has lost its name."""
    head = {
        "report": report.document(),
        "outputs": [{"name": name, "size": len(data)} for name, data in written],
        "is_filed": False,
    }
    parts = [data for _, data in written]
    if sum(packets.padded(len(data)) for data in parts) < packets.PACKET_BYTES:
        packet = packets.write_packet(head, parts)
        if len(packet) <= packets.PACKET_BYTES:
            connection.send(packet)
            return
    head["is_filed"] = True
    packet = packets.write_packet(head)
    try:
        with tempfile.TemporaryFile() as file:
            if len(packet) > packets.PACKET_BYTES:
                write_all(file.fileno(), packet)
                packet = packets.write_packet({"filed_head": len(packet)})
            for piece in packets.padded_parts(parts):
                write_all(file.fileno(), piece)
            descriptors.send_bytes(connection, packet, [file.fileno()])
    except (IOError, OSError) as error:
        head = {"report": {"status": "error", "error": _too_large(error)}, "outputs": [], "is_filed": False}
        connection.send(packets.write_packet(head))


def _too_large(error):
    return {
        "kind": "worker",
        "code": "disk-full",
        "summary": "The result does not fit into the job's folder: %s." % (error.strerror or error),
        "hint": "Raise `limits: {disk_mb: ...}` of the node, or return less.",
        "traceback": "",
    }


def _limit_cpu(seconds):
    """Let the kernel end this process when the request has taken so much CPU time; never more than before."""
    _, highest = resource.getrlimit(resource.RLIMIT_CPU)
    hard = seconds + 1 if highest == resource.RLIM_INFINITY else min(seconds + 1, highest)
    resource.setrlimit(resource.RLIMIT_CPU, (min(seconds, hard), hard))


def _wait(pid):
    while True:
        try:
            return os.waitpid(pid, 0)
        except (IOError, OSError) as error:
            if error.errno != errno.EINTR:
                raise
