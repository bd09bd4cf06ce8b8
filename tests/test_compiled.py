"""The compiler wrapper under the runtime type checker."""

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
