"""Bytes to messages and back: pure, no files, no clock."""
