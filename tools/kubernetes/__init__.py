"""Kubernetes' own programs, built from their Go modules, for the tests of platform kubernetes."""
