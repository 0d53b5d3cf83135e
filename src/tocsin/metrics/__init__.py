"""Scores from arrays alone."""
