"""What administrators keep and look up: licences, states, prices, agreements, policies and messages."""
