"""Lets a script ask the host, by `azureml.core`, for what its node may see; one question at a time."""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import fcntl
import os
import socket
import threading

from . import descriptors

_hosts = []


class CannotAskError(Exception):
    """There is nobody to answer, or this process may not ask.

    Attributes:
        studiolo_hint: what to do next.
    """

    def __init__(self, text, hint=""):
        super(CannotAskError, self).__init__(text)
        self.studiolo_hint = hint


class RefusedError(Exception):
    """The host's answer is that it can't be had.

    Attributes:
        code: of the refusal.
        studiolo_hint: what to do next.
    """

    def __init__(self, code, text, hint=""):
        super(RefusedError, self).__init__(text)
        self.code = code
        self.studiolo_hint = hint


class Host(object):
    """The host behind a socket.

    Args:
        descriptor: of a SOCK_SEQPACKET socket; this object takes it over.
    """

    def __init__(self, descriptor):
        self._socket = socket.fromfd(descriptor, socket.AF_UNIX, socket.SOCK_SEQPACKET)
        os.close(descriptor)
        number = self._socket.fileno()
        fcntl.fcntl(number, fcntl.F_SETFD, fcntl.fcntl(number, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._count = 0

    def ask(self, question):
        """Give `(reply, descriptors)` of one question; the caller closes the descriptors.

        Raises:
            CannotAskError: in a process that the script started, or when the host has gone.
            RefusedError: the host says no.
        """
        if os.getpid() != self._process:
            raise CannotAskError(
                "A process that the script started cannot ask studiolo for datasets or models.",
                "Read them in azureml_main, before the process is started, and pass the data on.",
            )
        with self._lock:
            self._count += 1
            number = self._count
            try:
                descriptors.send(self._socket, dict(question, id=number))
                reply, received = self._answer_to(number)
            except (OSError, socket.error) as error:
                raise _gone("%s" % (error.strerror or error))
        if reply.get("error"):
            descriptors.close_all(received)
            raise RefusedError(reply["error"], reply.get("text") or reply["error"], reply.get("hint") or "")
        return reply, received

    def _answer_to(self, number):
        """Wait for the answer to a question, past those to questions that an exception broke off."""
        while True:
            try:
                reply, received = descriptors.receive(self._socket)
            except (OSError, socket.error) as error:
                if error.errno == errno.EINTR:  # Python 2
                    continue
                raise
            if reply is None:
                raise _gone("it has closed the connection")
            if reply.get("id") == number:
                return reply, received
            descriptors.close_all(received)


def connect(descriptor):
    """Take the socket on which questions go to the host."""
    _hosts.append(Host(descriptor))


def answer_with(host):
    """Let `host`, which has the method `ask` of `Host`, answer from now on."""
    _hosts.append(host)


def can_ask():
    """Say whether there is a host to ask."""
    return bool(_hosts)


def ask(question):
    """Give `(reply, descriptors)` of one question; see `Host.ask`."""
    if not _hosts:
        raise CannotAskError(
            "There is no studiolo to ask: this script does not run as a node of an experiment.",
            "Run it with `studiolo run`.",
        )
    return _hosts[-1].ask(question)


def _gone(why):
    return CannotAskError("studiolo does not answer: %s." % why, "Run the node again.")
