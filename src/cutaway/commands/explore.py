"""`cutaway explore`: a Study in the browser until it is interrupted."""

from pathlib import Path

from cutaway.progress import say
from cutaway.study import open_study


def run_explorer(
    path: Path, model: str | None, *, host: str, port: int, open_browser: bool
) -> None:
    """Serves a Study, prints its address on a line of its own, and returns when interrupted.

    Raises:
        InputError: There is no such Study, the network is another than the Study's, or the address
            cannot be listened on.
    """
    from cutaway.views.server import serve

    with serve(open_study(path), model, host=host, port=port) as serving:
        print(serving.url, flush=True)  # noqa: T201 (the command's output)
        say("Ctrl-C ends it.")
        if open_browser:
            import webbrowser

            webbrowser.open(serving.url)
        serving.wait()
