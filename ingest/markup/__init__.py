"""Bytes to nodes to text: gzip and encodings (payload), safe streaming XML (xml, children), verbatim text (text)."""
