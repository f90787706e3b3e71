"""The ready-made environments, really built: kept in the user's data folder, so only the first time takes minutes."""

from __future__ import annotations

import json
import subprocess

import pytest
from tests.in_environments import READY_MADE, environment_named

from studiolo.environments import Environment
from studiolo.environments.installed import normalised
from studiolo.environments.registry import Environments

pytestmark = pytest.mark.ready_made

# Runs in each of them: what scripts of the time did, in the words of the time.
SCRIPT = """
from __future__ import print_function
import json, sys, warnings
warnings.simplefilter("ignore")
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np, pandas as pd, scipy.stats
from sklearn.linear_model import LogisticRegression
from sklearn.ensemble import RandomForestClassifier
table = pd.DataFrame({"a": np.arange(20.0), "b": list("xy") * 10, "t": pd.date_range("2016-01-01", periods=20)})
known = (table.a > 9).astype(int)
trained = [LogisticRegression(), RandomForestClassifier(5)]
scores = [one.fit(table[["a"]].values, known).score(table[["a"]].values, known) for one in trained]
figure = plt.figure()
plt.plot(table.a)
figure.savefig(sys.argv[1])
print(json.dumps({
    "means": table.groupby("b").a.mean().to_dict(),
    "first": table.ix[0, "a"],
    "shape": list(table.merge(table, on="a").shape),
    "correlation": round(scipy.stats.pearsonr(table.a, table.a)[0], 6),
    "good": bool(min(scores) > 0.8),
}))
"""

IMPORTS = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
os.environ["MPLBACKEND"] = "agg"
failed = {}
for name in json.loads(sys.argv[1]):
    try:
        __import__(name)
    except BaseException as error:
        failed[name] = "%s: %s" % (type(error).__name__, str(error)[:200])
print(json.dumps(failed))
"""

USUAL = [
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "matplotlib",
    "requests",
    "six",
    "dateutil",
    "pytz",
    "dill",
    "jinja2",
]
IMPORTED = {
    "designer-py36": [
        *USUAL,
        "pyarrow",
        "gensim",
        "lightgbm",
        "imblearn",
        "nimbusml",
        "boto3",
        "cryptography",
    ],
    "classic-py27": [
        *USUAL,
        "statsmodels.api",
        "seaborn",
        "bs4",
        "lxml.etree",
        "nltk",
        "sympy",
        "networkx",
        "PIL",
    ],
    "classic-py35": [
        *USUAL,
        "statsmodels.api",
        "seaborn",
        "bs4",
        "lxml.etree",
        "nltk",
        "sympy",
        "networkx",
        "PIL",
    ],
}
for one in ("classic-py27", "classic-py35"):
    IMPORTED[one] += [
        "skimage.filters",
        "h5py",
        "xlrd",
        "xlwt",
        "openpyxl",
        "sqlalchemy",
        "yaml",
        "numexpr",
        "blaze",
    ]


def run(environment: Environment, code: str, *words: str) -> object:
    command = [environment.python, *environment.flags, "-c", code, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(params=READY_MADE)
def made(request: pytest.FixtureRequest) -> Environment:
    return environment_named(request.param)


def test_exactly_the_locked_packages_are_installed(made: Environment) -> None:
    """R-5.2: at exactly these versions, and nothing else."""
    # Python 2.7 counts parts of its standard library.
    code = "import json, sys, pkg_resources as p; print(json.dumps({one.key: one.version for one in p.working_set"
    code += " if one.location.startswith(sys.prefix)}))"
    locked = dict(one.split("==") for one in Environments().lock(made.name).requirements)
    installed = run(made, code)
    assert isinstance(installed, dict)
    assert {normalised(name): version for name, version in installed.items()} == {
        normalised(name): version for name, version in locked.items()
    }


def test_packages_have_what_they_depend_on(made: Environment) -> None:
    """Else an import fails in the middle of a script."""
    command = [made.python, *made.flags, "-m", "pip", "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "No broken requirements found.")


def test_what_scripts_import_can_be_imported(made: Environment) -> None:
    """Compiled parts find their libraries (R-5.2)."""
    assert run(made, IMPORTS, json.dumps(IMPORTED[made.name])) == {}


def test_a_script_of_the_time_runs_unchanged(made: Environment, tmp_path) -> None:
    """With `.ix`, LogisticRegression, a picture: gone from today's packages (R-5.2)."""
    if made.name == "designer-py36":
        assert made.version.startswith("3.6.")
    found = run(made, SCRIPT, str(tmp_path / "picture.png"))
    assert found == {
        "means": {"x": 9.0, "y": 10.0},
        "first": 0.0,
        "shape": [20, 5],
        "correlation": 1.0,
        "good": True,
    }
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
