"""The demo's mailbox: every e-mail and text ends here, on a page, and never leaves the machine."""
