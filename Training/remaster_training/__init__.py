"""Data preparation, training, evaluation and export of Remaster's networks."""

VERSION = "1.0.0"
