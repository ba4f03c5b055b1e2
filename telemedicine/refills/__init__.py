"""Where a prescriber answers a request for the next supply: a new review each time (policy section 10)."""
