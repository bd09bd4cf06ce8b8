"""Two Studies side by side in Chromium: whole at every width, offline, without a script."""

import pytest

from cutaway.study import compare
from tests.browser.test_report import OVERFLOWING

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(study, tmp_path_factory):
    return compare(study, study).report(tmp_path_factory.mktemp("compared") / "compare.html")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark"), (2000, "light")])
def test_nothing_sticks_out_and_nothing_is_asked_for(browser, page_file, width, scheme):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    )
    page, complaints, asked = context.new_page(), [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith("data:")] == [page_file.as_uri()]
    assert complaints == []
    context.close()
