"""The parts of `make bench`, one a file: each gives a `Part`."""
