"""Gives `mmap.mmap(-1, length)` a file of the job's box: shared memory without a file is refused in the jail.

Most of such memory can be unmapped again and stays, counted by no limit (docs/security.md). In the box it counts
as disk. Private mappings stay what they are.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import mmap
import os
import tempfile

_plain = mmap.mmap
_ANONYMOUS = getattr(mmap, "MAP_ANONYMOUS", 0x20)


class Mapping(_plain):
    """`mmap.mmap`, for which descriptor -1 and a shared mapping mean a file without a name."""

    def __new__(cls, fileno, length, *arguments, **options):
        """Map `length` bytes of a file, or of new memory when `fileno` is -1, as `mmap.mmap` does."""
        if fileno != -1 or length <= 0 or not _is_shared(arguments, options):
            return _plain.__new__(cls, fileno, length, *arguments, **options)
        if arguments:
            arguments = (arguments[0] & ~_ANONYMOUS,) + arguments[1:]
        elif "flags" in options:
            options = dict(options, flags=options["flags"] & ~_ANONYMOUS)
        with tempfile.TemporaryFile() as file:
            if hasattr(os, "posix_fallocate"):  # without room now there would be a crash later
                os.posix_fallocate(file.fileno(), 0, length)
            else:
                file.truncate(length)
            return _plain.__new__(cls, file.fileno(), length, *arguments, **options)


def _is_shared(arguments, options):
    access = options.get("access", arguments[2] if len(arguments) > 2 else 0)
    if access:
        return access != mmap.ACCESS_COPY
    flags = options.get("flags", arguments[0] if arguments else mmap.MAP_SHARED)
    return bool(flags & mmap.MAP_SHARED)


def install():
    """Put `Mapping` in the place of `mmap.mmap`."""
    mmap.mmap = Mapping
