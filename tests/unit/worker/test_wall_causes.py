"""What is said about a missing wall, from the kernel's error and the machine's settings (R-6.2)."""

from __future__ import annotations

import errno

import pytest

from studiolo.worker.wall_causes import OLD_LANDLOCK, Facts, explain
from studiolo.worker.walls_report import Wall, WallsReport

USER = ("user namespace", "namespaces")
LANDLOCK = ("Landlock", "landlock")


@pytest.mark.parametrize(
    ("wall", "number", "facts", "cause", "remedy"),
    [
        (
            USER,
            errno.ENOSPC,
            Facts(user_namespaces=0),
            "max_user_namespaces is 0",
            "user.max_user_namespaces=10000",
        ),
        (
            USER,
            errno.EPERM,
            Facts(debian_switch=0),
            "userns_clone is 0",
            "kernel.unprivileged_userns_clone=1",
        ),
        (USER, errno.EACCES, Facts(apparmor_switch=1), "AppArmor", "apparmor_restrict_unprivileged_userns=0"),
        (
            USER,
            errno.EPERM,
            Facts(container="Docker"),
            "profile of Docker",
            "--security-opt seccomp=unconfined",
        ),
        (USER, errno.EPERM, Facts(is_filtered=True), "filter of system calls", "--security-opt"),
        (USER, errno.EINVAL, Facts(container="Docker"), "built without", "A kernel"),
        (USER, errno.ENOSPC, Facts(user_namespaces=9), "as many namespaces", "sysctl user"),
        (USER, errno.EPERM, Facts(), "chroot", ""),
        (("process namespace", "namespaces"), errno.EPERM, Facts(), "/proc are covered", ""),
        (LANDLOCK, errno.EOPNOTSUPP, Facts(), "not switched on", "lsm=landlock,"),
        (
            LANDLOCK,
            errno.EOPNOTSUPP,
            Facts(security_modules=("capability", "yama")),
            "not switched on",
            "lsm=landlock,capability,yama",
        ),
        (LANDLOCK, errno.ENOSYS, Facts(), "without Landlock", "5.13"),
        (LANDLOCK, errno.ENOSYS, Facts(container="Docker"), "filter of a container", "container runtime"),
        (("seccomp", "filter"), errno.EINVAL, Facts(), "CONFIG_SECCOMP_FILTER", "CONFIG_SECCOMP_FILTER"),
        (("seccomp", "filter"), 0, Facts(), "", "x86_64 or aarch64"),
        (("process descriptors", "base"), errno.ENOSYS, Facts(), "5.3", "newer"),
    ],
)
def test_a_cause_and_a_remedy_are_told(
    wall: tuple[str, str], number: int, facts: Facts, cause: str, remedy: str
) -> None:
    """Each usual cause: sysctls, AppArmor, containers, kernels built or started without it."""
    told = explain(*wall, number, facts)
    assert cause in told[0]
    assert remedy in told[1]


def report(version: int = 7, **missing: str) -> WallsReport:
    """Make a report in which the walls of the named parts are missing."""
    parts = ("namespaces", "filter", "landlock", "base")
    return WallsReport(tuple(Wall(part, "", missing.get(part, ""), part) for part in parts), version)


@pytest.mark.parametrize(
    ("made", "badge", "can_run"),
    [
        (report(), "full", True),
        (report(1), "full", True),
        (report(0, landlock="no"), "reduced", True),
        (report(namespaces="no"), "reduced", True),
        (report(3, namespaces="no"), "reduced", True),
        (report(2, namespaces="no"), "none", True),
        (report(0, namespaces="no", landlock="no"), "none", True),
        (report(filter="no"), "none", True),
        (report(base="no"), "none", False),
    ],
)
def test_the_badge_follows_from_the_walls(made: WallsReport, badge: str, can_run: bool) -> None:
    """Full, reduced in its two forms, none, and not at all."""
    assert (made.badge, made.can_run) == (badge, can_run)


def test_an_old_landlock_alone_is_told_too() -> None:
    """Before Linux 6.2 Landlock lets files be truncated: it stands, and can't stand alone."""
    assert OLD_LANDLOCK in report(2, namespaces="no").remedies
    assert OLD_LANDLOCK not in report(3, namespaces="no").remedies
