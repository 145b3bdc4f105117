"""The loss curves of fixed-seed trainings are PyTorch's to 1e-5 over 100 steps.

`docs/same_numbers.md` shows them.
"""

from __future__ import annotations

import pytest

import tadori
from same_numbers import TOLERANCE, TRAINERS, curve, difference

#: the first and the hundredth loss, as PyTorch 2.13 gives them
PINNED = {
    "MLP": (0.7008405, 0.0636447),
    "CNN with dropout": (1.1452290, 0.0111873),
    "LSTM": (0.4943733, 0.0125298),
    "GPT": (3.2663975, 0.4064485),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINERS)
@pytest.mark.filterwarnings("ignore")
def test_a_training_run_has_pytorchs_loss_curve(name):
    ours = curve(name, tadori)
    assert ours[0] == pytest.approx(PINNED[name][0], abs=TOLERANCE)
    assert ours[-1] == pytest.approx(PINNED[name][1], abs=TOLERANCE)
    assert ours[-1] < ours[0]
    torch = pytest.importorskip("torch")
    assert difference(curve(name, torch), ours) < TOLERANCE
