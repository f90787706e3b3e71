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


def ObjectPort(
    name: str, *, holds: str = "", optional: bool = False, label: str = "", aliases: tuple[str, ...] = ()
) -> Port:
    """Declare a port for a Python object, which only jobs of the same environment open.

    Args:
        name: identifier used in files.
        holds: kind of object, such as `trained model`; ports of different kinds can't be connected.
        optional: an input that may stay unconnected.
        label: what people read.
        aliases: names of the same port in the retired products.
    """
    return Port(name, "object", optional, label or _label(name), aliases, holds)


def DevicePort(name: str, *, label: str = "", aliases: tuple[str, ...] = ()) -> Port:
    """Declare the output that shows console text and pictures."""
    return Port(name, "device", False, label or _label(name), aliases)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
