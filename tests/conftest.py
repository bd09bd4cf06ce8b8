"""What every test shares: shape checks at run time, real data, and no silent skip under CI."""

import os

# Without these, scikit-learn leaves out a check of every estimator, and idle threads of two test
# processes on two cores spin against each other. Both are read when libraries are first imported.
os.environ.setdefault("SCIPY_ARRAY_API", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from pathlib import Path

import matplotlib as mpl
import pytest
import torch
from hypothesis import settings
from jaxtyping import install_import_hook

install_import_hook("cutaway", "beartype.beartype")
mpl.use("agg")

# Tests assert no times, and the same commit gives the same result each time it is tested.
settings.register_profile("cutaway", deadline=None, derandomize=True)
settings.load_profile("cutaway")

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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keeps to one process what shares a browser, a notebook's server and Studies, or a Slurm.

    The marks of xdist for that are lost on pytest 9.2, which takes no new name for a test.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            shared = ("tests/browser/", "tests/cluster/test_slurm.py")
            return next((one for one in shared if nodeid.startswith(one)), nodeid)

    return Together(config, log)


@pytest.fixture(autouse=True)
def same_threads():
    """Gives every test the same number of threads, though some tests and trainers set it.

    Sums differ in their last digits with it.
    """
    variable = os.environ.get("OMP_NUM_THREADS")
    threads = torch.get_num_threads()
    yield
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    if variable is None:
        os.environ.pop("OMP_NUM_THREADS", None)
    else:
        os.environ["OMP_NUM_THREADS"] = variable


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder that holds MNIST and CIFAR-10 as parquet."""
    folder = os.environ.get("CUTAWAY_DATA")
    if not folder or not (Path(folder) / "cifar10").is_dir():
        pytest.skip("CUTAWAY_DATA names no folder with mnist/ and cifar10/")
    return Path(folder)
