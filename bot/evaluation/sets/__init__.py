"""Evaluation sets: dialogues and extraction cases of a small shop, written by hand."""
