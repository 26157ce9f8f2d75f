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
    tens: _Words
    powers: Array
    high: Array
    low: Array


@lru_cache(maxsize=1)
def _constants() -> _Constants:
    """masks[n]: the nibbles in three words that belong to a number of n digits at their end; the powers of ten."""
    import numpy as np

    kept = [[min(max(n - 8 * i, 0), 8) for i in (2, 1, 0)] for n in range(_DIGITS + 1)]
    masks = [[sum(0x0F << 8 * byte for byte in range(8 - k, 8)) for k in row] for row in kept]
    tens = [10**k if k < 20 else 0 for k in range(_POINTS + 1)]  # what needs more has no digits before its point
    powers = np.array([float(10**k) for k in range(_POINTS + 1)])
    high = _upper_half(powers)
    return _Constants(np.array(masks, np.uint64), np.array(tens, np.uint64), powers, high, powers - high)


def parse(text: bytes, width: int = 1, delimiter: bytes = b",", decimal: bytes = b".") -> Array | None:
    """The finite numbers of lines that hold nothing else, `width` in each; each equal to float() of it bit for bit.

    None for anything else: a cell too many or too few, an empty one, spaces, quotes. Each line ends with \\n. Flat, row
    after row.
    """
    import numpy as np

    if not text:
        return np.empty(0)
    padded = b"0" * _DIGITS + text
    buffer = np.frombuffer(padded, np.uint8)
    newline = buffer == _NEWLINE
    ends = np.flatnonzero(newline | (buffer == ord(delimiter)) if width > 1 else newline)
    points = np.flatnonzero(buffer == ord(decimal))
    signs = int(np.count_nonzero((buffer == _MINUS) | (buffer == _PLUS)))
    exponent = (buffer | 32) == ord("e")
    exponents = np.count_nonzero(exponent)
    # every character has one of these parts, and each row its cells
    if len(ends) + len(points) + signs + exponents != np.count_nonzero(buffer - np.uint8(ord("0")) > 9):
        return None
    if not _is_table(newline, ends, width):
        return None
    if exponents > len(ends) // 8:
        return _one_by_one(text.replace(delimiter, b"\n").replace(decimal, b"."), len(ends))
    starts = np.empty_like(ends)
    starts[0], starts[1:] = _DIGITS, ends[:-1] + 1
    odd = np.zeros(len(ends), np.bool_)
    if exponents:
        odd[np.searchsorted(ends, np.flatnonzero(exponent))] = True
    return _Numbers(padded, buffer, starts, ends, odd, decimal).values(points, signs)


def _is_table(newline: _Flags, ends: _Integers, width: int) -> bool:
    """Whether a line ends with each cell of the last column, the last one too, and nowhere else."""
    import numpy as np

    lasts = ends[width - 1 :: width]
    same = len(lasts) * width == len(ends) and len(lasts) == np.count_nonzero(newline)
    return same and bool(newline[lasts].all()) and bool(newline[-1])


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

    def values(self, points: _Integers, signs: int) -> Array | None:
        """The numbers, from the points in them and the number of their signs; None where one of them is no number."""
        import numpy as np

        first = self.buffer[self.starts]
        signed = (first == _MINUS) | (first == _PLUS)
        stops = self._stops(points)
        if stops is None or not self._are_in_front(signs, signed):
            return None
        wholes, decimals = stops - self.starts - signed, np.maximum(self.ends - stops - 1, 0)
        self.odd[:] |= (wholes + decimals < 1) | (wholes > _DIGITS) | (decimals > _POINTS)
        np.clip(wholes, 0, _DIGITS, out=wholes)
        np.minimum(decimals, _POINTS, out=decimals)
        constants = _constants()
        before, behind = self._integers(stops, wholes), self._integers(self.ends, decimals)
        # one more digit may go over 2**64, and a float is as near as this needs
        self.odd[:] |= before * constants.powers.take(decimals) + behind > 9e18
        before *= constants.tens.take(decimals)
        before += behind
        before[self.odd] = 0
        values = _quotients(before, decimals, self.odd)
        bits: _Words = values.view(np.uint64)
        bits |= (first == _MINUS).astype(np.uint64) << np.uint64(63)
        return self._with_odd(values)

    def _stops(self, points: _Integers) -> _Integers | None:
        """Where the digits before the decimal mark end; None where a number has two marks."""
        import numpy as np

        if len(points) == len(self.ends) and bool(((points >= self.starts) & (points < self.ends)).all()):
            return points
        owners = np.searchsorted(self.ends, points)
        if not (owners[1:] > owners[:-1]).all():
            return None
        stops = self.ends.copy()
        stops[owners] = points
        return stops

    def _are_in_front(self, signs: int, signed: _Flags) -> bool:
        """Whether no sign stands elsewhere than before a number or an exponent, which float() looks at."""
        import numpy as np

        count = np.count_nonzero(signed)
        for i in np.flatnonzero(self.odd).tolist():
            behind = self.text[self.starts[i] + 1 : self.ends[i]]
            count += behind.count(b"-") + behind.count(b"+")
        return bool(count == signs)

    def _integers(self, ends: _Integers, lengths: _Integers) -> _Words:
        """The last digits before each end as one integer; one that is too large is marked as odd, and then no value."""
        import numpy as np

        size = -(-int(lengths.max()) // 8)
        if not size:
            return np.zeros(len(ends), np.uint64)
        windows = np.ndarray((len(self.text) - 8 * size + 1,), f"V{8 * size}", self.text, 0, (1,))
        words: _Words = windows[ends - 8 * size].view("<u8").reshape(-1, size)
        words &= _constants().masks[:, 3 - size :].take(lengths, axis=0)
        # digits become pairs, pairs fours, fours eights: each factor is (10**n << bits) + 1
        for factor, shift, mask in (
            (0xA01, 8, 0x00FF00FF00FF00FF),
            (0x640001, 16, 0x0000FFFF0000FFFF),
            (0x271000000001, 32, 0xFFFFFFFF),
        ):
            words *= np.uint64(factor)
            words >>= np.uint64(shift)
            words &= np.uint64(mask)
        if size == 3:
            self.odd[:] |= words[:, 0] >= 900
        total = words[:, 0].copy()
        for i in range(1, size):
            total *= np.uint64(10**8)
            total += words[:, i]
        return total

    def _with_odd(self, values: Array) -> Array | None:
        """The values with float() of those that are odd, or None if one of these is not a finite number."""
        import numpy as np

        which = np.flatnonzero(self.odd)
        if not len(which):
            return values
        found = b"\n".join(self.text[self.starts[i] : self.ends[i]] for i in which.tolist())
        read = _one_by_one(found.replace(self.decimal, b".") + b"\n", len(which))
        if read is None:
            return None
        values[which] = read
        return values


def _quotients(whole: _Words, decimals: _Integers, odd: _Flags) -> Array:
    """whole / 10**decimals, rounded once; what may be rounded wrong is marked as odd."""
    import numpy as np

    constants = _constants()
    power, high, low = (table.take(decimals) for table in constants[2:])
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
