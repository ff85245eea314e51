"""What pages load: one stylesheet, and modules without a build."""
