"""Unpacks a script bundle, a zip from anywhere, into `./Script Bundle` and lets nothing else happen by it."""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import io
import os
import re
import stat
import struct
import sys
import zipfile
import zlib

from .failing import JobError

ENTRY_LIMIT = 50000
RATIO_LIMIT = 200  # of all content to the zip, beyond RATIO_FREE_BYTES; plain deflate reaches 1032
RATIO_FREE_BYTES = 64 << 20
_DRIVE = re.compile("^[A-Za-z]:")
_DAMAGE = (
    zipfile.BadZipfile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    IndexError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
)
try:
    import lzma

    _DAMAGE += (lzma.LZMAError,)
except ImportError:
    pass


class Entry(object):
    """One file or folder of a bundle.

    Attributes:
        parts: its path below the folder, a tuple of names.
        is_folder: it holds no content of its own.
        info: what zipfile knows of it.
    """

    def __init__(self, parts, is_folder, info):
        self.parts = parts
        self.is_folder = is_folder
        self.info = info

    @property
    def name(self):
        """The path with `/`."""
        return "/".join(self.parts)


class Bundle(object):
    """An opened and checked bundle. Close it, or use it in a `with` block.

    Args:
        descriptor: of the zip; it stays open.
        disk_bytes: how much its content may take, or None.

    Raises:
        JobError: `bundle-damaged`, `bundle-encrypted`, `bundle-unsafe` or `bundle-too-large`; each names the entry.
    """

    def __init__(self, descriptor, disk_bytes=None):
        self._handle = io.open(os.dup(descriptor), "rb")
        try:
            self._handle.seek(0, os.SEEK_END)
            self.size = self._handle.tell()
            self._zip = zipfile.ZipFile(self._handle)
            self.entries = self._checked(disk_bytes)
        except _DAMAGE as error:
            self._handle.close()
            raise _damaged(error)
        except IOError as error:  # Python 2.7 looks for the directory before the beginning of a short file
            self._handle.close()
            raise _damaged(error) if error.errno == errno.EINVAL else error
        except BaseException:
            self._handle.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._handle.close()

    def top_names(self):
        """Give the import names that the bundle offers at its top level."""
        names = set()
        for entry in self.entries:
            first = entry.parts[0]
            if len(entry.parts) > 1 or entry.is_folder:
                names.add(first)
            elif first.endswith(".py"):
                names.add(first[:-3])
            elif ".cpython-" in first or first.endswith(".so"):
                names.add(first.split(".")[0])
        return names

    def read(self, entry):
        """Give the bytes of an entry."""
        return self._zip.read(entry.info)

    def unpack(self, folder):
        """Write everything below `folder`, which exists. Zips inside stay files; times and rights are not taken.

        Raises:
            JobError: `bundle-damaged`, or `bundle-too-large` when the disk limit of the job is reached.
        """
        root = folder.encode("utf-8")
        for entry in self.entries:
            target = os.path.join(root, *[part.encode("utf-8") for part in entry.parts])
            try:
                if entry.is_folder:
                    _make_folders(target)
                else:
                    _make_folders(os.path.dirname(target))
                    self._write(entry, target)
            except _DAMAGE as error:
                raise _damaged(error, entry)
            except (IOError, OSError) as error:
                raise _unwritable(error, entry)

    def _write(self, entry, target):
        with self._zip.open(entry.info) as content, io.open(target, "wb") as file:
            while True:
                piece = content.read(1 << 20)
                if not piece:
                    return
                file.write(piece)

    def _checked(self, disk_bytes):
        infos = self._zip.infolist()
        if len(infos) > ENTRY_LIMIT:
            raise _too_large("it has %d entries; %d are allowed" % (len(infos), ENTRY_LIMIT))
        entries, seen = [], {}
        for info in infos:
            entry = _entry(info)
            if entry is not None and not _is_repeated(entry, seen):
                entries.append(entry)
        _check_places(infos)
        _check_sizes(entries, self.size, disk_bytes)
        return entries


def _entry(info):
    """Check one entry for itself; None for the root folder."""
    name = _name_of(info)
    mode = info.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if info.flag_bits & 0x1:
        raise JobError(
            "bundle-encrypted",
            'The script bundle is encrypted: "%s" needs a password.' % name,
            "Zip the files again without a password.",
            port="script_bundle",
        )
    path = name.replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path):
        raise _unsafe(name, "has an absolute name")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts:
        raise _unsafe(name, "leads out of the bundle")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _unsafe(name, "is a link" if kind == stat.S_IFLNK else "is a device, pipe or socket")
    if not parts:
        return None
    return Entry(parts, path.endswith("/") or kind == stat.S_IFDIR, info)


def _is_repeated(entry, seen):
    """Say whether the same entry came before; two that differ are refused, and a file that is a folder too."""
    for count in range(1, len(entry.parts)):
        if seen.setdefault(entry.parts[:count], None) is not None:
            raise _unsafe("/".join(entry.parts[:count]), "is both a file and a folder")
    if entry.parts not in seen:
        seen[entry.parts] = None if entry.is_folder else entry
        return False
    other = seen[entry.parts]
    if (other is None) != entry.is_folder:
        raise _unsafe(entry.name, "is both a file and a folder")
    if other is None:
        return True
    if (other.info.CRC, other.info.file_size) != (entry.info.CRC, entry.info.file_size):
        raise _unsafe(entry.name, "stands twice with different content")
    return True


def _check_places(infos):
    """Refuse entries that share their compressed bytes: that is how small zips unpack to terabytes."""
    end, before = 0, None
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < 0:
            raise _damaged('the entry "%s" would begin before the file' % _name_of(info))
        if info.header_offset < end:
            raise _too_large(
                '"%s" shares its bytes with "%s", as only a zip bomb does'
                % (_name_of(info), _name_of(before))
            )
        end, before = info.header_offset + 30 + info.compress_size, info


def _check_sizes(entries, size, disk_bytes):
    total = 0
    for entry in entries:
        total += entry.info.file_size
        if disk_bytes is not None and total > disk_bytes:
            raise _too_large(
                'with "%s" it comes to %d MiB; the node may use %d MiB of disk'
                % (entry.name, (total >> 20) + 1, disk_bytes >> 20)
            )
        if (
            entry.info.file_size > RATIO_FREE_BYTES
            and entry.info.file_size > RATIO_LIMIT * entry.info.compress_size
        ):
            raise _too_large(
                '"%s" grows from %d to %d bytes, as only a zip bomb does'
                % (entry.name, entry.info.compress_size, entry.info.file_size)
            )
    if total > RATIO_FREE_BYTES and total > RATIO_LIMIT * size:
        raise _too_large("it grows from %d to %d bytes, as only a zip bomb does" % (size, total))


def _name_of(info):
    """Decode a name: by the zip's mark, else as UTF-8 where it is that, else as cp437."""
    name = getattr(info, "orig_filename", None) or info.filename
    if info.flag_bits & 0x800:
        return name if isinstance(name, type("")) else name.decode("utf-8")
    data = name.encode("cp437") if isinstance(name, type("")) else name
    data = data.split(b"\0")[0]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp437")


def _make_folders(path):
    if not os.path.isdir(path):
        os.makedirs(path)


def _damaged(error, entry=None):
    what = 'The entry "%s" of the script bundle' % entry.name if entry else "The script bundle"
    reason = ("%s" % error).strip()
    return JobError(
        "bundle-damaged",
        "%s cannot be read: %s." % (what, reason.rstrip(".") or type(error).__name__),
        "Make the zip again, with plain deflate or without compression; is it a zip at all?",
        port="script_bundle",
    )


def _unsafe(name, why):
    return JobError(
        "bundle-unsafe",
        'The script bundle is refused: its entry "%s" %s.' % (name, why),
        "Zip plain files and folders, with names relative to the bundle.",
        port="script_bundle",
    )


def _too_large(why):
    return JobError(
        "bundle-too-large",
        "The script bundle is refused: %s." % why,
        "Take large data to a dataset, or raise `limits: {disk_mb: ...}` of the node.",
        port="script_bundle",
    )


def _unwritable(error, entry):
    return JobError(
        "bundle-too-large",
        'The script bundle cannot be unpacked: "%s": %s.' % (entry.name, error.strerror or error),
        "Shorten its names, or raise `limits: {disk_mb: ..., files: ...}` of the node.",
        port="script_bundle",
    )


def warn_of_loaded(names, folder, warn):
    """Warn when a name of the bundle belongs to a library that is loaded already: Python keeps that one."""
    for name in sorted(names):
        loaded = sys.modules.get(str(name))
        if loaded is None:
            continue
        file = getattr(loaded, "__file__", None) or ""
        if not file.startswith(folder):
            warn(
                'The script bundle has a "%s", but a library of that name is loaded already; '
                "`import %s` gives the library. Rename it in the bundle." % (name, name)
            )
