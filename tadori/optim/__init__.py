"""Optimizers live here: one rule per class, told in its docstring, done in `kernels/update.py`.

`optimizer.py` is their base (groups, state, saving); `lr_scheduler` moves learning rates from step
to step.
"""

from . import lr_scheduler, swa_utils
from .adadelta import Adadelta
from .adafactor import Adafactor
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .adamax import Adamax
from .asgd import ASGD
from .lbfgs import LBFGS
from .muon import Muon
from .nadam import NAdam
from .optimizer import Optimizer
from .radam import RAdam
from .rmsprop import RMSprop
from .rprop import Rprop
from .sgd import SGD
from .sparse import SparseAdam

__all__ = [
    "Optimizer",
    "SGD",
    "Adam",
    "AdamW",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "NAdam",
    "RAdam",
    "Adafactor",
    "ASGD",
    "Rprop",
    "Muon",
    "LBFGS",
    "SparseAdam",
    "lr_scheduler",
    "swa_utils",
]
