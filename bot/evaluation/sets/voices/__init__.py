"""Voice notes of the sets, spoken by a program: see `bench.voices`."""
