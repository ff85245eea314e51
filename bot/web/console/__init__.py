"""The agents' console: pages that read; what they do are calls of the native API."""
