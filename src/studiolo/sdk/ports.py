"""Ports as a module's author declares them."""

from __future__ import annotations

from studiolo.domain.module import Port


def DatasetPort(name: str, *, optional: bool = False, label: str = "", aliases: tuple[str, ...] = ()) -> Port:
    """Declare a port for a table."""
    return Port(name, "dataset", optional, label or _label(name), aliases)


def ZipPort(name: str, *, optional: bool = False, label: str = "", aliases: tuple[str, ...] = ()) -> Port:
    """Declare a port for a zip, such as a script bundle."""
    return Port(name, "zip", optional, label or _label(name), aliases)


def FilePort(name: str, *, optional: bool = False, label: str = "", aliases: tuple[str, ...] = ()) -> Port:
    """Declare a port for the bytes of a file."""
    return Port(name, "file", optional, label or _label(name), aliases)


def DevicePort(name: str, *, label: str = "", aliases: tuple[str, ...] = ()) -> Port:
    """Declare the output that shows console text and pictures."""
    return Port(name, "device", False, label or _label(name), aliases)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
