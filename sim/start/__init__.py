"""The start of history: a world whose first quarter returns the data of 2012."""
