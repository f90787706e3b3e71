"""What is known of an environment: its interpreter, what a jail must show of it, the digest of its lock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Environment:
    """An interpreter with its packages, as a worker needs to know it.

    Attributes:
        name: `current` or the name in the workspace.
        python: absolute path of the interpreter; not its target when it is a link, as that would leave
            its virtual environment.
        version: such as `3.11.7`.
        implementation: such as `cpython`.
        prefix: the interpreter's own folder; that of the virtual environment where it is in one.
        base_prefix: the folder of the installation underneath; the same as `prefix` outside of one.
        paths: existing entries of `sys.path` as a clean `python -I` has them, in order.
        read_only: folders and files that a jail has to show, read-only, for the interpreter and its
            packages to work: sorted, absolute, none inside another. System folders that every program
            needs (/usr/lib, /etc/ld.so.cache) are the jail's own matter.
        lock_digest: SHA-256 over interpreter version and all packages with their versions; part of the
            fingerprint of every node that runs here.
        flags: how the interpreter is to be started so that neither its user's settings nor the folder it is
            started in change what it sees: `-I`, or `-E -s` where it does not know that.
    """

    name: str
    python: str
    version: str
    implementation: str
    prefix: str
    base_prefix: str
    paths: tuple[str, ...]
    read_only: tuple[str, ...]
    lock_digest: str
    flags: tuple[str, ...] = ("-I",)


@dataclass(frozen=True)
class Package:
    """An installed package.

    Attributes:
        name: as its files say, such as `scikit-learn`; compared without regard to case, `-`, `_` and `.`.
        version: such as `1.5.2`; empty when its files do not say.
    """

    name: str
    version: str
