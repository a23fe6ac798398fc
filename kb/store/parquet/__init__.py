"""A folder of Parquet: its tables with types and words (tables), and what is finished in it (folder)."""
