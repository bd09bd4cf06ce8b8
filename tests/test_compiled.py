"""The compiler wrapper under the runtime type checker."""

import subprocess
import sys
import textwrap


def test_a_function_wrapped_by_the_shape_checker_still_compiles(tmp_path, monkeypatch):
    source = """
        from cutaway.compiled import compiled

        @compiled()
        def triple(number: float) -> float:
            return 3 * number
    """
    (tmp_path / "kernel_under_test.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(tmp_path)
    from jaxtyping import install_import_hook

    with install_import_hook("kernel_under_test", "beartype.beartype"):
        import kernel_under_test
    assert kernel_under_test.triple(2.0) == 6.0
    assert list(tmp_path.glob("__pycache__/*.nbi"))
    sys.modules.pop("kernel_under_test")


def test_compiling_is_announced_once_and_not_where_it_is_done(tmp_path):
    (tmp_path / "announced_kernel.py").write_text(
        "from cutaway.compiled import announce_compilation, compiled\n"
        "@compiled()\n"
        "def triple(number: float) -> float:\n"
        "    return 3 * number\n"
        "announce_compilation(triple, 'threes')\n"
        "announce_compilation(triple, 'threes')\n"
        "triple(1.0)\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", "import announced_kernel"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        for _ in range(2)
    ]
    assert said == ["Compiling the numerical code for threes, once on this machine ...\n", ""]
