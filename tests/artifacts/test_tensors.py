from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from specnet.artifacts import decode_tensors, encode_tensors
from specnet.errors import ArtifactError

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

META = {"specnet": "{}"}
SMALL = {"0.weights": np.arange(6.0).reshape(2, 3), "0.bias": np.array([0.5, np.inf, np.nan], np.float32)}
laws = settings(derandomize=True, max_examples=200, deadline=None)


def blob(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(begin: int, end: int, shape: object = (1,), dtype: object = "F64") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def of(data: int = 8, meta: object = META, **tensors: object) -> bytes:
    return blob({"__metadata__": meta, **tensors}, b"\0" * data)


def with_text(text: str) -> bytes:
    return of(0, {"specnet": text})


REFUSED = {
    "nothing": (b"", "it ends at byte 0, within its header"),
    "half a length": (b"\2\0\0", "it ends at byte 3, within its header"),
    "length beyond the end": (blob(b"{}")[:-1], "it ends at byte 9, within its header"),
    "length of 2**64 - 1": (b"\xff" * 8 + b"{}", "it ends at byte 10, within its header"),
    "a list": (blob([]), "its header is not a table"),
    "no JSON": (blob(b"{"), "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    "no UTF-8": (blob(b"\xff"), "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    "nested": (blob(b"[" * 100_000), "it is nested too deeply"),
    "one name twice": (blob(b'{"a": 1, "a": 2}'), "the key 'a' is there twice"),
    "no metadata": (blob({}), "its metadata is not exactly one text named 'specnet'"),
    "other metadata": (of(0, {"format": "pt"}), "its metadata is not exactly one text named 'specnet'"),
    "more metadata": (of(0, {**META, "more": ""}), "its metadata is not exactly one text named 'specnet'"),
    "metadata without text": (of(0, {"specnet": {}}), "its metadata is not exactly one text named 'specnet'"),
    "metadata with a list": (with_text("[]"), "its metadata 'specnet' is not a table"),
    "metadata with NaN": (with_text('{"x": NaN}'), "NaN is not a number in JSON"),
    "metadata with 1e999": (with_text('{"x": 1e999}'), "1e999 is too large for a number"),
    "metadata with a key twice": (with_text('{"x": 1, "x": 1}'), "the key 'x' is there twice"),
    "entry without a table": (of(a=[]), "tensor 'a' does not have exactly dtype, shape and data_offsets"),
    "entry with more": (
        of(a={**entry(0, 8), "more": 1}),
        "tensor 'a' does not have exactly dtype, shape and data_offsets",
    ),
    "integers": (of(a=entry(0, 8, dtype="I64")), "tensor 'a' has dtype 'I64', which is none of F64, F32"),
    "no dtype": (of(a=entry(0, 8, dtype=["F64"])), "tensor 'a' has dtype ['F64'], which is none of F64, F32"),
    "negative shape": (of(a=entry(0, 8, [-1, -1])), "tensor 'a' has no shape of at most 32 whole numbers"),
    "shape true": (of(a=entry(0, 8, [True])), "tensor 'a' has no shape of at most 32 whole numbers"),
    "shape 1.0": (of(a=entry(0, 8, [1.0])), "tensor 'a' has no shape of at most 32 whole numbers"),
    "33 axes": (of(a=entry(0, 8, [1] * 33)), "tensor 'a' has no shape of at most 32 whole numbers"),
    "one offset": (of(a={**entry(0, 8), "data_offsets": [0]}), "tensor 'a' has no data_offsets of two whole numbers"),
    "negative offset": (of(a=entry(-8, 0)), "tensor 'a' has no data_offsets of two whole numbers"),
    "size and shape differ": (of(a=entry(0, 8, [2])), "tensor 'a' of shape [2] needs 16 bytes, but has 8"),
    "backwards": (of(a=entry(8, 0)), "tensor 'a' of shape [1] needs 8 bytes, but has -8"),
    "gap at the start": (of(16, a=entry(8, 16)), "tensor 'a' begins at byte 8 where 0 is due"),
    "gap between": (of(24, a=entry(0, 8), b=entry(16, 24)), "tensor 'b' begins at byte 16 where 8 is due"),
    "overlap": (of(12, a=entry(0, 8), b=entry(4, 12)), "tensor 'b' begins at byte 4 where 8 is due"),
    "alias": (of(8, a=entry(0, 8), b=entry(0, 8)), "tensor 'b' begins at byte 0 where 8 is due"),
    "bytes left over": (of(9, a=entry(0, 8)), "its tensors have 8 bytes, but 9 are there"),
    "bytes missing": (of(7, a=entry(0, 8)), "its tensors have 8 bytes, but 7 are there"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_p52_a_blob_that_was_not_written_here_is_refused(case: str) -> None:
    content, words = REFUSED[case]
    with pytest.raises(ArtifactError) as error:
        decode_tensors(content)
    (finding,) = error.value.findings
    assert (finding.code, finding.message) == ("SN603", f"not a tensor file of specnet: {words}")


@pytest.mark.parametrize(
    "content",
    [
        of(0, a=entry(0, 0, [0, 10**30])),
        of(0, a=entry(0, 0, [0, 2**62, 2**62])),
        blob(b'{"__metadata__":{"specnet":"{}"},"\\ud800":{"dtype":"F64","shape":[0],"data_offsets":[0,0]}}'),
    ],
    ids=["axis beyond 64 bits", "product beyond 64 bits", "half a surrogate"],
)
def test_p52_what_only_safetensors_or_numpy_refuses_is_refused_in_the_same_words(content: bytes) -> None:
    with pytest.raises(ArtifactError, match="SN603 not a tensor file of specnet: "):
        decode_tensors(content)


def test_p01_a_tiny_file_that_declares_terabytes_is_refused_without_allocating() -> None:
    content = of(128, a=entry(0, 8 * 10**12, [10**6, 10**6]))
    tracemalloc.start()
    with pytest.raises(ArtifactError, match="its tensors have 8000000000000 bytes, but 128 are there"):
        decode_tensors(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_p52_every_truncation_is_refused() -> None:
    content = encode_tensors(SMALL, {"scaler": {"mean": [0.5]}})
    for length in range(len(content)):
        with pytest.raises(ArtifactError):
            decode_tensors(content[:length])


def test_p52_every_flipped_bit_is_refused_or_changes_the_result_but_never_raises_anything_else() -> None:
    content = encode_tensors(SMALL, {"scaler": {"mean": [0.5]}})
    refused = 0
    for position in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[position // 8] ^= 1 << position % 8
        try:
            decode_tensors(bytes(flipped))
        except ArtifactError:
            refused += 1
    assert refused > 8 * len(content) // 3


@laws
@given(st.binary(max_size=200))
def test_p52_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ArtifactError):
        decode_tensors(content)


numbers = st.integers(-1, 40) | st.integers() | st.floats() | st.booleans() | st.none()
values = st.recursive(numbers | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=6)
entries = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F64", "F32", "F16", "I8"]) | values,
        "shape": st.lists(st.integers(0, 3), max_size=3) | values,
        "data_offsets": st.lists(st.integers(0, 48), min_size=2, max_size=2) | values,
    }
)


@laws
@given(st.dictionaries(st.text(max_size=3), entries | values, max_size=3), st.binary(max_size=48))
def test_p52_any_header_is_read_or_refused(tensors: dict[str, object], data: bytes) -> None:
    try:
        decode_tensors(blob({"__metadata__": META, **tensors}, data))
    except ArtifactError as error:
        codes = [finding.code for finding in error.findings]
    else:
        codes = ["SN603"]
    assert codes == ["SN603"]


@pytest.mark.parametrize("dtype", ["int64", "bool", "float16", "complex128", "<U3", "object"])
def test_an_array_that_could_not_be_read_back_is_not_written(dtype: str) -> None:
    array = np.zeros(2, dtype)
    with pytest.raises(ArtifactError) as error:
        encode_tensors({"classes": array}, {})
    assert str(error.value) == (
        f"SN603 tensor 'classes' of {array.dtype} cannot be stored\n  = help: only float32 and float64 can"
    )


def test_the_name_of_the_metadata_is_no_name_of_a_tensor() -> None:
    with pytest.raises(ArtifactError, match="SN603 tensor '__metadata__' of float64 cannot be stored"):
        encode_tensors({"__metadata__": np.zeros(1)}, {})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_p59_a_metadata_float_that_is_not_finite_is_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        encode_tensors({}, {"loss": value})


BASE = np.random.default_rng(7).standard_normal((6, 8))
LAYOUTS: dict[str, Array] = {
    "as it is": BASE,
    "Fortran-ordered": np.asfortranarray(BASE),
    "transposed": BASE.T,
    "every other row and column": BASE[::2, ::2],
    "reversed": BASE[::-1, ::-1],
    "slice of Fortran-ordered": np.asfortranarray(BASE)[1:4, 2:5],
    "broadcast": np.broadcast_to(BASE[:1], (5, 8)),
    "three axes, permuted": BASE.reshape(2, 3, 8).transpose(2, 0, 1),
    "scalar": np.array(0.25),
    "one number": np.array([0.25]),
    "empty": np.zeros((0, 3)),
    "big-endian": BASE.astype(">f8"),
    "float32": BASE.astype(np.float32)[:, ::3],
    "big-endian float32": BASE.astype(">f4").T,
    "not finite": np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324]),
    "unaligned": np.frombuffer(b"\0" + BASE.tobytes(), np.float64, offset=1),
}


def native(array: Array) -> Array:
    return array.astype(array.dtype.newbyteorder("="))


@pytest.mark.parametrize("case", LAYOUTS)
def test_every_layout_in_memory_comes_back_as_the_same_values(case: str) -> None:
    array = LAYOUTS[case]
    before = native(array)
    tensors, meta = decode_tensors(encode_tensors({"x": array, "y": BASE}, {"case": case}))
    assert_array_equal(tensors["x"], before, strict=True)
    assert_array_equal(np.signbit(tensors["x"]), np.signbit(before))
    assert_array_equal(array, before)
    assert tensors["x"].dtype.isnative
    assert not tensors["x"].flags.writeable
    assert meta == {"case": case}


def test_all_of_them_together_come_back() -> None:
    tensors, _ = decode_tensors(encode_tensors(LAYOUTS, {}))
    assert tensors.keys() == LAYOUTS.keys()
    for name, array in LAYOUTS.items():
        assert_array_equal(tensors[name], native(array), strict=True)


def test_nothing_is_a_file_too() -> None:
    assert decode_tensors(encode_tensors({}, {})) == ({}, {})


def test_the_same_values_are_the_same_bytes() -> None:
    names = [f"layer{n}.weights" for n in range(12)]
    meta = {key: {"mean": [0.1], "kind": 'é\n"\\'} for key in names}
    rows = {name: np.full((4, 3), float(n)) for n, name in enumerate(names)}
    forms = {
        encode_tensors(rows, meta),
        encode_tensors(dict(reversed(rows.items())), dict(reversed(meta.items()))),
        encode_tensors({name: np.asfortranarray(array) for name, array in rows.items()}, meta),
        encode_tensors({name: array.astype(">f8") for name, array in rows.items()}, meta),
        *(encode_tensors(rows, meta) for _ in range(20)),
    }
    assert len(forms) == 1


@laws
@given(st.dictionaries(st.text(max_size=8), values.filter(lambda value: "nan" not in repr(value)), max_size=4))
def test_metadata_comes_back(meta: dict[str, Any]) -> None:
    try:
        content = encode_tensors(SMALL, meta)
    except ValueError:
        assert "inf" in repr(meta)
    else:
        assert decode_tensors(content)[1] == meta
