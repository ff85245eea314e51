"""The APIs of other systems that we speak: one module for each."""
