"""Record the examples: python tools/traces.py [folder [html or json]] writes a file each.

Of a few steps; for looking at, and to try the page on. Too large to be kept in the repository.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: example -> how many steps, and what it is given
EXAMPLES = {
    "spiral_mlp": (3, ["--steps", "50"]),
    "digits_cnn": (2, ["--epochs", "1"]),
    "sine_lstm": (2, ["--epochs", "1"]),
    "char_gpt": (1, ["--steps", "50", "--length", "1"]),
}


def main(folder: str = "outputs/traces", form: str = "html") -> None:
    """Write the recordings into `folder`."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, (steps, arguments) in EXAMPLES.items():
        out = Path(folder, f"{name}.{form}")
        command = [sys.executable, "-m", "tadori", "trace", "--steps", str(steps), "-o", str(out)]
        program = [str(ROOT / "examples" / f"{name}.py"), "--", *arguments]
        subprocess.run([*command, *program], check=True)
        print(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
