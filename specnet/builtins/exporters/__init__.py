"""Exporters: a file a module."""
