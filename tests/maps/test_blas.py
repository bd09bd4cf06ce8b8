from threadpoolctl import threadpool_info

from cutaway.maps.blas import one_blas_thread


def threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


def test_one_thread_and_then_as_many_as_before():
    before = threads()
    with one_blas_thread():
        assert set(threads()) == {1}
    assert threads() == before
