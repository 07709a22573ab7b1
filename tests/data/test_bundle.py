"""The bundled history: complete, in order, and never known before it was published."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.data.bundle import BUNDLED, HistoryError, bundle, bundled_readings
from bot.signals.series import SERIES

HEADER = "day,close_usd,high_usd,hashrate_ehs,difficulty,blocks,fees_btc\n"


def test_every_series_is_there_and_no_reading_is_known_before_it_was_published() -> None:
    readings = bundled_readings()
    assert {reading.series for reading in readings} == BUNDLED
    assert all(before.read_at <= after.read_at for before, after in pairwise(readings))
    assert all(reading.read_at >= reading.as_of for reading in readings)
    published_later = [reading for reading in readings if SERIES[reading.series].lag != timedelta(0)]
    assert any(reading.read_at > reading.as_of for reading in published_later)


def test_one_series_alone_reads_as_among_all() -> None:
    alone = list(bundle({"btc.hashrate"}))
    assert alone == [reading for reading in bundled_readings() if reading.series == "btc.hashrate"]


def test_highs_are_kept_only_when_they_were_a_record() -> None:
    highs = [reading.value for reading in bundled_readings() if reading.series == "btc.price_high"]
    assert all(before < after for before, after in pairwise(highs))


@pytest.mark.parametrize(
    "row",
    [
        "2022-07-05,twenty,20750,212.1,2.957e+13,146,12.51",
        "2022-07-05,20176",
        "5 July,1,2,3,4,5,6",
        "2022-07-05,nan,,,,,",
    ],
)
def test_a_line_that_cant_be_read_is_named_with_an_example(row: str, tmp_path: Path) -> None:
    (tmp_path / "bitcoin.csv").write_text(
        f"{HEADER}2022-07-04,20176,20750,212.1,2.957e+13,146,12.51\n{row}\n"
    )
    with pytest.raises(HistoryError, match=r"bitcoin\.csv, line 3, .* for example 2022-07-05,20176"):
        bundled_readings(tmp_path)


def test_a_folder_without_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"holds none of bitcoin\.csv"):
        bundled_readings(tmp_path)
