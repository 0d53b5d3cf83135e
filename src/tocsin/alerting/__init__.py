"""From what is believed to what is said: evidence rules, decisions, life cycles, areas, the alert's words."""
