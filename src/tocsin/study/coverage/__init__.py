"""Where launches would be seen, how early, by whom, and what the loss of a sensor costs: maps without a tracker."""
