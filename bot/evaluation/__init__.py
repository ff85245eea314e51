"""How well readers read: sets played through the product, and stored turns read again.

Nothing here touches the shop that a deployment runs: sets are played on a scratch
database, and stored turns are read from a connection that cannot write.
"""
