"""PyTorch's names for the GPU: what they say without one; where there is one, that they work."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from tadori import cuda, random
from tadori.creation import ones, zeros
from tadori.device import CPU, device, device_of, to_device


def gpu_there():
    try:
        return cuda.is_available()
    except Exception:
        return False


needs_gpu = pytest.mark.skipif(not gpu_there(), reason="needs CuPy and a GPU; none is here")


class NoDriver(ModuleType):
    """A CuPy that finds no driver."""

    def __init__(self):
        super().__init__("cupy")

        def count():
            raise OSError("libcuda.so.1: cannot open shared object file")

        self.__spec__ = SimpleNamespace(name="cupy")
        self.cuda = SimpleNamespace(runtime=SimpleNamespace(getDeviceCount=count))


@pytest.fixture(params=["no CuPy", "no driver", "broken CuPy"])
def without_gpu(request, monkeypatch, tmp_path):
    """A process that has no GPU to use, for one reason or another."""
    if request.param == "no driver":
        monkeypatch.setitem(sys.modules, "cupy", NoDriver())
    else:
        monkeypatch.delitem(sys.modules, "cupy", raising=False)
        if request.param == "no CuPy":
            monkeypatch.setitem(sys.modules, "cupy", None)
        else:
            (tmp_path / "cupy.py").write_text("import a_library_that_is_missing\n")
            monkeypatch.syspath_prepend(tmp_path)
    return request.param


def test_without_a_gpu_asking_is_fine(without_gpu):
    assert cuda.is_available() is False
    assert cuda.device_count() == 0
    assert cuda.memory_allocated() == 0
    assert cuda.memory_reserved() == 0
    cuda.empty_cache()


@pytest.mark.parametrize(
    "call",
    [
        lambda: to_device(np.ones(2), "cuda"),
        lambda: zeros(2, device="cuda:1"),
        cuda.current_device,
        cuda.synchronize,
        cuda.get_device_name,
        lambda: cuda.set_device(0),
        lambda: cuda.device(0),
    ],
)
def test_without_a_gpu_using_it_is_an_error_that_helps(without_gpu, call):
    missing = "finds no GPU" if without_gpu == "no driver" else "CuPy cannot be imported"
    with pytest.raises(RuntimeError, match=f"{missing}.*Remedy"):
        call()


def test_manual_seed_is_the_one_seed():
    for seed in (cuda.manual_seed, cuda.manual_seed_all):
        random.manual_seed(0)
        seed(7)
        assert random.initial_seed() == 7


# ----------------------------------------------------------------------------------- devices


def test_devices():
    assert str(device("cpu")) == "cpu"
    assert repr(device("cpu")) == "device(type='cpu')"
    assert repr(device("cuda:1")) == "device(type='cuda', index=1)"
    assert device("cuda", 1) == device("cuda:1") == device(1) == "cuda:1"
    assert device(device("cuda:1")).index == 1
    assert device("cuda") == device("cuda:0") != device("cuda:1")
    assert hash(device("cuda")) == hash(device("cuda:0"))
    assert device("cpu") != device("cuda")
    assert device("cpu") != "no device"
    assert device("cpu") != 3
    assert device("cuda:12").index == 12


@pytest.mark.parametrize(
    "wrong",
    [("gpu",), ("cuda:",), ("cuda:x",), ("cuda:-1",), ("cuda:1", 2), ("",), (None,), (-1,)],
    ids=str,
)
def test_wrong_devices(wrong):
    with pytest.raises(RuntimeError, match="expected 'cpu', 'cuda' or 'cuda:<number>'"):
        device(*wrong)


def test_arrays_on_the_cpu_stay_what_they_are():
    array = np.ones(3)
    assert to_device(array, "cpu") is array
    assert to_device(array, CPU) is array
    assert device_of(array) == "cpu"
    assert ones(2).device == CPU


# --------------------------------------------------------------------------- with a real GPU


@needs_gpu
@pytest.mark.gpu
def test_tensors_on_the_gpu():
    x = ones(2, 3, device="cuda")
    assert x.device == "cuda"
    assert to_device(x.array, "cpu").tolist() == [[1, 1, 1]] * 2
    assert "device='cuda:0'" in repr(x)
    random.manual_seed(1)
    there = random.randn(5, device="cuda")
    random.manual_seed(1)
    assert to_device(there.array, "cpu").tolist() == random.randn(5).tolist()


@needs_gpu
@pytest.mark.gpu
def test_the_gpus_names():
    assert cuda.device_count() >= 1
    assert cuda.current_device() == 0
    cuda.set_device(0)
    with cuda.device("cuda:0"):
        x = zeros(1 << 20, device="cuda")
    cuda.synchronize()
    assert cuda.memory_allocated() >= x.array.nbytes
    assert cuda.memory_reserved() >= cuda.memory_allocated()
    assert cuda.get_device_name()
    cuda.empty_cache()
