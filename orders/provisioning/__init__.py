"""Telling the merchant's systems about placed orders, and hearing back from them."""
