"""Measurements that are repeated by hand; docs/measurements.md says which figure comes from which."""
