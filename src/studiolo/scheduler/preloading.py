"""Chooses what a zygote imports before the first job, by the names that the run's scripts mention.

What is loaded once in the zygote costs no job anything, but delays all of them and makes every fork slower (a
fork copies the tables of all memory). So a library is loaded beforehand when at least two nodes want it; one
node alone imports it itself, beside the others. Scripts are read as text only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from studiolo.domain.experiment import Node
from studiolo.domain.module import Declaration

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)
_PLOTTING = re.compile(r"\bplt\.|\.(?:plot|hist|boxplot)\b|\bscatter_matrix\b")
PLOTTING = "matplotlib.pyplot"
LIBRARIES = frozenset(
    (
        "lightgbm",
        "matplotlib",
        "networkx",
        "nltk",
        "PIL",
        "scipy",
        "seaborn",
        "sklearn",
        "statsmodels",
        "xgboost",
    )
)
ENOUGH = 2


def wanted_libraries(nodes: Iterable[tuple[Node, Declaration]]) -> tuple[str, ...]:
    r"""Give the import names that at least two of these nodes want, most wanted first.

    Only well-known libraries of the environment and what built-in modules declare: a zygote must never import
    a file of a bundle.

    >>> from studiolo.domain.experiment import Script
    >>> declaration = Declaration("m", "M", "C", runner="script")
    >>> node = Node("n", "m", script=Script("s.py", "from sklearn.svm import SVC\nimport mine"))
    >>> wanted_libraries([(node, declaration)] * 2), wanted_libraries([(node, declaration)])
    (('sklearn.svm',), ())
    """
    counts = Counter(name for node, declaration in nodes for name in _wanted_by(node, declaration))
    return tuple(name for name, count in counts.most_common() if count >= ENOUGH)


def _wanted_by(node: Node, declaration: Declaration) -> set[str]:
    names = set(declaration.preload)
    if node.script is not None and declaration.runner == "script":  # else it is in another language
        text = node.script.text
        imported = {name for name in _IMPORT.findall(text) if name.split(".")[0] in LIBRARIES}
        names |= {PLOTTING if name == "matplotlib" else name for name in imported}
        if _PLOTTING.search(text):
            names.add(PLOTTING)
    return names
