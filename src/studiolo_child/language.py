"""Completes, explains and signs what an author types: a language server for one editor, kind `language` of job.py.

It speaks the Language Server Protocol, with its usual headers, on a stream socket, until the host closes that. It
runs in a job's walls, because to know what a compiled library offers it has to be imported.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import os

from . import bundle
from .working_directory import WorkingDirectory

_conversations = []


def connect(descriptor):
    """Take the socket on which messages come and go."""
    _conversations.append(descriptor)


def run(document, handles, report):
    """Serve an editor until the host has gone.

    Args:
        document: of kind `language`; its only input, if any, is the script bundle of the node.
        handles: gives a descriptor for a number in the document.
        report: `Report`; nothing is told in it.
    """
    # Only here: it needs Python 3.10, and libraries that the host has laid beside this package.
    from . import language_server

    directory = WorkingDirectory()
    directory.prepare()
    for given in document["inputs"]:
        try:
            with bundle.Bundle(handles(given["fd"]), document["disk_bytes"]) as opened:
                opened.unpack(directory.bundle)
        except (
            bundle.JobError
        ) as error:  # the run will say it better; what is there is completed all the same
            os.write(2, ("%s\n" % error.summary).encode("utf-8", "replace"))
    language_server.serve(_conversations.pop(), directory.bundle)
