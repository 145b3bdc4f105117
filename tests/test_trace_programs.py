"""Programs that end badly, or never, or elsewhere: each recording is still written, and says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tadori
from size import ROOT
from tadori.tracing.on_error import Rolling
from tadori.tracing.story import Story
from tadori.tracing.trouble import failure
from tests.test_trace_text import trace

HEAD = "import torch\nw = torch.ones(3, requires_grad=True)\n"


def recorded(folder: Path, program: str, *options: str, code: int = 0) -> tuple[Any, str]:
    """The recording of a program, and the text twin."""
    (folder / "program.py").write_text(HEAD + program)
    found, _ = trace("--text", "-o", "x.json", *options, "program.py", cwd=folder, code=code)
    return json.loads((folder / "x.json").read_text()), found


def kinds(recording: Any, kind: str) -> list[Any]:
    return [e for e in recording["events"] if e["kind"] == kind]


def test_a_program_that_raises(tmp_path: Path) -> None:
    recording, found = recorded(tmp_path, "y = w * 2\nz = y @ torch.ones(7)\n", code=1)
    (error,) = kinds(recording, "error")
    assert recording["stacks"][error["at"]][-1][:2] == [0, 4]
    assert len(kinds(recording, "function")) == 1, "what ran before it is there"
    assert "at program.py:4" in found


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(HEAD)
    trace("-o", "new/folder/x.json", "program.py", cwd=tmp_path)
    assert json.loads((tmp_path / "new/folder/x.json").read_text())["events"] is not None


def test_files_beside_the_program_do_not_replace_what_writes_the_recording(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "program.py").write_text(HEAD + "(w * 2).sum().backward()\n")
    (folder / "html.py").write_text("raise RuntimeError('a module of the program')")
    trace("-o", "x.html", "folder/program.py", cwd=tmp_path)
    assert "</html>" in (tmp_path / "x.html").read_text()


def test_an_endless_loop_stops_after_its_steps(tmp_path: Path) -> None:
    program = """
opt = torch.optim.SGD([w], lr=0.1)
try:
    while True:
        try:
            opt.zero_grad()
            (w * w).sum().backward()
            opt.step()
        except Exception:
            pass
finally:
    print("cleaned up")
"""
    recording, found = recorded(tmp_path, program, "--steps", "3")
    assert [e["step"] for e in kinds(recording, "stepped")] == [1, 2, 3]
    assert not kinds(recording, "error")
    assert "cleaned up" in found


def test_without_an_optimizer_walks_back_are_counted(tmp_path: Path) -> None:
    program = "while True:\n    (w * w).sum().backward()\n    w.grad = None\n"
    recording, _ = recorded(tmp_path, program, "--steps", "4")
    assert len(kinds(recording, "passed")) == 4


def test_a_forked_child_leaves_the_recording_alone(tmp_path: Path) -> None:
    program = """
import os
child = os.fork() == 0
for _ in range(5 if child else 1):
    (w * 2).sum().backward()
if not child:
    os.wait()
"""
    recording, _ = recorded(tmp_path, program)
    assert len(kinds(recording, "backward")) == 1


def test_no_backward_and_no_operation(tmp_path: Path) -> None:
    _, found = recorded(tmp_path, "y = w * 2\n")
    assert "1 operations" in found or "1 operation" in found
    _, found = recorded(tmp_path, "print('hello')\n")
    assert "No array was seen." in found


def test_recursion(tmp_path: Path) -> None:
    program = """
def down(x, n):
    return x if n == 0 else down(x * 1.5, n - 1)
down(w, 200).sum().backward()
def forever(x):
    return forever(x + 1)
forever(w)
"""
    recording, found = recorded(tmp_path, program, code=1)
    assert "RecursionError" in found
    assert len(found.splitlines()) < 300, "folded"
    assert max(map(len, recording["stacks"])) <= 32
    assert len(kinds(recording, "visit")) == 201


@pytest.mark.slow
def test_a_hundred_thousand_operations(tmp_path: Path) -> None:
    program = "y = w\nfor _ in range(100_000):\n    y = y * 1.0\ny.sum().backward()\n"
    recording, found = recorded(tmp_path, program, "--max-mb", "5")
    assert (tmp_path / "x.json").stat().st_size < 6e6
    left = recording["left_out"]
    assert len(kinds(recording, "function")) + left["functions"] == 100_001
    assert left["visits"] == 100_001
    assert f"{left['functions']:,} operations were only counted" in found
    assert len(found.splitlines()) < 60


def test_exit_codes_are_the_programs(tmp_path: Path) -> None:
    recorded(tmp_path, "raise SystemExit(3)\n", code=3)
    _, errors = trace("nowhere.py", cwd=tmp_path, code=2)
    assert "nowhere.py" in errors
    _, found = recorded(tmp_path, "def f(:\n", code=1)
    assert "SyntaxError at program.py:3" in found


def test_text_of_the_program_stays_text(tmp_path: Path) -> None:
    program = 'text = "</script><script>alert(1)</script>"\nraise ValueError("<b>" + text)\n'
    recording, _ = recorded(tmp_path, program, code=1)
    assert program in recording["files"][0]["text"]
    assert kinds(recording, "error")[0]["message"] == "<b></script><script>alert(1)</script>"


def test_arguments_reach_the_program(tmp_path: Path) -> None:
    program = "import sys\nassert sys.argv[1:] == ['--lr', '0.1'], sys.argv\n"
    (tmp_path / "program.py").write_text(program)
    trace("-o", "x.json", "program.py", "--lr", "0.1", cwd=tmp_path)
    trace("program.py", "-o", "x.json", "--", "--lr", "0.1", cwd=tmp_path)
    trace("program.py", "--lr", "0.1", "--steps", "3", cwd=tmp_path)
    assert (tmp_path / "program.trace.html").exists()


def test_two_threads_are_told_apart() -> None:
    from threading import Thread

    x = tadori.ones(3)
    with tadori.trace() as recording:
        thread = Thread(target=lambda: x * 2.0, name="another")
        thread.start()
        thread.join()
        x * 3.0
    threads = [e.get("thread") for e in recording.events if e["kind"] == "function"]
    assert threads == ["another", None]


STALE = """
x = torch.ones(3, requires_grad=True)
for step in range(5):
    y = x.exp()
    z = y * y
    if step == 4:
        y.detach().add_(1.0)
    z.sum().backward()
"""


def test_an_error_can_leave_a_trace(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text((HEAD + STALE).replace("torch", "tadori"))
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "TADORI_TRACE_ON_ERROR": "failed.json"}
    command = [sys.executable, "program.py"]
    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment
    )
    assert run.returncode == 1
    assert "what led to this error is in failed.json" in run.stderr
    story = Story(json.loads((tmp_path / "failed.json").read_text()))
    answer = failure(story)
    assert answer.facts["error"] == "RuntimeError"
    assert answer.facts["changed_at"] == "program.py:9"


def test_the_last_steps_are_kept_however_long_it_ran() -> None:
    x = tadori.ones(3, requires_grad=True)
    rolling = Rolling(max_mb=0.1)
    with rolling:
        for step in range(300):
            loss = (x * float(step)).sum()
            loss.backward()
    assert rolling.left() > 0
    numbers = [
        e["inputs"][1]["number"]
        for e in rolling.events
        if e["kind"] == "function" and e["op"] == "Multiply"
    ]
    assert numbers[-1] == 299.0
    assert 5 < len(numbers) < 300


def test_a_notebook_shows_the_page() -> None:
    x = tadori.ones(3, requires_grad=True)
    with tadori.trace() as recording:
        (x * 2.0).sum().backward()
    shown = recording._repr_html_()
    assert shown.startswith("<iframe") and "sandbox" in shown


def test_the_page_holds_the_text_of_the_program_as_text(tmp_path: Path) -> None:
    program = 'text = "</script><script>alert(1)</script>"\n(w * 2).sum().backward()\n'
    (tmp_path / "program.py").write_text(HEAD + program)
    trace("-o", "x.html", "program.py", cwd=tmp_path)
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "alert(1)" in page
    assert "<script>alert(1)" not in page
