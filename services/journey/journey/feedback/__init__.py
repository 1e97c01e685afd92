"""Answers of surveys and their score."""
