"""How things move: coast and re-entry of a body without thrust."""
