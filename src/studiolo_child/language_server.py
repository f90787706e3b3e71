"""The language server jedi-language-server, fitted to scripts of nodes. Python 3.10 and newer only.

Importing it warms it: the zygote does that, so that an editor's first completion need not wait for pandas to be read.
Some environments are too old for it. Then it runs in a newer Python and only reads their files (`STUDIOLO_LANGUAGE`
names their paths): what their compiled libraries offer is not known, and of Python 2 only what looks like Python 3.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json
import os
import sys

import jedi
import jedi.settings
import parso.cache
from jedi.api.environment import InterpreterEnvironment
from jedi.inference.compiled.subprocess import functions
from jedi_language_server import jedi_utils
from jedi_language_server import server as language_server

VARIABLE = "STUDIOLO_LANGUAGE"  # {"paths": [...], "version": [3, 6, 15]} of an environment that is only read
_OLDEST_GRAMMAR = (3, 6, 0)
_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # no script can import what lies here
# Behind the text, where no position moves: so jedi learns what the parameters of azureml_main are.
HIDDEN = "\n\nfrom pandas import DataFrame as __studiolo_frame\nazureml_main(__studiolo_frame(), __studiolo_frame())\n"
_ENTRY_POINT = "def azureml_main("
_FIRST_WORDS = (
    "import pandas as pd\nimport numpy as np\n\ndef azureml_main(dataframe1 = None, dataframe2 = None):\n"
    "    dataframe1.\n"
)


class ReadEnvironment(InterpreterEnvironment):
    """The environment whose libraries scripts can import, as jedi wants to know it.

    Args:
        paths: of its libraries; the running interpreter's own when None.
        version: of its Python; the running one when None.
    """

    def __init__(self, paths=None, version=None):
        InterpreterEnvironment.__init__(self)
        self._paths = paths
        if version is not None:
            self.version_info = type(self.version_info)(*max(tuple(version), _OLDEST_GRAMMAR))

    def get_sys_path(self):
        """Give the import path."""
        if self._paths is not None:
            return list(self._paths)
        return [path for path in sys.path if os.path.abspath(path) != _OWN]


def serve(descriptor, bundle_folder):
    """Speak with the host on a stream socket until it is closed; what lies in `bundle_folder` can be imported."""
    given = _given_environment()

    def project(**_):
        made = jedi.Project(os.getcwd(), smart_sys_path=False)
        made._sys_path = [bundle_folder] + [path for path in given.get_sys_path() if path != bundle_folder]
        made._environment = given
        return made

    language_server.Project = project
    reader = io.open(os.dup(descriptor), "rb")
    writer = io.open(descriptor, "wb")
    language_server.SERVER.start_io(reader, writer)


def with_entry_point_called(text):
    """Give a script with a call of its azureml_main behind it, which tells the types of its parameters."""
    return text + HIDDEN if _ENTRY_POINT in text else text


def _script(project, document):
    return jedi.Script(code=with_entry_point_called(document.source), path=document.path, project=project)


def _given_environment():
    given = os.environ.get(VARIABLE)
    if not given:
        return ReadEnvironment()
    facts = json.loads(given)
    functions.load_module = _load_of_this_python
    return ReadEnvironment(facts["paths"], facts["version"])


def _load_of_this_python(inference_state, **wanted):
    """Import what is part of Python itself: libraries of another one can't be, and must not be taken from this one."""
    if wanted["dotted_name"].split(".")[0] in sys.builtin_module_names:
        return _load_module(inference_state, **wanted)
    return None


_load_module = functions.load_module


def _warm():
    """Read the libraries that nearly every script uses; what was read stays in memory for the children."""
    given = _given_environment()
    project = jedi.Project(os.getcwd(), smart_sys_path=False)
    project._sys_path, project._environment = given.get_sys_path(), given
    try:
        for text, line, column in (
            (_FIRST_WORDS, 5, 15),
            (_FIRST_WORDS.replace("    dataframe1.", "    np."), 5, 7),
        ):
            jedi.Script(code=with_entry_point_called(text), path="script.py", project=project).complete(
                line, column
            )
    except Exception as error:  # it is slower, that is all
        sys.stderr.write("studiolo: warming the language server: %s: %s\n" % (type(error).__name__, error))


jedi_utils.script = _script
parso.cache._save_to_file_system = lambda *_, **__: None  # a job's folder is gone with it
jedi.settings.cache_directory = os.path.join(os.environ.get("TMPDIR", "/tmp"), "jedi")
_warm()
