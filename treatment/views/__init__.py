"""The pages of treatment: parse, call, render."""
