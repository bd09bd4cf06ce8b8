"""The page that the bundle brings to life."""

from markupsafe import Markup

_PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Cutaway</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="static/explorer.css">
{script}</head>
<body>
<main id="cutaway-explorer" data-api="api/">{words}</main>
</body>
</html>
""")
_SCRIPT = Markup('<script type="module" src="static/explorer.js"></script>\n')
_NO_SCRIPTS = Markup(
    "<noscript><p>The explorer needs scripts. <code>cutaway report STUDY</code> writes a page that "
    "reads without.</p></noscript>"
)
_NOT_BUILT = Markup(
    "<h1>{title}</h1><p>The explorer's front end was not built with this installation. Install "
    "Cutaway again where npm packages can be had, or read <code>cutaway report STUDY</code>.</p>"
)


def page(title: str, *, built: bool) -> str:
    """The page's HTML, with the title escaped.

    Args:
        title: Of the Study.
        built: Whether there is a bundle to load.
    """
    words = _NO_SCRIPTS if built else _NOT_BUILT.format(title=title)
    return _PAGE.format(title=title, script=_SCRIPT if built else "", words=words)
