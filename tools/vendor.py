"""The page's layout library, as npm has it: `python tools/vendor.py` fetches it anew.

    python tools/vendor.py            # write tadori/tracing/page/vendor/
    python tools/vendor.py --check    # only compare what is there with what npm gives

Needs npm. The version and the package's hash stand here, so that a changed package is noticed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@dagrejs/dagre@3.1.3"
INTEGRITY = (
    "sha512-X4aUTwOReZvthaZWOVHqlJ52/ZdhZFEM4+Lh/uR4XooU"
    "SLE6p71bcy7MPGzYnNUcNh+nj+i/qJQpCMIdQnSmrg=="
)
FOLDER = Path(__file__).resolve().parent.parent / "tadori" / "tracing" / "page" / "vendor"
#: file in the package -> file here
FILES = {
    "package/dist/dagre.esm.js": "dagre.esm.js",
    "package/dist/dagre.esm.js.LEGAL.txt": "dagre.legal.txt",
    "package/LICENSE": "dagre.license.txt",
}


def fetch(folder: Path) -> dict[str, bytes]:
    """What the package holds of FILES; raises if it is not the package that INTEGRITY tells of."""
    command = ["npm", "pack", PACKAGE, "--silent", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=120)
    (archive,) = folder.glob("*.tgz")
    found = integrity(archive.read_bytes())
    if found != INTEGRITY:
        raise SystemExit(f"{PACKAGE}: npm gave {found}, expected {INTEGRITY}")
    with tarfile.open(archive) as tar:
        return {here: read(tar, there) for there, here in FILES.items()}


def integrity(data: bytes) -> str:
    """The hash in npm's spelling."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def read(tar: tarfile.TarFile, name: str) -> bytes:
    """A file of the package, without the pointer to a source map that is not carried along."""
    file = tar.extractfile(name)
    if file is None:
        raise SystemExit(f"{PACKAGE} has no {name}")
    lines = file.read().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"//# sourceMappingURL="))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        files = fetch(Path(folder))
    if check:
        changed = [name for name, data in files.items() if (FOLDER / name).read_bytes() != data]
        sys.exit(f"not as in {PACKAGE}: {', '.join(changed)}" if changed else 0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)
    print(f"{PACKAGE}: wrote {', '.join(files)}")


if __name__ == "__main__":
    main()
