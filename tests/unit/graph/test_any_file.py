"""Whatever stands in experiment.yaml, reading and checking it gives problems and never another exception."""

from __future__ import annotations

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studiolo.domain.limits import Grants
from studiolo.errors import UserError
from studiolo.graph.keys import NODE_KEYS
from studiolo.graph.reading import parse_experiment
from studiolo.graph.resolving import resolve
from studiolo.graph.validation import Surroundings, validate

WORDS = (
    "a", "b", "c", "a.dataset", "split", "Split Data", "execute-python-script", "import-data", "train", "dataset",
    "dataset1", "Dataset1", "columns", "path", "data/customers.csv", "../x", "scripts/clean.py", "", " ", "object",
    "memory_mb", "network", "read", "all", "a:1", "\0", "\n", "x" * 300, "C:\\x", "x\n", "*.b:1",
)  # fmt: skip
words = st.sampled_from(WORDS)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
good = {
    "module": st.sampled_from(
        ("split", "execute-python-script", "import-data", "export-data", "train", "dataset")
    ),
    "inputs": st.dictionaries(
        st.sampled_from(("dataset", "dataset1", "Dataset1", "script_bundle", "start_from")), words
    ),
    "parameters": st.dictionaries(
        st.sampled_from(("path", "columns", "rows", "share", "source", "name")), values
    ),
    "limits": st.dictionaries(st.sampled_from(("memory_mb", "files")), st.integers() | values),
    "grants": st.dictionaries(st.sampled_from(("network", "read")), words | st.lists(words)),
    "outputs": st.dictionaries(words, words),
}
nodes = st.fixed_dictionaries(
    {}, optional={key: good.get(key, st.nothing()) | words | values for key in NODE_KEYS}
) | st.dictionaries(st.sampled_from(NODE_KEYS) | words, values, max_size=3)
files = st.fixed_dictionaries({"nodes": st.dictionaries(words, nodes | values, max_size=4)}) | values


@settings(
    max_examples=400,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files)
def test_any_content_gives_problems_and_nothing_worse(workspace, churn, declarations, content):
    """R-12.2: the studio edits these files, and people do; every fault is a documented one, and can be shown."""
    (churn / "experiment.yaml").write_text(yaml.safe_dump(content), "utf-8")
    reading = parse_experiment(churn, workspace)
    resolution = resolve(reading.experiment, declarations, reading.places)
    around = Surroundings(workspace, Grants(), ["current"])
    for problem in [*reading.problems, *validate(resolution, around)]:
        assert isinstance(problem, UserError)
        assert len(str(problem)) < 7_000
        assert problem.where.file == "experiments/churn/experiment.yaml"
