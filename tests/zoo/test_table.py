from tests.zoo.table import write_table

GOOD = {
    "source": "timm", "name": "resnet10t", "parameters": 5_440_000, "input": "3x32x32",
    "layers": 70, "missed": 1, "gradients": 70, "megabytes": 1.5, "ratio": 1.25,
    "faults": [], "notes": [],
}  # fmt: skip


def test_every_failure_and_omission_is_named(tmp_path):
    rows = [
        GOOD,
        GOOD | {"name": "bad", "faults": ["the hooked pass gives another output"]},
        {"source": "timm", "name": "dead", "faults": ["the examination died"]},
        {"source": "timm", "name": "huge", "parameters": 9e8, "left_out": "more than 60 million"},
        {"source": "timm", "name": "odd", "left_out": "cannot be built: a|b"},
    ]
    write_table(rows, 7, tmp_path / "zoo.md", 180, 8)
    page = (tmp_path / "zoo.md").read_text()
    assert "Of 7 networks 1 kept every promise (1 of timm), 2 failed, 2 were left out" in page
    assert "2 were not reached" in page
    assert "- timm `bad`: the hooked pass gives another output" in page
    assert "- timm `dead`: the examination died" in page
    assert "- timm `odd`: cannot be built: a\\|b" in page
    assert "1 of more than 60 million: huge (900)." in page
    assert "| timm | resnet10t | 5,440,000 | 3x32x32 | 70 | 1 | 70 | 1.5 | 1.25 |  |" in page
