"""The explorer in a browser: a Study served on this machine, to whoever holds its token."""

from cutaway.views.server.serve import Serving, serve

__all__ = ["Serving", "serve"]
