"""How numbers and dates are written, where Django's own files write them for another country."""
