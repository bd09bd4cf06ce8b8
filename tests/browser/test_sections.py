"""The report's sections in Chromium: what they mark leads to the explorer, and is marked by it."""

from pathlib import Path

import pytest

from cutaway.views.explorer.bundle import find_bundle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_bundle() is None, reason="the front end is not built"),
]

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def alive(browser, report):
    """Opens the report and waits until its sections lead to the explorer."""
    contexts = []

    def open_at(*, scheme="light", width=1280, scripts=True, trusted=False):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion="reduce",
            java_script_enabled=scripts,
            bypass_csp=trusted,
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(report.as_uri())
        if scripts:
            page.locator(".leads").first.wait_for()
        return page

    yield open_at
    for context in contexts:
        context.close()


def in_sight(page):
    box = page.locator("#cutaway-explorer").bounding_box()
    return box is not None and -1 <= box["y"] < 450


def says(page, words):
    page.wait_for_url(lambda address: words in address, timeout=10_000)


def test_a_layer_name_leads_to_its_layer_and_back_by_keyboard(alive):
    page = alive()
    row = page.locator("#network tbody tr").nth(1)
    row.get_by_role("button").focus()
    page.keyboard.press("Enter")
    says(page, "layer=1")
    assert in_sight(page)
    assert page.locator("[data-room=network]").evaluate("(e) => e === document.activeElement")
    assert row.evaluate("(e) => e.classList.contains('in-view')")
    page.get_by_role("button", name="Back to Network").press("Enter")
    assert row.get_by_role("button").evaluate("(e) => e === document.activeElement")
    assert not in_sight(page)
    assert page.complaints == []


def test_images_maps_units_and_findings_lead_to_what_they_show(alive):
    page = alive()
    image = page.locator("#predictions .thumbs [data-sample]").first
    sample = image.get_attribute("data-sample")
    image.get_by_role("button").click()
    says(page, f"sample={sample}")
    rows = page.locator("#network tbody tr")
    layers = rows.evaluate_all("(all) => all.map((one) => one.dataset.layer)")
    figure = page.locator("figure[data-method=tsne]").last
    layer = figure.get_attribute("data-layer")
    figure.locator("div > svg").click()
    says(page, "method=tsne")
    says(page, f"layer={layers.index(layer)}")
    unit = page.locator("#units [data-unit]").first
    wanted = unit.get_attribute("data-unit")
    unit.get_by_role("button").click()
    says(page, f"unit={wanted}")
    finding = page.locator("[data-finding]").and_(page.locator("main .findings > li")).first
    finding.get_by_role("button", name="Show in the explorer").first.click()
    says(page, "finding=0")
    chosen = page.locator("[data-room=findings] [data-finding='0']")
    assert chosen.get_attribute("aria-pressed") == "true"
    assert page.complaints == []


def test_what_is_chosen_in_the_explorer_is_marked_in_the_sections(alive):
    page = alive()
    image = page.locator("#predictions .thumbs [data-sample]").first
    sample = image.get_attribute("data-sample")
    page.evaluate("(id) => { location.hash = `view&layer=2&sample=${id}` }", sample)
    row = page.locator("#network tbody tr").nth(2)
    row.and_(page.locator(".in-view")).wait_for(state="attached")
    for other in page.locator(f".thumbs li[data-sample='{sample}']").all():
        assert other.get_by_role("button").get_attribute("aria-current") == "true"
    assert page.locator("#network tr.in-view").count() == 1


def test_without_scripts_the_marks_are_plain_words(alive):
    page = alive(scripts=False)
    assert page.locator("[data-sample]").count() > 10
    assert page.locator("main button").count() == 0
    assert page.locator("#units .shown li").first.inner_text().startswith("unit ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_whole_report_passes_axe(alive, scheme):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make web")
    page = alive(scheme=scheme, trusted=True)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document).then((all) => all.violations.map((one) => one.id))")
    assert found == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_every_tab_of_the_explorer_is_in_sight(alive, width):
    page = alive(width=width)
    cut = page.locator("#cutaway-explorer [role=tablist]").evaluate_all(
        "(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length"
    )
    assert cut == 0
