"""The demo's report as a reader meets it: in Chromium, offline, at three widths, light and dark."""

import pytest

from cutaway.views.explorer.bundle import find_bundle

pytestmark = pytest.mark.browser

SECTIONS = [
    "Data", "Maps", "Clusters", "Network", "Filters", "Feature maps", "Units",
    "Predictions", "Findings",
]  # fmt: skip
if find_bundle() is not None:
    SECTIONS.insert(0, "Explorer")
OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth;
  return [...document.querySelectorAll("body *")].filter((element) => {
    if (element.closest(".scroll, nav, .skip, .cutaway")) return false;
    if (element.closest("svg") && element.tagName !== "svg") return false;
    return element.getBoundingClientRect().right > wide + 1;
  }).map((element) => element.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def open_report(browser, report):
    contexts = []

    def open_at(width=1280, scheme="light", scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(report.as_uri())
        return page

    yield open_at
    for context in contexts:
        context.close()


def test_sections_stand_in_order(open_report):
    assert open_report().locator("main > section > h2").all_inner_texts() == SECTIONS


ASTRAY = """() => [...document.querySelectorAll(".cutaway button svg")].filter((icon) => {
  const [inner, outer] = [icon, icon.closest("button")].map((each) => each.getBoundingClientRect());
  return inner.left < outer.left || inner.right > outer.right || inner.bottom > outer.bottom;
}).length"""


def test_the_page_and_the_explorer_do_not_dress_each_other(open_report):
    if find_bundle() is None:
        assert "Explorer" not in SECTIONS
        return
    page = open_report()
    page.locator(".cutaway button svg").nth(3).wait_for()
    assert page.evaluate(ASTRAY) == 0
    heads = page.locator("main > section > h2").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).fontSize)"
    )
    assert len(set(heads)) == 1


def test_no_request_leaves_the_file(open_report, report):
    page = open_report()
    page.mouse.wheel(0, 20_000)
    left = [url for url in page.asked if not url.startswith(("data:", "blob:"))]
    assert left == [report.as_uri()]
    assert page.complaints == []


@pytest.mark.parametrize("width", [360, 768, 1440, 2560])
def test_nothing_sticks_out_of_the_page(open_report, width):
    page = open_report(width)
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_report, scheme):
    page = open_report(scheme=scheme)
    contrast = page.evaluate("""() => {
      const light = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((v) => {
          v /= 255;
          return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ground = (element) => {
        for (let e = element; e; e = e.parentElement) {
          const colour = getComputedStyle(e).backgroundColor;
          if (!/, 0\\)$|transparent/.test(colour) && !colour.startsWith("color")) return colour;
        }
        return "rgb(255, 255, 255)";
      };
      const texts = document.querySelectorAll("h1, h2, h3, p, td, th, dt, dd, figcaption, li");
      return [...texts].map((e) => {
        const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
        return (a + 0.05) / (b + 0.05);
      });
    }""")
    assert min(contrast) >= 4.5


def test_every_picture_has_a_text_alternative(open_report):
    page = open_report()
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    drawings = page.locator("figure svg[role=img]")
    assert drawings.count() > 20
    for label in drawings.evaluate_all("all => all.map((svg) => svg.getAttribute('aria-label'))"):
        assert len(label) > 5


@pytest.mark.skipif(find_bundle() is None, reason="the front end was not built")
def test_the_explorer_comes_to_life_offline(open_report):
    page = open_report()
    page.wait_for_selector("#cutaway-explorer[data-ready]")
    assert page.locator("#cutaway-explorer canvas").count() > 0
    assert page.complaints == []


def test_ids_are_unique(open_report):
    ids = open_report().evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_it_reads_without_scripts(open_report):
    page = open_report(scripts=False)
    assert "Predicted right" in page.inner_text("header")


def test_the_links_between_sections_work(open_report):
    page = open_report()
    for link in page.locator("a[href^='#']").all():
        target = link.get_attribute("href")
        assert page.locator(f"[id='{target[1:]}']").count() == 1, target


def test_the_size_is_at_most_8_mb(report):
    assert report.stat().st_size <= 8_000_000


def test_the_demo_trained_a_network_that_works(report):
    from cutaway import open_study

    study = open_study(report.parent / "digits.study")
    right = study.studied["label"] == study.studied["predicted"]
    assert right.mean() >= 0.97
    assert len(study.studied) == 359
