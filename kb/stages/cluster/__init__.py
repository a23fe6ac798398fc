"""All of PubMed on Dask: many files into a folder of Parquet, and a topic's slice out of it.

extra.py       the one place that asks whether the extra is installed
spreading.py   files over workers      filing.py   one file into its partitions      settling.py   which copy stands
slicing.py     the records of a topic, out of the folder, by the same line as any file
"""
