"""The formulas of the scalers; those of scikit-learn were computed by version 1.9.1 and stand here as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from specnet.builtins.scalers import Log1p, MinMax, Quantile, Robust, Unscaled

if TYPE_CHECKING:
    from specnet.component import Scaler

X = np.array([[1.0, 7.0], [2.0, 7.0], [4.0, 7.0], [10.0, 7.0]])


def moved(scaler: Scaler, x: list[float]) -> list[float]:
    """The first column of new rows, in the units that were learned from X."""
    rows = np.array([[value, 7.0] for value in x])
    return list(map(float, scaler.transform(scaler.fit(X), rows)[:, 0]))


def test_minmax() -> None:
    assert moved(MinMax(), [1, 10, 4, 19]) == pytest.approx([0, 1, 1 / 3, 2])


def test_robust() -> None:
    # quartiles by linear interpolation: 1.75 and 5.5, median 3
    assert moved(Robust(), [3, 6.75, -0.75]) == pytest.approx([0, 1, -1])


def test_robust_where_the_quartiles_are_equal() -> None:
    x = np.array([[0.0], [0.0], [0.0], [0.0], [9.0]])
    assert Robust().transform(Robust().fit(x), x).ravel().tolist() == [0, 0, 0, 0, 9]


def test_log1p() -> None:
    logarithms = np.log([2.0, 3.0, 5.0, 11.0])
    wanted = (logarithms - logarithms.mean()) / logarithms.std()
    assert moved(Log1p(), [1, 2, 4, 10]) == pytest.approx(wanted, rel=1e-14)
    assert Log1p().domain() == (-1, float("inf"))


def test_quantile_is_the_share_of_the_rows_below() -> None:
    # QuantileTransformer(n_quantiles=4).fit(X).transform of the same
    assert moved(Quantile(), [1, 2, 3, 4, 7, 10]) == pytest.approx([0, 1 / 3, 0.5, 2 / 3, 5 / 6, 1])


def test_quantile_of_ties_is_their_middle() -> None:
    x = np.array([[0.0], [0.0], [0.0], [1.0], [2.0]])
    # QuantileTransformer(n_quantiles=5) gives 0 for the least, by its rule for bounds; inside it is the middle
    assert Quantile().transform(Quantile().fit(x), np.array([[1.0], [2.0]])).ravel().tolist() == [0.75, 1]
    assert Quantile().transform(Quantile().fit(x), np.array([[0.0]])).ravel().tolist() == [0.25]


def test_quantile_goes_on_beyond_the_rows_and_comes_back() -> None:
    far = np.array([[-8.0, 7.0], [19.0, 7.0]])
    state = Quantile().fit(X)
    z = Quantile().transform(state, far)
    assert z[:, 0].tolist() == [-1, 2]
    np.testing.assert_allclose(Quantile().inverse(state, z), far, rtol=1e-14)


def test_quantile_keeps_as_many_as_it_is_told() -> None:
    x = np.arange(100.0)[:, None]
    assert Quantile(quantiles=5).fit(x)["quantiles"].ravel().tolist() == [0, 24.75, 49.5, 74.25, 99]


@pytest.mark.parametrize("scaler", [MinMax(), Robust(), Quantile(), Log1p()], ids=str)
def test_whatever_a_constant_column_holds_later_becomes_0(scaler: Scaler) -> None:
    state = scaler.fit(X)
    assert scaler.transform(state, np.array([[1.0, 99.0]]))[0, 1] == 0
    assert scaler.inverse(state, np.zeros((1, 2)))[0, 1] == pytest.approx(7, rel=1e-15)


def test_none_is_the_identity() -> None:
    assert Unscaled().transform({}, X) is X
    assert Unscaled().inverse({}, X) is X
