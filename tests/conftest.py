"""What every test shares: shape checks at run time, real data, and no silent skip under CI."""

import os
from pathlib import Path

import matplotlib as mpl
import pytest
from jaxtyping import install_import_hook

install_import_hook("cutaway", "beartype.beartype")
mpl.use("agg")

REQUIRE_ALL = "CUTAWAY_REQUIRE_ALL"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Where the environment asks for every test, a skip is a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(REQUIRE_ALL):
        report.outcome = "failed"
        reason = f"{item.nodeid} was skipped, and {REQUIRE_ALL} forbids it"
        report.longrepr = f"{reason}: {report.longrepr}"


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder that holds MNIST and CIFAR-10 as parquet."""
    folder = os.environ.get("CUTAWAY_DATA")
    if not folder or not (Path(folder) / "cifar10").is_dir():
        pytest.skip("CUTAWAY_DATA names no folder with mnist/ and cifar10/")
    return Path(folder)
