"""Funnels: how many people reach the stages of a map."""
