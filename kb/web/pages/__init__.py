"""One module a page: rows → a frozen context → a template."""
