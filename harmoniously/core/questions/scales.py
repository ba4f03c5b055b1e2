"""The instruments as scales of a chart: how high they go, and their bands. Pure: numbers and names only."""

from dataclasses import dataclass

from harmoniously.core.common.charts import Band
from harmoniously.core.questions.instruments import GAD7, PCL5, PEG, PHQ9, Instrument


@dataclass(frozen=True)
class Scale:
    """One summed instrument: its name, the highest total, and the step between two totals that can follow."""

    instrument: Instrument
    top: float
    step: float = 1

    @property
    def key(self) -> str:
        """The key of the instrument."""
        return self.instrument.key

    @property
    def name(self) -> str:
        """What the instrument is called."""
        return self.instrument.name

    @property
    def bands(self) -> tuple[Band, ...]:
        """The bands with both ends, as published."""
        lows = [band.lowest for band in self.instrument.bands]
        highs = [low - self.step for low in lows[1:]] + [self.top]
        return tuple(
            Band(low, high, band.name) for low, high, band in zip(lows, highs, self.instrument.bands, strict=True)
        )


# A mean of three answers has one decimal.
SCALES = {one.key: one for one in (Scale(PHQ9, 27), Scale(GAD7, 21), Scale(PCL5, 80), Scale(PEG, 10, step=0.1))}
