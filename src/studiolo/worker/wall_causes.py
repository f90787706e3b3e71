"""Tells why a wall can't be built on a machine of this kind, and what helps: from its settings and the error."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

NOT_LINUX = "The walls are parts of the Linux kernel; other systems have none that hold like them."
USE_LINUX = "Run studiolo on Linux: a machine, a virtual machine, WSL 2, or a container on Linux."
OLD_LANDLOCK = "A kernel from 6.2 on: its Landlock is enough without namespaces for the badge reduced."

_CONTAINER_SWITCHES = (
    "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined"
)
_OLD_KERNEL = "A newer Linux kernel."


@dataclass(frozen=True)
class Facts:
    """What is known of this machine.

    Attributes:
        user_namespaces: of sysctl user.max_user_namespaces; None where there is none.
        debian_switch: of kernel.unprivileged_userns_clone.
        apparmor_switch: of kernel.apparmor_restrict_unprivileged_userns.
        security_modules: those switched on in the kernel; empty when that can't be read.
        is_filtered: a filter of system calls lies on this process already.
        container: its kind, or nothing.
    """

    user_namespaces: int | None = None
    debian_switch: int | None = None
    apparmor_switch: int | None = None
    security_modules: tuple[str, ...] = ()
    is_filtered: bool = False
    container: str = ""

    @classmethod
    def of_this_machine(cls) -> Facts:
        """Read them; what can't be read is left out."""
        modules = _text("/sys/kernel/security/lsm").strip()
        return cls(
            _number("/proc/sys/user/max_user_namespaces"),
            _number("/proc/sys/kernel/unprivileged_userns_clone"),
            _number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
            tuple(modules.split(",")) if modules else (),
            "Seccomp:\t2" in _text("/proc/self/status"),
            _container(),
        )


def explain(name: str, part: str, number: int, facts: Facts) -> tuple[str, str]:
    """Give the usual cause of a missing wall and a remedy, both as sentences; empty where nothing is known.

    Args:
        name: of the wall.
        part: see `walls_report.Wall`.
        number: of the error, 0 when it was none of the system.
        facts: of the machine.
    """
    if part == "namespaces":
        return _explain_namespaces(name, number, facts)
    if name == "Landlock":
        return _explain_landlock(number, facts)
    if name == "seccomp":
        if number == 0:
            return "", "Use a 64-bit Python on x86_64 or aarch64."
        return (
            "The kernel has no filters of system calls (CONFIG_SECCOMP_FILTER), or something imitates a kernel.",
            "A kernel with CONFIG_SECCOMP_FILTER, which every distribution has.",
        )
    if facts.is_filtered or facts.container:
        return "A container may refuse it; else the kernel is older than 5.3.", _OLD_KERNEL
    return "The kernel is older than 5.3.", _OLD_KERNEL


def _explain_namespaces(name: str, number: int, facts: Facts) -> tuple[str, str]:
    if facts.user_namespaces == 0:
        return (
            "The system allows no user namespaces (user.max_user_namespaces is 0).",
            "sudo sysctl -w user.max_user_namespaces=10000",
        )
    if facts.debian_switch == 0:
        return (
            "The system allows user namespaces to root only (kernel.unprivileged_userns_clone is 0).",
            "sudo sysctl -w kernel.unprivileged_userns_clone=1",
        )
    if facts.apparmor_switch == 1:
        return (
            "Ubuntu's AppArmor takes all rights in user namespaces away "
            "(kernel.apparmor_restrict_unprivileged_userns is 1).",
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        )
    if number in (errno.ENOSPC, errno.EUSERS):
        return (
            "There are as many namespaces as the system allows.",
            "Raise the limits that `sysctl user` shows.",
        )
    is_denied = number in (errno.EPERM, errno.EACCES)
    if is_denied and facts.container:
        return f"The default profile of {facts.container} refuses it.", _CONTAINER_SWITCHES
    if is_denied and facts.is_filtered:
        return (
            "A filter of system calls lies on this process; those of containers and services refuse namespaces.",
            f"In a container: {_CONTAINER_SWITCHES}",
        )
    if number == errno.EINVAL:
        return "The kernel was built without it.", "A kernel of a distribution: they all have namespaces."
    if number == errno.ENOSYS:
        return "The kernel is too old, or a container refuses the call.", _OLD_KERNEL
    if name == "process namespace":
        return "Parts of /proc are covered, as containers do; then no other one may be mounted.", ""
    return "In a chroot, and under some security modules, namespaces are refused.", ""


def _explain_landlock(number: int, facts: Facts) -> tuple[str, str]:
    modules = facts.security_modules
    if number == errno.EOPNOTSUPP or (modules and "landlock" not in modules):
        switch = ",".join(("landlock", *modules)) if modules else "landlock,..."
        return (
            "The kernel has Landlock, but it is not switched on at the start.",
            f"Start the kernel with lsm={switch} (the present list, with landlock in front).",
        )
    if number == errno.ENOSYS and (facts.is_filtered or facts.container):
        return (
            "The kernel was built without Landlock, or a filter of a container does not know it.",
            "A kernel from 5.13 on with Landlock, and a container runtime that lets its calls through.",
        )
    return (
        "The kernel was built without Landlock, or is older than 5.13.",
        "A kernel from 5.13 on with Landlock (CONFIG_SECURITY_LANDLOCK).",
    )


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def _number(path: str) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _container() -> str:
    if Path("/.dockerenv").exists():
        return "Docker"
    if Path("/run/.containerenv").exists():
        return "Podman"
    groups = _text("/proc/1/cgroup")
    for mark, kind in (
        ("kubepods", "Kubernetes"),
        ("docker", "Docker"),
        ("lxc", "LXC"),
        ("libpod", "Podman"),
    ):
        if mark in groups:
            return kind
    return ""
