"""What old scripts use and today's libraries no longer have, with what took its place.

Each entry: the replacement in words, and the ready-made environment (R-5.2) that still has the old name. Only
names seen in old `azureml_main` scripts are listed.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

PY36, PY27 = "designer-py36", "classic-py27"

# Attributes of DataFrame and Series.
FRAME_ATTRIBUTES = {
    "append": ("pd.concat([a, b])", PY36),
    "applymap": ("DataFrame.map", PY36),
    "as_matrix": (".to_numpy()", PY36),
    "convert_objects": (".infer_objects() or pd.to_numeric", PY27),
    "from_csv": ("pd.read_csv", PY27),
    "from_items": ("pd.DataFrame(dict(items))", PY27),
    "get_value": (".at[row, column]", PY36),
    "get_values": (".to_numpy()", PY36),
    "irow": (".iloc[row]", PY27),
    "iteritems": (".items()", PY36),
    "ix": (".loc[] for labels, .iloc[] for positions", PY36),
    "lookup": (".melt() or .to_numpy() with indexer arrays", PY36),
    "mad": ("(s - s.mean()).abs().mean()", PY36),
    "order": (".sort_values()", PY27),
    "select": (".loc[[label for label in index if ...]]", PY36),
    "set_value": (".at[row, column] = value", PY36),
    "sort": (".sort_values(by=...)", PY27),
    "to_dense": (".sparse.to_dense()", PY36),
}

# Attributes of imported modules.
MODULE_ATTRIBUTES = {
    "numpy.bool": ("bool", PY36),
    "numpy.complex": ("complex", PY36),
    "numpy.float": ("float", PY36),
    "numpy.float_": ("np.float64", PY36),
    "numpy.int": ("int", PY36),
    "numpy.long": ("int", PY36),
    "numpy.object": ("object", PY36),
    "numpy.str": ("str", PY36),
    "numpy.unicode": ("str", PY36),
    "numpy.NaN": ("np.nan", PY36),
    "numpy.Inf": ("np.inf", PY36),
    "numpy.in1d": ("np.isin", PY36),
    "numpy.trapz": ("np.trapezoid", PY36),
    "pandas.Panel": ("a DataFrame with a MultiIndex", PY27),
    "pandas.TimeGrouper": ("pd.Grouper(freq=...)", PY27),
    "pandas.datetime": ("datetime.datetime", PY36),
    "pandas.ewma": (".ewm(...).mean()", PY27),
    "pandas.np": ("import numpy as np", PY36),
    "pandas.rolling_mean": (".rolling(window).mean()", PY27),
    "pandas.rolling_std": (".rolling(window).std()", PY27),
    "pandas.rolling_sum": (".rolling(window).sum()", PY27),
    "pandas.scatter_matrix": ("pd.plotting.scatter_matrix", PY27),
    "string.letters": ("string.ascii_letters", PY27),
    "string.maketrans": ("str.maketrans", PY27),
    "time.clock": ("time.perf_counter", PY36),
}

# Attributes of Python's own types.
TYPE_ATTRIBUTES = {
    "str.decode": ("text is text already; leave it out", PY27),
    "dict.has_key": ("`key in mapping`", PY27),
    "dict.iteritems": (".items()", PY27),
    "dict.iterkeys": (".keys()", PY27),
    "dict.itervalues": (".values()", PY27),
}

# Names that Python 2 had without an import.
BUILTINS = {
    "basestring": ("str", PY27),
    "execfile": ("exec(open(path).read())", PY27),
    "long": ("int", PY27),
    "raw_input": ("input", PY27),
    "reduce": ("functools.reduce", PY27),
    "unichr": ("chr", PY27),
    "unicode": ("str", PY27),
    "xrange": ("range", PY27),
}

# Modules; `from package import module` is looked up as package.module.
MODULES = {
    "ConfigParser": ("configparser", PY27),
    "Queue": ("queue", PY27),
    "StringIO": ("io.StringIO", PY27),
    "Tkinter": ("tkinter", PY27),
    "cPickle": ("pickle", PY27),
    "cStringIO": ("io.StringIO", PY27),
    "httplib": ("http.client", PY27),
    "sets": ("set", PY27),
    "urllib2": ("urllib.request", PY27),
    "urlparse": ("urllib.parse", PY27),
    "distutils": ("setuptools, sysconfig or packaging", PY36),
    "imp": ("importlib", PY36),
    "matplotlib.finance": ("the package mplfinance", PY27),
    "numpy.testing.decorators": ("pytest", PY36),
    "pandas.core.datetools": ("pandas.tseries.offsets", PY27),
    "pandas.io.data": ("the package pandas-datareader", PY27),
    "pandas.lib": ("pandas.api", PY27),
    "pandas.rpy": ("the package rpy2", PY27),
    "pandas.tools": ("pandas.plotting for plots, pandas for merge and pivot", PY27),
    "pandas.tools.plotting": ("pandas.plotting", PY27),
    "pandas.tools.rplot": ("the package seaborn", PY27),
    "scipy.misc.imread": ("the package imageio", PY27),
    "sklearn.cross_validation": ("sklearn.model_selection", PY27),
    "sklearn.externals.joblib": ("import joblib", PY36),
    "sklearn.grid_search": ("sklearn.model_selection", PY27),
    "sklearn.learning_curve": ("sklearn.model_selection", PY27),
    "sklearn.preprocessing.Imputer": ("sklearn.impute.SimpleImputer", PY36),
    "sklearn.preprocessing.imputation": ("sklearn.impute", PY36),
}

# Import names whose package on the index is called otherwise.
PACKAGES = {
    "Crypto": "pycryptodome",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}


def replaced(table, name):
    """Give a hint sentence for a name of one of the tables, or "" when it is not there."""
    entry = table.get(name)
    if entry is None:
        return ""
    return "It was removed. Today: %s. Or set `environment: %s` on the node, which still has it." % entry


def package_of(module):
    """Give the name of the package that holds an import name, as the index calls it."""
    return PACKAGES.get(module, module)
