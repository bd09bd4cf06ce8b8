"""The explorer in one offline file, as web/PROTOCOL.md states it."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from cutaway import Study
from cutaway.views.explorer import AbsentError, Resources
from cutaway.views.explorer.bundle import Bundle, content_hash, find_bundle


@contextmanager
def opened_doors(study: Study, folder: Path) -> Iterator[dict[str, str]]:
    """The address of the explorer by each door that is a page."""
    from cutaway.views.server import serve

    bundle = find_bundle()
    if bundle is None:
        pytest.skip("the front end is not built: install Cutaway again")
    file = offline_file(study, bundle, folder / "explorer.html")
    with serve(study) as serving:
        yield {"live": serving.url, "offline": file.as_uri()}


def names_of_kept(study: Study, samples: int = 2) -> list[str]:
    """What an offline file holds of a few kept samples."""
    kept = np.load(study.folder / "kept" / "ids.npy")[:samples].tolist()
    layers = range(len(study.layers))
    methods = (study.record.get("attribution") or {}).get("methods", [])
    return [
        name
        for one in kept
        for name in (
            f"image/{one}",
            f"neighbours/{one}",
            *(f"activation/{layer}/{one}" for layer in layers),
            *(f"attribution/{method}/{one}" for method in methods),
            f"adversarial/{one}",
            f"adversarial_image/{one}",
        )
    ]


def offline_file(study: Study, bundle: Bundle, file: Path) -> Path:
    resources = Resources(study, "report")
    blocks = []
    for name in [*resources.names(), *names_of_kept(study)]:
        try:
            body = resources.get(name).body
        except AbsentError:
            continue
        text = base64.b64encode(body).decode()
        blocks.append(
            f'<script type="application/octet-stream" data-resource="{name}">{text}</script>'
        )
    script, style = content_hash(bundle.inline_script), content_hash(bundle.inline_style)
    policy = (
        f"default-src 'none'; script-src {script}; style-src {style}; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    file.write_text(
        f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cutaway</title>
<meta http-equiv="Content-Security-Policy" content="{policy}">
<style>{bundle.inline_style}</style></head>
<body><main id="cutaway-explorer"></main>{"".join(blocks)}
<script type="module">{bundle.inline_script}</script></body></html>""",
        "utf-8",
    )
    return file
