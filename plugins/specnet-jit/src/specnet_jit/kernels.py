"""What generated code is made of: places of memory, choices without branches, and products of matrices over rows."""

from __future__ import annotations

from typing import Any

from numba import njit, types
from numba.extending import intrinsic

BLOCK = 64
"""Rows that go through the net together: what they give on their way stays in the first cache."""
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
def put(_typing: Any, array: Any, place: Any, value: Any) -> Any:
    """Writes a number to a place of a vector."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.make_array(signature.args[0])(context, builder, args[0])
        builder.store(args[2], builder.gep(vector.data, [args[1]], inbounds=True))
        return context.get_dummy_value()

    return types.void(array, place, array.dtype), generate


@intrinsic
def select(_typing: Any, condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b, both of which are computed: a branch would keep rows apart."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(args[0], args[1], args[2])

    return a(types.boolean, a, a), generate


@njit(fastmath=EXACT, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def copy(source: Any, start: int, target: Any, slot: int, count: int) -> None:
    """A column of a block into its slot."""
    for r in range(count):
        put(target, slot * BLOCK + r, at(source, start + r))


@njit(fastmath=EXACT, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, cache=True)
def matvec(w: Any, table: Any, row: int, s: Any, count: int) -> None:
    """z = W x for each row of a block, two outputs and four inputs at a time; what and where stands in the table."""
    first, down, across = at(table, row), at(table, row + 1), at(table, row + 2)
    rows, columns, x, z = at(table, row + 3), at(table, row + 4), at(table, row + 5), at(table, row + 6)
    zero = at(w, first) - at(w, first)
    for k in range(rows):
        for r in range(count):
            put(s, (z + k) * BLOCK + r, zero)
    for j in range(0, columns - columns % 4, 4):
        xj = (x + j) * BLOCK
        for k in range(0, rows - rows % 2, 2):
            a, zk = first + k * down + j * across, (z + k) * BLOCK
            a0, a1, a2, a3 = at(w, a), at(w, a + across), at(w, a + 2 * across), at(w, a + 3 * across)
            b = a + down
            b0, b1, b2, b3 = at(w, b), at(w, b + across), at(w, b + 2 * across), at(w, b + 3 * across)
            for r in range(count):
                x0, x1 = at(s, xj + r), at(s, xj + BLOCK + r)
                x2, x3 = at(s, xj + 2 * BLOCK + r), at(s, xj + 3 * BLOCK + r)
                put(s, zk + r, at(s, zk + r) + a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3)
                put(s, zk + BLOCK + r, at(s, zk + BLOCK + r) + b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3)
        if rows % 2:
            k = rows - 1
            a, zk = first + k * down + j * across, (z + k) * BLOCK
            a0, a1, a2, a3 = at(w, a), at(w, a + across), at(w, a + 2 * across), at(w, a + 3 * across)
            for r in range(count):
                x0, x1 = at(s, xj + r), at(s, xj + BLOCK + r)
                x2, x3 = at(s, xj + 2 * BLOCK + r), at(s, xj + 3 * BLOCK + r)
                put(s, zk + r, at(s, zk + r) + a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3)
    for j in range(columns - columns % 4, columns):
        xj = (x + j) * BLOCK
        for k in range(rows):
            a0, zk = at(w, first + k * down + j * across), (z + k) * BLOCK
            for r in range(count):
                put(s, zk + r, at(s, zk + r) + a0 * at(s, xj + r))


@njit(fastmath=SUMS, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, cache=True)
def outer(table: Any, row: int, s: Any, count: int) -> None:
    """Adds the sum over the rows of a block of a b' to a matrix, in tiles of four by three."""
    a, rows, b = at(table, row), at(table, row + 1), at(table, row + 2)
    columns, first, g = at(table, row + 3), at(table, row + 4), s
    for i in range(0, rows - rows % 4, 4):
        ai = (a + i) * BLOCK
        for j in range(0, columns - columns % 3, 3):
            bj, place = (b + j) * BLOCK, first + i * columns + j
            zero = at(g, place) - at(g, place)
            s00, s01, s02, s10, s11, s12 = zero, zero, zero, zero, zero, zero
            s20, s21, s22, s30, s31, s32 = zero, zero, zero, zero, zero, zero
            for r in range(count):
                a0, a1 = at(s, ai + r), at(s, ai + BLOCK + r)
                a2, a3 = at(s, ai + 2 * BLOCK + r), at(s, ai + 3 * BLOCK + r)
                b0, b1, b2 = at(s, bj + r), at(s, bj + BLOCK + r), at(s, bj + 2 * BLOCK + r)
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
        _strip(s, ai, b, columns - columns % 3, columns, g, first + i * columns, columns, count)
    for i in range(rows - rows % 4, rows):
        for j in range(columns):
            place = first + i * columns + j
            put(g, place, at(g, place) + dot(s, (a + i) * BLOCK, (b + j) * BLOCK, count))


@njit(fastmath=SUMS, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _strip(s: Any, ai: int, b: int, start: int, stop: int, g: Any, first: int, columns: int, count: int) -> None:
    """The columns that are left over beside the tiles, four rows of the matrix at a time."""
    for j in range(start, stop):
        bj, place = (b + j) * BLOCK, first + j
        zero = at(g, place) - at(g, place)
        s0, s1, s2, s3 = zero, zero, zero, zero
        for r in range(count):
            b0 = at(s, bj + r)
            s0 += at(s, ai + r) * b0
            s1 += at(s, ai + BLOCK + r) * b0
            s2 += at(s, ai + 2 * BLOCK + r) * b0
            s3 += at(s, ai + 3 * BLOCK + r) * b0
        put(g, place, at(g, place) + s0)
        put(g, place + columns, at(g, place + columns) + s1)
        put(g, place + 2 * columns, at(g, place + 2 * columns) + s2)
        put(g, place + 3 * columns, at(g, place + 3 * columns) + s3)


@njit(fastmath=SUMS, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, cache=True)
def totals(table: Any, row: int, s: Any, count: int) -> None:
    """Adds the sum over the rows of a block of each value of a column."""
    a, rows, first = at(table, row), at(table, row + 1), at(table, row + 2)
    for k in range(rows):
        start = (a + k) * BLOCK
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
