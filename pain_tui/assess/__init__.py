"""The clinical core: the steps in order, and the engine that runs them."""
