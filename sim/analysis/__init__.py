"""What the outcomes of a sweep depend on: indices, variance, response, best and worst."""
