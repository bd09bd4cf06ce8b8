"""The explorer by the door that fits: a widget in a notebook, else a server."""

import sys
from typing import Any

from cutaway.progress import say
from cutaway.study import Study


def explore(study: Study, model: Any = None, *, port: int = 0) -> Any:
    """Opens the explorer; see `Study.explore`."""
    if in_notebook():
        from cutaway.views.widget import ExplorerWidget

        return ExplorerWidget(study, model)
    from cutaway.views.server import serve

    serving = serve(study, model, port=port)
    say(serving.url)
    return serving


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this code; IPython in a terminal is none."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return hasattr(shell, "kernel")
