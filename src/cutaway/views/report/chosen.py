"""Which maps a report carries, where not all are wanted."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from cutaway.errors import InputError
from cutaway.study import Study

Patterns = str | Sequence[str] | None


def with_maps(study: Study, layers: Patterns, methods: Patterns) -> tuple[Study, list[str]]:
    """The Study with maps of some layers by some methods and their clusters, and what is left out.

    Args:
        study: The Study; it stays as it is.
        layers: Names of layers or patterns such as "conv*"; None means all.
        methods: Such as "pca" or "umap"; None means all.

    Raises:
        InputError: A pattern matches no layer with a map, no map is made by a method, or none of
            the chosen layers has a map by a chosen method.
    """
    listed = study.record["maps"]
    by_layer = _matching("layers", layers, _names(listed, "layer"))
    by_method = _matching("methods", methods, _names(listed, "method"))
    kept = [row for row in listed if row["layer"] in by_layer and row["method"] in by_method]
    if listed and not kept:
        held = ", ".join(f"{row['layer']} by {row['method']}" for row in listed)
        raise InputError(
            f"layers={layers!r} and methods={methods!r} name no map together; there are {held}"
        )
    left_out = [f"{row['layer']} by {row['method']}" for row in listed if row not in kept]
    if not left_out:
        return study, []
    more = f" and {len(left_out) - 6} more" if len(left_out) > 6 else ""
    pairs = {(row["layer"], row["method"]) for row in kept}
    # A comparison of clusters is drawn on its map, which then is not there.
    clusters = [row for row in study.cluster_comparisons if (row["layer"], row["method"]) in pairs]
    lost = len(clusters) < len(study.cluster_comparisons)
    words = f"By choice: the maps of {', '.join(left_out[:6])}{more}"
    words += ", and the clusters on those." if lost else "."
    record = {**study.record, "maps": kept, "clusters": clusters}
    return Study(study.folder, record), [words]


def _names(listed: list[dict[str, str]], column: str) -> list[str]:
    return list(dict.fromkeys(row[column] for row in listed))


def _matching(argument: str, patterns: Patterns, known: list[str]) -> set[str]:
    if patterns is None:
        return set(known)
    wanted = [patterns] if isinstance(patterns, str) else list(patterns)
    if not wanted:
        raise InputError(f"{argument} is empty; expected some of {known}, or None for all")
    found: set[str] = set()
    for pattern in wanted:
        matched = {name for name in known if name == pattern or fnmatchcase(name, pattern)}
        if not matched:
            raise InputError(f"{argument} names {pattern!r}; expected some of {known}")
        found |= matched
    return found
