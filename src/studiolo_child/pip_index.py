"""Which index pip asks for a script: its settings as variables, and the hosts that have to be granted for it.

The settings come from the host (`studiolo.environments.index_for_scripts`), without passwords.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import re

try:
    from urllib.parse import urlsplit
except ImportError:  # Python 2.7
    from urlparse import urlsplit

_ADDRESS = re.compile(r"(?:^|\s|@|\+)(https?://\S+)")
_PORTS = {"https": 443, "http": 80}
_SYSTEM_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_VARIABLES = {
    "index_url": "PIP_INDEX_URL",
    "extra_index_url": "PIP_EXTRA_INDEX_URL",
    "find_links": "PIP_FIND_LINKS",
    "trusted_host": "PIP_TRUSTED_HOST",
    "proxy": "PIP_PROXY",
    "timeout": "PIP_DEFAULT_TIMEOUT",
    "no_index": "PIP_NO_INDEX",
}


def variables(settings, folder, is_wheel):
    """Give the variables that tell pip its settings.

    Args:
        settings: of the host: see `index_for_scripts`.
        folder: where a file of certificates may be written.
        is_wheel: pip is run from its wheel, where its own certificates can't be read by every version.
    """
    found = {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    found.update({"PIP_NO_PYTHON_VERSION_WARNING": "1", "PIP_PROGRESS_BAR": "off"})
    for name, variable in _VARIABLES.items():
        if settings.get(name):
            found[variable] = settings[name]
    certificates = settings.get("certificate_file") or ""
    if settings.get("certificates"):
        certificates = os.path.join(folder, "certificates.pem")
        with io.open(certificates, "w", encoding="ascii") as file:
            file.write(settings["certificates"])
    if not os.path.exists(certificates):
        system = [path for path in _SYSTEM_CERTIFICATES if os.path.exists(path)]
        certificates = system[0] if is_wheel and system else ""
    if certificates:
        found["PIP_CERT"] = certificates
    return dict((str(name), str(value)) for name, value in found.items())


def hosts(command, settings, defaults):
    """Give the `host:port` that a command of pip has to reach, as far as its words and settings tell.

    Args:
        command: `pip_words.Command`.
        settings: of the host.
        defaults: hosts of the index that pip asks when it is told nothing.
    """
    proxy = (command.values("--proxy") or [settings.get("proxy", "")])[-1]
    if proxy:
        return _named([proxy if "://" in proxy else "http://" + proxy])
    addresses = command.values("--extra-index-url", "-f", "--find-links")
    for name in command.names:
        addresses += _ADDRESS.findall(name)
    found = []
    if not command.has("--no-index"):
        own = command.values("-i", "--index-url", "--pypi-url") or [os.environ.get("PIP_INDEX_URL", "")]
        index = own[-1] or settings.get("index_url")
        if index:
            addresses.insert(0, index)
        elif not command.names or any(not _ADDRESS.search(name) for name in command.names):
            found = ["%s:443" % host for host in defaults]
        addresses += (settings.get("extra_index_url") or "").split()
    addresses += (settings.get("find_links") or "").split()
    return found + [name for name in _named(addresses) if name not in found]


def _named(addresses):
    found = []
    for address in addresses:
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
        except ValueError:
            continue
        if host and port:
            name = "%s:%d" % ("[%s]" % host if ":" in host else host, port)
            if name not in found:
                found.append(name)
    return found


def not_granted(wanted, granted):
    """Give those of `wanted` that a job with the network grants `granted` may not reach."""
    known = set(name.lower().rstrip(".") for name in granted)
    return [] if "*" in known else [name for name in wanted if name.lower() not in known]
