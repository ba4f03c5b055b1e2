"""People by telephone: registered, invited, and reached elsewhere than before."""
