"""Reading a row of float32 sixteen values at a time, in vectors that are spelled out.

A compiler's own vectors are half as wide where a processor has 16 lanes, and it finds none for
minima, maxima and their places. Spelled out, lanes are also added up in one order, so that every
processor finds the same bits. Addresses stand for arrays, since each slice of an array is a counted
reference to it.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from cutaway.activations.vectors import (
    BYTE,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    filled,
    folded,
    generated,
    half,
    load,
    moved,
    prefetch,
    splat,
    variable,
)

LANES = 16
_AHEAD = 1024  # bytes; a unit's rows lie apart, and a processor looks ahead within a page alone


@generated
def row_figures(_context: Any, _address: Any, _count: Any, _first: Any) -> Any:
    """Figures of a row of 16 finite values at least, from its address, its length and first value.

    Sums of the distances from the first value and of their squares, minimum, maximum, and how many
    values are above 0.
    """
    signature = types.Tuple(  # type: ignore[no-untyped-call]
        (types.float64, types.float64, types.float32, types.float32, types.int32)
    )

    def generate(context: Any, builder: Any, chosen: Any, arguments: Any) -> Any:
        address, count, first = arguments
        figures = _RowFigures(builder, first)
        lanes = ir.Constant(LONG, LANES)
        with cgutils.for_range(builder, builder.udiv(count, lanes)) as loop:
            values = moved(builder, address, builder.mul(loop.index, lanes))
            prefetch(builder, builder.add(values, ir.Constant(LONG, _AHEAD)))
            figures.take(values)
        rest = builder.urem(count, lanes)
        with builder.if_then(builder.icmp_unsigned("!=", rest, ir.Constant(LONG, 0))):
            # The last sixteen, of which the loop has seen all but the rest.
            last = moved(builder, address, builder.sub(count, lanes))
            figures.take(last, seen=builder.sub(lanes, rest))
        return context.make_tuple(builder, chosen.return_type, figures.result())

    return signature(types.uintp, types.uint64, types.float32), generate


@generated
def first_equal(_context: Any, _address: Any, _wanted: Any) -> Any:
    """Which of 16 values from an address on is the first that equals a number; 16 where none is."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        values = load(builder, arguments[0], FLOAT, LANES)
        equal = builder.fcmp_ordered("==", values, splat(builder, arguments[1], LANES))
        mask = builder.zext(builder.bitcast(equal, ir.IntType(LANES)), INT)
        ended = builder.or_(mask, ir.Constant(INT, 1 << LANES))
        return builder.zext(builder.cttz(ended, ir.Constant(ir.IntType(1), 1)), LONG)

    return types.int64(types.uintp, types.float32), generate


@generated
def store_bins(_context: Any, _address: Any, _scale: Any, _start: Any, _bins: Any) -> Any:
    """Writes the bins of 16 finite values as bytes: their index on a scale, less that of bin 0."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        address, scale, start, bins = arguments
        values = load(builder, address, FLOAT, LANES)
        scaled = builder.fmul(values, splat(builder, scale, LANES))
        index = builder.fptosi(scaled, ir.VectorType(INT, LANES))
        # Rounded toward 0, a value below it belongs to the bin before.
        below = builder.fcmp_ordered("<", values, filled(FLOAT, 0.0, LANES))
        before = builder.sext(below, ir.VectorType(INT, LANES))
        index = builder.sub(builder.add(index, before), splat(builder, start, LANES))
        narrow = builder.trunc(index, ir.VectorType(BYTE, LANES))
        builder.store(narrow, builder.inttoptr(bins, narrow.type.as_pointer()), align=1)
        return context.get_dummy_value()

    return types.none(types.uintp, types.float32, types.int32, types.uintp), generate


class _RowFigures:
    """The running figures of a row, and the code that brings them forward by sixteen values."""

    def __init__(self, builder: Any, first: Any) -> None:
        self._builder = builder
        self._first = splat(builder, first, LANES)
        self._start = splat(builder, builder.fpext(first, DOUBLE), LANES // 2)
        none = filled(DOUBLE, 0.0, LANES // 2)
        self._distance = [variable(builder, none) for _ in range(2)]
        self._squares = [variable(builder, none) for _ in range(2)]
        self._low, self._high = (variable(builder, self._first) for _ in range(2))
        self._positive = variable(builder, filled(INT, 0, LANES))

    def take(self, address: Any, seen: Any = None) -> None:
        """Takes in the sixteen values at an address, but for the first few that were seen."""
        builder = self._builder
        values = load(builder, address, FLOAT, LANES)
        if seen is not None:
            order = ir.Constant(ir.VectorType(INT, LANES), list(range(LANES)))
            new = builder.icmp_signed(">=", order, splat(builder, builder.trunc(seen, INT), LANES))
            values = builder.select(new, values, self._first)
        above = builder.fcmp_ordered(">", values, filled(FLOAT, 0.0, LANES))
        if seen is not None:
            above = builder.and_(above, new)
        for which in range(2):
            self._add(which, half(builder, values, which))
        for place, relation in ((self._low, "<"), (self._high, ">")):
            best = builder.load(place)
            better = builder.fcmp_ordered(relation, values, best)
            builder.store(builder.select(better, values, best), place)
        counted = builder.zext(above, ir.VectorType(INT, LANES))
        builder.store(builder.add(builder.load(self._positive), counted), self._positive)

    def _add(self, which: int, values: Any) -> None:
        builder = self._builder
        wide = builder.fpext(values, ir.VectorType(DOUBLE, LANES // 2))
        away = builder.fsub(wide, self._start)
        # Not as one operation, which not every processor has and which rounds otherwise.
        for terms, sums in ((away, self._distance), (builder.fmul(away, away), self._squares)):
            builder.store(builder.fadd(builder.load(sums[which]), terms), sums[which])

    def result(self) -> list[Any]:
        """The figures as numbers."""
        builder = self._builder
        sums = []
        for halves in (self._distance, self._squares):
            both = builder.fadd(*(builder.load(each) for each in halves))
            sums.append(folded(builder, both, builder.fadd))
        extremes = []
        for place, relation in ((self._low, "<"), (self._high, ">")):

            def better(one: Any, other: Any, relation: str = relation) -> Any:
                chosen = builder.fcmp_ordered(relation, one, other)
                return builder.select(chosen, one, other)

            extremes.append(folded(builder, builder.load(place), better))
        return [*sums, *extremes, folded(builder, builder.load(self._positive), builder.add)]
