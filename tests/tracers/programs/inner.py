"""Imported by outer."""
