"""Does one job inside the already walled child: reads its document, runs it, writes its report.

The document (JSON, from the host; descriptors are numbers that index the list given to `run`):

    {"kind": "script" | "module" | "serve" | "check" | "describe" | "language", "node": "clean",
     "inputs": [{"name", "type": "dataset"|"zip"|"file"|"object", "fd"}]      connected ports, in declared order,
                                                              then those that a script takes by keyword
     "outputs": [{"name", "type": "dataset"|"file"|"zip"|"object", "fd"}]
     "ports": {"inputs": [names of all declared dataset inputs], "declared": [names of all declared inputs]},
     "parameters": {...}            a path or address: {"file": {"name", "fd", "size"}}
                                    a code parameter whose text is a file: {"script": {"text", "file"}}
     "script": {"text", "file"},                                               kind script
     "module": {"entry": "package.file:function", "source": {"text", "file"} or null},    module and describe
     "column_inputs": {parameter: input},             kind module: whose columns the rules of a parameter choose from
     "scripts": [{"node", "text", "file", "bundle_fd", "has_unknown_bundle", "parameters", "inputs", "ports"}],
                                                                                kind check, see check.py
     "serve": "script" | "module", "state": "fresh" | "kept" | "once",          kind serve, see serving.py
     "preload": [import names]                                                  kind serve, of a module
     "dialect", "integers_with_missing", "strict", "disk_bytes", "environment": its name, for messages}

The report is `report.Report`'s document. The walls, the log pipe on descriptors 1 and 2 and the fresh working
directory are there before.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sys
import traceback

from . import check, describe, language, module_call, output_stream, script, serving, warming
from .failing import JobError
from .report import Report

_KINDS = {
    "script": script.run,
    "module": module_call.run,
    "serve": serving.run,
    "check": check.run,
    "describe": describe.run,
    "language": language.run,
}

# Last on the import path, so that a package of the environment wins: our own `azureml`.
SITE = str(os.path.join(os.path.dirname(os.path.abspath(__file__)), "site"))

warm = warming.warm
warm_child = warming.warm_child


def run(document, descriptors, report_descriptor):
    """Do one job. Never raises; writes a report to `report_descriptor` whatever happens.

    The caller ends the process afterwards: the interpreter is left as the script left it.

    Args:
        document: see above.
        descriptors: list that the numbers in the document index, or None when they are descriptors themselves.
        report_descriptor: of an empty file.
    """
    report = Report()
    try:
        output_stream.install()
        warming.use_own_temporary_folder()
        if SITE not in sys.path:
            sys.path.append(SITE)
        handles = _handles(descriptors)
        _KINDS[document["kind"]](document, handles, report)
    except JobError as error:
        report.fail(error.to_json())
    except BaseException as error:
        report.fail(_internal(error))
    output_stream.flush()
    report.write(report_descriptor)


def _handles(descriptors):
    if descriptors is None:
        return int
    return lambda number: descriptors[number]


def _internal(error):
    """Tell a fault of ours, with our frames."""
    try:
        text = "".join(traceback.format_exception(type(error), error, sys.exc_info()[2]))
        summary = "studiolo failed inside the job: %s: %s" % (type(error).__name__, error)
    except BaseException:
        text, summary = "", "studiolo failed inside the job."
    return {
        "kind": "internal",
        "code": "job-failed",
        "summary": summary,
        "hint": "This is a fault of studiolo; please report it with the text below.",
        "traceback": text if isinstance(text, type("")) else text.decode("utf-8", "replace"),
    }
