"""K-Means Clustering: groups rows around a given number of centers."""

from typing import Any

from studiolo.modules.learning.centroids import PLUS_PLUS, SEEDED, WAYS
from studiolo.modules.learning.clustering import (
    COSINE,
    EUCLIDEAN,
    FILL,
    IGNORE,
    OVERWRITE,
    UNTRAINED_CLUSTERING,
    UntrainedClustering,
    untrained_clustering,
)
from studiolo.modules.learning.learner import ranged, trainer_mode
from studiolo.modules.seeds import seed
from studiolo.sdk import Boolean, Choice, Integer, module


@module(
    name="K-Means Clustering",
    category="Machine Learning / Initialize Model / Clustering",
    outputs=[UNTRAINED_CLUSTERING],
    parameters=[
        trainer_mode(),
        *ranged(
            Integer(
                "number_of_centroids",
                default=2,
                minimum=2,
                label="Number of centroids",
                help="How many clusters there are.",
                aliases=("Number of Centroids",),
            ),
            "2; 3; 4; 5",
            aliases=("Range for Number of Centroids",),
        ),
        Choice(
            "metric",
            (EUCLIDEAN, COSINE),
            label="Metric",
            help="Euclidean is the distance of points; Cosine that of their directions.",
        ),
        Boolean(
            "normalize_features",
            default=True,
            label="Normalize features",
            help="Scale features to 0 … 1 first, so that all count alike.",
            aliases=("Should input instances be normalized",),
        ),
        Choice(
            "initialization",
            WAYS,
            default=PLUS_PLUS,
            label="Initialization",
            help="Where the centers begin; Use label column begins at the mean of each label.",
            aliases=("Initialization for sweep",),
        ),
        Integer(
            "iterations",
            default=100,
            minimum=1,
            label="Iterations",
            help="The centers move at most so many times.",
        ),
        seed(
            "random_number_seed",
            help="The same seed and data give the same clusters.",
            when=("initialization", SEEDED),
            aliases=("Random number seed for sweep",),
        ),
        Choice(
            "assign_label_mode",
            (IGNORE, FILL, OVERWRITE),
            label="Assign label mode",
            help="What becomes of a label column: a cluster's label is that of the row closest to its center.",
        ),
    ],
    aliases=("5049a09b-bd90-4c4e-9b46-7c87e3a36810",),
)
def k_means_clustering(**settings: Any) -> UntrainedClustering:
    r"""Configure k-means clustering.

    Rows are grouped around centers, each row with the center that is nearest. First N begins at the first rows (the
    designer's Default), Evenly at rows evenly apart, K-Means++ Fast like K-Means++ on a sample of the rows. Use label
    column begins at the means of the rows of the most frequent labels; Edit Metadata makes a column the label.
    The Cosine metric brings each row to length 1 first.

    The label modes give each cluster the label of the labelled row closest to its center, and put it into the label
    column of the results where it is missing, or everywhere. The result is the same whatever the number of processors.

    Example:
        points:
          module: enter-data-manually
          parameters: {data: "x,y\n1,1\n2,1\n1,2\n9,9\n8,9\n9,8\n"}
        learner:
          module: k-means-clustering
          parameters: {number_of_centroids: 2}
        clusters:
          module: train-clustering-model
          parameters: {column_set: [x, y]}
          inputs: {untrained_model: learner, dataset: points}
    """
    return untrained_clustering(k_means_clustering, settings)
