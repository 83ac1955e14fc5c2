"""The pictures of a post: looked at with care, read (OCR) into its text, made ready for a model. Fetches nothing, asks nobody."""

from agent.pictures.look import Failure, Looked, is_link, look, looked_at
from agent.pictures.parts import MOST_PARTS


__all__ = ["MOST_PARTS", "Failure", "Looked", "is_link", "look", "looked_at"]
