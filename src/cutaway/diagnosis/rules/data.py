"""What the rules notice in the data: its classes, copies, files and channels."""

from collections.abc import Iterator, Sequence

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.words import plural, share

IMBALANCE = 3.0
"""Classes are called imbalanced when the largest has more than this many times the smallest."""
NEAR_LEAKAGE = 0.01
"""Near copies of the reference's samples are a warning above this share of the data."""
CONSTANT = 0.002
"""A channel is constant where its standard deviation is below this share of the range of values."""

_CHANNELS = {1: ("grey",), 3: ("red", "green", "blue")}
_NAMED = 5


def _leakage(evidence: Evidence) -> Iterator[Finding]:
    shared = evidence.shared_samples
    if shared:
        yield Finding(
            "leakage",
            f"{len(shared):,} {plural('sample', len(shared))} of the data also in the reference",
            "They are equal pixel by pixel, so the network has seen them in training and its accuracy on them "
            "says nothing.",
            "shared",
            severity="problem",
            samples=tuple(shared[:9]),
            weight=share(len(shared), len(evidence.studied)),
        )
    near = evidence.nearly_shared_samples
    if near:
        touched = share(len(near), len(evidence.studied))
        yield Finding(
            "near leakage",
            f"{len(near):,} {plural('sample', len(near))} of the data nearly in the reference",
            "They resemble one image of the reference far more than any other, as crops and copies "
            "saved anew do; plain drawings may by nature. Accuracy on copies says little of new images.",
            "shared",
            severity="warning" if touched > NEAR_LEAKAGE else "note",
            samples=tuple(near[:9]),
            weight=touched,
        )


def _missing(evidence: Evidence) -> Iterator[Finding]:
    classes = evidence.summary.get("classes") or []
    missing = [entry["name"] for entry in classes if not entry["samples"]]
    if missing and len(missing) < len(classes):
        yield Finding(
            "missing class",
            f"{_named(missing)} {'has' if len(missing) == 1 else 'have'} no sample",
            f"{len(classes) - len(missing)} of {len(classes)} classes occur in the data; nothing can be said of the others.",
            "class_balance",
            severity="warning",
            weight=share(len(missing), len(classes)),
        )
    unlearned = _unlearned(evidence)
    if unlearned:
        own = evidence.studied["label"]
        touched = own.isin(unlearned)
        yield Finding(
            "missing class",
            f"{_named([evidence.name(label) for label in unlearned])} {'is' if len(unlearned) == 1 else 'are'} "
            "not in the reference",
            f"{touched.sum():,} of {len(own):,} samples are of classes that the reference does not hold. If the network "
            "was trained on it, it cannot know them.",
            "class_balance",
            severity="problem",
            samples=tuple(evidence.studied.loc[touched, "id"].head(9).tolist()),
            weight=share(int(touched.sum()), len(own)),
        )


def _unlearned(evidence: Evidence) -> list[int]:
    """Classes of the data without a sample in the reference, where there is one."""
    if "label" not in evidence.samples or evidence.reference.empty:
        return []
    learned = set(evidence.reference["label"])
    return [int(label) for label in sorted(set(evidence.studied["label"])) if label not in learned]


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    listed = ", ".join(str(name) for name in names[:_NAMED])
    return f"{listed} and {more} more" if more > 0 else listed


def _imbalance(evidence: Evidence) -> Iterator[Finding]:
    own = [entry["samples"] for entry in evidence.summary.get("classes") or []]
    if _lopsided(own):
        yield _sizes(own, "", "Accuracy hides errors in small classes.")
    elif "label" in evidence.samples and len(evidence.reference):
        learned = evidence.reference["label"].value_counts().tolist()
        if _lopsided(learned):
            told = "A network that was trained on it has seen little of the small classes."
            yield _sizes(learned, "In the reference the", told)


def _lopsided(numbers: Sequence[int]) -> bool:
    present = [number for number in numbers if number]
    return bool(present) and max(present) > IMBALANCE * min(present)


def _sizes(numbers: Sequence[int], where: str, told: str) -> Finding:
    present = [number for number in numbers if number]
    small = sum(number for number in present if max(present) > IMBALANCE * number)
    return Finding(
        "imbalance",
        f"{where or 'The'} largest class has {max(present) / min(present):.1f} times the samples of the smallest",
        f"Class sizes run from {min(present):,} to {max(present):,}. {told}",
        "class_balance",
        severity="warning",
        weight=share(small, sum(present)),
    )


def _duplicates(evidence: Evidence) -> Iterator[Finding]:
    groups = evidence.summary.get("duplicates") or ()
    conflicts = evidence.summary.get("label_conflicts") or ()
    total = len(evidence.studied)
    if conflicts:
        yield Finding(
            "label conflict",
            f"{len(conflicts):,} {plural('image', len(conflicts))} under two labels",
            "Equal or nearly equal images carry different labels: at least one of them is wrong.",
            "near_duplicates",
            severity="problem",
            samples=_ids(evidence, conflicts),
            weight=share(sum(len(group) for group in conflicts), total),
        )
    if groups:
        extra = sum(len(group) - 1 for group in groups)
        yield Finding(
            "duplicates",
            f"{len(groups):,} {plural('image', len(groups))} more than once in the data",
            f"{extra:,} exact {'copy counts' if extra == 1 else 'copies count'} twice in every figure.",
            "samples",
            samples=_ids(evidence, groups),
            weight=share(extra, total),
        )


def _ids(evidence: Evidence, groups: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Ids of the first samples of some groups of sources."""
    if "source" not in evidence.studied:
        return ()
    rows = dict(zip(evidence.studied["source"], evidence.studied["id"].tolist(), strict=True))
    found = [rows[source] for group in groups for source in group if source in rows]
    return tuple(int(row) for row in found[:8])


def _unreadable(evidence: Evidence) -> Iterator[Finding]:
    skipped = evidence.summary.get("skipped", [])
    if skipped:
        names = ", ".join(str(item["source"]) for item in skipped[:3])
        yield Finding(
            "unreadable",
            f"{len(skipped):,} {plural('file', len(skipped))} could not be read",
            f"Skipped: {names}{' and others' if len(skipped) > 3 else ''}.",
            "samples",
            severity="warning",
            weight=share(len(skipped), len(skipped) + len(evidence.studied)),
        )


def _constant_channel(evidence: Evidence) -> Iterator[Finding]:
    spread, means = evidence.summary.get("std") or (), evidence.summary.get("mean") or ()
    summary = evidence.summary
    scale = 255.0 if summary.get("dtype") == "uint8" else 1.0
    reach = (summary.get("maximum", 0.0) - summary.get("minimum", 0.0)) / scale
    still = [number for number, value in enumerate(spread) if value <= CONSTANT * reach]
    if still:
        names = _CHANNELS.get(len(spread), tuple(map(str, range(len(spread)))))
        which = ", ".join(names[number] for number in still)
        values = ", ".join(f"{means[number]:.3g}" for number in still)
        yield Finding(
            "constant channel",
            f"The {which} {plural('channel', len(still))} {'does' if len(still) == 1 else 'do'} not change",
            f"{'It has' if len(still) == 1 else 'They have'} the same value ({values}) in every pixel of every image, so "
            "the network learns nothing from it.",
            "image",
            severity="problem" if len(still) == len(spread) else "warning",
            weight=share(len(still), len(spread)),
        )


RULES = (
    _leakage,
    _missing,
    _imbalance,
    _duplicates,
    _unreadable,
    _constant_channel,
)

KINDS = (
    Kind(
        "leakage",
        "Images of the data stand in the reference, pixel by pixel.",
        "samples",
        "shared",
        "Take them out of one side.",
        "problem",
    ),
    Kind(
        "near leakage",
        "Images of the data are crops or copies of images of the reference.",
        "samples",
        "shared",
        "Look at the pairs; take out those that are the same picture.",
        "warning, or note",
        ("NEAR_LEAKAGE",),
    ),
    Kind(
        "missing class",
        "A class has no sample in the data, or occurs in the data and not in the reference.",
        "classes, or samples",
        "class_balance",
        "Add samples of it, or take it out of the list of classes.",
        "warning; problem where the reference lacks it",
    ),
    Kind(
        "imbalance",
        "Classes are of very different sizes, in the data or else in the reference.",
        "samples, those in small classes",
        "class_balance",
        "Look at recall by class, and weigh or resample.",
        "warning",
        ("IMBALANCE",),
    ),
    Kind(
        "label conflict",
        "Equal or nearly equal images carry different labels.",
        "samples",
        "near_duplicates",
        "Look at them and correct the labels.",
        "problem",
    ),
    Kind(
        "duplicates",
        "Images occur more than once.",
        "samples",
        "samples",
        "Keep one of each.",
    ),
    Kind(
        "unreadable",
        "Files could not be read.",
        "files",
        "samples",
        "Open them with an image viewer; copy or save them anew.",
        "warning",
    ),
    Kind(
        "constant channel",
        "A colour channel has one value throughout.",
        "channels",
        "image",
        "Look at how images are decoded or stacked; leave the channel out if it is really empty.",
        "warning; problem where it is all of them",
        ("CONSTANT",),
    ),
)
