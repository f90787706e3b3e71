"""What the scripts of a job may install by pip, and what becomes of it (R-1.9 (4)).

Packages go to a folder of the job that allows execution and is gone with the job. Only a job with a network has it;
others are told what to write to get one. What is loaded already stays as it is. At the job's end the log says how to
keep what was installed.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import io
import json
import os
import site
import sys

from . import pip_index, pip_packages
from .report import write_all

_NETWORKED = ("install", "download", "wheel", "index", "search")
_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip_program.py")
_SAID_BYTES = 1 << 16
_GRANTS = "grants: {network: [%s]}"
_HEADER = "# /// script\n# dependencies = [%s]\n# ///\n"
_LONGEST_LIST = 20


class Installing(object):
    """What a job's script may install, and what became of it.

    Args:
        document: of the job; `network` with what is granted, `pip` with the settings.
        folder: for packages, allows execution; None in a job that has no network.
    """

    def __init__(self, document, folder):
        self.granted = document.get("network") or []
        self.settings = document.get("pip") or {}
        self.has_network = bool(self.granted and folder)
        self.prefix = (
            folder if self.has_network else os.path.join(os.environ.get("TMPDIR") or ".", "packages")
        )
        self.site = os.path.join(self.prefix, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
        self.has_header = "# /// script" in document["script"]["text"]
        self.missing = []  # `host:port` that a command would have needed
        self.wanted = []  # requirements that could not be had
        self.names = set()  # packages that were asked for
        self._is_begun = False

    def answer(self, commands):
        """Give `(words of a program, variables, None)` to run for commands of pip, or `(None, what to say, status)`."""
        pip = pip_packages.find_pip()
        networked = [command for command in commands if command.name in _NETWORKED]
        if networked and not self.has_network:
            said = self._without_network(networked, pip)
            if said is not None:
                return said
        if pip is None:
            tell(
                "there is no pip in this environment, nor one that comes with its Python. %s"
                % self._better(networked)
            )
            self._failed(networked, [])
            return None, "", 1
        if networked:
            self._begin()
            defaults = pip_packages.default_hosts(pip)
            wanted = [name for one in networked for name in pip_index.hosts(one, self.settings, defaults)]
            if self.has_network and pip_index.not_granted(wanted, self.granted):
                self._failed([], pip_index.not_granted(wanted, self.granted))
                tell("pip needs what this node may not reach. %s" % self.grant_line())
        plan = {"pip": pip, "prefix": self.prefix if self._is_begun else "", "site": self.site}
        plan["commands"] = [self._planned(command) for command in commands]
        flags = ["-I", "-B"] if sys.version_info[0] > 2 else ["-E", "-s", "-B"]
        return [sys.executable] + flags + [_PROGRAM, json.dumps(plan)], self._variables(pip), None

    def _planned(self, command):
        more = ["--no-input"] if command.name in _NETWORKED else []
        if command.name == "install":
            more += ["--prefix=" + self.prefix, "--no-compile"]
            self.names.update(pip_packages.name_of(name) for name in command.names)
        if command.name in ("install", "download", "wheel"):
            more += ["--constraint=" + self._constraints(command)]
        if command.name in _NETWORKED:
            more += ["--no-cache-dir"]
            if not self.has_network:
                more += ["--no-index"]
            elif self.missing and not command.has("--retries"):
                more += ["--retries=0"]
        return {
            "arguments": command.arguments(more),
            "names": command.names if command.name == "install" else [],
            "out": command.out,
            "error": command.error,
            "after": command.after,
        }

    def _constraints(self, command):
        """Write down what is loaded: another version of it could be installed, but not used."""
        path = os.path.join(self.prefix, "loaded.txt")
        packages = pip_packages.loaded()
        with io.open(path, "w", encoding="utf-8") as file:
            for package in packages.values():
                file.write("%s==%s\n" % (package.name, package.version))
        for name in command.names:
            package = packages.get(pip_packages.name_of(name))
            is_upgrade = command.has("-U", "--upgrade")
            if package and (is_upgrade or not pip_packages.is_satisfied(name, packages)):
                tell(
                    "%s %s is loaded already and stays as it is. For another version put it into an environment or "
                    "into the header of the script." % (package.name, package.version)
                )
        return path

    def _begin(self):
        """Make the folders and put them on the import path: behind Python's own, before the environment's packages."""
        if self._is_begun:
            return
        self._is_begun = True
        for path in (self.site, os.path.join(self.prefix, "tmp")):
            if not os.path.isdir(path):
                os.makedirs(path)
        for link, target in (("lib64", "lib"), ("local", "."), ("lib/python3", self._name_of_library())):
            if not os.path.lexists(os.path.join(self.prefix, link)):
                os.symlink(target, os.path.join(self.prefix, link))
        with io.open(os.path.join(self.prefix, "pyvenv.cfg"), "w", encoding="ascii") as file:
            file.write("include-system-site-packages = true\n")  # some commands of pip look for it
        other = os.path.join(
            os.path.dirname(self.site), "dist-packages"
        )  # where Debian's Python puts packages
        if not os.path.lexists(other):
            os.symlink("site-packages", other)
        self.take_up()
        if self.has_network:
            for name, path in (("PATH", os.path.join(self.prefix, "bin")), ("PYTHONPATH", self.site)):
                before = os.environ.get(str(name))
                os.environ[str(name)] = str(path + (os.pathsep + before if before else ""))

    def _name_of_library(self):
        return os.path.basename(os.path.dirname(self.site))

    def take_up(self):
        """Let the next import see what has been installed."""
        if not self._is_begun:
            return
        before = list(sys.path)
        if self.site in before:
            place = before.index(self.site) + 1
        else:
            places = [before.index(path) for path in pip_packages.site_folders()]
            place = places[0] if places else len(before)
        site.addsitedir(str(self.site), set(before))
        sys.path[:] = before[:place] + sys.path[len(before) :] + before[place:]
        if sys.version_info[0] > 2:
            import importlib

            importlib.invalidate_caches()

    def _variables(self, pip):
        if not self._is_begun:
            return pip_index.variables({}, "", False)
        found = pip_index.variables(self.settings, self.prefix, not os.path.isdir(pip))
        found = dict((name, value) for name, value in found.items() if name not in os.environ)
        found[str("TMPDIR")] = str(os.path.join(self.prefix, "tmp"))
        return found

    def _without_network(self, commands, pip):
        """Give what to say to commands in a job without a network, or None when they need none."""
        installs = [command for command in commands if command.name == "install"]
        names = [name for command in installs for name in command.names]
        if (
            len(installs) == len(commands)
            and names
            and not any(one.values("-r", "--requirement") for one in installs)
        ):
            if all(os.path.exists(name) for name in names):
                return None
            packages = pip_packages.packages_in(pip_packages.site_folders())
            is_upgrade = any(one.has("-U", "--upgrade") for one in installs)
            if not is_upgrade and all(pip_packages.is_satisfied(name, packages) for name in names):
                return None, "".join("Requirement already satisfied: %s\n" % name for name in names), 0
        defaults = pip_packages.default_hosts(pip) if pip else []
        wanted = [name for command in commands for name in pip_index.hosts(command, self.settings, defaults)]
        self._failed(commands, wanted or ["HOST:443"])
        tell(
            "pip was not started: this node has no network. %s\n%s"
            % (self.grant_line(), self._better(commands))
        )
        return None, "", 1

    def _failed(self, commands, missing):
        self.missing += [name for name in missing if name not in self.missing]
        for command in commands:
            self.wanted += [name for name in command.names if name not in self.wanted]

    def grant_line(self):
        """Give the sentence that says how the node gets what pip lacked."""
        names = ", ".join('"%s"' % name for name in list(self.granted) + self.missing)
        return "To allow it, write on the node `%s`; studiolo.toml has to allow it too, under [grants]." % (
            _GRANTS % names
        )

    def _better(self, commands):
        names = [name for command in commands for name in command.names if pip_packages.name_of(name)]
        return "%s:\n%s" % (
            "Better, as it is done once and for all runs: put this at the top of the script",
            _HEADER % ", ".join('"%s"' % name for name in names or ["PACKAGE"]),
        )

    def advice(self):
        """Give the sentence for an error of a script for which pip could not install everything; else ""."""
        failed = [each for each in self._said() if each.get("status")]
        if self.missing and (failed or not self.has_network):
            wanted = self.wanted + [name for each in failed for name in each.get("names", ())]
            names = [name for name in wanted if pip_packages.name_of(name)] or ["PACKAGE"]
            return (
                "pip %s. %s Or list it at the top of the script: `# dependencies = [%s]` (see the log)."
                % (
                    "was not started: the node has no network"
                    if not self.granted
                    else "could not reach its index",
                    self.grant_line(),
                    ", ".join('"%s"' % name for name in names[:_LONGEST_LIST]),
                )
            )
        if not failed and not self.wanted:
            return ""
        return "pip did not install everything that the script asked for; the log has its reason."

    def limit_behind(self):
        """Give the error of a full disk when that is why pip failed, or None."""
        if any(each.get("is_full") for each in self._said()):
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return None

    def _said(self):
        try:
            with io.open(os.path.join(self.prefix, "said"), "rb") as file:
                lines = file.read(_SAID_BYTES).decode("ascii", "replace").splitlines()
            found = [json.loads(line) for line in lines]
        except (IOError, OSError, ValueError):
            return []
        return [each for each in found if isinstance(each, dict)]

    def close(self):
        """Say in the log how to keep what was installed. Never raises."""
        try:
            if self._is_begun and self.has_network:
                self._offer()
        except Exception:
            pass

    def _offer(self):
        packages = pip_packages.packages_in([self.site])
        asked = [name for name in sorted(packages) if packages[name].is_requested()]
        asked = asked or [name for name in sorted(packages) if name in self.names] or sorted(packages)
        if not asked:
            return
        listed = [packages[name] for name in asked[:_LONGEST_LIST]]
        line = ", ".join('"%s==%s"' % (one.name.replace("_", "-"), one.version) for one in listed)
        what = ", ".join("%s %s" % (one.name.replace("_", "-"), one.version) for one in listed)
        more = len(packages) - len(listed)
        tell(
            "installed %s for this run only%s. To keep %s, %s:\n%s"
            % (
                what,
                ", with %d that %s needed" % (more, "were" if more > 1 else "was") if more else "",
                "it" if len(listed) == 1 else "them",
                "add to the header of the script" if self.has_header else "put this at the top of the script",
                line + "\n" if self.has_header else _HEADER % line,
            )
        )


def tell(text):
    """Write a line of ours to the log. Never raises."""
    try:
        write_all(1, ("studiolo: %s\n" % text.rstrip("\n")).encode("utf-8"))
    except (IOError, OSError):
        pass
