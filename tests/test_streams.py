from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from zlib import crc32

import numpy as np
import pytest

from specnet.streams import Random, Streams

PURPOSES = ["data", "split", "parameters", "shuffle", "noise"]


def draw(random: Random, count: int = 4) -> list[float]:
    return [float(x) for x in random.uniform(0.0, 1.0, count)]


# One stream for each purpose


def test_a_stream_is_named_by_its_seed_its_purpose_and_its_numbers() -> None:
    names = [
        (seed, purpose, index) for seed in (0, 1, 2**32 - 1) for purpose in PURPOSES for index in ((), (0,), (1, 2))
    ]
    streams = [draw(Streams(seed).of(purpose, *index)) for seed, purpose, index in names]
    assert all(one != other for one, other in combinations(streams, 2))


def test_the_order_of_asking_makes_no_difference() -> None:
    there, back = Streams(7), Streams(7)
    forth = {purpose: draw(there.of(purpose, 3)) for purpose in PURPOSES}
    assert {purpose: draw(back.of(purpose, 3)) for purpose in reversed(PURPOSES)} == forth


def test_a_stream_starts_anew_each_time_it_is_asked_for() -> None:
    streams = Streams(7)
    first = streams.of("shuffle", 2)
    draw(first, 100)
    assert draw(streams.of("shuffle", 2)) == draw(Streams(7).of("shuffle", 2))
    assert streams.of("shuffle", 2) is not first


def test_p50_each_epoch_has_an_order_of_its_own_that_its_number_decides() -> None:
    orders = [Streams(7).of("shuffle", epoch).permutation(50).tolist() for epoch in range(1, 20)]
    assert all(one != other for one, other in combinations(orders, 2))
    assert orders[4] == Streams(7).of("shuffle", 5).permutation(50).tolist()


def test_a_stream_is_the_one_that_numpy_gives_for_the_key() -> None:
    sequence = np.random.SeedSequence(42, spawn_key=(crc32(b"shuffle"), 3))
    expected = np.random.Generator(np.random.PCG64(sequence))
    assert draw(Streams(42).of("shuffle", 3)) == draw(expected)


def test_the_numbers_of_a_seed_stay_what_they_are() -> None:
    # A seed in a spec means these numbers; whoever changes them changes every run.
    assert draw(Streams(42).of("data"), 2) == [0.5564398553146305, 0.8144922657526087]


def test_numpys_own_stream_is_left_alone() -> None:
    program = (
        "import numpy as np; from specnet.streams import Streams; np.random.seed(1); "
        "[Streams(0, g).of(p).uniform(0, 1, 9) for g in ('pcg64', 'mt19937') for p in ('data', 'shuffle')]; "
        "print(np.random.random() == np.random.RandomState(1).random_sample())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


# The legacy stream


def test_data_and_parameters_come_from_one_legacy_stream_in_the_order_of_asking() -> None:
    streams, expected = Streams(42, "mt19937"), np.random.RandomState(42)
    assert draw(streams.of("data")) == draw(expected)
    for layer in range(3):
        drawn = streams.of("parameters", layer).standard_normal((2, 2))
        assert drawn.tolist() == expected.standard_normal((2, 2)).tolist()


def test_the_legacy_stream_begins_with_the_numbers_that_everyone_knows() -> None:
    # np.random.seed(42); np.random.rand(3)
    expected = [0.3745401188473625, 0.9507143064099162, 0.7319939418114051]
    assert draw(Streams(42, "mt19937").of("data"), 3) == expected


@pytest.mark.parametrize("purpose", ["split", "shuffle", "noise"])
def test_what_older_programs_do_not_draw_leaves_the_legacy_stream_alone(purpose: str) -> None:
    streams = Streams(42, "mt19937")
    assert draw(streams.of(purpose, 1)) == draw(Streams(42).of(purpose, 1))
    assert draw(streams.of("data")) == draw(np.random.RandomState(42))


def test_two_runs_have_legacy_streams_of_their_own() -> None:
    one, other = Streams(42, "mt19937"), Streams(42, "mt19937")
    assert draw(one.of("data")) == draw(other.of("data"))
    assert one.of("data") is not other.of("data")
    assert one.of("data") is one.of("parameters", 0)


@pytest.mark.parametrize("streams", [Streams(3), Streams(3, "mt19937")])
def test_a_stream_draws_what_it_promises(streams: Streams) -> None:
    random = streams.of("data")
    uniform, normal = random.uniform(-2.0, 5.0, (1000, 3)), random.standard_normal((1000, 3))
    assert uniform.shape == normal.shape == (1000, 3)
    assert -2 <= uniform.min() < -1.9
    assert 4.9 < uniform.max() < 5
    # Means of 3000 draws are within five of their deviations, 1 / sqrt(3000).
    assert abs(normal.mean()) < 0.1
    assert abs(normal.std() - 1) < 0.1
    assert sorted(random.permutation(9).tolist()) == list(range(9))
