"""Endpoints of content: menus, pages, and what search engines are told."""
