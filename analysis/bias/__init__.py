"""Small studies: regression and rank tests, fail-safe numbers, excess significance, trim and fill, Henmi-Copas."""
