"""The demo shop: what it sells (`products.csv`) and pictures of it, all our own."""
