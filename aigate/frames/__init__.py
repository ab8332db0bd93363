"""Columns of text without secrets: `aigate.frames.arrow`, `.polars`, `.duckdb`, `.spark`, each on its own library.

They are optional: `pip install 'aigate-sandbox[frames]'`. Nothing else of aigate imports them.
"""
