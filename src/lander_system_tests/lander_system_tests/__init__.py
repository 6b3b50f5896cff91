"""Whole-stack tests of the Frigoris flight stack."""
