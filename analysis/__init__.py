"""Numbers in, numbers out: numpy and scipy only, metafor's names. A leaf that knows neither texts nor databases.

Effect sizes, pooling, survival, integrity and plots each have a room of their own; a result says every drop,
correction and convention that it rests on.
"""
