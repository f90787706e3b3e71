"""Pictures: Agg without configuration, files left behind, open figures saved for the author (R-1.7)."""

from __future__ import annotations

import pytest

PLOT = "import matplotlib.pyplot as plt\nimport pandas\n"
MAIN = "def azureml_main(a=None):\n"


def run(child, body, before=PLOT, **options):
    """Run a body of azureml_main."""
    return child.script(before + MAIN + "".join(f"    {line}\n" for line in body), **options)


@pytest.mark.parametrize("is_loaded", [True, False])
def test_an_open_figure_that_was_never_saved_is_saved(child, drawing_child, is_loaded):
    """11 of 227 old scripts call plt.show() and save nothing (facts/compat-traps.md)."""
    outcome = run(drawing_child if is_loaded else child, ["plt.plot([1, 2])", "plt.show()"])
    assert (outcome.report["pictures"], outcome.log, outcome.warnings) == (["figure-1.png"], "", [])
    assert outcome.left == ["Script Bundle", "figure-1.png", "script_clean.py"]


def test_pictures_come_in_order_of_creation(drawing_child):
    """Shown one below the other in this order, also from subfolders and not from the bundle (R-1.7)."""
    outcome = run(
        drawing_child,
        [
            "import os; os.mkdir('graphics')",
            "for name in ('z.png', 'graphics/b.svg', 'a.JPG', 'Script Bundle/no.png', 'c.txt'):",
            "    open(name, 'w').write('x'); os.utime(name, (0, len(os.listdir('.')) + ord(name[0]) / 1000.0))",
            "plt.plot([1])",
        ],
    )
    assert outcome.report["pictures"][-1] == "figure-1.png"
    assert sorted(outcome.report["pictures"][:-1]) == ["a.JPG", "graphics/b.svg", "z.png"]
    assert outcome.report["files"] == 6


def test_creation_order_holds_for_quick_saves(drawing_child):
    """Two pictures within a clock tick keep their order."""
    outcome = run(drawing_child, ["for n in (9, 3, 7, 1):", "    open('p%d.png' % n, 'w').close()"])
    assert outcome.report["pictures"] == ["p9.png", "p3.png", "p7.png", "p1.png"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (["plt.plot([1])", "plt.savefig('mine.png')"], ["mine.png"]),
        (
            ["f = plt.figure(); f.gca().plot([1])", "f.savefig('mine.svg')", "plt.figure(); plt.plot([2])"],
            ["mine.svg", "figure-1.png"],
        ),
        (["plt.plot([1])", "plt.close()"], []),
        (["plt.figure()"], []),
        (["plt.figure(); plt.figtext(0, 0, 'x')"], ["figure-1.png"]),
        (["plt.plot([1])", "plt.savefig(__import__('io').BytesIO())"], []),
        (["plt.plot([1])", "open('figure-1.png', 'w').close()"], ["figure-1.png", "figure-2.png"]),
        (["pandas.DataFrame({'x': [1, 2]}).plot()"], ["figure-1.png"]),
        (
            [
                "p = getattr(pandas, 'plotting', None) or pandas.tools.plotting",
                "p.scatter_matrix(pandas.DataFrame({'x': [1, 2, 4], 'y': [2, 4, 3]}))",
            ],
            ["figure-1.png"],
        ),
        (["open('page.html', 'w').write('<html>')"], ["page.html"]),
        (["import os; os.symlink('/etc/passwd', 'evil.png')"], []),
        (["import os; os.mkfifo('pipe.png')"], []),
        (["import os; os.mkdir('folder.png')"], []),
    ],
)
def test_what_counts_as_a_picture(drawing_child, body, expected):
    """Saved files are picked up, open figures saved, nothing twice, nothing that is no plain file (R-1.7)."""
    outcome = run(drawing_child, body)
    assert (outcome.report["pictures"], outcome.warnings) == (expected, [])


@pytest.mark.parametrize("backend", ["TkAgg", "Qt5Agg", "Agg", "MacOSX", "WXAgg", "nbAgg"])
@pytest.mark.parametrize("nested", [True, False])
def test_any_choice_of_backend_draws_on_agg(child, drawing_child, backend, nested):
    """Scripts name backends of the machine they were written on (facts/compat-traps.md, 7)."""
    use = f"import matplotlib; matplotlib.use('{backend}'); import matplotlib.pyplot as plt"
    server = child if backend == "TkAgg" else drawing_child
    outcome = run(
        server, [use if nested else "pass", "plt.plot([1])", "plt.show()"], "" if nested else use + "\n"
    )
    assert (outcome.report["pictures"], outcome.log) == (["figure-1.png"], "")


def test_figures_are_bounded(drawing_child):
    """A loop that opens figures must not fill the disk."""
    outcome = run(
        drawing_child,
        [
            "import warnings; warnings.simplefilter('ignore')",
            "for n in range(53):",
            "    plt.figure(figsize=(.1, .1)).text(0, 0, '')",
        ],
    )
    assert len(outcome.report["pictures"]) == 50
    assert outcome.warnings == [
        "53 figures were left open; the first 50 were saved. Close figures with plt.close() when they are done."
    ]


def test_a_figure_that_cannot_be_saved_is_a_warning(drawing_child):
    """Saving must not fail the node."""
    outcome = run(drawing_child, ["plt.title('$\\\\frac{$')", "return pandas.DataFrame({'x': [1]}),"])
    assert outcome.rows() == {"x": [1]}
    assert outcome.warnings[0].startswith("An open figure could not be saved as figure-1.png: ValueError")
    assert outcome.report["pictures"] == []


def test_pictures_of_a_failed_script_are_kept(drawing_child):
    """They often show why."""
    outcome = run(drawing_child, ["plt.plot([1])", "1 / 0"])
    assert (outcome.report["pictures"], outcome.error["line"]) == (["figure-1.png"], 5)


def test_a_job_without_files_leaves_an_empty_directory(drawing_child):
    """So that the host need not look into it."""
    outcome = drawing_child.script("def azureml_main(): pass")
    assert (outcome.left, outcome.report["files"], outcome.report["pictures"]) == ([], 0, [])


def test_a_script_that_changes_directory_still_shows_its_pictures(drawing_child):
    """Names are relative to the working directory of the job."""
    outcome = run(
        drawing_child,
        [
            "import os; os.mkdir('d'); os.chdir('d')",
            "plt.plot([1]); plt.savefig('x.png')",
            "plt.figure(); plt.plot([1])",
        ],
    )
    assert outcome.report["pictures"] == ["d/x.png", "figure-1.png"]
