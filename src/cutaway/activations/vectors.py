"""The few vector operations that compiled loops are made of, written as LLVM's own code."""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

BYTE, INT, LONG = ir.IntType(8), ir.IntType(32), ir.IntType(64)
FLOAT, DOUBLE = ir.FloatType(), ir.DoubleType()

# numba's types say that intrinsics never return.
generated: Any = intrinsic
"""A decorator for functions that compiled code calls and that write LLVM code themselves."""
variable: Any = cgutils.alloca_once_value
"""A place in memory (a register, once optimized) that starts with a value."""


def moved(builder: Any, address: Any, values: Any) -> Any:
    """The address of a float32 that stands some values behind another."""
    return builder.add(address, builder.mul(values, ir.Constant(LONG, 4)))


def load(builder: Any, address: Any, kind: Any, lanes: int) -> Any:
    """The vector that begins at an address, which need not be a multiple of anything."""
    pointer = builder.inttoptr(address, ir.VectorType(kind, lanes).as_pointer())
    return builder.load(pointer, align=1)


def prefetch(builder: Any, address: Any) -> None:
    """Has memory brought to the cache; an address where there is none does no harm."""
    pointer = BYTE.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [pointer, INT, INT, INT])
    fetch = function(builder, "llvm.prefetch.p0i8", kind)
    read, keep, data = (ir.Constant(INT, flag) for flag in (0, 3, 1))
    builder.call(fetch, [builder.inttoptr(address, pointer), read, keep, data])


def function(builder: Any, name: str, kind: Any) -> Any:
    """A function that LLVM knows by name."""
    declared: Any = cgutils.get_or_insert_function
    return declared(builder.module, kind, name)


def filled(kind: Any, number: Any, lanes: int) -> Any:
    """A vector that is known beforehand, all lanes of it the same."""
    return ir.Constant(ir.VectorType(kind, lanes), [number] * lanes)


def splat(builder: Any, number: Any, lanes: int) -> Any:
    """A vector that holds one number in all lanes."""
    empty = ir.Constant(ir.VectorType(number.type, lanes), ir.Undefined)
    single = builder.insert_element(empty, number, ir.Constant(INT, 0))
    return builder.shuffle_vector(single, empty, filled(INT, 0, lanes))


def half(builder: Any, vector: Any, which: int) -> Any:
    """The first (0) or second (1) half of a vector's lanes."""
    lanes = vector.type.count // 2
    places = [which * lanes + place for place in range(lanes)]
    return builder.shuffle_vector(vector, vector, ir.Constant(ir.VectorType(INT, lanes), places))


def folded(builder: Any, vector: Any, join: Callable[[Any, Any], Any]) -> Any:
    """All lanes joined, half with half until one is left: in the same order everywhere."""
    while vector.type.count > 1:
        vector = join(half(builder, vector, 0), half(builder, vector, 1))
    return builder.extract_element(vector, ir.Constant(INT, 0))
