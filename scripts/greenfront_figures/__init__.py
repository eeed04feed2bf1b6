"""Figures of Greenfront's result files with matplotlib."""
