"""Phones, a fake Graph API and a demo ERP: the product's other end, over HTTP only.

The demo, development and the end-to-end tests use it; production never does.
"""
