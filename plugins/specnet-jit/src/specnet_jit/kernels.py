"""What generated code is made of: places of memory, choices without branches, and products of matrices over rows."""

from __future__ import annotations

from typing import Any

from numba import njit, types
from numba.extending import intrinsic

EXACT = {"contract", "nsz"}
"""What is allowed in formulas: a product and a sum may be rounded once. They are computed as they stand."""
SUMS = {"contract", "nsz", "reassoc"}
"""What is allowed besides in sums over rows: their order, so that several are added at once."""


@intrinsic
def at(_typing: Any, array: Any, place: Any) -> Any:
    """The number at a place of a vector; negative places are not looked for at its end."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.make_array(signature.args[0])(context, builder, args[0])
        return builder.load(builder.gep(vector.data, [args[1]], inbounds=True))

    return array.dtype(array, place), generate


@intrinsic
def put(_typing: Any, array: Any, place: Any, value: Any) -> Any:  # noqa: ARG001  # by its place
    """Writes a number to a place of a vector."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.make_array(signature.args[0])(context, builder, args[0])
        builder.store(args[2], builder.gep(vector.data, [args[1]], inbounds=True))
        return context.get_dummy_value()

    return types.void(array, place, array.dtype), generate


@intrinsic
def select(_typing: Any, condition: Any, a: Any, b: Any) -> Any:  # noqa: ARG001  # by their places
    """a where the condition holds, else b, both of which are computed: a branch would keep rows apart."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(args[0], args[1], args[2])

    return a(types.boolean, a, a), generate


@njit(fastmath=EXACT, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def copy(source: Any, start: int, target: Any, first: int, count: int) -> None:
    """A column of a block into its slot."""
    for r in range(count):
        put(target, first + r, at(source, start + r))


@njit(fastmath=EXACT, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, cache=True)
def matvec(w: Any, table: Any, row: int, s: Any, count: int, block: int) -> None:
    """z = W x for each row of a block, two outputs and four inputs at a time; what and where stands in the table."""
    first, down, across = at(table, row), at(table, row + 1), at(table, row + 2)
    rows, columns, x, z = at(table, row + 3), at(table, row + 4), at(table, row + 5), at(table, row + 6)
    zero = at(w, first) - at(w, first)
    for k in range(rows):
        for r in range(count):
            put(s, (z + k) * block + r, zero)
    wide, even = columns - columns % 4, rows - rows % 2
    for j in range(0, wide, 4):
        xj = (x + j) * block
        for k in range(0, even, 2):
            a, zk = first + k * down + j * across, (z + k) * block
            a0, a1, a2, a3 = at(w, a), at(w, a + across), at(w, a + 2 * across), at(w, a + 3 * across)
            b = a + down
            b0, b1, b2, b3 = at(w, b), at(w, b + across), at(w, b + 2 * across), at(w, b + 3 * across)
            for r in range(count):
                x0, x1 = at(s, xj + r), at(s, xj + block + r)
                x2, x3 = at(s, xj + 2 * block + r), at(s, xj + 3 * block + r)
                put(s, zk + r, at(s, zk + r) + a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3)
                put(s, zk + block + r, at(s, zk + block + r) + b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3)
    for k in range(rows):
        zk = (z + k) * block
        for j in range(wide if k < even else 0, columns):
            a0, xj = at(w, first + k * down + j * across), (x + j) * block
            for r in range(count):
                put(s, zk + r, at(s, zk + r) + a0 * at(s, xj + r))


@njit(fastmath=SUMS, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, cache=True)
def outer(table: Any, row: int, s: Any, count: int, block: int) -> None:
    """Adds the sum over the rows of a block of a b' to a matrix, in tiles of four by three."""
    a, rows, b = at(table, row), at(table, row + 1), at(table, row + 2)
    columns, first, g = at(table, row + 3), at(table, row + 4), s
    high, wide = rows - rows % 4, columns - columns % 3
    for i in range(0, high, 4):
        ai = (a + i) * block
        for j in range(0, wide, 3):
            bj, place = (b + j) * block, first + i * columns + j
            zero = at(g, place) - at(g, place)
            s00, s01, s02, s10, s11, s12 = zero, zero, zero, zero, zero, zero
            s20, s21, s22, s30, s31, s32 = zero, zero, zero, zero, zero, zero
            for r in range(count):
                a0, a1 = at(s, ai + r), at(s, ai + block + r)
                a2, a3 = at(s, ai + 2 * block + r), at(s, ai + 3 * block + r)
                b0, b1, b2 = at(s, bj + r), at(s, bj + block + r), at(s, bj + 2 * block + r)
                s00 += a0 * b0
                s01 += a0 * b1
                s02 += a0 * b2
                s10 += a1 * b0
                s11 += a1 * b1
                s12 += a1 * b2
                s20 += a2 * b0
                s21 += a2 * b1
                s22 += a2 * b2
                s30 += a3 * b0
                s31 += a3 * b1
                s32 += a3 * b2
            put(g, place, at(g, place) + s00)
            put(g, place + 1, at(g, place + 1) + s01)
            put(g, place + 2, at(g, place + 2) + s02)
            place += columns
            put(g, place, at(g, place) + s10)
            put(g, place + 1, at(g, place + 1) + s11)
            put(g, place + 2, at(g, place + 2) + s12)
            place += columns
            put(g, place, at(g, place) + s20)
            put(g, place + 1, at(g, place + 1) + s21)
            put(g, place + 2, at(g, place + 2) + s22)
            place += columns
            put(g, place, at(g, place) + s30)
            put(g, place + 1, at(g, place + 1) + s31)
            put(g, place + 2, at(g, place + 2) + s32)
    for i in range(rows):
        for j in range(wide if i < high else 0, columns):
            place = first + i * columns + j
            put(g, place, at(g, place) + dot(s, (a + i) * block, (b + j) * block, count))


@njit(fastmath=SUMS, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, cache=True)
def totals(table: Any, row: int, s: Any, count: int, block: int) -> None:
    """Adds the sum over the rows of a block of each value of a column."""
    a, rows, first = at(table, row), at(table, row + 1), at(table, row + 2)
    for k in range(rows):
        start = (a + k) * block
        total = at(s, start)
        for r in range(1, count):
            total += at(s, start + r)
        put(s, first + k, at(s, first + k) + total)


@njit(fastmath=SUMS, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def dot(s: Any, a: int, b: int, count: int) -> Any:
    """The sum of products over the rows of a block."""
    total = at(s, a) * at(s, b)
    for r in range(1, count):
        total += at(s, a + r) * at(s, b + r)
    return total


@njit(fastmath=SUMS, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def square(v: Any, zero: Any) -> Any:
    """The sum of squares of a vector."""
    total = zero
    for k in range(len(v)):
        total += at(v, k) * at(v, k)
    return total
