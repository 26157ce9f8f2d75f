"""Tables in files: named columns read in blocks of rows, strictly; a fault has its row and column."""
