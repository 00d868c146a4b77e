"""Facts as text, and the loader that checks them."""
