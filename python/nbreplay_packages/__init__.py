"""Releases, locks and environments for nbreplay; ../README.md is the contract."""
