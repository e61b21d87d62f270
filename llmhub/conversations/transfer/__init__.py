"""Conversations on their way in and out: a whole conversation as one value, and the shapes that others keep theirs in."""
