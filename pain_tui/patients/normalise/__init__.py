"""What was written, turned into the names and units of the knowledge tables.

One way for every door: readers of outside files, records given to `assess --record`, forms on the screens.
Nothing is guessed: what does not resolve stays as written, with a `Problem` that says what to do.
"""
