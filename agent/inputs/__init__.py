"""What people bring, read as posts: files, folders and standard input, of any kind and encoding. Knows nothing of models."""

from agent.inputs.kinds import Kind, kind_of
from agent.inputs.read import read_posts
from agent.inputs.unreadable import LeftOut


__all__ = ["Kind", "LeftOut", "kind_of", "read_posts"]
