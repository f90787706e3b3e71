"""One job's process: forked from the zygote, walled in before the job is there, ended after one job."""

from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os
import signal
import socket
import sys

from . import asking, descriptors, job, language, pip_commands, serving, syscalls, walls, whereabouts


def be_worker(prepared, place, shut, base_data_bytes, processors):
    """Shut the walls, wait for one job on the socket `prepared`, do it and end this process.

    Never returns and never lets an exception out, not even one raised while another is printed: this process
    is a copy of the zygote and must not run on in its loop.
    """
    exit_status = walls.NEVER_BEGAN
    try:
        _default_signals()
        syscalls.close_all_except([prepared.fileno()] + place.kept())
        place.close_in(shut)
        descriptors.close_all(place.kept())
        os.environ.update(
            HOME=str(place.work),
            TMPDIR=str(place.temporary),
            MPLCONFIGDIR=str(place.matplotlib),
            OMP_NUM_THREADS=str(processors),
        )
        job.warm_child()
        whereabouts.warm()
        connection, document, handles, report, trace = _wait_for_job(prepared, base_data_bytes, place.is_bare)
        document["box"] = None if place.is_bare else [walls.BOX]
        if document["kind"] == "serve" and document["state"] == "fresh":
            # It forks for each request, and a fork loses the threads that OpenMP waits for: none may begin here.
            os.environ["OMP_NUM_THREADS"] = "1"
        exit_status = walls.BROKE_OFF
        work = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
        if document["kind"] in ("script", "serve") and document.get("script"):
            document["installing"] = pip_commands.install(document, place.packages)
        job.run(document, handles, report)
        _say_done(connection, work, place.work)
        whereabouts.tell_peak(trace, document["input_bytes"])
        exit_status = 0
    except BaseException as error:
        try:
            os.write(
                2, ("studiolo worker: %s: %s\n" % (type(error).__name__, error)).encode("utf-8", "replace")
            )
        except BaseException:
            pass
    finally:
        os._exit(exit_status)


def _wait_for_job(prepared, base_data_bytes, is_bare):
    """Give the job's socket, its document, its descriptors, its report and its trace pipe."""
    message, received = descriptors.receive(prepared)
    if message is None:
        os._exit(0)
    prepared.close()
    connection = socket.fromfd(received[0], socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.close(received[0])
    blobs = received[1:]
    start, passed = descriptors.receive(connection)
    if start is None:
        os._exit(0)
    document_file, report, log, trace = passed[:4]
    if start["serves"]:
        serving.connect(passed.pop(), [connection.fileno(), report])
    elif start["converses"]:
        language.connect(passed.pop())
    elif start["may_ask"]:
        asking.connect(passed.pop())
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    size = os.lseek(document_file, 0, os.SEEK_END)
    os.lseek(document_file, 0, os.SEEK_SET)
    document = json.loads(os.read(document_file, size).decode("utf-8"))
    os.close(document_file)
    document["limits"], document["input_bytes"] = start["limits"], start["input_bytes"]
    whereabouts.install(trace)
    walls.limit(start["limits"], start["input_bytes"], base_data_bytes, is_bare)
    return connection, document, blobs + passed[4:], report, trace


def _say_done(connection, work, path):
    """Tell the host that the report is complete; pass the working directory when something lies in it."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        pass
    has_files = False
    try:
        has_files = bool(os.listdir(path))
    except OSError:
        pass
    descriptors.send(connection, {"done": 1}, [work] if has_files else [])


def _default_signals():
    if hasattr(signal, "set_wakeup_fd"):
        signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
