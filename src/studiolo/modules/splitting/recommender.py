"""A split of ratings into training and test data, by users and items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Codes = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class RecommenderFractions:
    """Shares of users and items that a recommender split treats alike.

    Attributes:
        training_only_users: of the users, whose ratings are all for training.
        test_user_ratings_for_training: of the ratings of each other user.
        cold_users: of the users, whose ratings are all for testing.
        cold_items: of the items, whose ratings are never for training.
        ignored_users: of the users, who are left out.
        ignored_items: of the items, which are left out.
    """

    training_only_users: float = 0.5
    test_user_ratings_for_training: float = 0.25
    cold_users: float = 0.0
    cold_items: float = 0.0
    ignored_users: float = 0.0
    ignored_items: float = 0.0


def split_ratings(
    users: Codes,
    items: Codes,
    fractions: RecommenderFractions,
    *,
    seed: int,
    remove_occasional_cold_items: bool,
) -> tuple[Codes, Codes]:
    """Give the rows for training and for testing, each in the order of the data.

    Users and items are drawn at random: first the ignored ones, then the cold ones, then, of the users, those
    for training only. The ratings of the other users are divided, each user's alone.

    Args:
        users: number of the user of each rating.
        items: number of the item of each rating.
        fractions: shares; those of the users, and those of the items, add up to 1 at most.
        seed: of the draw.
        remove_occasional_cold_items: leave out test ratings of items that by chance have none for training.
    """
    generator = np.random.RandomState(seed)
    ignored_users, cold_users, training_only = _drawn(
        users, (fractions.ignored_users, fractions.cold_users, fractions.training_only_users), generator
    )
    ignored_items, cold_items = _drawn(items, (fractions.ignored_items, fractions.cold_items), generator)
    ignored = ignored_users[users] | ignored_items[items]
    is_test_user = ~(training_only | ignored_users)[users]
    may_train = ~cold_items[items] & ~cold_users[users] & ~ignored
    divided = np.flatnonzero(may_train & ~training_only[users])
    share = fractions.test_user_ratings_for_training
    training = may_train & training_only[users]
    training[_first_of_each(divided, users, share, generator)] = True
    test = is_test_user & ~training & ~ignored
    if remove_occasional_cold_items:
        known = cold_items.copy()
        known[items[training]] = True
        test &= known[items]
    return np.flatnonzero(training), np.flatnonzero(test)


def _drawn(codes: Codes, shares: tuple[float, ...], generator: np.random.RandomState) -> list[Mask]:
    """Give for each share a mask by number that says which users, or items, are drawn for it."""
    count = int(codes.max(initial=-1)) + 1
    order, masks, begin = generator.permutation(count), [], 0
    for share in shares:
        end = min(begin + round(count * share), count)
        mask = np.zeros(count, bool)
        mask[order[begin:end]] = True
        masks.append(mask)
        begin = end
    return masks


def _first_of_each(rows: Codes, users: Codes, share: float, generator: np.random.RandomState) -> Codes:
    """Draw a share of the rows of each user."""
    shuffled = rows[generator.permutation(len(rows))]
    by_user = shuffled[np.argsort(users[shuffled], kind="stable")]
    sizes = np.bincount(users[by_user]) if len(by_user) else np.zeros(0, np.int64)
    starts = np.cumsum(sizes) - sizes
    rank = np.arange(len(by_user)) - starts[users[by_user]]
    wanted = np.rint(sizes * share)
    drawn: Codes = by_user[rank < wanted[users[by_user]]]
    return drawn
