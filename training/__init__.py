"""Trains what the rules have learned."""
