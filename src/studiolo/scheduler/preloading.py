"""Chooses what a zygote imports before the first job, by the names that the run's scripts mention.

What is loaded once in the zygote costs no job anything; what is loaded in vain makes every fork slower (a fork
copies the tables of all memory). Scripts are read as text only; a name that is missed costs its job the import.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from studiolo.domain.experiment import Node
from studiolo.domain.module import Declaration

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)
_PLOTTING = re.compile(r"\bplt\.|\.(?:plot|hist|boxplot)\b|\bscatter_matrix\b")
PLOTTING = "matplotlib.pyplot"
LIBRARIES = frozenset(
    ("lightgbm", "matplotlib", "networkx", "nltk", "PIL", "scipy", "seaborn", "sklearn", "statsmodels", "xgboost")
)


def wanted_libraries(nodes: Iterable[Node], declarations: Iterable[Declaration]) -> tuple[str, ...]:
    """Give the import names that the jobs of these nodes want loaded, each once.

    Only well-known libraries of the environment: a zygote must never import a file of a bundle.

    >>> from studiolo.domain.experiment import Script
    >>> node = Node("n", "m", script=Script("s.py", "from sklearn.svm import SVC\\nimport mine"))
    >>> wanted_libraries([node], [])
    ('sklearn.svm',)
    """
    names: dict[str, None] = {}
    for declaration in declarations:
        names |= dict.fromkeys(declaration.preload)
    for node in nodes:
        if node.script is None:
            continue
        text = node.script.text
        for name in _IMPORT.findall(text):
            if name.split(".")[0] in LIBRARIES:
                names[PLOTTING if name == "matplotlib" else name] = None
        if _PLOTTING.search(text):
            names[PLOTTING] = None
    return tuple(names)
