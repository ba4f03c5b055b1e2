"""Other care: a directory of facilities that the practice keeps, and the page that names what fits a patient."""
