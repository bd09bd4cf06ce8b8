"""No dead link in the documents, and nothing in them that the tool does not know."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"(?:\]\(|src=\"|href=\"|srcset=\")([^)\"\s]+)")


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+\s+(.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document):
    for link in LINK.findall(document.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), f"{document.name}: {link} leads nowhere"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{document.name}: {link} has no such heading"


def test_every_command_is_in_the_readme_and_shows_examples():
    listed = subprocess.run(
        [sys.executable, "-m", "cutaway", "--help"], capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^  (\w+)  ", listed.split("Commands:")[1], re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in commands:
        assert f"cutaway {command}" in readme, f"README does not show `cutaway {command}`"
        shown = subprocess.run(
            [sys.executable, "-m", "cutaway", command, "--help"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert f"  cutaway {command}" in shown, f"`{command} --help` has no example"
