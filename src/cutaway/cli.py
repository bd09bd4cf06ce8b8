"""The `cutaway` command. Each subcommand parses, calls one function and prints; no more."""

import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from cutaway import __version__
from cutaway.errors import CutawayError, InputError, own_lines

app = typer.Typer(
    name="cutaway",
    help="See what a data set looks like, what every layer of a network makes of it, "
    "and where that goes wrong.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # spares a third of the start-up time
    pretty_exceptions_enable=False,
)

_SOURCE_HELP = (
    'A data set: "digits", "mnist", "cifar10", a hub id, a folder of images, parquet files, or '
    "WebDataset shards."
)
Source = Annotated[str, typer.Argument(metavar="SOURCE", help=_SOURCE_HELP)]
Split = Annotated[str | None, typer.Option(help='Which split, such as "train" or "test".')]
Limit = Annotated[int | None, typer.Option(help="Only the first so many samples.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Seed = Annotated[int, typer.Option(help="Equal seeds give equal results.")]
Device = Annotated[str, typer.Option(help='"auto", "cpu" or "cuda".')]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what lies there already.")]
StudyPath = Annotated[
    Path, typer.Argument(metavar="STUDY", help="A folder that `cutaway study` wrote.")
]


def main() -> NoReturn:
    """Runs the command; an error that the user can mend is one line and exit code 2.

    Where a network's own code raised, its own lines stand above. A run that a signal stopped ends
    with 128 and its number, one at a job's time limit with 75.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal may lack letters that class names, file names or figures have.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(standalone_mode=True)
    except CutawayError as error:
        _fail(str(error), [] if error.__cause__ is None else own_lines(error.__cause__))
        sys.exit(error.exit_code)
    except Exception as error:
        lines = own_lines(error)
        if not lines:
            raise
        _fail(f"{type(error).__name__} in {lines[-1].filename}: {error}", lines)
        sys.exit(CutawayError.exit_code)
    sys.exit(0)


def _fail(message: str, lines: list[traceback.FrameSummary]) -> None:
    told = "".join(traceback.format_list(lines))
    print(f"{told}cutaway: {message}", file=sys.stderr)  # noqa: T201 (the command's own output)


def _print(text: str) -> None:
    print(text)  # noqa: T201 (the command's own output)


def _parse_maps(options: list[str] | None) -> dict[str, list[str]] | None:
    """From "tsne=pixels,fc_layers.4" to a method and its layer patterns."""
    maps: dict[str, list[str]] = {}
    for option in options or []:
        method, separator, patterns = option.partition("=")
        if not separator or not patterns:
            raise InputError(
                f'map={option!r} is not understood; expected METHOD=PATTERN, such as "tsne=pixels"'
            )
        maps.setdefault(method, []).extend(patterns.split(","))
    return maps or None


def _several(options: list[str] | None) -> list[str] | None:
    """From "pixels,fc*" to names and patterns; what an option given again says is added."""
    return [part for option in options or [] for part in option.split(",")] or None


def _parse_point(option: str) -> tuple[int, int]:
    """From "2,3" to a row and a column."""
    parts = option.split(",")
    if len(parts) != 2 or not all(part.strip().isdigit() for part in parts):
        raise InputError(
            f"point={option!r} is not understood; expected ROW,COLUMN, counted from 0, such as 2,3"
        )
    return int(parts[0]), int(parts[1])


def _name_of(source: str) -> str:
    """What a folder made from a source is called: also of ".", a pattern or an address."""
    from cutaway.data.sources import find_source

    return Path(find_source(source).name).name.replace(":", "-")


@contextmanager
def _progress() -> Iterator[None]:
    """Shows progress for the length of the block."""
    from cutaway.progress import progress_visible, show_progress

    before = progress_visible()
    show_progress()
    try:
        yield
    finally:
        show_progress(before)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        _print(f"cutaway {__version__}")
        raise typer.Exit


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to create.")] = Path(
        "cutaway-demo"
    ),
    seed: Seed = 0,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the explorer in a browser at the end.")
    ] = False,
    overwrite: Overwrite = False,
) -> None:
    """Train on handwritten digits, study the network, write report.html.

    \b
    Examples:
      cutaway demo
      cutaway demo -o my-demo --open
    """  # noqa: D301 (click keeps the lines after a backspace)
    from cutaway.commands.demo import run_demo
    from cutaway.progress import say

    with _progress():
        report = run_demo(output, seed=seed, overwrite=overwrite)
    _print(str(report))
    study, checkpoint = report.parent / "digits.study", report.parent / "training" / "best.ckpt"
    if open_browser:
        from cutaway.commands.explore import run_explorer

        run_explorer(study, str(checkpoint), host="127.0.0.1", port=0, open_browser=True)
    else:
        say(f"Look around in it: cutaway explore {study} --model {checkpoint}")


@app.command()
def describe(
    source: Source,
    split: Split = None,
    limit: Limit = None,
    reference: Annotated[
        str | None, typer.Option(help='Look for copies in this split too, such as "train".')
    ] = None,
    streaming: Annotated[
        bool, typer.Option("--streaming", help="Read batch by batch, store nothing.")
    ] = False,
    near: Annotated[
        bool, typer.Option("--near/--no-near", help="Look for near duplicates.")
    ] = True,
    complexity: Annotated[
        bool, typer.Option("--complexity", help="Say how deep a network the data needs.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder for description.json and pictures."),
    ] = None,
    seed: Seed = 0,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Say what a data set is: counts, classes, duplicates, how complex it is.

    \b
    Examples:
      cutaway describe digits
      cutaway describe photos/ --json
      cutaway describe cifar10 --split test --reference train
      cutaway describe mnist --complexity -o mnist
      cutaway describe "shards-{000..099}.tar" --streaming
    """  # noqa: D301 (click keeps the lines after a backspace)
    from cutaway.commands import describe as command

    with _progress():
        found = command.describe_source(
            source,
            split=split,
            limit=limit,
            reference=reference,
            streaming=streaming,
            near=near,
            complexity=complexity,
            output=output,
            overwrite=overwrite,
            seed=seed,
        )
    _print(json.dumps(command.as_json(*found), indent=2) if as_json else command.in_words(*found))


@app.command()
def train(
    source: Source,
    settings: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Of the job, with --slurm.", show_default=""),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for checkpoints and curves.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the training data.", show_default="10")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Images a step; by default 128, or 64 for small sets.")
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(
            help='"resnet18" and the like, "timm:NAME", or "package.module:function"; by default '
            "Report6's CNN."
        ),
    ] = None,
    pretrained: Annotated[
        str | None,
        typer.Option(metavar="FILE|hub", help="Begin with these weights; the head is fitted."),
    ] = None,
    freeze: Annotated[
        str | None,
        typer.Option(metavar="LAYERS", help='Keep as they are: "backbone", or "conv1,layer1".'),
    ] = None,
    unfreeze_at: Annotated[
        int | None, typer.Option(metavar="EPOCH", help="From here on they learn too; never if not.")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Its peak; by default the recipe's.")
    ] = None,
    recipe: Annotated[
        str,
        typer.Option(help='"quick", "augmented" for natural images, or "patient" with a teacher.'),
    ] = "quick",
    teacher: Annotated[
        Path | None, typer.Option(help="Checkpoint of a larger network to learn from.")
    ] = None,
    seed: Seed = 0,
    device: Device = "auto",
    overwrite: Overwrite = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Take a finished run too, and only test it.")
    ] = False,
    study_at: Annotated[
        str | None,
        typer.Option(metavar="EPOCHS", help='Build a Study after these epochs, such as "1,5,10".'),
    ] = None,
    slurm: Annotated[
        bool, typer.Option("--slurm", help="Let a cluster do it, by KEY=VALUE of sbatch.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="With --slurm, show what the job writes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a network, keep its checkpoint.

    A run that was stopped or killed goes on when the same command is run again.

    \b
    Examples:
      cutaway train digits
      cutaway train digits --study-at 1,5,10
      cutaway train cifar10 --slurm partition=main time=01:00:00 gpus=1 --follow
      srun --ntasks=2 cutaway train cifar10      (in a batch script of your own)
      cutaway train cifar10 --recipe augmented --epochs 30 -o runs/cifar10
      cutaway train cifar10 --recipe patient --teacher teacher.ckpt -o runs/patient
      cutaway train photos/ --network resnet18 --pretrained hub --freeze backbone
      cutaway train photos/ --pretrained model.safetensors --freeze conv1,layer1
    """  # noqa: D301 (click keeps the lines after a backspace)
    from cutaway.commands import train as command

    folder = output or Path("runs") / _name_of(source)
    if slurm:
        job = command.submit_training(settings or [], folder)
        _print(f"job {job.name}, its log is {job.log}")
        return command.follow_job(job) if follow else None
    if settings or follow:
        raise InputError(f"{settings or '--follow'} is for jobs; expected --slurm with it")
    with _progress():
        run = command.train_source(
            source,
            network,
            recipe=recipe,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            pretrained=pretrained,
            freeze=freeze,
            unfreeze_at=unfreeze_at,
            teacher=teacher,
            seed=seed,
            device=device,
            output=folder,
            overwrite=overwrite,
            resume=resume,
            study_at=study_at,
        )
    if run is None:
        return None
    result = {
        "checkpoint": str(run.checkpoint),
        "test_accuracy": run.test_accuracy,
        "test_accuracy_with_flips": run.test_accuracy_with_flips,
        "epochs": len(run.history),
        "seconds": round(run.seconds, 1),
    }
    if as_json:
        _print(json.dumps(result, indent=2))
    else:
        _print(f"{run.checkpoint}: {run.test_accuracy:.2%} of test images right")
    return None


@app.command()
def study(
    model: Annotated[
        str, typer.Argument(help='A checkpoint, "timm:NAME", or "package.module:function".')
    ],
    source: Source,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder to create; default SOURCE.study.")
    ] = None,
    split: Split = None,
    reference: Annotated[
        str | None, typer.Option(help="Split that the network was trained on, for comparison.")
    ] = None,
    limit: Limit = None,
    streaming: Annotated[
        bool, typer.Option("--streaming", help="Read images as they are needed, hold no pixels.")
    ] = False,
    layers: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN,...", help="Layers to study, by name or pattern."),
    ] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option("--map", help='Maps to make, as "METHOD=PATTERN,PATTERN"; repeatable.'),
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Ask also what costs more than a forward pass or two.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(help="Processes to start that share the pass over the data.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="A Dask scheduler whose workers make the pass."),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(min=1, help="Side in pixels that the network takes, if it does not say."),
    ] = None,
    seed: Seed = 0,
    device: Device = "auto",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Run data through a network, write what was learned to a folder.

    \b
    Examples:
      cutaway study runs/digits/best.ckpt digits
      cutaway study epoch=99.ckpt cifar10 --split test --reference train --limit 10000
      cutaway study timm:resnet18 photos/ --layers "layer*" --map pca="*" --map tsne=layer4
      cutaway study timm:resnet50 "shards-{000..099}.tar" --streaming --workers 8
      cutaway study best.ckpt cifar10 --cluster tcp://10.0.0.1:8786
    """  # noqa: D301 (click keeps the lines after a backspace)
    from cutaway.data import load_data
    from cutaway.study import build_study
    from cutaway.training.curves import read_history

    with _progress():
        data = load_data(source, split=split, limit=limit, streaming=streaming)
        other = None
        if reference is not None:
            other = load_data(source, split=reference, limit=limit, streaming=streaming)
        built = build_study(
            model,
            data,
            output or Path(f"{_name_of(source)}.study"),
            reference=other,
            layers=_several(layers),
            maps=_parse_maps(maps),
            history=read_history(model),
            seed=seed,
            device=device,
            overwrite=overwrite,
            deep=deep,
            workers=workers,
            cluster=cluster,
            size=size,
        )
    if as_json:
        _print(json.dumps(built.record, indent=2))
    else:
        _print("\n".join([str(built.folder), *(f"- {found.title}" for found in built.findings)]))


@app.command()
def report(
    path: StudyPath,
    output: Annotated[Path, typer.Option("-o", "--output", help="HTML file to write.")] = Path(
        "report.html"
    ),
    layers: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN,...", help='Layers whose maps go in, by name or pattern. Default: "*".'
        ),
    ] = None,
    methods: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,...", help='Methods whose maps go in, such as "pca,umap". Default: all.'
        ),
    ] = None,
) -> None:
    """Write a Study as one HTML file that opens offline.

    \b
    Examples:
      cutaway report digits.study
      cutaway report cifar10.study -o cifar10.html
      cutaway report cifar10.study --layers "pixels,fc*" --methods umap
    """  # noqa: D301 (click keeps the lines after a backspace)
    from cutaway.study import open_study

    chosen = {"layers": _several(layers), "methods": _several(methods)}
    with _progress():
        _print(str(open_study(path).report(output, **chosen)))


@app.command()
def compare(
    first: StudyPath,
    second: StudyPath,
    output: Annotated[Path, typer.Option("-o", "--output", help="HTML file to write.")] = Path(
        "compare.html"
    ),
    as_json: AsJson = False,
) -> None:
    """Set two Studies of the same data side by side: two epochs, or two networks.

    \b
    Examples:
      cutaway compare runs/digits/studies/epoch-001.study runs/digits/studies/epoch-010.study
      cutaway compare small.study large.study -o small-large.html
    """  # noqa: D301 (click keeps the lines after a backspace)
    from cutaway.study.comparison import compare as compare_studies

    with _progress():
        compared = compare_studies(first, second)
        written = compared.report(output)
    _print(json.dumps(compared.counts, indent=2) if as_json else str(written))


@app.command()
def explore(
    path: StudyPath,
    model: Annotated[
        str | None,
        typer.Option(help="The network that the Study was made with, to place new images."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 is any free one.")] = 0,
    host: Annotated[
        str, typer.Option(help="Address to listen on; only this machine can reach 127.0.0.1.")
    ] = "127.0.0.1",
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open it in a browser.")
    ] = True,
) -> None:
    """Look at a Study in a browser: data, layers, units and predictions in one linked view.

    \b
    Examples:
      cutaway explore digits.study
      cutaway explore cifar10.study --model runs/cifar10/best.ckpt
      cutaway explore cifar10.study --port 8000 --no-open
    """  # noqa: D301 (click keeps the lines after a backspace)
    from cutaway.commands.explore import run_explorer

    run_explorer(path, model, host=host, port=port, open_browser=open_browser)


@app.command()
def layers(path: StudyPath, as_json: AsJson = False) -> None:
    """Print where the classes come apart: a row a layer, the pixels first.

    \b
    Examples:
      cutaway layers digits.study
      cutaway layers cifar10.study --json
    """  # noqa: D301 (click keeps the lines after a backspace)
    from cutaway.commands import layers as command
    from cutaway.study import open_study

    opened = open_study(path)
    _print(command.as_json(opened) if as_json else command.in_words(opened))


@app.command()
def figure(
    path: StudyPath,
    name: Annotated[str | None, typer.Argument(help="Which figure; none lists them.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="PNG, SVG or PDF file to write.")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="For figures of one layer.")] = None,
    sample: Annotated[int | None, typer.Option(help="For figures of one sample: its id.")] = None,
    unit: Annotated[int | None, typer.Option(help="For figures of one unit: its number.")] = None,
    point: Annotated[
        str | None,
        typer.Option(metavar="ROW,COLUMN", help="Frame what this position of the maps sees."),
    ] = None,
    theme: Annotated[str, typer.Option(help='"light" or "dark".')] = "light",
) -> None:
    """Draw one figure of a Study.

    \b
    Examples:
      cutaway figure digits.study
      cutaway figure digits.study filters --layer block1.0 -o filters.png
      cutaway figure digits.study top_images --layer block2.3 --unit 7 -o unit7.png
      cutaway figure digits.study feature_maps --layer block2.3 --sample 12 --point 2,3
    """  # noqa: D301 (click keeps the lines after a backspace)
    from cutaway.study import open_study
    from cutaway.views.gallery import FIGURES, draw, write

    opened = open_study(path)
    if name is None:
        _print(
            "\n".join(f"{key:23} {entry.title}{entry.options}" for key, entry in FIGURES.items())
        )
        return
    place = None if point is None else _parse_point(point)
    drawn = draw(opened, name, layer=layer, sample=sample, unit=unit, point=place, theme=theme)
    _print(str(write(drawn, output or Path(f"{name}.png"))))


@app.command(name="map")
def make_map(
    source: Annotated[
        str, typer.Argument(help=f"A table (.npy, .npz, .csv, .parquet), or: {_SOURCE_HELP}")
    ],
    method: Annotated[
        str, typer.Option("-m", "--method", help='"pca", "tsne", "umap" or "autoencoder".')
    ] = "tsne",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Parquet file for the map.")
    ] = None,
    picture: Annotated[Path | None, typer.Option("--figure", help="Picture of the map.")] = None,
    perplexity: Annotated[
        list[float] | None,
        typer.Option(min=1, help="For t-SNE; several draw one map under each."),
    ] = None,
    split: Split = None,
    limit: Limit = None,
    streaming: Annotated[
        bool, typer.Option("--streaming", help="Hold 50 principal components of images, no pixels.")
    ] = False,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Map a table of numbers or a set of images to two dimensions.

    \b
    Examples:
      cutaway map features.npy -m tsne -o map.parquet --figure map.png
      cutaway map mnist --limit 10000 -m umap --figure mnist.png
      cutaway map "shards-{000..099}.tar" --streaming -m umap -o map.parquet
      cutaway map digits --perplexity 5 --perplexity 30 --perplexity 100 --figure perplexities.png
    """  # noqa: D301 (click keeps the lines after a backspace)
    from cutaway.commands.map import map_source

    with _progress():
        result: dict[str, Any] = map_source(
            source,
            method=method,
            perplexities=perplexity or None,
            split=split,
            limit=limit,
            streaming=streaming,
            seed=seed,
            output=output,
            picture=picture,
        )
    if as_json:
        _print(json.dumps(result, indent=2))
    else:
        _print("\n".join(f"{key}: {value}" for key, value in result.items()))
