from __future__ import annotations

import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest

from specnet.discovery import PIECE, plugins_in

METADATA = "Metadata-Version: 2.1\nName: specnet-acme\nVersion: 1.2\n"


def installed(folder: Path, entry_points: str, metadata: str = METADATA) -> Path:
    info = folder / "specnet_acme-9.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(entry_points, encoding="utf-8")
    return folder


def found(folder: Path) -> list[tuple[str, str, str, str]]:
    plugins = plugins_in(distributions(path=[str(folder)]))
    return [(plugin.namespace, plugin.distribution, plugin.version, plugin.entry.value) for plugin in plugins]


@pytest.mark.parametrize(
    "metadata",
    [
        "Metadata-Version: 2.1\nVersion: 1.2\n",
        "Metadata-Version: 2.1\nName: specnet-acme\n",
        "Metadata-Version: 2.1\nName:\nVersion: 1.2\n",
        "Metadata-Version: 2.1\n\nName: specnet-acme\nVersion: 1.2\n",
        "",
    ],
)
def test_p69_metadata_without_a_name_or_a_version_offers_nothing(tmp_path: Path, metadata: str) -> None:
    assert found(installed(tmp_path, "[specnet]\nacme = acme\n", metadata)) == []


@pytest.mark.parametrize("entry_points", ["[specnet]\nacme\n", "acme = acme  # specnet\n", "[specnets]\nacme = acme\n"])
def test_p69_entry_points_that_are_none_of_the_group_offer_nothing(tmp_path: Path, entry_points: str) -> None:
    assert found(installed(tmp_path, entry_points)) == []


def test_p69_metadata_that_is_no_text_offers_nothing(tmp_path: Path) -> None:
    folder = installed(tmp_path, "[specnet]\nacme = acme\n")
    (folder / "specnet_acme-9.dist-info" / "METADATA").write_bytes(b"Name: \xff\n")
    assert found(folder) == []


@pytest.mark.parametrize(
    "entry_points",
    [
        "[specnet]\nacme = acme\nzoo = acme.zoo:plugin\n",
        "[console_scripts]\nspecnet-x = x:main\n\n[specnet]\n# a comment\n\n  acme=acme . inner\n[other]\nb = b\n",
        "[specnet]\r\nacme = acme [extra]\r\n",
        "[gui]\nacme = x\n[specnet]\nacme = y\n[gui]\nzoo = z\n[specnet]\nzoo = w\n",
    ],
)
@pytest.mark.parametrize("metadata", [METADATA, METADATA.lower(), METADATA + "Summary: x\n  Name: no\n\nVersion: 7\n"])
def test_what_is_read_is_what_the_library_reads(tmp_path: Path, entry_points: str, metadata: str) -> None:
    folder = installed(tmp_path, entry_points, metadata)
    (oracle,) = distributions(path=[str(folder)])
    entries = [entry for entry in oracle.entry_points if entry.group == "specnet"]
    assert entries
    assert found(folder) == [(e.name, oracle.metadata["Name"], oracle.version, e.value) for e in entries]


@pytest.mark.parametrize("length", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_metadata_of_any_length_is_read_to_its_end(tmp_path: Path, length: int) -> None:
    end = "\n[specnet]\nacme = acme"
    listed = "[console_scripts]\n".ljust(length - len(end), "#") + end
    assert len(listed) == length
    assert found(installed(tmp_path, listed)) == [("acme", "specnet-acme", "1.2", "acme")]


def test_a_distribution_in_an_archive_is_found_too(tmp_path: Path) -> None:
    archive = tmp_path / "acme.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("specnet_acme-9.dist-info/METADATA", METADATA)
        packed.writestr("specnet_acme-9.dist-info/entry_points.txt", "[specnet]\nacme = acme\n")
    assert found(archive) == [("acme", "specnet-acme", "1.2", "acme")]


def test_an_egg_info_folder_is_found_too(tmp_path: Path) -> None:
    info = tmp_path / "specnet_acme.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text(METADATA)
    (info / "entry_points.txt").write_text("[specnet]\nacme = acme\n")
    assert found(tmp_path) == [("acme", "specnet-acme", "1.2", "acme")]
