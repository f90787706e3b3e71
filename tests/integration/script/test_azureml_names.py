"""What our `azureml` has and has not, beside the vendor's packages and outside of a job (R-11.5)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.integration.script.azureml_scripts import script

from studiolo.environments import Environment

SOURCES = Path(__file__).parents[3] / "src"

NOTHING = "The package azureml-core takes its place when the node's environment has it."


@pytest.mark.parametrize(
    ("line", "summary", "hint"),
    [
        (
            "from azureml.core import Environment",
            "studiolo's azureml.core has no Environment.",
            "It has Dataset",
        ),
        ("from azureml.core import Rum", "studiolo's azureml.core has no Rum.", 'Did you mean "Run"?'),
        ("import azureml.train.automl", "studiolo's azureml has no train.", "It has core, data, exceptions."),
        ("from azureml.core.compute import X", "studiolo's azureml.core has no compute.", NOTHING),
        (
            "from azureml.exceptions import No",
            "studiolo's azureml.exceptions has no No.",
            "UserErrorException",
        ),
        ("import azureml.core as c; c.Keyvault", "studiolo's azureml.core has no Keyvault.", NOTHING),
        ("from azureml.core import Run; Run.list", "studiolo's Run has no list.", "get_context"),
        (
            "from azureml.core import Run; Run.get_context().register_model('x')",
            "studiolo's Run has no register_model.",
            "upload_file",
        ),
        ("from azureml.core import Model; Model.deploy", "studiolo's Model has no deploy.", "get_model_path"),
        (
            "from azureml.core import Dataset; Dataset.Tabular.from_delimited_files('x')",
            "studiolo's Dataset.Tabular has no from_delimited_files.",
            "Read files with pandas",
        ),
    ],
)
def test_what_is_not_there_says_what_is(child: Any, line: str, summary: str, hint: str) -> None:
    """Issue 4, 7: anything else of the SDK raises an error that names what exists."""
    error = child.script(f"def azureml_main(a=None):\n    {line}").error
    name = error["summary"].partition(": ")[0]
    kinds = (
        ("AttributeError",)
        if "import" not in line or "; " in line
        else ("ImportError", "ModuleNotFoundError")
    )
    assert (error["code"], error["line"]) == ("script-raised", 2)
    assert name in kinds
    assert error["summary"].partition(": ")[2] == summary
    assert hint in error["hint"]
    assert "studiolo_child" not in error["traceback"]


def test_looking_for_what_is_not_there_is_no_error(child: Any) -> None:
    """`hasattr` and caught imports are how scripts find out what they run on."""
    outcome = child.script(
        script(
            "import azureml.core, copy",
            "print(hasattr(azureml.core, 'Environment'), hasattr(Run, 'list'), hasattr(Run.get_context(), 'x'))",
            "try: from azureml.core import Environment",
            "except ImportError: print('caught')",
            "copy.copy(azureml.core.Experiment(None, 'x')).name",
        )
    )
    assert outcome.log == "False False False\ncaught\n"


def test_datastores_are_refused_with_what_to_do(child: Any) -> None:
    """The vendor's documents save pictures there."""
    error = child.script(
        "from azureml.core import Datastore\ndef azureml_main():\n    Datastore.get(None, datastore_name='blob')"
    ).error
    assert error["summary"] == 'UserErrorException: studiolo has no datastores, so no "blob".'
    assert "run.upload_file" in error["hint"]


def test_a_package_of_the_environment_wins(child: Any) -> None:
    """R-11.5: present unless the environment holds the vendor's."""
    outcome = child.script(
        script(
            "import os, sys",
            "os.makedirs('lib/azureml/core')",
            "for name in ('lib/azureml', 'lib/azureml/core'): open(name + '/__init__.py', 'w').write('mine = 1')",
            "sys.path.insert(0, os.path.abspath('lib'))",
            "import azureml.core",
            "print(azureml.core.mine)",
        )
    )
    assert outcome.log == "1\n"


@pytest.mark.parametrize(
    "text",
    [
        "__path__ = __import__('pkgutil').extend_path(__path__, __name__)",
        pytest.param(None, marks=pytest.mark.needs(python=">=3", because="namespace packages")),
    ],
)
def test_other_packages_of_the_vendor_stand_beside_ours(child: Any, text: str | None) -> None:
    """`azureml.something` of the environment is found, and our core too."""
    first = f"open('lib/azureml/__init__.py', 'w').write({text!r})" if text else "pass"
    outcome = child.script(
        script(
            "import os, sys",
            "os.makedirs('lib/azureml/something')",
            first,
            "open('lib/azureml/something/__init__.py', 'w').write('mine = 1')",
            "sys.path.insert(0, os.path.abspath('lib'))",
            "import azureml.something, azureml.core",
            "print(azureml.something.mine, azureml.core.Model.__name__)",
        )
    )
    assert outcome.log == "1 Model\n"


OFFLINE = """
import os
from azureml.core import Dataset, Model, Run
run = Run.get_context(allow_offline=True)
assert run.id.startswith("OfflineRun_")
run.log("loss", 0.5)
run.log_list("losses", [1, 2])
run.log_row("row", x=1)
run.tag("kind", "trial")
open("x.txt", "w").write("text")
run.upload_file("kept/x.txt", "x.txt")
assert open("outputs/kept/x.txt").read() == "text"
with run: pass
assert dict(run.get_metrics())["loss"] == 0.5
os.makedirs("azureml-models/m/3")
open("azureml-models/m/3/m.pkl", "w").close()
print(Model.get_model_path("m"))
for wrong in (lambda: Run.get_context(allow_offline=False), lambda: Dataset.get_by_name(None, "x"),
              lambda: run.experiment.workspace.name, lambda: Model.get_model_path("no"),
              lambda: Model.get_model_path("m", 4)):
    try: wrong()
    except Exception as error: print("%s: %s" % (type(error).__name__, error))
"""


def test_outside_of_a_job_it_works_on_local_files(environment: Environment, tmp_path: Path) -> None:
    """`allow_offline=True`: scripts are tried out on one's own machine."""
    settings = {**os.environ, "PYTHONPATH": f"{SOURCES}:{SOURCES / 'studiolo_child' / 'site'}"}
    told = subprocess.run(
        [environment.python, "-c", OFFLINE],
        cwd=tmp_path,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = told.stdout.splitlines()
    assert told.stderr == ""
    assert lines[:2] == ["Attempted to log scalar metric loss:", "0.5"]
    assert "Attempted to add tag kind with value trial" in lines
    assert "Attempted to track file kept/x.txt at x.txt" in lines
    assert lines[-8].startswith("[START] Run ID context: OfflineRun_")
    assert lines[-6:] == [
        "azureml-models/m/3/m.pkl",
        "RunEnvironmentException: This script does not run as a node of an experiment.",
        "RunEnvironmentException: There is no studiolo to ask: this script does not run as a node of an experiment.",
        "RunEnvironmentException: There is no studiolo to ask: this script does not run as a node of an experiment.",
        'ModelNotFoundException: There is no model "no" in azureml-models/no, and none in the current folder.',
        'WebserviceException: The model "m" has no version 4 in azureml-models/m.',
    ]
