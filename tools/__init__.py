"""Scripts for working on the project; `make` runs them."""
