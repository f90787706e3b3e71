"""What of pip and of installed packages lies on the import path; imports and executes nothing of it."""

from __future__ import absolute_import, division, print_function, unicode_literals

import glob
import io
import os
import re
import sys
import zipfile

_SITES = ("site-packages", "dist-packages")
_FOLDER = re.compile(r"^(?P<name>.+?)-(?P<version>[^-]+)(-py\d\S*)?\.(dist-info|egg-info)$")
_INDEX = re.compile(
    r"\bPyPI\s*=\s*PackageIndex\(\s*['\"]https://([^'\"/]+)/?['\"](?:[^)]*?['\"]([\w.\-]+)['\"])?"
)
_RELEASE = re.compile(r"^\d+(\.\d+)*$")
_PIN = re.compile(r"^([A-Za-z0-9][\w.\-]*)\s*(?:(==|>=)\s*([\w.+!]+))?$")


class Package(object):
    """An installed package.

    Attributes:
        name, version: as its folder says.
        folder: what is written about it.
    """

    def __init__(self, name, version, folder):
        self.name, self.version, self.folder = name, version, folder

    def top_names(self):
        """Give the names that a script may import from it."""
        text = _read(os.path.join(self.folder, "top_level.txt"))
        if text:
            return set(text.split())
        names = set()
        for line in _read(os.path.join(self.folder, "RECORD")).splitlines():
            first = line.split(",")[0].split("/")
            if len(first) > 1 or first[0].endswith(".py"):
                names.add(first[0][:-3] if first[0].endswith(".py") else first[0])
        return names

    def is_requested(self):
        """Say whether pip was asked for it, as it notes from 20.1 on."""
        return os.path.exists(os.path.join(self.folder, "REQUESTED"))


def plain(name):
    """Give a package's name in the form in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement):
    """Give the package of a requirement such as `textblob[x]>=1`; "" for a path or an address."""
    match = re.match(r"^\s*([A-Za-z0-9][\w.\-]*)\s*(\[[^\]]*\])?\s*([<>=!~;@].*)?$", requirement)
    if not match or os.path.exists(requirement) or match.group(1).endswith((".whl", ".zip", ".tar.gz")):
        return ""
    return plain(match.group(1))


def packages_in(folders):
    """Give the packages of folders such as site-packages by their plain names; the first of a name counts."""
    found = {}
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            match = _FOLDER.match(name)
            if match:
                package = Package(match.group("name"), match.group("version"), os.path.join(folder, name))
                found.setdefault(plain(package.name), package)
    return found


def site_folders():
    """Give the entries of the import path that hold packages."""
    return [path for path in sys.path if os.path.basename(path) in _SITES]


def loaded():
    """Give the packages of which something is imported: they can't be replaced in this process any more."""
    tops = set(name.partition(".")[0] for name in list(sys.modules))
    packages = packages_in(site_folders())
    tools = ("pip", "setuptools", "wheel")
    return dict(
        (name, packages[name])
        for name in sorted(packages)
        if name not in tools and packages[name].top_names() & tops
    )


def is_satisfied(requirement, packages):
    """Say whether a plain name, or one with `==` or `>=` and a plain version, is among the packages for certain."""
    match = _PIN.match(requirement.strip())
    package = packages.get(plain(match.group(1))) if match else None
    if package is None or match.group(2) is None:
        return package is not None
    if match.group(2) == "==":
        return match.group(3) == package.version
    versions = [package.version, match.group(3)]
    if not all(_RELEASE.match(version) for version in versions):
        return False
    have, wanted = ([int(part) for part in version.split(".")] for version in versions)
    return have >= wanted


def find_pip():
    """Give the folder or wheel that holds pip: of the environment, else of Python itself; None when there is none."""
    for folder in site_folders():
        if os.path.exists(os.path.join(folder, "pip", "__main__.py")):
            return folder
    library = os.path.dirname(os.path.abspath(os.__file__))
    wheels = glob.glob(os.path.join(library, "ensurepip", "_bundled", "pip-*.whl"))
    return max(wheels, key=_version_of_wheel) if wheels else None


def _version_of_wheel(path):
    return [int(number) for number in re.findall(r"\d+", os.path.basename(path).split("-")[1])]


def default_hosts(pip):
    """Give the hosts of the index that pip asks when it is told nothing: pip itself says which."""
    place = "pip/_internal/models/index.py"
    try:
        if os.path.isdir(pip):
            text = _read(os.path.join(pip, place))
        else:
            with zipfile.ZipFile(pip) as wheel:
                text = wheel.read(place).decode("utf-8")
    except (IOError, OSError, KeyError, zipfile.BadZipfile):
        return []
    match = _INDEX.search(text)
    return [name for name in match.groups() if name] if match else []


def _read(path):
    try:
        with io.open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except (IOError, OSError):
        return ""
