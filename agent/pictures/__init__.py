"""The pictures of a post: looked at with care, read (OCR) into its text, made ready for a model. Fetches nothing, asks nobody."""

from agent.pictures.look import Failure, Looked, file_of, is_link, look, looked_at
from agent.pictures.parts import MOST_PARTS


__all__ = ["MOST_PARTS", "Failure", "Looked", "file_of", "is_link", "look", "looked_at"]
