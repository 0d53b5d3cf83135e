"""Pictures and pages from a run's folder: `page`, `picture`, `czml`, `explain`, and `results` for data frames."""
