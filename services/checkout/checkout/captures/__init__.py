"""Captures with shipments: money that is authorized with an order and taken when it ships."""
