"""Goes through the explorer wherever it shows names, and holds it to take them all for text."""

import csv
import io
from collections.abc import Callable, Iterable
from xml.etree import ElementTree as ET

from playwright.sync_api import Locator, Page

from tests.attacks.hostile import ADDRESS, NAMES
from tests.browser.test_map import FIRST_POINT, MAP

WATCH = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`violation of ${event.violatedDirective} by ${event.blockedURI}`))"""
# What the names would put into a page; Cutaway's own elements are none of these.
INJECTED = """x-pwned, [id=pwned], [srcdoc], [href^="javascript:" i], [src^="javascript:" i], math,
  animate, embed, object, base, meta[http-equiv=refresh], [href*="evil.example"],
  [src*="evil.example"], [srcset], [action], [onerror], [onload], [onmouseover], [onfocus],
  [onbegin], [autofocus]"""
SEEN = """(root) => [root, ...root.querySelectorAll("*")].flatMap((one) => [
  ...[...one.childNodes].filter((child) => child.nodeType === 3).map((child) => child.data),
  ...[...one.attributes].map((attribute) => attribute.value), one.value ?? ""]).join("\\n")"""
RAN = "[window.pwned, {}.pwned, document.cookie.includes('pwned')]"
DRAWN = {"svg", "title", "desc", "rect", "circle", "text", "tspan", "line", "path", "g", "image"}
DRAWN |= {"polyline", "polygon"}
ROOMS = {
    "network": "Network",
    "findings": "Findings",
    "diagnosis": "Diagnosis",
    "sample": "Sample",
    "selection": "Table",
    "place": "New",
}


class Tour:
    """A page under watch.

    Args:
        page: The page, before what is watched is opened.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        self.seen: list[str] = []
        self.saved: dict[str, str] = {}
        page.add_init_script(WATCH)
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: (self.troubles.append("a dialog"), dialog.dismiss()))
        page.on("request", lambda request: self._ask(request.url.partition("#")[0]))

    def visit(self, root: Locator, go: Callable[[str], object]) -> None:
        """Shows every colour, some samples, layers and units, every room, search and filters."""
        colour = root.get_by_role("combobox", name="Colour")
        for option in colour.locator("option").all():
            colour.select_option(value=option.get_attribute("value"))
            self._look(root)
        root.locator(".frame[data-whole='true']").wait_for()
        root.locator(MAP).scroll_into_view_if_needed()
        box, (x, y) = (
            root.locator(MAP).bounding_box(),
            root.locator(".points canvas").evaluate(FIRST_POINT),
        )
        self.page.mouse.move(box["x"] + x, box["y"] + y + 2)
        root.locator(".card").wait_for()
        self._look(root)
        for number in (0, 37, 38):
            view = f"view&layer={number // 2 + 1}&selection=0-113&colour=label&sample={number}"
            go(f"{view}&rooms=network.sample.sample")
            root.get_by_role("heading", name=f"No. {number}", exact=True).first.wait_for()
            self._look(root)
            go(f"{view}&unit=0&rooms=network.sample.network")
            root.locator("[data-room=network]").wait_for()
            self._look(root)
        root.get_by_text("Filter", exact=True).press("Enter")
        root.get_by_label("Column to filter by").select_option("=kinds")
        root.get_by_label("Search by id, class or text").fill(NAMES[1])
        self._look(root)
        root.get_by_label("Search by id, class or text").fill("")
        self._save(root, "map", "Save the map or its rows", ("Drawing (SVG)", "rows (CSV)"))
        for room, label in ROOMS.items():
            root.get_by_role("tab", name=label).press("Enter")
            shown = self.page.locator(f"[data-room={room}]")
            shown.wait_for()
            self._look(root)
            if room != "place":
                panel = root.locator("section.left, section.right").filter(has=shown)
                self._save(panel, room, "Save this panel", ("(SVG)", "(CSV)"))

    def hold(self, body: Locator, names: Iterable[str]) -> None:
        """Holds the page to have shown these names, run nothing, asked for nothing of others."""
        self._look(body)
        assert [
            one.evaluate("(one) => one.outerHTML") for one in body.locator(INJECTED).all()
        ] == []
        assert self.page.locator("x-pwned, [id=pwned]").count() == 0
        assert self.page.evaluate(RAN) == [None, None, False]
        assert self.page.frames == [self.page.main_frame]
        assert self.troubles == []
        seen = "\n".join(self.seen)
        assert [name for name in names if _words(name) not in seen] == []
        for file, text in self.saved.items():
            _hold_saved(file, text)

    def _ask(self, address: str) -> None:
        if ADDRESS in address:
            self.troubles.append(f"asked for {address}")

    def _look(self, root: Locator) -> None:
        self.seen.append(_words(root.evaluate(SEEN)))

    def _save(self, root: Locator, room: str, menu: str, buttons: tuple[str, str]) -> None:
        for button in buttons:
            root.locator(f"summary[aria-label='{menu}']").press("Enter")
            with self.page.expect_download() as saved:
                root.get_by_role("button", name=button).press("Enter")
            text = saved.value.path().read_bytes().decode()
            self.saved[f"{room}.{saved.value.suggested_filename.rpartition('.')[2]}"] = text


def _words(text: str) -> str:
    """Text as a page may show it: white space is one space, and so are controls."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _hold_saved(file: str, text: str) -> None:
    """Holds an SVG to be XML of our own elements, and a table to have no formula in any cell."""
    if file.endswith("svg"):
        found = [*ET.fromstring(text).iter()]
        assert {element.tag.rpartition("}")[2] for element in found} <= DRAWN, file
        assert not [key for element in found for key in element.attrib if key.startswith("on")]
        return
    rows = [*csv.reader(io.StringIO(text, newline=""))]
    assert len({len(row) for row in rows}) == 1, file
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(("=", "@", "\t", "\r", "\n", "\uff1d")), (file, cell)
        assert not cell.startswith(("+", "-")) or float(cell), (file, cell)
