"""A Slurm of one node on this machine, started for the tests and ended after them."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "munged", "mungekey")
PATIENCE_SECONDS = 30

# Small numbers where Slurm would wait: for daemons, for the end of a job, before a requeued one.
CONFIGURATION = """\
ClusterName=test
SlurmctldHost=localhost
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
FirstJobId={first}
AuthType=auth/munge
AuthInfo=socket={munge}/socket,cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
OverTimeLimit=0
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName=localhost CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    """Lets sbatch, srun and the like of this process and its children talk to a cluster."""
    missing = [program for program in PROGRAMS if _found(program) is None]
    if missing or os.getuid():
        pytest.skip(f"needs to be root, and Slurm's and munge's programs (missing: {missing})")
    folder = tmp_path_factory.mktemp("slurm")
    # Root's files must be readable to no one else, and sockets have short names.
    folder.chmod(0o755)
    before = os.environ.get("SLURM_CONF")
    configuration = _configure(folder)
    os.environ["SLURM_CONF"] = str(configuration)
    try:
        _start_munge(folder)
        for daemon in ("slurmctld", "slurmd"):
            subprocess.run([_found(daemon), "-f", configuration], check=True)
        _wait_until_idle(folder)
        yield folder
    finally:
        for daemon in ("slurmd", "slurmctld", "munged"):
            _end(folder / f"{daemon}.pid")
        os.environ.pop("SLURM_CONF")
        if before is not None:
            os.environ["SLURM_CONF"] = before


def _found(program):
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _configure(folder):
    for name in ("state", "spool", "munge"):
        (folder / name).mkdir()
    controller, node = _free_ports(2)
    file = folder / "slurm.conf"
    text = CONFIGURATION.format(
        folder=folder,
        munge=folder / "munge",
        controller=controller,
        node=node,
        # Tasks meet at a port that follows from the job's number: two clusters must not share it.
        first=os.getpid() % 50_000 + 1,
    )
    file.write_text(text)
    return file


def _free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("localhost", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _start_munge(folder):
    """A munge of our own, with its own key; root may run it where it is told to."""
    key = folder / "munge.key"
    subprocess.run([_found("mungekey"), "--create", f"--keyfile={key}"], check=True)
    command = [
        _found("munged"),
        "--force",
        f"--key-file={key}",
        f"--socket={folder}/munge/socket",
        f"--pid-file={folder}/munged.pid",
        f"--log-file={folder}/munged.log",
        f"--seed-file={folder}/munge.seed",
    ]
    subprocess.run(command, check=True, capture_output=True)


def _wait_until_idle(folder):
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        shown = subprocess.run(
            ["sinfo", "-h", "-o", "%t"], capture_output=True, text=True, check=False
        )
        if "idle" in shown.stdout:
            return
        time.sleep(0.2)
    logs = "\n".join(log.read_text()[-2000:] for log in folder.glob("*.log"))
    pytest.fail(f"Slurm did not start: {shown.stderr}\n{logs}")


def _end(pid_file: Path):
    """Ends a daemon by its number, and waits until it is gone."""
    if not pid_file.is_file():
        return
    number = int(pid_file.read_text())
    until = time.monotonic() + PATIENCE_SECONDS
    os.kill(number, signal.SIGTERM)
    while time.monotonic() < until and Path(f"/proc/{number}").exists():
        time.sleep(0.05)
