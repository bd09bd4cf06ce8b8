"""The process that examines networks, one a line of its input, one line of JSON each as answer."""

import json
import resource
import sys
import warnings
from types import ModuleType

import torch

from tests.zoo import timm_networks, transformers_networks
from tests.zoo.fidelity import Examination, first_line

MEMORY = 8 << 30
"""Bytes of address space that a network may take with all its layers captured."""

SOURCES: dict[str, ModuleType] = {"timm": timm_networks, "transformers": transformers_networks}


def examine(source: str, name: str, most: int) -> dict[str, object]:
    """A row of the table: figures, faults and notes, or why the network was left out.

    Args:
        source: Key of SOURCES.
        name: Which of its networks.
        most: Parameters beyond which a network is left out.
    """
    networks = SOURCES[source]
    row: dict[str, object] = {"source": source, "name": name}
    try:
        row["parameters"] = networks.parameters_of(name)
        large = {"left_out": f"more than {most / 1e6:.0f} million parameters"}
        if row["parameters"] > most:
            return row | large
        model, call, row["input"] = networks.build(name)
        row["parameters"] = sum(each.numel() for each in model.parameters())
        if row["parameters"] > most:
            return row | large
    except Exception as error:  # noqa: BLE001 (whatever a library raises is the table's business)
        return row | {"left_out": f"cannot be built or run here: {first_line(error)}"}
    try:
        return row | Examination(model, call).run()
    except Exception as error:  # noqa: BLE001
        return row | {"faults": [first_line(error)]}


def main() -> None:
    """Says that it is ready, then answers until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr  # networks print
    for networks in SOURCES.values():
        networks.prepare()
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(examine(*json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
