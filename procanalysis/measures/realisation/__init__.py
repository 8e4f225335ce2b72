"""From the saving that a contract enables to the one that the units realise, and where the rest goes."""

from procanalysis.measures.realisation.estimated import contract_spend, estimated_realisation
from procanalysis.measures.realisation.figures import realised_by, realised_saving, saving_leakage
from procanalysis.measures.realisation.measured import ALL_UNITS, CAUSES, Realisation, realised_savings
from procanalysis.measures.realisation.rates import TrackRecord, realisation_rate, realisation_rates, track_record

__all__ = [
    "ALL_UNITS",
    "CAUSES",
    "Realisation",
    "TrackRecord",
    "contract_spend",
    "estimated_realisation",
    "realisation_rate",
    "realisation_rates",
    "realised_by",
    "realised_saving",
    "realised_savings",
    "saving_leakage",
    "track_record",
]
