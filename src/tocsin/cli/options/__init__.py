"""What each command takes: a module a noun. Nothing here imports more than the standard library."""
