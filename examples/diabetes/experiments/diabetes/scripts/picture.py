"""Draw the five most telling measures against each other, coloured by the patients' outcome."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

SHOWN = 5
HEALTHY, DIABETES = "#6f9fc2", "#c8443c"
INK, FAINT = "#2b2f33", "#d5d9dd"
PADDING = 0.1  # of the range of a measure, half of it on each side


def azureml_main(dataframe1=None, dataframe2=None):
    """Take patients without gaps and the ranking of measures; leave the picture scatter-matrix.png."""
    patients = dataframe1
    best = dataframe2.sort_values("place").head(SHOWN).set_index("measure")
    measures = list(best.index)

    plt.rcParams.update({"font.size": 9, "text.color": INK, "axes.labelcolor": INK})
    axes = pd.plotting.scatter_matrix(
        patients[measures],
        figsize=(11, 11),
        c=patients["outcome"].map({0: HEALTHY, 1: DIABETES}),
        alpha=0.6,
        s=14,
        linewidths=0,
        marker="o",
        range_padding=PADDING,
    )
    for row, measure in enumerate(measures):
        draw_distribution(axes[row, row], patients, measure)
    for row, axis_row in enumerate(axes):
        for column, axis in enumerate(axis_row):
            style(axis, best, row, column)

    figure = axes[0, 0].figure
    add_heading(figure, patients["outcome"].value_counts())
    figure.savefig("scatter-matrix.png", dpi=120, facecolor="white")
    plt.close(figure)
    print(f"scatter-matrix.png: {', '.join(measures)} of {len(patients)} patients.")


def draw_distribution(axis, patients, measure):
    """Replace the plain histogram on the diagonal by one for each outcome, on the same bins."""
    axis.clear()
    low, high = patients[measure].min(), patients[measure].max()
    bins = np.linspace(low, high, 23)
    if patients[measure].nunique() < len(bins):  # few whole numbers: one bin for each
        bins = np.arange(low - 0.5, high + 1)
    for outcome, colour in ((0, HEALTHY), (1, DIABETES)):
        values = patients.loc[patients["outcome"] == outcome, measure]
        axis.hist(values, bins=bins, density=True, color=colour, alpha=0.65)
    margin = (high - low) * PADDING / 2
    axis.set_xlim(low - margin, high + margin)
    axis.set_yticks([])


def style(axis, best, row, column):
    """Give one cell thin lines, and scales and labels where it stands on the rim."""
    last = len(best) - 1
    for side in axis.spines.values():
        side.set_color(FAINT)
    axis.locator_params(axis="x", nbins=4)
    if row != column:
        axis.locator_params(axis="y", nbins=4)
    axis.set_xlabel(label(best.iloc[column]) if row == last else "", fontsize=9, labelpad=6)
    axis.set_ylabel(label(best.iloc[row]) if column == 0 else "", fontsize=9, labelpad=6)
    axis.tick_params(color=FAINT, labelcolor=INK, labelsize=8, labelrotation=0, length=3)
    on_right = row == 0 and column == last  # the first row's scale: its left cell is a distribution
    on_left = column == 0 and row != 0
    axis.yaxis.set_visible(on_left or on_right or column == 0)
    axis.tick_params(axis="x", bottom=row == last, labelbottom=row == last)
    axis.tick_params(axis="y", left=on_left, labelleft=on_left, right=on_right, labelright=on_right)


def label(measure):
    """Give the short name of a measure with its unit."""
    name = measure["short_label"]
    return f"{name}\n({measure['unit']})" if pd.notna(measure["unit"]) else name


def add_heading(figure, counts):
    """Write the title and the legend above the matrix."""
    figure.subplots_adjust(left=0.09, right=0.955, bottom=0.08, top=0.89, wspace=0.06, hspace=0.06)
    figure.align_ylabels()
    figure.text(0.09, 0.955, "The measures that tell most about diabetes", fontsize=17, weight="bold")
    figure.text(0.09, 0.93, "In the order of their importance to the forest, from the top left.", fontsize=10)
    dots = [
        Line2D([], [], marker="o", linestyle="", markersize=7, color=colour, label=text)
        for colour, text in (
            (HEALTHY, f"no diabetes ({counts[0]})"),
            (DIABETES, f"diabetes ({counts[1]})"),
        )
    ]
    figure.legend(handles=dots, loc="upper right", bbox_to_anchor=(0.965, 0.975), frameon=False, fontsize=10)
