"""Many decimal numbers at once: the digits as integers, then one division that is known to round right.

Each number is w / 10**k with an integer w < 10**19 and k <= 22. The quotient is taken in double-double arithmetic: its
error is far below the distance to the next float64, so the rounding can be wrong only beside the middle between two of
them. There, and for exponents and longer numbers, Python's own float() is asked.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from specnet.arrays import Array

    _Bytes = npt.NDArray[np.uint8]
    _Integers = npt.NDArray[np.int64]
    _Words = npt.NDArray[np.uint64]
    _Flags = npt.NDArray[np.bool_]

_DIGITS = 24  # three words of eight
_POINTS = 22  # 10**22 is the last power of ten that float64 holds exactly
_SPLIT = 134217729.0  # 2**27 + 1 parts a float64 in halves whose products are exact (Dekker 1971)
_NEWLINE, _MINUS, _PLUS = b"\n-+"


class _Constants(NamedTuple):
    masks: _Words
    powers: Array
    high: Array
    low: Array


@lru_cache(maxsize=1)
def _constants() -> _Constants:
    """masks[i][n]: the nibbles of the i-th word from the end that belong to a number of n digits; the powers of ten."""
    import numpy as np

    kept = [[min(max(n - 8 * i, 0), 8) for n in range(_DIGITS + 1)] for i in range(3)]
    masks = [[sum(0x0F << 8 * byte for byte in range(8 - k, 8)) for k in row] for row in kept]
    powers = np.array([float(10**k) for k in range(_POINTS + 1)])
    high = _upper_half(powers)
    return _Constants(np.array(masks, np.uint64), powers, high, powers - high)


def parse(text: bytes, width: int = 1, delimiter: bytes = b",", decimal: bytes = b".") -> Array | None:
    """The finite numbers of lines that hold nothing else, `width` in each; each equal to float() of it bit for bit.

    None for anything else: a cell too many or too few, an empty one, spaces, quotes. Each line ends with \\n. Flat, row
    after row.
    """
    import numpy as np

    marks = text.translate(None, b"0123456789")
    count = marks.count(b"\n")
    # what is left without the numbers proves that each row has its cells, and nothing else
    if marks.translate(None, b"+-eE" + decimal) != (delimiter * (width - 1) + b"\n") * count:
        return None
    if not text:
        return np.empty(0)
    exponents = marks.count(b"e") + marks.count(b"E")
    if exponents > count * width // 8:
        return _one_by_one(text.replace(delimiter, b"\n").replace(decimal, b"."), count * width)
    buffer = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero((buffer == ord(delimiter)) | (buffer == _NEWLINE))
    starts = np.empty_like(ends)
    starts[0], starts[1:] = 0, ends[:-1] + 1
    odd = np.zeros(len(ends), np.bool_)
    if exponents:
        odd[np.searchsorted(ends, np.flatnonzero((buffer | 32) == ord("e")))] = True
    numbers = _Numbers(text, buffer, starts, ends, odd, decimal)
    points, signs = numbers.points(), numbers.signs(marks)
    if points is None or signs is None:
        return None
    values = _quotients(numbers.integers(points, signs), ends - points - 1, odd)
    np.negative(values, out=values, where=buffer[starts] == _MINUS)
    return numbers.with_odd(values)


def _one_by_one(text: bytes, count: int) -> Array | None:
    import numpy as np

    try:
        values = np.fromiter(map(float, text[:-1].split(b"\n")), np.float64, count)
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


class _Numbers(NamedTuple):
    """Where numbers stand in a text, and which of them are left to float(): they are odd."""

    text: bytes
    buffer: _Bytes
    starts: _Integers
    ends: _Integers
    odd: _Flags
    decimal: bytes

    def points(self) -> _Integers | None:
        """Where the decimal mark of each number is, one place before its end without one; None where it has two."""
        import numpy as np

        found = np.flatnonzero(self.buffer == ord(self.decimal))
        if len(found) == len(self.ends) and bool(((found >= self.starts) & (found < self.ends)).all()):
            return found
        owners = np.searchsorted(self.ends, found)
        if not (owners[1:] > owners[:-1]).all():
            return None
        points = self.ends - 1
        points[owners] = found
        return points

    def signs(self, marks: bytes) -> _Integers | None:
        """How many signs each number has; None where one stands elsewhere than before a number or an exponent."""
        import numpy as np

        first = self.buffer[self.starts]
        signs = ((first == _MINUS) | (first == _PLUS)).astype(np.int64)
        for i in np.flatnonzero(self.odd).tolist():
            behind = self.text[self.starts[i] + 1 : self.ends[i]]
            signs[i] += behind.count(b"-") + behind.count(b"+")
        return signs if signs.sum() == marks.count(b"-") + marks.count(b"+") else None

    def integers(self, points: _Integers, signs: _Integers) -> _Words:
        """The digits of each number as one integer; what has none of them, or too many, is marked as odd."""
        import numpy as np

        digits = b"0" * _DIGITS + self.text.translate(None, b"+-" + self.decimal)
        counts = self.ends - self.starts - signs
        counts -= self.buffer[points] == ord(self.decimal)
        ends = np.cumsum(counts + 1) + (_DIGITS - 1)
        self.odd[:] |= (counts > _DIGITS) | (counts < 1)
        np.clip(counts, 0, _DIGITS, out=counts)
        eights: _Words = np.ndarray((len(digits) - 7,), "<u8", digits, 0, (1,))
        masks = _constants().masks
        words = np.empty((3, len(ends)), np.uint64)
        for i, word in enumerate(words):
            word[:] = eights[ends - 8 * (i + 1)]
            word &= masks[i].take(counts)
        _as_integers(words)
        self.odd[:] |= words[2] >= 1000
        words *= np.array([[1], [10**8], [10**16]], np.uint64)
        whole: _Words = words[0] + words[1] + words[2]
        whole[self.odd] = 0
        return whole

    def with_odd(self, values: Array) -> Array | None:
        """The values with float() of those that are odd, or None if one of these is not a finite number."""
        import numpy as np

        which = np.flatnonzero(self.odd)
        found = b"\n".join(self.text[self.starts[i] : self.ends[i]] for i in which.tolist()).replace(self.decimal, b".")
        read = _one_by_one(found + b"\n", len(which)) if len(which) else None
        if read is None:
            return None if len(which) else values
        values[which] = read
        return values


def _as_integers(words: _Words) -> None:
    """Words of eight digits, the first in the lowest byte, become the integers that they say."""
    import numpy as np

    # digits become pairs, pairs fours, fours eights: each factor is (10**n << bits) + 1
    for factor, shift, mask in (
        (0xA01, 8, 0x00FF00FF00FF00FF),
        (0x640001, 16, 0x0000FFFF0000FFFF),
        (0x271000000001, 32, 0xFFFFFFFF),
    ):
        words *= np.uint64(factor)
        words >>= np.uint64(shift)
        words &= np.uint64(mask)


def _quotients(whole: _Words, decimals: _Integers, odd: _Flags) -> Array:
    """whole / 10**decimals, rounded once; what may be rounded wrong is marked as odd."""
    import numpy as np

    odd |= decimals > _POINTS
    np.minimum(decimals, _POINTS, out=decimals)
    constants = _constants()
    power, high, low = (table.take(decimals) for table in constants[1:])
    upper: Array = whole.astype(np.float64)
    lower = (whole - upper.astype(np.uint64)).view(np.int64)
    quotient: Array = upper / power
    half = _upper_half(quotient)
    rest = quotient - half
    product = quotient * power
    missing = ((half * high - product) + half * low + rest * high) + rest * low
    correction = ((upper - product) - missing + lower) / power
    result: Array = quotient + correction
    error = ((quotient - result) + correction) * (1 + 2**-30)
    odd |= result + error != result
    return result


def _upper_half(x: Array) -> Array:
    """The upper 26 bits of each float64."""
    scaled = x * _SPLIT
    return scaled - (scaled - x)
