"""Product files of every kind: how each is recognised, read and written.

A file is a container (text table, spreadsheet, lines of JSON, XML) whose records speak
a dialect (our own columns, those of shopping feeds, those of Shopify). Reading turns
records into rows with our own columns, which `catalog.domain.feed` checks. The
registry in `catalog.formats.registry` has one line for each format.
"""
