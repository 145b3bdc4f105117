"""`tadori run`: a program finds what it finds under `python`, and Tadori where it says torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tadori
from tadori.as_torch import answer_torch
from tadori.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent


def run(*arguments, cwd=ROOT, launcher=("-m", "tadori", "run")):
    command = [sys.executable, *launcher, *map(str, arguments)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "NO_COLOR": "1"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def written(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder / f"{next(iter(files))}.py"


IMPORTS = """
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.utils.data
from torch import Tensor, optim, tensor
from torch.autograd import Function
from torch.autograd.function import Function as Again
from torch.nn.modules.linear import Linear
from torch.nn.modules.utils import _pair
from torch.nn.parameter import Parameter
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.dataloader import default_collate
import sys

assert torch.nn.modules is nn.modules and Linear is nn.Linear and Again is Function
assert nn is sys.modules["torch.nn"] and F is torch.nn.functional
print(torch.__name__, F.relu(tensor([-1.0, 2.0])), torch.nn.Linear(2, 3))
print(torch.autograd.function.__name__)
"""


def test_every_form_of_import(tmp_path):
    done = run(written(tmp_path, program=IMPORTS))
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "tadori tensor([0., 2.]) Linear(in_features=2, out_features=3, bias=True)",
        "tadori.autograd.function",  # the core's own module is not taken for PyTorch's
    ]


MIXED = """
import torch
from torch.amp import GradScaler, autocast
from torch.multiprocessing import get_context

model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = GradScaler("cuda", enabled=torch.cuda.is_available())
with autocast("cpu", enabled=False):
    loss = model(torch.ones(3, 2)).pow(2).mean()
scaler.scale(loss).backward()
scaler.unscale_(optimizer)
scaler.step(optimizer)
scaler.update()
print(loss.dtype, scaler.is_enabled(), scaler.state_dict())
"""


def test_a_program_for_mixed_precision_runs_without_it(tmp_path):
    done = run(written(tmp_path, program=MIXED))
    assert done.stderr == ""
    assert done.stdout == "float32 False {}\n"


ITSELF = """
import pickle, sys

class Mine:
    pass

print(sys.argv, __name__, __file__, __spec__, __package__, __cached__)
print(type(__builtins__).__name__, type(__loader__).__name__)
print(type(pickle.loads(pickle.dumps(Mine()))) is Mine, sys.modules["__main__"].Mine is Mine)
import beside
print(beside.__file__)
"""

ENDINGS = {
    "returns": ("", 0),
    "exits": ("import sys; sys.exit(7)", 7),
    "exits with a message": ("import sys; sys.exit('no')", 1),
    "raises": ("def f():\n    return 1 / 0\n\nf()\n", 1),
    "raises from": ("try:\n    1 / 0\nexcept Exception as e:\n    raise OSError(3) from e\n", 1),
    "is no Python": ("x = = 1\n", 1),
    "is interrupted": ("raise KeyboardInterrupt", None),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_program_ends_as_under_python(tmp_path, ending):
    text, code = ENDINGS[ending]
    program = written(tmp_path, program=text)
    ours, pythons = run(program), run(program, launcher=())
    assert ours.stderr == pythons.stderr
    assert ours.returncode == (130 if code is None else code)
    assert code is None or pythons.returncode == code


def test_a_script_finds_what_it_finds_under_python(tmp_path):
    program = written(tmp_path, program=ITSELF, beside="")
    for arguments in ([program, "-m", "--lr", "3", "-h"], [program.relative_to(tmp_path)]):
        ours = run(*arguments, cwd=tmp_path)
        pythons = run(*arguments, cwd=tmp_path, launcher=())
        assert ours.stderr == ""
        assert ours.stdout == pythons.stdout


def test_a_module_finds_what_it_finds_under_python(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    text = "import sys, torch\nfrom . import beside\nprint(sys.argv, __name__, __package__)\n"
    text += "print(__spec__.name, __file__, sys.path[0])\n"
    written(package, __init__="", module=text, __main__=text, beside="")
    (tmp_path / "torch.py").write_text("")  # Python's answer here
    for name in ("package.module", "package"):
        ours = run("-m", name, "--lr", "3", cwd=tmp_path)
        pythons = run("-m", name, "--lr", "3", cwd=tmp_path, launcher=())
        assert ours.stderr == ""
        assert ours.stdout == pythons.stdout


def test_what_is_not_there(tmp_path):
    program = written(tmp_path, program="import torch.nn.quantized")
    done = run(program)
    assert done.returncode == 1
    assert "ModuleNotFoundError: No module named 'torch.nn.quantized'" in done.stderr
    assert "Tadori answers `import torch`" in done.stderr
    assert "functional" in done.stderr
    for text in ("import torch\ntorch.sparse_coo_tensor", "from torch import sparse_coo_tensor"):
        assert "tadori" in run(written(tmp_path, program=text)).stderr
    assert run(tmp_path / "none.py").returncode == 2
    assert "none.py" in run(tmp_path / "none.py").stderr
    assert "No module named 'nowhere'" in run("-m", "nowhere.at.all").stderr


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_of_the_program_find_tadori_too(tmp_path, method):
    program = f"""
import multiprocessing, torch

def told(x):
    return torch.__name__, float(x.sum())

if __name__ == "__main__":
    with multiprocessing.get_context({method!r}).Pool(1) as pool:
        print(pool.map(told, [torch.ones(3)]))
"""
    done = run(written(tmp_path, program=program))
    assert done.stderr == ""
    assert done.stdout == "[('tadori', 3.0)]\n"


def test_answering_in_this_process_is_undone():
    before = {name: module for name, module in sys.modules.items() if name.startswith("torch")}
    with answer_torch() as answer:
        import torch
        import torch.nn.functional

        assert torch is tadori
        assert torch.nn.functional.__name__ == "tadori.nn.functional"
        assert tadori.nn.__spec__.name == "tadori.nn"
    after = {name: module for name, module in sys.modules.items() if name.startswith("torch")}
    assert after == before
    assert answer not in sys.meta_path
    answer.undo()  # once more does no harm


def test_the_command(capsys):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(command in told for command in COMMANDS)
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tadori {tadori.__version__}\n"
    assert main(["rum"]) == 2
    assert "Did you mean run?" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["run"])


def test_a_missing_name_says_whose_it_is():
    with pytest.raises(AttributeError, match=r"Tadori lacks it\. Did you mean softmax"):
        tadori.softmaxx  # noqa: B018
    with pytest.raises(AttributeError, match="Tadori lacks it"):
        tadori.quantize_per_tensor_to_nothing  # noqa: B018
