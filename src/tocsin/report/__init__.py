"""Pictures and pages from a run's folder: `page`, `picture`, `czml`, `explain`; `results` for data frames."""
