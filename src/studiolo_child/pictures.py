"""Pictures of the Python device: matplotlib without a display, figures that were never saved, files left behind."""

from __future__ import absolute_import, division, print_function, unicode_literals

import functools
import os
import stat
import sys
import warnings

from . import import_hooks

FIGURE_LIMIT = 50
PICTURE_LIMIT = 100
ENTRY_LIMIT = 20000
DEPTH_LIMIT = 8  # deeper pictures are not collected by the host either
ENDINGS = (".png", ".svg", ".jpg", ".jpeg", ".html", ".htm")
_ENDINGS_AS_BYTES = tuple(ending.encode("ascii") for ending in ENDINGS)
_NO_TEXT = "A picture with a name that is not UTF-8 is not shown: %r."
_MARK = "_studiolo_saved"
_QUIET = (  # what plt.show() says on Agg, in old and new versions
    ".*non-interactive, and thus cannot be shown",
    ".*currently using (a non-GUI backend|agg)",
    "Matplotlib is building the font cache",  # each job anew before 2.0
)
_quieted = []


def prepare():
    """Make matplotlib draw without a display and remember which figures were saved, now or when it is imported."""
    os.environ[str("MPLBACKEND")] = str("Agg")
    if not _quieted:
        _quieted.append(True)
        for text in _QUIET:
            warnings.filterwarnings("ignore", text, UserWarning)
    import_hooks.after_import("matplotlib", _without_display)
    import_hooks.after_import("matplotlib.figure", _remembering)


def save_open_figures(directory, warn):
    """Save every open figure that the script never saved as figure-1.png and so on. Never raises.

    Figures without content are left out. At most `FIGURE_LIMIT` are saved.
    """
    if "matplotlib._pylab_helpers" not in sys.modules:
        return
    try:
        managers = sys.modules[str("matplotlib._pylab_helpers")].Gcf.get_all_fig_managers()
        figures = [manager.canvas.figure for manager in managers]
        figures = [figure for figure in figures if not getattr(figure, _MARK, False) and _has_content(figure)]
    except BaseException as error:
        warn("Open figures could not be looked at: %s." % type(error).__name__)
        return
    if len(figures) > FIGURE_LIMIT:
        warn(
            "%d figures were left open; the first %d were saved. Close figures with plt.close() when they are done."
            % (len(figures), FIGURE_LIMIT)
        )
    number = 0
    for figure in figures[:FIGURE_LIMIT]:
        number += 1
        while os.path.lexists(os.path.join(directory.path, "figure-%d.png" % number)):
            number += 1
        name = "figure-%d.png" % number
        try:
            figure.savefig(os.path.join(directory.path, name))
        except BaseException as error:
            _remove(os.path.join(directory.path, name))
            warn("An open figure could not be saved as %s: %s: %s." % (name, type(error).__name__, error))


def left_behind(directory, warn, hidden=()):
    """Give `(pictures, count)`: picture files in order of creation, and the number of files and folders.

    Names are relative to the working directory, with `/`. The script's own file and the bundle are not
    counted, nor are folders of the workspace that the job may read. Links are never followed and never listed.
    Pictures at the absolute paths `hidden` are not listed: they are shown under another name.
    """
    own = set([os.path.join(directory.path, os.path.basename(directory.script)), directory.bundle])
    try:
        device = os.lstat(directory.path).st_dev
    except OSError:  # the script has removed it
        return [], 0
    top = directory.path.count(os.sep)
    found, count = [], 0
    for folder, folders, names in _walk(directory.path):
        folders[:] = [name for name in folders if _is_own_folder(os.path.join(folder, name), own, device)]
        count += len(folders)
        if folder.count(os.sep) - top >= DEPTH_LIMIT:
            del folders[:]
        for name in names:
            if isinstance(name, bytes):  # Python 2: not UTF-8
                count += 1
                if name.lower().endswith(_ENDINGS_AS_BYTES):
                    warn(_NO_TEXT % name)
                continue
            path = os.path.join(folder, name)
            if path in own:
                continue
            count += 1
            if name.lower().endswith(ENDINGS) and path not in hidden:
                found.append(path)
        if count > ENTRY_LIMIT:
            break
    pictures = []
    for path in found:
        shown = directory.shown(path)
        if not _is_text(shown):
            warn(_NO_TEXT % shown)
            continue
        moment = _moment(path)
        if moment is not None:
            pictures.append((moment, shown))
    pictures = [name for _, name in sorted(pictures)]
    if len(pictures) > PICTURE_LIMIT:
        warn("%d pictures were left; the first %d are shown." % (len(pictures), PICTURE_LIMIT))
    return pictures[:PICTURE_LIMIT], count


def _walk_texts(top):
    """Walk as `os.walk` does, on Python 2, which fails for names that are not UTF-8: they come as bytes, as files."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            listed = os.listdir(folder)
        except OSError:
            continue
        folders = [
            name
            for name in listed
            if not isinstance(name, bytes) and os.path.isdir(os.path.join(folder, name))
        ]
        yield folder, folders, [name for name in listed if name not in folders]
        waiting.extend(
            os.path.join(folder, name) for name in folders if not os.path.islink(os.path.join(folder, name))
        )


_walk = _walk_texts if sys.version_info < (3,) else os.walk


def _is_own_folder(path, own, device):
    try:
        return path not in own and os.lstat(path).st_dev == device
    except OSError:
        return False


def _without_display(matplotlib):
    """Let `matplotlib.use` of a backend with windows give Agg: there is no display to open them on."""
    plain = matplotlib.use
    if getattr(plain, _MARK, False):
        return
    plain("Agg")  # old versions of pandas import matplotlib themselves, before MPLBACKEND was set

    @functools.wraps(plain)
    def use(backend, *arguments, **options):
        name = backend.lower() if isinstance(backend, type("")) or isinstance(backend, str) else backend
        return plain(backend if name in _FILE_BACKENDS else "Agg", *arguments, **options)

    setattr(use, _MARK, True)
    matplotlib.use = use


_FILE_BACKENDS = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template")


def _remembering(figure_module):
    plain = figure_module.Figure.savefig
    if getattr(plain, _MARK, False):
        return

    @functools.wraps(plain)
    def savefig(self, *arguments, **options):
        result = plain(self, *arguments, **options)
        setattr(self, _MARK, True)
        return result

    setattr(savefig, _MARK, True)
    figure_module.Figure.savefig = savefig


def _has_content(figure):
    lists = ("axes", "texts", "images", "lines", "artists", "patches", "legends", "subfigs")
    return any(len(getattr(figure, name, ())) for name in lists)


def _moment(path):
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    return getattr(facts, "st_mtime_ns", None) or facts.st_mtime, facts.st_ino


def _is_text(name):
    if isinstance(name, bytes):
        return False
    try:
        name.encode("utf-8")
    except UnicodeError:
        return False
    return True


def _remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass
