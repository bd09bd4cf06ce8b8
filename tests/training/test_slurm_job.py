"""Time limits as Slurm writes them, and the name of a job."""

import pytest

from cutaway.errors import InputError
from cutaway.training.slurm_job import Job, job_name, seconds_of


@pytest.mark.parametrize(
    ("limit", "seconds"),
    [
        ("10", 600),
        ("10:30", 630),
        ("1:00:00", 3600),
        ("2-0", 172_800),
        ("1-12:30", 131_400),
        ("1-00:00:01", 86_401),
        ("UNLIMITED", float("inf")),
    ],
)
def test_every_form_of_a_time_limit(limit, seconds):
    assert seconds_of(limit) == seconds


@pytest.mark.parametrize("limit", ["", "soon", "1:2:3:4", "-5", "1-", "1.5"])
def test_what_is_no_time_limit(limit):
    with pytest.raises(InputError, match="is no time limit; expected minutes"):
        seconds_of(limit)


def test_a_task_of_an_array_is_named_by_the_array(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    assert job_name() == "12"
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "10")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "2")
    assert job_name() == "10_2"


def test_without_slurm_there_is_no_limit_and_no_queue(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    job = Job("12")
    assert not job.nearly_over
    assert job.requeue() == "scontrol: No such file or directory"
