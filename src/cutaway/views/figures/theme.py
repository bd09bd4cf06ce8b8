"""One look for every figure, whatever the user's own matplotlib settings are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.colors import to_rgba
from matplotlib.patheffects import withStroke

from cutaway.errors import InputError

INK_SENTINEL = "#010203"
"""Stands for the page's text colour in figures of theme "inherit"; `to_svg` replaces it."""

PAPER_SENTINEL = "#fdfcfb"
"""Stands for the page's background in figures of theme "inherit"; `to_svg` replaces it."""

TITLE_POINTS = 9.0
TEXT_POINTS = 8.0
SMALL_POINTS = 7.0
HALO_POINTS = 2.4

Colour = str | tuple[float, float, float, float]

# The backend, and what decides how windows open, is the user's own business.
_NOT_A_LOOK = ("backend", "interactive", "toolbar", "timezone", "datapath", "webagg")

# matplotlib looks a missing character up in the next family; only installed ones are named, because
# it warns of each that is not.
_FAMILIES = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Arial Unicode MS",
    "Noto Emoji",
)


@dataclass(frozen=True)
class Look:
    """The colours of a theme.

    Attributes:
        ink: Text and marks that carry the message.
        quiet: Secondary text: tick labels, notes.
        rule: Lines that separate or guide.
        faint: Fills that are just visible.
        paper: What is behind the figure; halos take it.
        background: The figure's own face, "none" where the page shows through.
        accent: The one colour of bars and cells.
        second: A second colour, lighter in grey print than `accent`.
    """

    ink: str
    quiet: Colour
    rule: Colour
    faint: Colour
    paper: str
    background: str
    accent: str
    second: str


class Halo(withStroke):
    """A rim around text in the colour of the paper, by which it reads on top of points."""

    def __init__(self, look: Look) -> None:
        super().__init__(linewidth=HALO_POINTS, foreground=look.paper)
        self.colour = look.paper


def _look(ink: str, paper: str, background: str, accent: str, second: str) -> Look:
    return Look(
        ink=ink,
        quiet=to_rgba(ink, 0.64),
        rule=to_rgba(ink, 0.22),
        faint=to_rgba(ink, 0.07),
        paper=paper,
        background=background,
        accent=accent,
        second=second,
    )


THEMES = {
    "light": _look("#1b1e23", "#ffffff", "#ffffff", "#2f74b5", "#e08a1e"),
    "dark": _look("#e9eaec", "#15171a", "#15171a", "#5a9fdc", "#f0b050"),
    "inherit": _look(INK_SENTINEL, PAPER_SENTINEL, "none", "#3f86c8", "#e39a3b"),
}


@contextmanager
def drawing(theme: str) -> Iterator[Look]:
    """Draws what is created inside in the given theme, and in no user's settings.

    Artists copy their properties when they are created, so that a figure keeps its look afterwards.
    matplotlib's settings are what they were before on any exit.

    Args:
        theme: "light", "dark", or "inherit" (one sentinel colour on a transparent background, which
            `to_svg` turns into the text colour of the page around it).

    Raises:
        InputError: There is no such theme.

    Example:
        >>> with drawing("dark") as look:
        ...     look.paper
        '#15171a'
    """
    if theme not in THEMES:
        raise InputError(f"theme={theme!r} is not a theme; expected one of {sorted(THEMES)}")
    look = THEMES[theme]
    with mpl.rc_context({**_neutral_settings(), **_settings(look)}):
        yield look


@cache
def _neutral_settings() -> dict[Any, Any]:
    return {
        name: value
        for name, value in mpl.rcParamsDefault.items()
        if not name.startswith(_NOT_A_LOOK)
    }


@cache
def font_families() -> tuple[str, ...]:
    """The font families that figures are set in, most wanted first; all are installed."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return tuple(family for family in _FAMILIES if family in installed)


def _settings(look: Look) -> dict[Any, Any]:
    return {
        "axes.edgecolor": look.rule,
        "axes.facecolor": "none",
        "axes.labelcolor": look.quiet,
        "axes.labelsize": SMALL_POINTS,
        "axes.linewidth": 0.6,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": look.ink,
        "axes.titlelocation": "left",
        "axes.titlepad": 5.0,
        "axes.titlesize": TEXT_POINTS,
        "figure.dpi": 120,
        "figure.edgecolor": "none",
        "figure.facecolor": look.background,
        "font.family": list(font_families()),
        "font.size": TEXT_POINTS,
        "image.composite_image": False,
        "savefig.facecolor": "auto",
        "text.color": look.ink,
        # A class may be called "$x^2$": names are text, never formulas.
        "text.parse_math": False,
        "text.usetex": False,
        "xtick.color": look.rule,
        "xtick.labelcolor": look.quiet,
        "xtick.labelsize": SMALL_POINTS,
        "xtick.major.size": 2.5,
        "xtick.major.width": 0.6,
        "ytick.color": look.rule,
        "ytick.labelcolor": look.quiet,
        "ytick.labelsize": SMALL_POINTS,
        "ytick.major.size": 2.5,
        "ytick.major.width": 0.6,
    }
