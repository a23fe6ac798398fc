"""Rows of bulk files: made in parsing processes (rows, worker), known by their print (known), written by one (writing).

files.py keeps how far each file came.
"""
